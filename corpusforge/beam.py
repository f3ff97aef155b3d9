"""Transforms for an Apache Beam pipeline of one's own: importing this module imports Beam.

    import apache_beam as beam
    from corpusforge.beam import Deduplicate, Process, ReadDumps, WriteShards

    with beam.Pipeline() as pipeline:
        ends = pipeline | ReadDumps("gs://bucket/dumps/*.warc.gz") | Process("config.toml")
        ends.kept | beam.Filter(lambda document: document.domain == "math") | ...

Each transform's docstring tells its elements; docs/beam.md has whole pipelines.
"""

from corpusforge.document import Document, Drop, Quarantined
from corpusforge.extras import MissingLibrary, missing

try:
    from corpusforge_pipelines.transforms import Deduplicate, Process, ReadDumps, WriteShards
except ModuleNotFoundError as error:
    line = missing(error)
    if line is None:
        raise
    raise MissingLibrary(line) from None

__all__ = ["Deduplicate", "Document", "Drop", "Process", "Quarantined", "ReadDumps", "WriteShards"]
