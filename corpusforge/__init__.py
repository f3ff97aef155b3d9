"""corpusforge: raw dumps in, a domain-classified pre-training corpus out.

Importing the package imports nothing else, so that ``corpusforge.reader`` stays
as light as numpy on a training node.
"""

__version__ = "0.1.0"
