"""What the snapshot took, and what was predicted of it."""

from __future__ import annotations

from corpusforge.card.pieces import section
from corpusforge.cost.receipt import read_receipt
from corpusforge.markdown import cell, code, table
from corpusforge.report.receipt import NOTE, tables_of, told_of
from corpusforge.shards.snapshot import Index


def cost(corpus: str, index: Index) -> str:
    """Return the receipt of a snapshot; nothing where there is none."""
    receipt = read_receipt(corpus, index.snapshot)
    if receipt is None:
        return ""
    body = f"{cell(told_of(receipt))} {NOTE}\n"
    for one in tables_of(receipt):
        rows = [[*(code(name) for name in row[: one.words]), *row[one.words :]] for row in one.rows]
        rows += [list(one.total)] if one.total else []
        body += f"\n{one.title}:\n\n" + table(one.columns, rows, words=one.words)
    return section("Cost", body, f"`snapshots/{index.snapshot}/receipt.json`")
