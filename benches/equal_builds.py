"""Whether two builds are the same: every field of every document, drop and quarantined record.

    python benches/equal_builds.py CORPUS OTHER [--sources wiki books] [--show 5]

Rows are matched by source, id and locator, whatever part they lie in, so that two versions of the
code, or builds split otherwise, can be compared. Prints JSON: rows of each kind, how many differ and
in which fields, the first differences; and whether the shards are the same bytes, where both have a
snapshot. Exit 1: they differ, 2: there is nothing to compare. Tracebacks name lines of the code and
are left out; the error of a quarantined record is compared. Signals and redactions are compared name
by name.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xxhash

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.build import committed_bytes

KINDS = {"documents": "parts", "rejects": "rejects", "quarantine": "quarantine"}
_MAPS = ("signals", "redactions")
Row = dict[str, Any]
Key = tuple[str, str, str]


def rows_of(corpus: Path, kind: str, sources: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of one kind, of these sources or all; maps become fields of their own."""
    rows = _all_rows(corpus, kind)
    return (row for row in rows if row["source"] in sources) if sources else rows


def _all_rows(corpus: Path, kind: str) -> Iterator[Row]:
    """Yield the rows of one kind, a batch of a file in memory at a time."""
    for path in sorted((corpus / KINDS[kind]).glob(f"*.{kind}.*")):
        if path.suffix == ".jsonl":
            with path.open(encoding="utf-8") as lines:
                yield from (_flat(json.loads(line)) for line in lines)
        elif path.suffix == ".parquet":
            for batch in pq.ParquetFile(path).iter_batches(1024):
                yield from map(_flat, batch.to_pylist())


def _flat(row: Row) -> Row:
    flat = {name: value for name, value in row.items() if name not in (*_MAPS, "traceback")}
    for name in _MAPS:
        flat |= {f"{name}.{each}": value for each, value in row.get(name) or ()}
    return flat


def _key(row: Row) -> Key:
    return row["source"], row["doc_id"], row["locator"]


def digests(corpus: Path, kind: str, sources: Sequence[str]) -> Counter[int]:
    """Return how often each row occurs, as 128 bits of its key and all its fields."""
    return Counter(map(_digest, rows_of(corpus, kind, sources)))


def _digest(row: Row) -> int:
    # `repr` of a float is exact, and -0.0, nan and None are told apart.
    return xxhash.xxh3_128_intdigest(repr(sorted(row.items())).encode("utf-8", "surrogatepass"))


def other_rows(corpus: Path, kind: str, sources: Sequence[str], wanted: Counter[int]) -> dict[Key, list[Row]]:
    """Return the rows whose digest is wanted, each as often as it is, by key."""
    found: dict[Key, list[Row]] = defaultdict(list)
    left = wanted.copy()
    for row in rows_of(corpus, kind, sources):
        digest = _digest(row)
        if left[digest] > 0:
            left[digest] -= 1
            found[_key(row)].append(row)
    return found


def fields_between(one: Row, two: Row) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two rows differ, with both values."""
    return {
        name: (one.get(name), two.get(name))
        for name in sorted({*one, *two})
        if repr(one.get(name)) != repr(two.get(name))
    }


def compare(
    one: Path, two: Path, kind: str, sources: Sequence[str], show: int
) -> tuple[dict[str, Any], bool]:
    """Return (figures of one kind of row, whether all are the same)."""
    left, right = digests(one, kind, sources), digests(two, kind, sources)
    figures: dict[str, Any] = {"rows": [left.total(), right.total()]}
    if left == right:
        return figures, True
    ours, theirs = (
        other_rows(one, kind, sources, left - right),
        other_rows(two, kind, sources, right - left),
    )
    fields, shown = Counter[str](), list[Any]()
    only = [0, 0]
    for key in sorted({*ours, *theirs}):
        mine, other = ours.get(key, []), theirs.get(key, [])
        only[0] += max(0, len(mine) - len(other))
        only[1] += max(0, len(other) - len(mine))
        for a, b in zip(mine, other, strict=False):
            different = fields_between(a, b)
            fields.update(list(different))
            if len(shown) < show:
                shown.append({"key": key, "fields": {n: _seen(*pair) for n, pair in different.items()}})
        if len(mine) != len(other) and len(shown) < show:
            shown.append({"key": key, "rows": [len(mine), len(other)]})
    figures |= {"only_in": only, "fields_that_differ": dict(fields.most_common()), "first": shown}
    return figures, False


def _seen(one: Any, two: Any) -> list[str]:
    """Return two values as a person reads them: of long texts, what is around the first difference."""
    a, b = str(one), str(two)
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return [repr(value[max(0, at - 40) : at + 40]) for value in (a, b)]


def same_shards(one: Path, two: Path) -> bool | None:
    """Return whether snapshots and shards are the same bytes; None where one has no snapshot."""
    if not all((corpus / "CURRENT").exists() for corpus in (one, two)):
        return None
    return committed_bytes(one) == committed_bytes(two)


def main() -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs=2)
    parser.add_argument("--sources", nargs="+", default=(), help="rows of these alone, and no shards")
    parser.add_argument("--show", type=int, default=5, help="differences of each kind to print (%(default)s)")
    options = parser.parse_args()
    one, two = options.corpus
    result: dict[str, Any] = {}
    is_same = True
    for kind in KINDS:
        result[kind], same = compare(one, two, kind, options.sources, options.show)
        is_same = is_same and same
    result["same_shards"] = None if options.sources else same_shards(one, two)
    result["same"] = is_same = is_same and result["same_shards"] is not False
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if not any(sum(result[kind]["rows"]) for kind in KINDS):
        print("neither folder holds a part: is it the output of a build?", file=sys.stderr)
        return 2
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
