"""The dataset card: YAML that `datasets` and hubs read, then the corpus's figures for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from corpusforge.document import DropReason
from corpusforge.export.documents import SCHEMA
from corpusforge.export.fields import FIELDS, common_licence
from corpusforge.export.figures import Config, Count, DataFile, Figures, configs
from corpusforge.markdown import cell, count, table
from corpusforge.shards.arrow import maps_as_lists, pa
from corpusforge.shards.snapshot import Index

MOST_ROWS = 30
"""Rows of a table, the rest summed up."""
_NO_DOCUMENT = DropReason.NOT_CONTENT.value
_DTYPES = {"float": "float32", "double": "float64"}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./*-]*")
_WORDS = frozenset("null true false yes no on off y n".split())


def card(index: Index, figures: Figures, files: Sequence[DataFile]) -> str:
    """Return README.md."""
    parts = configs(files)
    whole = figures.whole
    tokenizer = index.header["tokenizer"].get("name", "")
    sections = [
        "---\n" + "\n".join(_yaml(_front(index, figures, parts))) + "\n---\n",
        f"# {cell(index.header['corpus_id'])}\n",
        f"{whole.documents:,} documents, {whole.tokens:,} tokens ({cell(tokenizer)}, end-of-text included), "
        f"{whole.n_bytes:,} bytes of text. Snapshot `{index.snapshot}`, built by corpusforge "
        f"{cell(index.header['code_version'])}: the same inputs and configuration give the same files.\n",
        "```python\nfrom datasets import load_dataset\n\n"
        f'documents = load_dataset("FOLDER", "{parts[-1].name}", split="train")\n```\n',
        "| configuration | documents | files |\n| --- | ---: | ---: |\n"
        + "".join(
            f"| `{one.name}` | {sum(file.n_docs for file in one.files):,} | {len(one.files):,} |\n"
            for one in parts
        ),
        "## Domains\n\n" + count_table("domain/subset", figures.subset, by_name=True),
        "## Sources\n\n" + count_table("source", figures.source, by_name=True) + ends_table(index),
        "## Languages\n\n" + count_table("language", figures.language),
    ]
    if set(figures.programming_language) - {""}:
        programs = {name: one for name, one in figures.programming_language.items() if name}
        sections.append("## Programming languages\n\n" + count_table("programming language", programs))
    sections += [
        "## Licences\n\nEach document stands under its own licence, in the column `licence`, as its source "
        "states it; of a document without one nothing is known but where it is from.\n\n"
        + count_table("licence", figures.licence),
        "## Columns\n\n| column | type | |\n| --- | --- | --- |\n"
        + "".join(f"| `{field.name}` | {field.type} | {FIELDS[field.name]} |\n" for field in SCHEMA),
    ]
    return "\n".join(sections)


def _front(index: Index, figures: Figures, parts: Sequence[Config]) -> dict[str, Any]:
    licence = common_licence(cast("dict[str, object]", figures.licence))
    features = [_feature(field) for field in maps_as_lists(SCHEMA.empty_table()).schema]
    return {
        "pretty_name": str(index.header["corpus_id"]),
        "license": licence or "other",
        **({} if licence else {"license_name": "per-document"}),
        "language": languages(figures),
        "size_categories": [_size(figures.whole.documents)],
        "task_categories": ["text-generation"],
        "configs": [
            {
                "config_name": part.name,
                **({"default": True} if part.name == "all" else {}),
                "data_files": [{"split": "train", "path": part.pattern}],
            }
            for part in parts
        ],
        "dataset_info": [
            {
                "config_name": part.name,
                "features": features,
                "splits": [
                    {
                        "name": "train",
                        "num_bytes": sum(file.arrow_bytes for file in part.files),
                        "num_examples": sum(file.n_docs for file in part.files),
                    }
                ],
                "download_size": sum(file.n_bytes for file in part.files),
                "dataset_size": sum(file.arrow_bytes for file in part.files),
            }
            for part in parts
        ],
    }


def languages(figures: Figures) -> list[str]:
    """Return the languages of the documents, as ISO 639 codes: a tag's first part."""
    codes = {name.split("-")[0].lower() for name in figures.language}
    return sorted(code for code in codes if re.fullmatch("[a-z]{2,3}", code) and code != "und")


def _size(n_docs: int) -> str:
    """Return how the hub names a number of rows."""
    steps = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B", "1B<n<10B"]
    steps += ["10B<n<100B", "100B<n<1T", "n>1T"]
    return steps[min(max(len(str(n_docs)) - 3, 0), len(steps) - 1)]


def _feature(field: Any) -> dict[str, Any]:
    """Return a column as `datasets` writes it."""
    if not pa.types.is_list(field.type):
        return {"name": field.name, "dtype": _dtype(field.type)}
    inner = field.type.value_type
    if pa.types.is_struct(inner):
        return {"name": field.name, "list": [{"name": one.name, "dtype": _dtype(one.type)} for one in inner]}
    return {"name": field.name, "list": _dtype(inner)}


def _dtype(kind: Any) -> str:
    return _DTYPES.get(str(kind), str(kind))


def _yaml(value: Mapping[str, Any], indent: str = "") -> list[str]:
    """Return a mapping as lines of YAML, in its order; a string that could be read as another is quoted."""
    lines: list[str] = []
    for name, one in value.items():
        if not isinstance(one, list):
            lines.append(f"{indent}{name}: {_scalar(one)}")
            continue
        items = cast("list[Any]", one)
        lines.append(f"{indent}{name}:" + ("" if items else " []"))
        for item in items:
            if isinstance(item, Mapping):
                first, *rest = _yaml(cast("Mapping[str, Any]", item), indent + "  ")
                lines += [f"{indent}- {first.removeprefix(indent + '  ')}", *rest]
            else:
                lines.append(f"{indent}- {_scalar(item)}")
    return lines


def _scalar(value: object) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return str(value) if is_plain else json.dumps(value)


def count_table(title: str, counts: Mapping[str, Count], by_name: bool = False) -> str:
    """Return a table of counts: by name, or the most tokens first; the rest in one row."""
    order = sorted(counts.items(), key=lambda item: (0 if by_name else -item[1].tokens, item[0]))
    shown, rest = (order, []) if by_name else (order[:MOST_ROWS], order[MOST_ROWS:])
    rows = [(f"`{cell(name)}`" if name else "none stated", one) for name, one in shown]
    if rest:
        others = [one for _, one in rest]
        summed = Count(
            documents=sum(one.documents for one in others),
            tokens=sum(one.tokens for one in others),
            n_bytes=sum(one.n_bytes for one in others),
        )
        rows.append((f"{len(rest):,} others", summed))
    columns = [title, "documents", "tokens", "bytes"]
    return table(
        columns, [[name, *map(count, (one.documents, one.tokens, one.n_bytes))] for name, one in rows]
    )


def ends_table(index: Index) -> str:
    """Return where the records of each source ended, where the snapshot tells."""
    sources: dict[str, Any] = index.header["conservation"].get("sources", {})
    if not sources:
        return ""
    rows = [
        (
            name,
            one["records_in"],
            one["dropped"].get(_NO_DOCUMENT, 0),
            sum(one["dropped"].values()) - one["dropped"].get(_NO_DOCUMENT, 0),
            one["quarantined"],
            one["exact_duplicates"],
            one["near_duplicates"],
            one["kept"] - one["exact_duplicates"] - one["near_duplicates"],
        )
        for name, one in sorted(sources.items())
    ]
    columns = [
        "source",
        "records",
        "no documents",
        "dropped",
        "quarantined",
        "exact duplicates",
        "near duplicates",
        "documents",
    ]
    body = table(columns, [[f"`{cell(name)}`", *map(count, ends)] for name, *ends in rows])
    return f"\nEvery record ended in one place:\n\n{body}"
