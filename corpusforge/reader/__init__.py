"""Samples of a plan, by number: a pure function, the same on every machine.

    from corpusforge.reader import open_plan
    reader = open_plan("CORPUS", "CORPUS/plans/full-….json", arm="full")
    sample = reader.sample(0)   # tokens, positions, document lengths, domain, subset

Needs numpy alone; with xxhash installed checksums run at memory speed.
"""

from corpusforge.reader.errors import PlanChanged, ReaderError, ShardDamaged, ShardMissing
from corpusforge.reader.samples import DocumentSpan, PlanReader, Sample, open_plan

__all__ = [
    "DocumentSpan",
    "PlanChanged",
    "PlanReader",
    "ReaderError",
    "Sample",
    "ShardDamaged",
    "ShardMissing",
    "open_plan",
]
