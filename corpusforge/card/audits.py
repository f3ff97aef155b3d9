"""What is measured where it is asked for, kept beside the card: contamination, verdicts, labelled rows.

snapshots/<id>/audits.json                 figures, by audit; the card shows them
snapshots/<id>/contamination_hits.jsonl    hits to read: a person fills in `verdict`, `leak` or `shared`
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import pyarrow.compute

from corpusforge.card.sample import read_sample
from corpusforge.domains import supply_key
from corpusforge.export.payload import shard_file
from corpusforge.files import exists, join, open_input, read_bytes, write_bytes
from corpusforge.parquet import open_parquet
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.arrow import pa
from corpusforge.shards.snapshot import Index, read_index
from corpusforge.verdicts import Verdict, error_rates, read_verdicts

pc: Any = pyarrow.compute  # ships no types for what is used here

LEAK, SHARED = "leak", "shared"
"""What a person says of a hit: the item is there, or only words that it shares with others."""
_CONFIDENCE = 0.95


def audits_path(corpus: str, snapshot: str) -> str:
    """Return where the figures of a snapshot's audits lie."""
    return join(corpus, "snapshots", snapshot, "audits.json")


def hits_path(corpus: str, snapshot: str) -> str:
    """Return where the hits of a snapshot's contamination audit lie."""
    return join(corpus, "snapshots", snapshot, "contamination_hits.jsonl")


def read_audits(corpus: str, snapshot: str) -> dict[str, Any]:
    """Return the figures of a snapshot's audits by name; none where nothing was measured."""
    path = audits_path(corpus, snapshot)
    return read_json(path) if exists(path) else {}


def measure(
    corpus: str,
    snapshot: str | None = None,
    *,
    benchmarks: str | None = None,
    hits: str | None = None,
    verdicts: Sequence[str] = (),
    labelled: str | None = None,
) -> None:
    """Measure what is asked for and keep the figures; those of other audits stay.

    Raises ValueError, in one line, for a file of others that cannot be read as what it should be.
    """
    index = read_index(corpus, snapshot)
    found = read_audits(corpus, index.snapshot)
    if benchmarks is not None:
        from corpusforge.card.contamination import audit  # a card that shows figures measures none

        figures, read = audit(corpus, index, read_sample(corpus, index), benchmarks)
        lines = (json.dumps(hit, ensure_ascii=False) + "\n" for hit in read)
        write_bytes(hits_path(corpus, index.snapshot), "".join(lines).encode("utf-8", "replace"))
        found["contamination"] = figures
        found.pop("hits", None)  # of other hits
    if hits is not None:
        found["hits"] = read_hits(hits)
    if verdicts:
        found["verdicts"] = _rates(corpus, index, verdicts)
    if labelled is not None:
        found["labelled"] = labelled_rows(corpus, index, labelled)
    write_json(audits_path(corpus, index.snapshot), found)


def read_hits(path: str) -> dict[str, Any]:
    """Return what people said of the hits of a file: by benchmark, (leaks, read).

    Raises ValueError for a line that is no hit, and where none was read.
    """
    read: Counter[str] = Counter()
    leaks: Counter[str] = Counter()
    agree = 0
    for number, row in _rows(path):
        verdict = row.get("verdict")
        if verdict is None:
            continue
        if verdict not in (LEAK, SHARED):
            raise ValueError(f"{path}: line {number}: verdict: {verdict!r}: expected {LEAK!r} or {SHARED!r}")
        name = str(row.get("benchmark", ""))
        read[name] += 1
        leaks[name] += verdict == LEAK
        agree += (verdict == LEAK) == bool(row.get("answer_bearing"))
    if not read:
        raise ValueError(f"{path}: no hit has a verdict: fill in {LEAK!r} or {SHARED!r}")
    return {"by_benchmark": {name: [leaks[name], read[name]] for name in sorted(read)}, "as_the_rule": agree}


def _rows(path: str) -> list[tuple[int, dict[str, Any]]]:
    """Return (number, object) of each line of JSON; ValueError for a line that is none."""
    found: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(read_bytes(path).decode("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: no JSON: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f"{path}: line {number}: expected a JSON object")
        found.append((number, cast("dict[str, Any]", row)))
    return found


def _rates(corpus: str, index: Index, paths: Sequence[str]) -> dict[str, Any]:
    """Return error rates by people's verdicts, and rows of the files that are none."""
    told: list[Verdict] = []
    faults = 0
    for path in paths:
        read, bad = read_verdicts(path)
        told += read
        faults += len(bad)
    rates = error_rates(corpus, index, told, _CONFIDENCE)
    if not rates.n_verdicts:
        raise ValueError(f"{', '.join(paths)}: no verdict counts for snapshot {index.snapshot}")
    return {
        "confidence": rates.confidence,
        "n_verdicts": rates.n_verdicts,
        "faults": faults,
        "groups": [asdict(group) for group in rates.groups if group.n_read],
        "should_be": [list(one) for one in rates.should_be],
    }


def labelled_rows(corpus: str, index: Index, path: str) -> dict[str, Any]:
    """Return the confusion of labelled rows {"id", "domain", "subset"?} and the documents of a snapshot.

    `id` is a document's id, or its locator. A label of a domain alone is right in any of its subsets.
    """
    wanted: dict[str, str] = {}
    for number, row in _rows(path):
        if not isinstance(row.get("id"), str) or not isinstance(row.get("domain"), str):
            raise ValueError(f"{path}: line {number}: expected an object with `id` and `domain`")
        wanted[row["id"]] = supply_key(row["domain"], row.get("subset") or "all")
    found: Counter[tuple[str, str]] = Counter()
    ids = pa.array(sorted(wanted), pa.string())
    for shard in index.rows:
        with open_input(shard_file(corpus, shard, "docs")) as stream:
            for batch in open_parquet(stream).iter_batches(columns=["doc_id", "locator"]):
                for name in ("doc_id", "locator"):
                    here = batch.column(name).filter(pc.is_in(batch.column(name), value_set=ids))
                    for one in here.to_pylist():
                        found[wanted[one], supply_key(shard.domain, shard.subset)] += 1
    pairs = [[label, called, n] for (label, called), n in sorted(found.items())]
    return {"rows": len(wanted), "found": sum(found.values()), "pairs": pairs}


def is_right(label: str, called: str) -> bool:
    """Return whether a document's key is that of a label: `math` is right for `math/scaffold`."""
    return label in (called, called.partition("/")[0])


def summed(of: Mapping[str, Sequence[int]]) -> tuple[int, int]:
    """Return the sums of (part, whole) over names."""
    return sum(one[0] for one in of.values()), sum(one[1] for one in of.values())
