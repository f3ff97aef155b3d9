"""The library as a person calls it: what `corpusforge` itself names, behind its lazy attributes.

`import corpusforge` loads none of this; each name loads its module at its first use. Nothing here
imports Beam.
"""
