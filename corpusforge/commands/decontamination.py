"""`corpusforge contamination-table` builds the table; `evaluate decontamination` says how good it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from corpusforge.commands.configuration import steps_config
from corpusforge.commands.console import count, show, show_json, show_table, size
from corpusforge.commands.errors import usage_error
from corpusforge.commands.rows import read_rows
from corpusforge.commands.terminal import shown_streams
from corpusforge.document import Document
from corpusforge.files import write_bytes
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.decontamination.audit import Flag, Rate, exact_copies, flags, hosts, recall, sampled
from corpusforge.filter.decontamination.benchmarks import TABLE_ENDING, Item, files_sha256, read_items
from corpusforge.filter.decontamination.contamination import load_tables
from corpusforge.filter.decontamination.ngram_table import Tables, build_tables, table_bytes

PARTIAL = ("first half", "last half")
TRUE_LEAK_SHARE = 0.5
"""A flagged document that holds this share of the item, by the independent search, is a leak indeed."""


def build_table(paths: Sequence[str], output: str, config_path: str | None) -> None:
    """Write the table of all items at paths, files or folders, and print its sha256 and what it holds."""
    if not output.endswith(TABLE_ENDING):
        raise usage_error(f"{output}: a table's name ends in {TABLE_ENDING}")
    config = steps_config(config_path).filter
    tables = build_tables(_items(paths), config.contamination)
    if not tables.n_ngrams.any():
        raise usage_error(f"{', '.join(paths)}: no benchmark items: expected JSONL rows with a field `text`")
    data = table_bytes(tables)
    write_bytes(output, data)
    names = sorted(set(tables.benchmarks))
    places = {name: [i for i, of in enumerate(tables.benchmarks) if of == name] for name in names}
    rows = [
        [name, count(len(of)), count(sum(int(tables.n_ngrams[i] == 0) for i in of))]
        for name, of in places.items()
    ]
    show_table("Benchmarks", ["benchmark", "items", "too short to be found"], rows)
    show(f"{output}  {size(len(data))}, {count(len(tables.index.hashes))} n-grams")
    show(f"sha256  {files_sha256([(output, data)])}")


def _items(paths: Sequence[str]) -> Iterator[Item]:
    for path in paths:
        try:
            yield from read_items(path)
        except ValueError as error:
            raise usage_error(str(error)) from None


def evaluate(arguments: Sequence[str]) -> None:
    """Run `corpusforge evaluate decontamination`: print recall by injection and false positives."""
    with shown_streams():
        options = _parser().parse_args(arguments)
    filters = steps_config(options.config).filter
    benchmarks = options.table or options.benchmarks
    filters = FilterConfig.model_validate(
        {**filters.model_dump(), "benchmarks": benchmarks, "benchmarks_sha256": ""}
    )
    tables = load_tables(filters)
    assert tables is not None
    documents = list(islice(_texts(options.clean), options.documents))
    items = list(_items([options.benchmarks]))
    result = figures(items, documents, tables, filters, options.items)
    if options.json:
        show_json(result, sort_keys=True, indent=2)
    else:
        _print(result)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corpusforge evaluate decontamination",
        description="Inject known test items, verbatim and written otherwise, into clean documents: recall "
        "by benchmark and variant, and the clean documents in which items are found without.",
    )
    parser.add_argument("--benchmarks", required=True, help="a file or folder of items (JSONL, .gz, .xz)")
    parser.add_argument("--clean", required=True, help="clean documents: JSONL or Parquet with `text`")
    parser.add_argument("--table", help="look up in this table instead of one built from the items")
    parser.add_argument(
        "--items", type=int, default=200, help="items of each benchmark; 0: all (%(default)s)"
    )
    parser.add_argument("--documents", type=int, default=10_000, help="documents to read (%(default)s)")
    parser.add_argument("--config", help="take the thresholds of this TOML file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _texts(path: str) -> Iterator[tuple[str, str]]:
    for row in read_rows(path):
        if isinstance(row.content, Document) and row.content.text.strip():
            yield str(row.id), row.content.text


def figures(
    items: Sequence[Item],
    documents: Sequence[tuple[str, str]],
    tables: Tables,
    config: FilterConfig,
    per_benchmark: int,
) -> dict[str, Any]:
    """Return recall by benchmark and variant, and what was found in the documents as they are."""
    clean = hosts((text for _, text in documents), tables, config)
    if not clean:
        raise usage_error("no clean document of 300 characters or more to inject items into")
    rates = recall(sampled(items, per_benchmark), clean, tables, config)
    flagged = flags(documents, {(item.benchmark, item.name): item.text for item in items}, tables, config)
    copies = exact_copies(documents, items)
    found = {flag.doc_id for flag in flagged}
    wrong = [flag for flag in flagged if flag.copied < TRUE_LEAK_SHARE and flag.doc_id not in copies]
    return {
        "recall": {
            benchmark: {
                "all": _rate(_sum(rate for name, rate in of.items() if name not in PARTIAL)),
                "halves": _rate(_sum(rate for name, rate in of.items() if name in PARTIAL)),
                "variants": {name: _rate(rate) for name, rate in of.items()},
            }
            for benchmark, of in rates.items()
        },
        "clean": {
            "documents": len(documents),
            "flagged": len(flagged),
            "true_leaks": len(flagged) - len(wrong),
            "false_positives": len(wrong),
            "false_positive_share": len(wrong) / max(1, len(documents)),
            "exact_copies": len(copies),
            "exact_copies_missed": sorted(copies.keys() - found),
            "flags": [_flag(flag, flag not in wrong) for flag in flagged],
        },
    }


def _sum(rates: Any) -> Rate:
    listed = list(rates)
    return Rate(sum(rate.found for rate in listed), sum(rate.tried for rate in listed))


def _rate(rate: Rate) -> dict[str, float]:
    return {"found": rate.found, "tried": rate.tried, "recall": round(rate.share, 4)}


def _flag(flag: Flag, is_leak: bool) -> dict[str, Any]:
    return {
        "id": flag.doc_id,
        "benchmark": flag.leak.benchmark,
        "item": flag.leak.name,
        "ngrams": f"{flag.leak.n_found} of {flag.leak.n_ngrams}",
        "span": flag.span[:200],
        "copied_share": round(flag.copied, 3),
        "true_leak": is_leak,
    }


def _print(result: dict[str, Any]) -> None:
    rows: list[list[str]] = []
    for benchmark, of in result["recall"].items():
        whole = {name: rate for name, rate in of["variants"].items() if name not in PARTIAL}
        worst = min(whole, key=lambda name: (whole[name]["recall"], name))
        halves = f"{of['halves']['recall']:.4f}" if of["halves"]["tried"] else ""
        rows.append(
            [
                benchmark,
                f"{worst} {whole[worst]['recall']:.4f} of {whole[worst]['tried']}",
                count(of["variants"]["verbatim"]["tried"]),
                f"{of['variants']['verbatim']['recall']:.4f}",
                f"{of['all']['recall']:.4f}",
                halves,
            ]
        )
    columns = ["benchmark", "worst variant", "items", "verbatim", "all variants", "halves"]
    show_table("Recall by injection", columns, rows, words=2)
    clean = result["clean"]
    missed, share = len(clean["exact_copies_missed"]), 100 * clean["false_positive_share"]
    show(
        f"clean documents: {count(clean['documents'])}, flagged {clean['flagged']}: "
        f"{clean['true_leaks']} hold the item indeed, {clean['false_positives']} false positives "
        f"({share:.3f} %); exact copies missed: {missed}"
    )
    for flag in clean["flags"]:
        kind = "leak" if flag["true_leak"] else "FALSE"
        item = f"{flag['benchmark']} {flag['item']}"
        show(f"  {kind}  {flag['id']}  {item}  {flag['ngrams']}  {flag['span'][:80]!r}")
