"""What a part takes that holds nothing: beside the sample, what each part that was cut costs."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import replace

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, spending
from corpusforge.document import Document, Drop, DropReason, Markup, drop
from corpusforge.ingest import Coverage
from corpusforge.parts.spec import PART_ID_DIGITS, PartSpec
from corpusforge.parts.windows import Stratum, spec_of_sample
from corpusforge.parts.writer import PartWriter


def empty_parts(stratum: Stratum, config: BuildConfig) -> tuple[Cost, Cost]:
    """Return what a part takes that holds no record, and what it takes more where one was dropped.

    Each is the second of two, made in `config.output`.
    """
    spec = spec_of_sample(stratum)
    costs: list[Cost] = []
    for number in range(4):
        with spending() as mine:
            with ExitStack() as stack:
                writer = PartWriter(stack, replace(spec, part_id=f"{number:0{PART_ID_DIGITS}d}"), config)
                if number >= 2:
                    writer.add(_dropped(spec))
                writer.finish(Coverage())
            costs.append(mine.cost())
    return costs[1], costs[3] - costs[1]


def _dropped(spec: PartSpec) -> Drop:
    none = Document(
        doc_id="0" * 32, source=spec.source, source_kind=spec.kind, locator="", markup=Markup.TEXT
    )
    return drop(none, DropReason.EMPTY, "")


def share_with_rejects(stratum: Stratum) -> float:
    """Return how many parts of a stratum have a record that was dropped, were drops spread by chance."""
    if not stratum.cut_bytes:
        return 0.0
    of_whole = stratum.dropped * stratum.n_bytes / stratum.cut_bytes
    return 1 - math.exp(-of_whole / len(stratum.specs))
