"""The section of examples: a few documents of every class, and a drop of every reason; redacted, cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpusforge.card.pieces import section
from corpusforge.card.sample import Sample
from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import redact_excerpt
from corpusforge.markdown import code, count, table
from corpusforge.printable import visible
from corpusforge.report.rejects import read_drops, sampled_parts
from corpusforge.shards.snapshot import Index

EXAMPLES = 3
"""Documents of a class that are shown."""
_TEXT_CHARS, _LINE_CHARS, _LINES = 400, 160, 12


def examples(corpus: str, index: Index, sample: Sample) -> str:
    """Return documents of every class with the rule that decided, then a drop of every reason."""
    redacted, parts = _redaction(index), list[str]()
    for stratum in sample.strata.values():
        parts.append(f"### {code(stratum.key)}\n")
        for row, text in list(zip(stratum.rows, stratum.texts, strict=True))[:EXAMPLES]:
            told = f"{code(redacted(row['locator']))}: {code(row['domain_reason'] or '')}"
            begins = _quoted(redacted(text[: 2 * _TEXT_CHARS]))
            parts.append(f"{code(row['doc_id'])}, {told}\n\n{begins}\n")
    rows, n_read, n_parts = _drops(corpus, index, redacted)
    if rows:
        parts.append(f"### A drop of every reason\n\nFrom {count(n_read)} of {count(n_parts)} parts.\n")
        parts.append(table(["reason", "record", "deciding figures", "begins"], rows, words=4))
    origins = (
        "`shards/*/*/*.text.parquet`, `rejects/*.rejects.parquet`; one in full: `corpusforge trace DOC_ID"
    )
    return section("Examples", "\n".join(parts), f"{origins} --corpus CORPUS`")


def _redaction(index: Index) -> Callable[[str], str]:
    """Return what takes personal data and secrets out of what is shown: nothing where the build did it."""
    told, config = index.header["config"].get("filter", {}), FilterConfig()
    if told.get("privacy") and all(told[name] for name in told if name.startswith("redact_")):
        return lambda text: text
    return lambda text: redact_excerpt(text, config)[0]


def _quoted(text: str) -> str:
    """Return text as an indented block, which no text can leave, and which holds no markup."""
    cut = text.strip()[:_TEXT_CHARS] + "…" * (len(text.strip()) > _TEXT_CHARS)
    lines = [visible(line.rstrip(), keep="\t") for line in cut.splitlines() if line.strip()]
    shown = [line if len(line) <= _LINE_CHARS else f"{line[:_LINE_CHARS]}…" for line in lines[:_LINES]]
    return "\n".join(f"    {line}" for line in shown)


def _drops(corpus: str, index: Index, redacted: Callable[[str], str]) -> tuple[list[list[str]], int, int]:
    """Return (a row a reason, parts looked at, parts in all)."""
    found: dict[str, dict[str, Any]] = {}
    parts = sampled_parts(corpus, index.header)
    columns = ["reason", "locator", "detail", "excerpt"]
    for batch in read_drops(corpus, index.header, parts, columns):
        reasons = batch.column("reason").to_pylist()
        for reason in set(reasons) - found.keys():
            found[reason] = batch.slice(reasons.index(reason), 1).to_pylist()[0]
    rows = [
        [code(reason), *(code(redacted(row[name] or "")[:120]) for name in columns[1:])]
        for reason, row in sorted(found.items())
    ]
    return rows, len(parts.ids), parts.n_parts
