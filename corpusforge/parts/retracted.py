"""Documents taken out of parts, and out of what dedup and repeats say of these: in place, each file whole.

What is done to a file is written down before the file is replaced: killed in between, the same call does
the same again; killed behind it, the call finds it done. A part without some documents has them as drops
of reason `retracted`, without any text, so that its records still add up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
import xxhash
from numpy.typing import NDArray

from corpusforge.dedup.repeats import RANGE_DTYPE, WHOLE
from corpusforge.document import DOCUMENT_SCHEMA, DROP_SCHEMA, Drop, DropReason, SourceKind, drops_to_batch
from corpusforge.files import exists, open_input, publishing, read_bytes
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import SealedParquetWriter, write_sealed_table
from corpusforge.parts.format import COMMIT, STATS_KEY, part_path
from corpusforge.parts.reader import stats_of
from corpusforge.parts.writer import table_writer
from corpusforge.sealed import SealedWriter, read_json, read_sealed, write_json

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute
_READ_BYTES = 1 << 20
RETRACTED = DropReason.RETRACTED.value
_TOLD = ["doc_id", "source", "source_kind", "locator", "domain", "subset", "n_bytes", "redactions"]
Removed = dict[str, Any]
"""What went from a part: `rows` and `domains` of its documents, in order, `redactions` made in them."""


def once(record: str, path: str, write: Callable[[str], Mapping[str, Any]]) -> dict[str, Any]:
    """Return what `write` tells, having replaced a file by what it wrote to a local path.

    The file at `record` keeps what it told: a file that is already the new one is not written again.
    """
    known = read_json(record) if exists(record) else None
    if known is not None and file_digest(path) == known["after"]:
        return known
    with publishing(path) as temporary:
        told = write(temporary)
        before = known["before"] if known is not None else file_digest(path)
        known = {**told, "before": before, "after": file_digest(temporary)}
        write_json(record, known)
    return known


def file_digest(path: str) -> str:
    """Return xxh3-128 of a file: 32 hex digits."""
    digest = xxhash.xxh3_128()
    with open_input(path) as stream:
        while data := stream.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def part_without(corpus: str, part_id: str, doc_ids: Any, retraction: str, record: str) -> Removed | None:
    """Return what went from a part, rewritten without the documents of some ids; None where it has none.

    `doc_ids` is an Arrow array. Of rejects and quarantined records of these ids what is said of their text
    goes too.
    """
    path = part_path(corpus, part_id, COMMIT)
    known = read_json(record) if exists(record) else None
    if known is not None and file_digest(path) == known["after"]:
        return known
    with open_sealed_parquet(path) as file:
        stats = stats_of(file.metadata.metadata, path)
        ids = file.read(["doc_id"])["doc_id"].combine_chunks()
    goes = np.asarray(pc.is_in(ids, value_set=doc_ids))
    others = {
        what: _told_of(corpus, part_id, what, doc_ids) for what in ("rejects.parquet", "quarantine.jsonl")
    }
    if known is None and not goes.any() and not any(others.values()):
        return None
    before = known["before"] if known is not None else file_digest(path)
    with ExitStack() as stack:
        local = {COMMIT: stack.enter_context(publishing(path))}  # entered first, so published last

        def target(what: str) -> str:
            local[what] = stack.enter_context(publishing(part_path(corpus, part_id, what)))
            return local[what]

        told = _rows(path, goes)
        _write_signatures(corpus, part_id, ids, goes, target)
        if goes.any() or others["rejects.parquet"]:
            _write_rejects(corpus, part_id, doc_ids, told, retraction, target("rejects.parquet"))
        if others["quarantine.jsonl"]:
            _write_quarantine(corpus, part_id, doc_ids, target("quarantine.jsonl"))
        digests = {what: file_digest(name) for what, name in local.items() if what != COMMIT}
        changed = _stats_without(stats, told, digests)
        with table_writer(local[COMMIT], DOCUMENT_SCHEMA) as writer:
            _copy_rows(path, goes, writer)
            text = json.dumps(changed, sort_keys=True, ensure_ascii=False)
            writer.add_key_value_metadata({STATS_KEY: text})
        removed: Removed = {
            "before": before,
            "after": file_digest(local[COMMIT]),
            "part": part_id,
            "source": stats["source"],
            "rows": np.flatnonzero(goes).tolist(),
            "domains": [row["domain"] for row in told],
            "redactions": dict(sorted(_redactions(told).items())),
        }
        write_json(record, removed)
    return removed


def _rows(path: str, goes: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return what a drop tells of the rows that go."""
    if not goes.any():
        return []
    with open_sealed_parquet(path) as file:
        return file.read(_TOLD).filter(pa.array(goes)).to_pylist()


def _copy_rows(path: str, goes: NDArray[np.bool_], writer: SealedParquetWriter) -> None:
    first = 0
    with open_sealed_parquet(path) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            kept = rows.filter(pa.array(~goes[first : first + len(rows)]))
            first += len(rows)
            if len(kept):
                writer.write_table(kept, len(kept))


def _told_of(corpus: str, part_id: str, what: str, doc_ids: Any) -> bool:
    """Return whether rejects or quarantine say anything of the text of a document that goes."""
    path = part_path(corpus, part_id, what)
    if not exists(path):
        return False
    if what == "quarantine.jsonl":
        wanted = set(doc_ids.to_pylist())
        return any(json.loads(line)["doc_id"] in wanted for line in read_bytes(path).splitlines())
    with open_sealed_parquet(path) as file:
        rows = file.read(["doc_id", "excerpt"])
    return bool(
        pc.any(
            pc.and_(pc.is_in(rows["doc_id"], value_set=doc_ids), pc.not_equal(rows["excerpt"], ""))
        ).as_py()
    )


def _write_signatures(
    corpus: str, part_id: str, ids: Any, goes: NDArray[np.bool_], target: Callable[[str], str]
) -> None:
    """Write the signatures of the documents that stay; those of a killed call may be there already."""
    data = np.frombuffer(read_sealed(part_path(corpus, part_id, "signatures.bin")), np.uint8)
    kept = ids.filter(pa.array(~goes))
    rows = _signature_rows(data, ids)
    rows = rows[~goes] if rows is not None else _signature_rows(data, kept)
    if rows is None:
        raise ValueError(
            f"{part_path(corpus, part_id, 'signatures.bin')}: its rows are not those of its part"
        )
    with open(target("signatures.bin"), "wb") as stream:
        writer = SealedWriter(stream)
        writer.write(np.ascontiguousarray(rows).tobytes())
        writer.finish()


def _signature_rows(data: NDArray[np.uint8], ids: Any) -> NDArray[np.uint8] | None:
    """Return signatures as rows of bytes, where they are those of documents; else None."""
    n_rows = len(ids)
    if not n_rows or len(data) % n_rows:
        return data.reshape(0, 16) if not n_rows and not len(data) else None
    rows = data.reshape(n_rows, -1)
    if rows.shape[1] < 16:
        return None
    halves = np.ascontiguousarray(rows[:, :16]).view("<u8")
    told = [f"{high:016x}{low:016x}" for high, low in halves.tolist()]
    return rows if told == ids.to_pylist() else None


def _write_rejects(
    corpus: str, part_id: str, doc_ids: Any, told: Sequence[Mapping[str, Any]], retraction: str, local: str
) -> None:
    """Write the rejects of a part: those that were there, without text of what goes, and what goes."""
    path = part_path(corpus, part_id, "rejects.parquet")
    new = [
        Drop(
            doc_id=row["doc_id"],
            source=row["source"],
            source_kind=SourceKind(row["source_kind"]),
            locator=row["locator"],
            reason=DropReason.RETRACTED,
            detail=f"retraction {retraction}",
            domain=row["domain"],
            n_bytes=row["n_bytes"],
        )
        for row in told
    ]
    added = pa.array([row["doc_id"] for row in told], pa.string())
    with table_writer(local, DROP_SCHEMA) as writer:
        if exists(path):
            with open_sealed_parquet(path) as file:
                for group in range(file.num_row_groups):
                    writer_rows = _without_text(file.read_row_group(group), doc_ids, added)
                    if len(writer_rows):
                        writer.write_table(writer_rows, len(writer_rows))
        if new:
            writer.write_batch(drops_to_batch(new))


def _without_text(rows: Any, doc_ids: Any, added: Any) -> Any:
    """Return rejects without excerpts of some documents, and without those that are added anew."""
    is_again = pc.and_(pc.is_in(rows["doc_id"], value_set=added), pc.equal(rows["reason"], RETRACTED))
    rows = rows.filter(pc.invert(is_again))
    goes = pc.is_in(rows["doc_id"], value_set=doc_ids)
    place = rows.schema.get_field_index("excerpt")
    return rows.set_column(place, rows.schema.field(place), pc.if_else(goes, "", rows["excerpt"]))


def _write_quarantine(corpus: str, part_id: str, doc_ids: Any, local: str) -> None:
    wanted = set(doc_ids.to_pylist())
    with open(local, "wb") as stream:
        for line in read_bytes(part_path(corpus, part_id, "quarantine.jsonl")).splitlines():
            row = json.loads(line)
            if row["doc_id"] in wanted:
                row |= {"error": RETRACTED, "traceback": ""}
            stream.write(json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n")


def _redactions(told: Sequence[Mapping[str, Any]]) -> Counter[str]:
    made: Counter[str] = Counter()
    for row in told:
        made.update(dict(row["redactions"] or ()))
    return made


def _stats_without(
    stats: Mapping[str, Any], told: Sequence[Mapping[str, Any]], digests: Mapping[str, str]
) -> dict[str, Any]:
    """Return the counts of a part once some documents of it are drops."""
    by_domain = {name: dict(counts) for name, counts in stats["kept_by_domain"].items()}
    for row in told:
        entry = by_domain[f"{row['domain']}/{row['subset']}"]
        entry["documents"] -= 1
        entry["bytes"] -= row["n_bytes"]
    redactions: Counter[str] = Counter(stats["redactions"])
    redactions.subtract(_redactions(told))
    dropped: Counter[str] = Counter(stats["dropped"])
    dropped[RETRACTED] += len(told)
    return {
        **stats,
        "kept": stats["kept"] - len(told),
        "kept_by_domain": {name: entry for name, entry in by_domain.items() if entry["documents"]},
        "dropped": {name: n for name, n in sorted(dropped.items()) if n},
        "redactions": {name: n for name, n in sorted(redactions.items()) if n},
        "files": dict(sorted({**stats["files"], **digests}.items())),
    }


def clusters_without(path: str, doc_ids: Any, record: str) -> dict[str, Any] | None:
    """Return counts of the rows that went from a table of clusters; None where it names none of them.

    `removed`: rows that dedup had taken out, by `source/domain` and exact or near; `clusters`: survivors;
    `between`: pairs of a survivor and a member of another domain.
    """
    known = read_json(record) if exists(record) else None
    with open_sealed_parquet(path) as file:
        rows = file.read()
    goes = pc.is_in(rows["doc_id"], value_set=doc_ids)
    if known is None and not pc.any(goes).as_py():
        return None

    def write(temporary: str) -> dict[str, Any]:
        write_sealed_table(rows.filter(pc.invert(goes)), temporary, compression="zstd")
        return _cluster_counts(rows, goes)

    return once(record, path, write)


def _cluster_counts(rows: Any, goes: Any) -> dict[str, Any]:
    removed: Counter[str] = Counter()
    between: Counter[str] = Counter()
    lost = rows.filter(goes).to_pylist()
    survivors = {
        row["cluster_id"]: row["domain"] for row in rows.to_pylist() if row["doc_id"] == row["cluster_id"]
    }
    for row in lost:
        if not row["keep"]:
            removed[f"{row['source']}/{row['domain']}\0{'exact' if row['exact'] else 'near'}"] += 1
        first = survivors.get(row["cluster_id"])
        if first is not None and row["domain"] != first:
            between[f"{first}/{row['domain']}"] += 1
    return {
        "clusters": sum(row["doc_id"] == row["cluster_id"] for row in lost),
        "removed": dict(sorted(removed.items())),
        "between": dict(sorted(between.items())),
    }


def summary_without(
    summary: Mapping[str, Any], counts: Sequence[Mapping[str, Any]], doc_ids: Any
) -> dict[str, Any]:
    """Return the summary of a dedup run once rows of its clusters went; what is told of the largest too."""
    removed: Counter[str] = Counter()
    between: Counter[str] = Counter(summary["pairs_between"])
    for one in counts:
        removed.update(one["removed"])
        between.subtract(one["between"])
    by_name = {name: dict(of) for name, of in summary["removed_by_source_and_domain"].items()}
    for key, count in removed.items():
        name, _, how = key.partition("\0")
        by_name[name][how] -= count
    lost = set(doc_ids.to_pylist())

    def standing(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [row for row in rows if not lost.intersection((row["cluster_id"], *row["members"]))]

    largest = {name: standing(rows) for name, rows in summary["largest_by_source"].items()}
    return {
        **summary,
        "clusters": summary["clusters"] - sum(one["clusters"] for one in counts),
        "removed": summary["removed"] - sum(removed.values()),
        "removed_by_source_and_domain": {name: of for name, of in by_name.items() if any(of.values())},
        "pairs_between": {name: n for name, n in sorted(between.items()) if n},
        "largest": standing(summary["largest"]),
        "largest_by_source": {name: rows for name, rows in largest.items() if rows},
    }


def shifted_refs(refs: NDArray[np.uint64], removed: Mapping[int, NDArray[np.int64]]) -> NDArray[np.uint64]:
    """Return refs (part in the upper 32 bits, row below) once rows of parts went; `removed`: part -> rows."""
    kept: list[NDArray[np.uint64]] = []
    parts = refs >> np.uint64(32)
    for part in np.unique(parts).tolist():
        mine = refs[parts == part]
        rows = removed.get(part)
        if rows is not None:
            places = (mine & np.uint64(0xFFFFFFFF)).astype(np.int64)
            stay = ~np.isin(places, rows)
            places = places[stay] - np.searchsorted(rows, places[stay])
            mine = (np.uint64(part) << np.uint64(32)) | places.astype(np.uint64)
        kept.append(mine)
    return np.concatenate(kept) if kept else refs


def cuts_without(path: str, source: str, removed: Removed, record: str) -> dict[str, Any]:
    """Return counts of what was cut of documents that went from a part, its file of cuts written anew."""

    def write(temporary: str) -> dict[str, Any]:
        cuts = np.frombuffer(read_sealed(path), RANGE_DTYPE)
        rows = np.array(removed["rows"], np.int64)
        goes = np.isin(cuts["row"], rows)
        kept = cuts[~goes].copy()
        kept["row"] -= np.searchsorted(rows, kept["row"]).astype(np.uint32)
        with open(temporary, "wb") as stream:
            writer = SealedWriter(stream)
            writer.write(kept.tobytes())
            writer.finish()
        return {"counts": _cut_counts(cuts[goes], source, removed)}

    return once(record, path, write)


def _cut_counts(cuts: NDArray[Any], source: str, removed: Removed) -> dict[str, dict[str, int]]:
    domains = dict(zip(removed["rows"], removed["domains"], strict=True))
    whole = set(cuts["row"][cuts["start"] == WHOLE].tolist())
    counts: dict[str, Counter[str]] = {}
    for row in np.unique(cuts["row"]).tolist():
        mine = cuts[(cuts["row"] == row) & (cuts["start"] != WHOLE)]
        one = {"documents_cut": 1, "spans": len(mine), "bytes": int(mine["length"].sum())}
        name = f"{source}/{domains[row]}"
        counts.setdefault(name, Counter()).update({"documents_gone": 1} if row in whole else one)
    return {name: dict(sorted(of.items())) for name, of in sorted(counts.items())}


def rejects_without(path: str, doc_ids: Any) -> None:
    """Write a table of rejects without the rows of some documents."""
    with open_sealed_parquet(path) as file:
        rows = file.read()
    goes = pc.is_in(rows["doc_id"], value_set=doc_ids)
    if pc.any(goes).as_py():
        with publishing(path) as temporary:
            write_sealed_table(rows.filter(pc.invert(goes)), temporary, compression="zstd")


def part_batches(corpus: str, part_id: str, columns: Sequence[str]) -> Iterator[Any]:
    """Yield columns of a part's documents, a row group at a time."""
    with open_sealed_parquet(part_path(corpus, part_id, COMMIT)) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=list(columns))
