"""What the public transforms do with records: plain functions over dumps, records, signatures and parts.

They are the build's own functions (plan, reader, sandbox, signatures, part writer, spills, shards), called
on records that a pipeline of somebody's own hands on, and not on parts that lie in a corpus.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.config import BuildConfig, ConfigError, SourceConfig, StepsConfig
from corpusforge.dedup.canary import MissedDuplicates, plant
from corpusforge.dedup.local import SignatureStore
from corpusforge.dedup.signature import signature_dtype
from corpusforge.document import Document, Drop, DropReason, Quarantined, SourceKind, drop
from corpusforge.files import InputGuard
from corpusforge.filter import redact_fields
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import Coverage, InputFile
from corpusforge.ingest.tables.rows import Row, row_records
from corpusforge.parts.inputs import Input
from corpusforge.parts.planning import check_unchanged, parts_of
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.tasks import Slice, lent_sandbox
from corpusforge.parts.writer import read_guarded, signature_rows
from corpusforge.steps import Record, process_all

ONE_SPLIT_BYTES = 1 << 62
_SORTED_AT_ONCE = 4096


def config_for(
    config: BuildConfig | StepsConfig | None, paths: Sequence[str], source: str, kind: str | None
) -> BuildConfig:
    """Return the configuration that reads some paths as one source: nothing is written by it."""
    if isinstance(config, BuildConfig) and not paths:
        return config
    if not paths:
        raise ConfigError("ReadDumps: give patterns, or a configuration with sources")
    found = SourceConfig(name=source, paths=tuple(paths), kind=SourceKind(kind) if kind else None)
    if isinstance(config, BuildConfig):
        return config.model_copy(update={"sources": (found,)})
    nowhere = os.path.join(tempfile.gettempdir(), "corpusforge-no-output")
    settings = {name: getattr(config, name) for name in StepsConfig.model_fields} if config else {}
    return BuildConfig(name="pipeline", output=nowhere, sources=(found,), **settings)


def specs_to_read(config: BuildConfig, element: Slice) -> Iterator[PartSpec]:
    """Yield the splits of a slice of inputs. Raises `ConfigError` where they cannot be told.

    A split that needs a survey of its whole input, which lies in a corpus, is not one: such an input is
    read whole.
    """
    number, _, inputs = element
    if isinstance(inputs, str):
        raise ConfigError(inputs)
    source, fingerprint = config.ordered_sources()[number], config.part_fingerprint()
    whole = config.model_copy(
        update={"ingest": config.ingest.model_copy(update={"split_bytes": ONE_SPLIT_BYTES})}
    )
    for input in inputs:
        yield from _specs(input, source, config, whole, fingerprint)


def _specs(
    input: Input, source: SourceConfig, config: BuildConfig, whole: BuildConfig, fingerprint: str
) -> list[PartSpec]:
    specs = list(parts_of(input, source, config, fingerprint))
    if any(spec.form for spec in specs):
        specs = list(parts_of(input, source, whole, fingerprint))
    return specs


def records_of_split(config: BuildConfig, spec: PartSpec) -> Iterator[Record]:
    """Yield the records of a split, as they are read.

    Raises `InputChanged` behind the last where the input is no longer what was planned.
    """
    guard = InputGuard(spec.path)
    yield from read_guarded(spec, config, Coverage())
    check_unchanged(spec, guard, config.ingest)


def records_of_item(item: object, config: StepsConfig) -> Iterator[Record]:
    """Yield the record of a document, or of a dict as a row of JSON lines is read; of several files, several.

    A dict's locator is by its content, behind its `id`: the same wherever it comes from.
    Raises TypeError for anything else.
    """
    if isinstance(item, Document | Drop | Quarantined):
        yield item
        return
    if not isinstance(item, Mapping):
        raise TypeError(f"Process takes dicts and the records of ReadDumps, not {type(item).__name__}")
    values = dict(cast("Mapping[str, Any]", item))
    own = values.get("id")
    content = f"sha256={canonical_sha256(_plain(values))[:32]}"
    place = content if own is None else f"id={own}&{content}"
    stated = values.get("source")
    source = stated if isinstance(stated, str) and stated else "rows"
    row = Row(values, f"rows#{place}", f"row {place}")
    yield from row_records(
        InputFile(path="", name="rows", source=source), config.ingest, SourceKind.JSONL, row
    )


def _plain(value: object) -> object:
    """Return a value as JSON holds it, what JSON does not know by its repr."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("list[object]", value)]
    return value if value is None or isinstance(value, str | int | float | bool) else repr(value)


def process_records(records: Sequence[Record], config: StepsConfig) -> list[Record]:
    """Return one end for each record, in order, as a part would hold them: what a build writes, redacted."""
    with lent_sandbox(config) as sandbox:
        return [redact_fields(record, config.filter)[0] for record in process_all(records, sandbox)]


def packed_signatures(documents: Sequence[Document], config: BuildConfig) -> bytes:
    """Return the signature rows of documents, packed."""
    return signature_rows(list(documents), config.dedup.signature).tobytes()


def check_dedup(config: BuildConfig) -> None:
    """Raise `ConfigError` for what a build alone can do: what needs the order or the texts of all parts."""
    for asked, what in (
        (config.dedup.earliest_wins, "dedup.earliest_wins"),
        (config.dedup.repeats.is_on(), "dedup.repeats"),
        (config.dedup.check == "jaccard", 'dedup.check = "jaccard"'),
    ):
        if asked:
            raise ConfigError(f"Deduplicate: {what} needs `corpusforge build`; leave it out here")


def planted_signatures(config: BuildConfig, salt: str, part: int) -> Iterator[bytes]:
    """Yield the packed rows of one part of known duplicates (`canary`), for `decide` to look for."""
    if config.dedup.method != "off":
        yield plant(config.dedup, salt).of(part)[0].tobytes()


def decide(config: BuildConfig, packed: Iterable[bytes], salt: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (doc_id, (reason, doc_id of the survivor)) of each document that goes.

    What `planted_signatures` gave for the salt must be among the rows, and its duplicates be found:
    `MissedDuplicates` is raised otherwise.

    Signatures lie in a temporary folder (TMPDIR); memory grows by some 60 bytes a document. In the order of
    ids, so that what came first decides nothing.
    """
    dtype = signature_dtype(config.dedup.signature.permutations)
    if config.dedup.method == "off":
        return
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
        path = os.path.join(folder, "rows")
        with open(path, "wb") as out:
            for piece in packed:
                out.write(piece)
        rows: NDArray[Any] = np.memmap(path, dtype, mode="r") if os.path.getsize(path) else np.empty(0, dtype)
        doc = np.array(rows["doc"])
        planted = plant(config.dedup, salt)
        ours, places = _without(doc, planted.rows["doc"])
        if len(places) < len(planted.rows):
            raise MissedDuplicates(
                f"Deduplicate: {len(planted.rows) - len(places)} of {len(planted.rows)} rows planted among "
                "the documents did not come to the task that compares them: copies would be missed. Run "
                "again, and if it fails again, on another runner"
            )
        order = ours[np.lexsort((doc[ours, 1], doc[ours, 0]))]
        again = (doc[order[1:]] == doc[order[:-1]]).all(axis=1)
        order = order[np.r_[True, ~again][: len(order)]]  # what comes twice is no duplicate of itself
        with SignatureStore(os.path.join(folder, "store"), config.dedup, planted) as store:
            for start in range(0, len(order), _SORTED_AT_ONCE):
                store.add(np.array(rows[order[start : start + _SORTED_AT_ONCE]]))
            for members in store.clusters():
                ids = [f"{high:016x}{low:016x}" for high, low in members.rows["doc"].tolist()]
                for place in np.flatnonzero(~members.keep).tolist():
                    is_exact = bool(members.exact[place])
                    reason = DropReason.EXACT_DUPLICATE if is_exact else DropReason.NEAR_DUPLICATE
                    yield ids[place], (reason.value, ids[int(members.survivor[place])])


def _without(doc: NDArray[np.uint64], planted: NDArray[np.uint64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (places of ids that are not planted, which of the planted ids are there)."""
    known = {tuple(one): place for place, one in enumerate(planted.tolist())}
    some = np.flatnonzero(np.isin(doc[:, 0], planted[:, 0]))
    found = {place: known[key] for place in some.tolist() if (key := tuple(doc[place].tolist())) in known}
    return np.setdiff1d(np.arange(len(doc)), list(found)), np.array(sorted(set(found.values())), np.int64)


def told_apart(documents: Sequence[Document]) -> tuple[Document, list[Drop]]:
    """Return (a document, the drops of those that are it again) of documents with one id.

    Raises ValueError where they are different ones.
    """
    first = min(documents, key=lambda document: (document.locator, document.content_hash))
    for other in documents:
        if (other.locator, other.content_hash) != (first.locator, first.content_hash):
            raise ValueError(f"two documents have the id {first.doc_id}: {first.locator}, {other.locator}")
    return first, [duplicate(first, (DropReason.EXACT_DUPLICATE.value, first.doc_id))] * (len(documents) - 1)


def duplicate(document: Document, decision: tuple[str, str]) -> Drop:
    """Return the drop of a document that `decide` takes out."""
    reason, survivor = decision
    return drop(document, DropReason(reason), f"duplicate of {survivor}")
