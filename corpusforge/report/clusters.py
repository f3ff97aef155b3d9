"""Clusters of duplicates as a person looks at them: how large they are, and members side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, cast

import pyarrow.compute

from corpusforge.dedup.result import read_summary
from corpusforge.files import list_files
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.waves import snapshot_folders
from corpusforge.report.rejects import SampledParts
from corpusforge.shards.arrow import pa
from corpusforge.shards.snapshot import Index

pc: Any = pyarrow.compute

SHOWN_CLUSTERS = 6
READ_FILES = 16
"""Files of clusters that are read, each the whole clusters of one task."""
READ_ROWS = 200_000
"""Members of clusters that are looked at."""
_NAMES = ("source", "domain", "decided_by")
_CONTEXT_WORDS, _SHOWN_WORDS = 12, 110
_LONGEST_CHARS = 200_000
"""Of a text, so much is compared."""
_WORD = re.compile(r"\S{1,80}\s{0,80}")
"""A word with the blanks behind it; what is longer counts as several, so that what is shown is bounded."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a cluster, with the words around the first place where it differs from the first."""

    doc_id: str
    source: str
    domain: str
    locator: str
    is_kept: bool
    is_exact: bool
    decided_by: str | None
    """Why another one came before it (`order.REASONS`), where the table tells."""
    n_chars: int
    pieces: Sequence[tuple[str, bool]]
    """(text, whether it differs from the first member's) in order."""
    starts_at_word: int


@dataclass(frozen=True, slots=True)
class Clusters:
    """What was found of a snapshot's clusters."""

    n_clusters: int = 0
    """Of the last run of dedup, all of them."""
    n_looked_at: int = 0
    sizes: Mapping[int, int] = field(default_factory=dict[int, int])
    """Clusters by how many documents they hold, of those looked at."""
    examples: Sequence[Sequence[Member]] = ()


def sampled_clusters(corpus: str, index: Index, parts: SampledParts) -> Clusters:
    """Return the sizes of a bounded number of clusters, and some whose members lie in the parts looked at."""
    for folder in reversed(snapshot_folders(corpus, index.header)):
        summary = read_summary(folder)
        if summary is None:
            continue
        rows = _rows(folder)
        if rows is None:
            return Clusters(n_clusters=int(summary["clusters"]))
        by_cluster = Counter[str](rows["cluster_id"].to_pylist())
        sizes = Counter(by_cluster.values())
        examples = list(_examples(corpus, parts, rows))
        return Clusters(int(summary["clusters"]), len(by_cluster), dict(sorted(sizes.items())), examples)
    return Clusters()


def _rows(folder: str) -> Any:
    """Return members of clusters as an Arrow table, of the first files by name; None where there is none."""
    paths = sorted(path for path in list_files(folder) if path.endswith("/clusters.parquet"))[:READ_FILES]
    left = READ_ROWS
    tables: list[Any] = []
    for path in paths:
        with open_sealed_parquet(path) as file:
            for group in range(file.num_row_groups if left > 0 else 0):
                table = file.read_row_group(group)
                for place, name in enumerate(table.column_names):
                    if name in _NAMES:
                        table = table.set_column(place, name, table.column(name).cast(pa.string()))
                tables.append(table.slice(0, max(left, 0)))
                left -= table.num_rows
    return pa.concat_tables(tables) if any(table.num_rows for table in tables) else None


def _examples(corpus: str, parts: SampledParts, rows: Any) -> Iterator[list[Member]]:
    """Yield clusters of which two documents or more lie in the parts, near-duplicates first."""
    places = _places(corpus, parts, rows["doc_id"].combine_chunks())
    members: dict[str, list[dict[str, Any]]] = {}
    for row in rows.filter(
        pc.is_in(rows["doc_id"], value_set=pa.array(sorted(places), pa.string()))
    ).to_pylist():
        members.setdefault(str(row["cluster_id"]), []).append(row)
    found = [
        sorted(cluster, key=lambda row: (not row["keep"], row["exact"], row["doc_id"]))
        for _, cluster in sorted(members.items())
        if len(cluster) > 1
    ]
    found.sort(key=lambda cluster: (all(row["exact"] for row in cluster if not row["keep"]),))
    for cluster in found[:SHOWN_CLUSTERS]:
        shown = cluster[:2]
        texts = [_document(corpus, *places[str(row["doc_id"])]) for row in shown]
        yield compared(shown, texts)


def _places(corpus: str, parts: SampledParts, ids: Any) -> dict[str, tuple[str, int, int]]:
    """Return (part, row group, row in it) of each of some documents that lies in the parts."""
    found: dict[str, tuple[str, int, int]] = {}
    for part in parts.ids:
        with open_sealed_parquet(part_path(corpus, part, COMMIT)) as file:
            for group in range(file.num_row_groups):
                column = file.read_row_group(group, columns=["doc_id"])["doc_id"].combine_chunks()
                for row in pc.indices_nonzero(pc.is_in(column, value_set=ids)).to_pylist():
                    found[column[row].as_py()] = (part, group, row)
    return found


def _document(corpus: str, part: str, group: int, row: int) -> dict[str, Any]:
    with open_sealed_parquet(part_path(corpus, part, COMMIT)) as file:
        table = file.read_row_group(group, columns=["locator", "text"])
        return cast("list[dict[str, Any]]", table.slice(row, 1).to_pylist())[0]


def compared(rows: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, Any]]) -> list[Member]:
    """Return members of a cluster, each with the words around its first difference from the first.

    `rows` are of clusters.parquet, `texts` hold `locator` and `text` of the same documents.
    """
    words = [_WORD.findall(str(each["text"])[:_LONGEST_CHARS]) for each in texts]
    first = words[0]
    made: list[Member] = []
    for row, each, theirs in zip(rows, texts, words, strict=True):
        other = theirs if theirs is not first else words[-1]
        start = max(_common(first, other) - _CONTEXT_WORDS, 0)
        if start + _SHOWN_WORDS // 2 > max(len(first), len(other)):
            start = max(max(len(first), len(other)) - _SHOWN_WORDS // 2, 0)
        mine, reference = (
            side[start : start + _SHOWN_WORDS] for side in (theirs, other if theirs is first else first)
        )
        made.append(
            Member(
                doc_id=str(row["doc_id"]),
                source=str(row["source"]),
                domain=str(row["domain"]),
                locator=str(each["locator"]),
                is_kept=bool(row["keep"]),
                is_exact=bool(row["exact"]),
                decided_by=row.get("decided_by"),
                n_chars=len(str(each["text"])),
                pieces=_pieces(mine, reference),
                starts_at_word=start,
            )
        )
    return made


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two texts begin with alike."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left.split() != right.split():
            break
        count += 1
    return count


def _pieces(mine: Sequence[str], other: Sequence[str]) -> list[tuple[str, bool]]:
    """Return (text, whether the other lacks it) of a run of words, in order."""
    matcher = SequenceMatcher(None, [w.strip() for w in other], [w.strip() for w in mine], autojunk=False)
    return [
        ("".join(mine[first:last]), kind != "equal")
        for kind, _, _, first, last in matcher.get_opcodes()
        if last > first
    ]
