"""Labelled rows from tables, corpora and dumps: licences checked, balanced, the same for the same seed.

`corpusforge train collect --collection classifiers/collections/math.toml --data DIR --output rows.jsonl.gz`
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from corpusforge.document import Document
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.frozen import FrozenConfig
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.printable import visible
from corpusforge.text import clean_text
from corpusforge_classifiers.balance import Balance, Cell, Reservoirs, markdown_cells
from corpusforge_classifiers.field_texts import field_rows
from corpusforge_classifiers.generated import hard_negatives
from corpusforge_classifiers.passages import cut, joined
from corpusforge_classifiers.rows import NONE_STATED, Row, is_allowed, row_key, row_of, table_rows

_CATEGORY = re.compile(r"\[\[\s*Category:\s*([^\]|]+)")
_MAX_RAW_BYTES = 1_000_000


class Input(FrozenConfig):
    """One input of a collection: files below the data folder, and what is known of them."""

    path: str = Field(
        description="A file, a corpus or a pattern such as `wiki/*.bz2`; `generated` makes rows."
    )
    dump: bool = Field(default=False, description="A dump for the readers of `ingest`, not a table of rows.")
    packages: bool = Field(default=False, description="A list of pinned packages of a field's texts.")
    label: str | None = Field(default=None, description="Of every row; none: the row's own `label`.")
    licence: str | None = Field(
        default=None, description="Of rows that state none: what the dump's maker says."
    )
    source: str | None = Field(default=None, description="Of every row; none: the row's own, else the file.")
    without_files: tuple[str, ...] = Field(
        default=(), description="Files to leave out, by regular expression."
    )
    categories: tuple[str, ...] = Field(
        default=(), description="Pages of a wiki to keep, by regular expression over categories; none: all."
    )
    without_categories: tuple[str, ...] = Field(default=(), description="Pages to leave out, likewise.")
    without_sources: tuple[str, ...] = Field(default=(), description="Sources to leave out, likewise.")
    kinds: tuple[str, ...] = Field(default=(), description="Kinds to keep, by name; none: all.")
    without_kinds: tuple[str, ...] = Field(default=(), description="Kinds to leave out, by name.")
    min_formulas: int = Field(
        default=0, ge=0, description="Dollar signs of TeX that a text must hold, halved."
    )
    max_formulas: int | None = Field(default=None, ge=0, description="As many at most.")
    share: float = Field(default=1.0, gt=0, le=1, description="Of its documents, drawn by hash.")
    join: bool = Field(default=False, description="Join passages of one document to longer pieces.")
    rows: int = Field(default=60, ge=1, description="Rows of each generated kind.")


class Collection(FrozenConfig):
    """What to collect."""

    positive: str = Field(description="The label of the positive class.")
    seed: int = Field(default=7, ge=0, description="Of every draw.")
    licences: tuple[str, ...] = Field(description="Regular expressions: licences that may be learned from.")
    min_chars: int = Field(default=120, ge=1, description="Shorter texts are left out.")
    balance: Balance = Balance()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """A balanced sample and what it was drawn from."""

    rows: list[Row]
    seen: Counter[Cell]
    refused: Counter[str]
    """Rows that the licence filter turned away, by licence."""

    def report(self) -> str:
        """Return the Markdown report: licences refused, rows before and after by cell."""
        lines = [f"{self.seen.total():,} rows seen, {len(self.rows):,} drawn; refused for their licence:"]
        lines += [f"- {licence}: {n:,}" for licence, n in sorted(self.refused.items())]
        return "\n".join([*lines, "", markdown_cells(self.seen, self.rows)])


def read_collection(path: Path) -> Collection:
    """Return the collection of a TOML file."""
    return Collection.model_validate(tomllib.loads(path.read_text("utf-8")))


def collect(collection: Collection, data: Path, packages: Path | None = None) -> Collected:
    """Return the balanced sample of a collection whose files lie below `data`, its packages in `packages`.

    Memory holds the sample and one row, whatever the size of the inputs. FileNotFoundError
    names a pattern that no file matches.
    """
    reservoirs = Reservoirs(collection.balance, collection.seed)
    refused: Counter[str] = Counter()
    for source in collection.inputs:
        for row in _rows_of(source, collection, data, packages):
            if len(row.text) < collection.min_chars:
                continue
            if is_allowed(row, collection.licences):
                reservoirs.add(row)
            else:
                refused[row.licence] += 1
    return Collected(reservoirs.sample(), reservoirs.seen, refused)


def _rows_of(source: Input, collection: Collection, data: Path, packages: Path | None) -> Iterator[Row]:
    if source.path == "generated":
        yield from hard_negatives(source.rows, collection.seed)
        return
    if source.packages:
        if packages is None:
            raise FileNotFoundError(f"{source.path}: give the folder of its packages by --packages")
        yield from cut(
            field_rows(Path(__file__).parent / "collections" / source.path, packages), collection.seed
        )
        return
    paths = sorted(data.glob(source.path))
    if not paths:
        raise FileNotFoundError(f"{data / source.path}: no such file")
    for path in paths:
        name = path.relative_to(data).as_posix()
        if any(re.search(pattern, name) for pattern in source.without_files):
            continue
        found = _dump_rows(path, name, source) if source.dump else _table_rows(path, source, collection)
        rows = (row for row in found if _is_wanted(row, source))
        yield from joined(rows, collection.seed) if source.join else cut(rows, collection.seed)


def _table_rows(path: Path, source: Input, collection: Collection) -> Iterator[Row]:
    for values in table_rows(path):
        if source.label is not None:
            values = {**values, "label": source.label}
        row = row_of(values, collection.positive)
        yield replace(row, source=source.source) if source.source else row


def _dump_rows(path: Path, name: str, source: Input) -> Iterator[Row]:
    """Yield the extracted documents of a dump; their source is the repository, else the file."""
    for record in read(InputFile(path=str(path), name=name, source=name), IngestConfig()):
        if not isinstance(record, Document) or len(record.raw or b"") > _MAX_RAW_BYTES:
            continue
        if not _is_in_categories(record, source):
            continue
        document = extract_document(record, ExtractConfig())
        if isinstance(document, Document):
            yield Row(
                text=clean_text(document.text),
                is_positive=source.label == "math",
                source=source.source or document.repo or name,
                licence=document.licence or source.licence or NONE_STATED,
                kind=Path(document.path or "").suffix.lower(),
                doc_id=document.doc_id,
            )


def _is_in_categories(record: Document, source: Input) -> bool:
    """Return whether what a wiki files a page under lets an input take it."""
    if not source.categories and not source.without_categories:
        return True
    filed = _CATEGORY.findall((record.raw or b"").decode("utf-8", "replace"))
    if any(re.search(pattern, name) for pattern in source.without_categories for name in filed):
        return False
    return not source.categories or any(
        re.search(pattern, name) for pattern in source.categories for name in filed
    )


def _is_wanted(row: Row, source: Input) -> bool:
    if source.share < 1 and row_key(row, 0) >= source.share * 2**64:
        return False
    if (source.kinds and row.kind not in source.kinds) or row.kind in source.without_kinds:
        return False
    if any(re.search(p, row.source) for p in source.without_sources):
        return False
    n_formulas = row.text.count("$") // 2 + row.text.count("\\(") + row.text.count("\\begin{eq")
    return source.min_formulas <= n_formulas and (
        source.max_formulas is None or n_formulas <= source.max_formulas
    )


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows as JSONL, compressed when the name ends in .gz; the same bytes for the same rows."""
    names = {"is_positive": "label", "language": "lang"}
    data = "".join(
        json.dumps({names.get(k, k): _written(k, v) for k, v in asdict(row).items()}, ensure_ascii=False)
        + "\n"
        for row in rows
    ).encode("utf-8", "replace")
    path.write_bytes(zlib.compress(data, 9, wbits=31) if path.suffix == ".gz" else data)


def _written(name: str, value: Any) -> Any:
    return ("positive" if value else "negative") if name == "is_positive" else value


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect labelled rows and print the report of cells before and after; return the exit status."""
    parser = argparse.ArgumentParser(prog="corpusforge train collect", description=main.__doc__)
    parser.add_argument("--collection", type=Path, required=True, help="TOML: inputs, licences, balance")
    parser.add_argument("--data", type=Path, required=True, help="folder that its files lie below")
    parser.add_argument("--packages", type=Path, help="folder of the pinned packages, where it lists any")
    parser.add_argument("--output", type=Path, required=True, help="JSONL to write, .gz compressed")
    options = parser.parse_args(arguments)
    try:
        collected = collect(read_collection(options.collection), options.data, options.packages)
    except (OSError, ValueError, KeyError) as error:
        first_line = (str(error).splitlines() or ["?"])[0]
        print(visible(f"corpusforge: train collect: {options.collection}: {first_line}"), file=sys.stderr)
        return 2
    write_rows(collected.rows, options.output)
    print(collected.report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
