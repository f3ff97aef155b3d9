"""`corpusforge inspect`: what is in a corpus, a part, or a configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict

from corpusforge.commands.console import count, show, show_json, show_table, size
from corpusforge.commands.errors import usage_error
from corpusforge.commands.retract import shown_retractions
from corpusforge.commands.toml import to_toml
from corpusforge.commands.totals import print_receipt, print_totals
from corpusforge.config import load_config
from corpusforge.cost.receipt import read_receipt
from corpusforge.document import DropReason
from corpusforge.domains import supply_key
from corpusforge.files import exists, is_remote, join, list_entries
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import PLAN_FOLDER, manifest_count
from corpusforge.parts.reader import has_part, read_stats
from corpusforge.printable import counted_as
from corpusforge.shards.format import CURRENT, row_to_json
from corpusforge.shards.snapshot import Index, read_index, why_no_snapshot

_PART_FILE = re.compile(
    r"^(?P<output>.*?)/?(?:parts|rejects|quarantine)/(?P<part>[0-9a-f]{24})(?:\.[\w.]+)?$",
    re.DOTALL,
)
_SHARDS_SHOWN = 200


def inspect(path: str, snapshot: str | None, as_json: bool) -> None:
    """Print what a corpus, one of its parts, or a configuration file says."""
    if path.endswith(".toml"):
        config = load_config(path)
        if as_json:
            show_json(config.model_dump(mode="json"), indent=2)
        else:
            show(*to_toml(config).removesuffix("\n").split("\n"))
    elif match := _PART_FILE.match(os.path.normpath(path) if not is_remote(path) else path):
        _print_part(match["output"] or ".", match["part"], as_json)
    elif exists(join(path, CURRENT)):
        _print_corpus(path, snapshot, as_json)
    elif exists(join(path, PLAN_FOLDER)):
        raise usage_error(f"{path}: {why_no_snapshot(path)}")
    elif _is_something(path):
        raise usage_error(
            f"{path}: expected a corpus (a folder with a file CURRENT), a part "
            "(CORPUS/parts/ID.documents.parquet) or a configuration (NAME.toml)"
        )
    else:
        raise usage_error(f"{path}: nothing there")


def _is_something(path: str) -> bool:
    return next(list_entries(path), None) is not None if is_remote(path) else os.path.exists(path)


def _print_corpus(corpus: str, snapshot: str | None, as_json: bool) -> None:
    try:
        index = read_index(corpus, snapshot)
    except ValueError as error:
        raise usage_error(str(error)) from None
    receipt = read_receipt(corpus, index.snapshot)
    if as_json:
        told = {} if receipt is None else {"receipt": asdict(receipt)}
        whole = {**index.header, **told, "shards": [row_to_json(row) for row in index.rows]}
        show_json(whole, sort_keys=True, indent=2)
        return
    _print_header(corpus, index)
    print_totals(index.header.get("conservation", {}))
    if retractions := shown_retractions(corpus, index.header):
        columns = ["retraction", "asked", "why", "policy", "documents", "copies", "came in", "tokens"]
        show_table("Retractions", columns, retractions, words=4)
    if receipt is not None:
        print_receipt(receipt)
    rows = [
        [supply_key(row.domain, row.subset), row.id, *map(count, (row.n_docs, row.n_tokens, row.max_len))]
        for row in index.rows[:_SHARDS_SHOWN]
    ]
    columns = ["domain", "shard", "documents", "tokens", "longest document"]
    n_shards = len(index.rows)
    title = "Shards" if n_shards <= _SHARDS_SHOWN else f"The first {_SHARDS_SHOWN} of {n_shards:,} shards"
    show_table(title, columns, rows, words=2)


def _print_header(corpus: str, index: Index) -> None:
    header = index.header
    tokenizer, totals = header["tokenizer"], header["totals"]
    facts = {
        "corpus": f"{header['corpus_id']} ({corpus})",
        "snapshot": index.snapshot,
        "parent": header["parent"] or "none",
        "tokenizer": f"{tokenizer['name']}, {tokenizer['package']} {tokenizer['version']}, "
        f"end of text {tokenizer['eos_id']}",
        "payload": f"{header['dtype']}, {size(totals['bytes'])} in {counted_as(totals['n_shards'], 'shard')}",
        "seed": str(header["seed"]),
        "configuration": header["config_sha256"],
        "code version": header["code_version"],
        "inputs": f"{counted_as(manifest_count(header), 'split')} of dumps",
    }
    _print_facts(facts)


def _print_part(output: str, part_id: str, as_json: bool) -> None:
    if not has_part(output, part_id):
        path = part_path(output, part_id, COMMIT)
        raise usage_error(f"{path}: no such part, or it was never finished; build again to make it")
    stats = read_stats(output, part_id)
    if as_json:
        show_json(stats, sort_keys=True, indent=2)
        return
    split = "whole" if stats["stop"] is None else f"{stats['start']:,}-{stats['stop']:,}"
    facts = {
        "part": part_id,
        "input": f"{stats['name']} ({stats['kind']}, {size(stats['size_bytes'])}, split: {split})",
        "digest": stats["digest"],
        "records in": count(stats["records_in"]),
        "no documents": count(stats["dropped"].get(DropReason.NOT_CONTENT, 0)),
        "kept": count(stats["kept"]),
        "quarantined": count(stats["quarantined"]),
    }
    _print_facts(facts)
    kept = [[name, count(n["documents"]), size(n["bytes"])] for name, n in stats["kept_by_domain"].items()]
    show_table("Kept", ["domain", "documents", "text"], kept)
    for title in ("dropped", "redactions"):
        told = {name: n for name, n in stats[title].items() if name != DropReason.NOT_CONTENT}
        counts = sorted(told.items(), key=lambda item: (-item[1], item[0]))
        if counts:
            rows = [[name, count(n)] for name, n in counts]
            show_table(title.capitalize(), ["", "number"], rows)


def _print_facts(facts: Mapping[str, str]) -> None:
    width = max(map(len, facts))
    show(*(f"{name:<{width}}  {value}" for name, value in facts.items()), "")
