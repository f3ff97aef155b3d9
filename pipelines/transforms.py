"""Transforms for a pipeline of one's own, public as `corpusforge.beam`: what `build` does, on any records.

    ReadDumps ──records──▶ Process ──▶ kept, dropped, quarantined
    kept ──▶ Deduplicate ──▶ kept, dropped
    all of them, flattened ──▶ WriteShards ──▶ snapshot id

Batch pipelines in the global window. A record is one Document, Drop or Quarantined (`corpusforge.document`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import apache_beam as beam
from apache_beam import pvalue
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import GlobalWindows

from corpusforge.config import BuildConfig, ConfigError, StepsConfig, load_config
from corpusforge.dedup import canary
from corpusforge.document import Document, Drop, SourceKind
from corpusforge.files import join
from corpusforge.own_steps import check_steps
from corpusforge.parts import streamed, written
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.survivors import spill_parts
from corpusforge.parts.tasks import close_sandbox, list_source
from corpusforge.shards import tasks as shards
from corpusforge.shards.tokenizer_choice import configured_tokenizer
from corpusforge.steps import Record
from corpusforge_pipelines.counters import NAMESPACE
from corpusforge_pipelines.shard import SumSpills
from corpusforge_pipelines.work import Work

KEPT, DROPPED, QUARANTINED = "kept", "dropped", "quarantined"
_BATCH_RECORDS = 64
_BATCH_BYTES = 8 << 20
_SIGNED_AT_ONCE = 512

Configuration = BuildConfig | StepsConfig | str | None
"""A configuration, the path of its TOML file, or None for the defaults."""


def _loaded(config: Configuration) -> BuildConfig | StepsConfig | None:
    return load_config(config) if isinstance(config, str) else config


def _steps(config: Configuration) -> StepsConfig:
    found = _loaded(config)
    return found.steps() if isinstance(found, BuildConfig) else found or StepsConfig()


def _build_config(config: BuildConfig | str, who: str) -> BuildConfig:
    found = _loaded(config)
    if not isinstance(found, BuildConfig):
        raise ConfigError(f"{who}: needs the configuration of a build: its path, or a BuildConfig")
    return found


class ReadDumps(beam.PTransform):
    """Dumps -> their records.

    Pipeline -> PCollection[Document | Drop | Quarantined]: one element a record, its markup not yet
    extracted; what holds no document is a Drop, what its reader failed on Quarantined. `Process` takes all.

    Args:
        patterns: Files, folders or globs, local or of a store: one or several; none: the sources of `config`.
        kind: What the dumps are (`warc`, `github`, …); detected from their content where it is None.
        config: Its `ingest` table says how dumps are read.
        source: The name of the source of these records.

    A task reads one split of a file, record by record: memory does not grow with it. Dumps whose splits need
    a survey of the whole file (WARC with its sites' files, Stack Exchange, wiki templates) are read whole.

    Raises:
        ConfigError: for an unknown kind; when the pipeline runs, for patterns that match nothing and kinds
            that cannot be told.
    """

    def __init__(
        self,
        patterns: str | Sequence[str] | None = None,
        *,
        kind: str | None = None,
        config: Configuration = None,
        source: str = "dumps",
    ) -> None:
        super().__init__()
        if kind is not None and kind not in list(SourceKind):
            raise ConfigError(f"ReadDumps: no kind {kind!r}; there are: {', '.join(SourceKind)}")
        paths = [patterns] if isinstance(patterns, str) else list(patterns or ())
        self._config = streamed.config_for(_loaded(config), paths, source, kind)

    def expand(self, input_or_inputs: beam.Pipeline) -> beam.PCollection[Record]:
        config = self._config
        return (
            input_or_inputs
            | "Sources" >> beam.Create(list(range(len(config.sources))), reshuffle=False)  # number: int
            | "List" >> beam.ParDo(Work(list_source, config))  # Slice
            | "Spread inputs" >> beam.Reshuffle()  # Slice
            | "Split" >> beam.ParDo(Work(streamed.specs_to_read, config))  # PartSpec
            | "Spread splits" >> beam.Reshuffle()  # PartSpec
            | "Read" >> beam.ParDo(_Read(config))  # record
        )


class _Read(beam.DoFn):
    """PartSpec -> its records, one after the other: none waits for the next."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config

    def process(self, element: PartSpec) -> Iterator[Record]:
        yield from streamed.records_of_split(self._config, element)


class Process(beam.PTransform):
    """Records or rows -> what the steps make of them.

    PCollection[dict | Document | Drop | Quarantined] -> `.kept` (PCollection[Document], with text and
    domain), `.dropped` (PCollection[Drop], with reason), `.quarantined` (PCollection[Quarantined], with its
    traceback).
    Every record ends in exactly one of them; drops and quarantined ones that come in go to theirs.

    A dict is a row as `corpusforge label` takes it: `text`, `html` or `notebook`, and perhaps `id`, `path`,
    `url`, `source`, `licence`, `date`. Its id as a document is by its content, `id` and all.

    Args:
        config: Its steps: `extract`, `code`, `label`, `filter`, classifiers and steps of one's own.

    Records go in batches of at most 64 or 8 MiB to a child process that can be killed, as in a build.

    Raises:
        ConfigError: for a step of one's own that cannot be used. TypeError: when the pipeline runs, for
            elements that are none of these.
    """

    def __init__(self, config: Configuration = None) -> None:
        super().__init__()
        self._config = _steps(config)
        if fault := check_steps(self._config.own_steps, self._config.sandbox):
            raise ConfigError(fault)

    def expand(self, input_or_inputs: beam.PCollection[Any]) -> pvalue.DoOutputsTuple:
        steps: Any = beam.ParDo(_Process(self._config)).with_outputs(DROPPED, QUARANTINED, main=KEPT)
        return input_or_inputs | "Steps" >> steps


class _Process(beam.DoFn):
    """Records -> their ends, in batches."""

    def __init__(self, config: StepsConfig) -> None:
        self._config = config
        self._waiting: list[Record] = []
        self._waiting_bytes = 0

    def start_bundle(self) -> None:
        self._waiting, self._waiting_bytes = [], 0

    def teardown(self) -> None:
        close_sandbox()

    def process(self, element: Any) -> Iterator[Any]:
        for record in streamed.records_of_item(element, self._config):
            self._waiting.append(record)
            if isinstance(record, Document):
                self._waiting_bytes += len(record.raw or b"") + len(record.text)
        if len(self._waiting) >= _BATCH_RECORDS or self._waiting_bytes >= _BATCH_BYTES:
            yield from self._ends()

    def finish_bundle(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        for end in self._ends():
            if isinstance(end, pvalue.TaggedOutput):
                yield pvalue.TaggedOutput(end.tag, GlobalWindows.windowed_value(end.value))
            else:
                yield GlobalWindows.windowed_value(end)

    def _ends(self) -> Iterator[Any]:
        records, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for record in streamed.process_records(records, self._config) if records else ():
            if isinstance(record, Document):
                _count(KEPT)
                yield record
            elif isinstance(record, Drop):
                _count(f"{DROPPED}/{record.reason.value}", record.n_records)
                yield pvalue.TaggedOutput(DROPPED, record)
            else:
                _count(QUARANTINED)
                yield pvalue.TaggedOutput(QUARANTINED, record)


def _count(name: str, n_records: int = 1) -> None:
    Metrics.counter(NAMESPACE, name).inc(n_records)


class Deduplicate(beam.PTransform):
    """Kept documents -> one of each cluster of duplicates, as a build decides.

    PCollection[Document] -> `.kept` (PCollection[Document]) and `.dropped` (PCollection[Drop]:
    `exact_duplicate` or `near_duplicate`, and whose).

    Args:
        config: The configuration of a build: its `dedup` table.

    Documents are signed on all workers. One task compares the signatures (about 1.1 kB a document by the
    defaults, in its TMPDIR; memory grows by some 60 bytes a document): for more documents than one machine
    compares, build a corpus. Then documents meet their decision by id.

    Raises:
        ConfigError: for `earliest_wins`, `repeats` and the check by Jaccard, which need a build.
        MissedDuplicates: when the pipeline runs, where known duplicates planted among the signatures did not
            meet: the runner would miss others too. None of what is planted comes out.
    """

    def __init__(self, config: BuildConfig | str) -> None:
        super().__init__()
        self._config = _build_config(config, "Deduplicate")
        streamed.check_dedup(self._config)

    def expand(self, input_or_inputs: beam.PCollection[Document]) -> pvalue.DoOutputsTuple:
        config, salt = self._config, uuid4().hex  # nobody can write a document that is like what is planted
        signed = input_or_inputs | "Sign" >> beam.ParDo(_Sign(config))  # rows: bytes
        planted = (
            input_or_inputs.pipeline
            | "Planted parts" >> beam.Create(list(range(canary.PARTS)))  # part: int
            | "Sign planted" >> beam.FlatMap(_plant, config, salt)  # rows: bytes
        )
        gone = (
            (signed, planted)
            | "All rows" >> beam.Flatten()  # rows: bytes
            | "To one" >> beam.WithKeys(0)  # (0, rows: bytes)
            | "All signatures" >> beam.GroupByKey()  # (0, [rows: bytes])
            | "Compare" >> beam.FlatMap(_decide, config, salt)  # (doc_id, (reason, survivor))
        )
        by_id = input_or_inputs | "By id" >> beam.Map(_by_id)  # (doc_id, Document)
        return (
            {"document": by_id, "gone": gone}
            | "Meet" >> beam.CoGroupByKey()  # (doc_id, {"document": [...], "gone": [...]})
            | "Part" >> beam.ParDo(_Part()).with_outputs(DROPPED, main=KEPT)
        )


class _Sign(beam.DoFn):
    """Documents -> packed signature rows of many."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config
        self._waiting: list[Document] = []

    def start_bundle(self) -> None:
        self._waiting = []

    def process(self, element: Document) -> Iterator[bytes]:
        self._waiting.append(element)
        if len(self._waiting) >= _SIGNED_AT_ONCE:
            yield self._signed()

    def finish_bundle(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self._waiting:
            yield GlobalWindows.windowed_value(self._signed())

    def _signed(self) -> bytes:
        documents, self._waiting = self._waiting, []
        return streamed.packed_signatures(documents, self._config)


def _by_id(document: Document) -> tuple[str, Document]:
    return document.doc_id, document


def _plant(part: int, config: BuildConfig, salt: str) -> Iterator[bytes]:
    return streamed.planted_signatures(config, salt, part)


def _decide(element: tuple[int, Iterable[bytes]], config: BuildConfig, salt: str) -> Iterator[Any]:
    return streamed.decide(config, element[1], salt)


class _Part(beam.DoFn):
    """A document and what was decided of it -> kept, or its drop."""

    def process(self, element: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Any]:
        found = element[1]
        gone = list(found["gone"])
        document, drops = streamed.told_apart(list(found["document"]))
        if gone:
            drops = [*drops, streamed.duplicate(document, gone[0])]
        else:
            yield document
        for drop in drops:
            _count(f"{DROPPED}/{drop.reason.value}")
            yield pvalue.TaggedOutput(DROPPED, drop)


class WriteShards(beam.PTransform):
    """Records -> a snapshot of token shards, as `build` writes it.

    PCollection[Document | Drop | Quarantined] -> PCollection[str]: one element, the id of the snapshot.
    Documents are those kept, with domain and subset; drops and quarantined records are counted and written
    beside them, so that the snapshot tells of every record: `beam.Flatten()` puts the outputs together.

    Args:
        output: Folder or prefix of the corpus; a snapshot there becomes the parent of this one.
        config: The configuration of a build: its name, seed, `shards` and limits of quarantine.
        id_digits: Hexadecimal digits of a document's id that say which part of its source holds it: 16 to
            their power parts a source, each sorted in the memory of one task. Shards do not depend on it.

    The same records give the same snapshot, whatever the runner, the workers or the order; the shards are
    those of a build over the same documents, byte for byte. Working files are removed after the commit.

    Raises:
        BuildError: when the pipeline runs, where nothing is left, counts do not add up or too many records
            failed. ValueError: two documents with one id.
    """

    def __init__(self, output: str, config: BuildConfig | str, *, id_digits: int = 2) -> None:
        super().__init__()
        if not 0 <= id_digits <= 4:
            raise ConfigError(f"WriteShards: id_digits is {id_digits}, and is from 0 to 4")
        self._id_digits = id_digits
        self._config = _build_config(config, "WriteShards").model_copy(update={"output": output})

    def expand(self, input_or_inputs: beam.PCollection[Record]) -> beam.PCollection[str]:
        config, tokens = self._config, self._config.shards.shard_tokens
        # A folder of this very run: what another run made of other records is not taken for it.
        work = shards.Work(corpus=config.output, folder=join(config.output, "spills", f"run-{uuid4().hex}"))
        configured_tokenizer(config.shards, config.output)  # workers elsewhere find the corpus's copy
        spill = Work(spill_parts, config, work, written.none_gone, written.none_cut)
        none = input_or_inputs.pipeline | "No row" >> beam.Create([(0, None)], reshuffle=False)  # (0, None)
        n_spills = (
            input_or_inputs
            | "By part" >> beam.Map(_by_part, self._id_digits)  # ((source, kind, digits), record)
            | "Of a part" >> beam.GroupByKey()  # ((source, kind, digits), [record])
            | "Write parts" >> beam.ParDo(Work(written.write_part, config))  # (PartSpec, Sums)
            | "Parts to one" >> beam.WithKeys(0)  # (0, (PartSpec, Sums))
            | "All parts" >> beam.GroupByKey()  # (0, [(PartSpec, Sums)])
            | "Plan spills" >> beam.ParDo(Work(written.plan_spills, config, work))  # (spill, (part, id))
            | "Group parts" >> beam.GroupByKey()  # (spill: int, [(part: int, id: str)])
            | "Spill" >> beam.ParDo(spill)  # (table: int, SpillInfo)
            | "Group spills" >> beam.GroupByKey()  # (table: int, [SpillInfo])
            | "Tabulate" >> beam.ParDo(Work(shards.tabulate, work))  # Sums of a table
            | "Sum" >> beam.CombineGlobally(SumSpills())  # Sums
            | "Write sums" >> beam.ParDo(Work(shards.finish_spills, work))  # spills: int
        )
        rows = (
            n_spills
            | "Number tables" >> beam.ParDo(Work(written.number_tables, work, tokens))  # table: int
            | "Spread tables" >> beam.Reshuffle()  # table: int
            | "Read tables" >> beam.ParDo(Work(written.refs_of_table, work, tokens))  # (run, refs: bytes)
            | "Group runs" >> beam.GroupByKey()  # (run: int, [refs: bytes])
            | "Merge" >> beam.ParDo(Work(written.merge_runs, work, tokens))  # (shard: int, refs: bytes)
            | "Group shards" >> beam.GroupByKey()  # (shard: int, [refs: bytes])
            | "Write shards" >> beam.ParDo(Work(written.write_shard_of, work, tokens))  # row: dict
            | "Rows to one" >> beam.WithKeys(0)  # (0, row: dict)
        )
        return (
            (rows, none)
            | "With no row" >> beam.Flatten()  # (0, row: dict | None)
            | "All rows" >> beam.GroupByKey()  # (0, [row: dict | None])
            | "Commit" >> beam.ParDo(Work(written.commit_shards, config, work))  # snapshot: str
            | "Once committed" >> beam.Reshuffle()  # snapshot: str
            | "Clean up" >> beam.ParDo(Work(written.clean_up, work))  # snapshot: str
        )


def _by_part(record: Record, id_digits: int) -> tuple[tuple[str, str, str], Record]:
    return (record.source, record.source_kind.value, record.doc_id[:id_digits]), record
