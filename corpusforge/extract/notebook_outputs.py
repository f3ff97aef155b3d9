"""A notebook cell's outputs as text: streams, results, HTML tables, the end of a traceback.

What cannot be text (images, widgets, other HTML) is left out and counted by kind.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, cast

from resiliparse.parse.html import HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.dom import select

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PROGRESS = re.compile(r"[^\n]*\r(?!\n)")
_REPR = re.compile(
    r"<[\w.]+(?: object)?(?: at 0x[0-9a-fA-F]+|\([^)\n]*\))?[^\n]{0,80}>"
    r"|<Figure [^\n]*>|\[?<matplotlib[^\n]*\]?"
)
_WIDGETS = ("widget", "plotly", "bokeh", "vega", "javascript", "datawrangler")
_TABLE_MAX_CHARS = 1 << 20


def as_dict(value: object) -> dict[str, Any]:
    """Return a JSON value as an object, an empty one for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return a JSON value as a list, an empty one for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return a multi-line string, which may be a list of lines."""
    if isinstance(value, str):
        return value
    return "".join(item for item in as_list(value) if isinstance(item, str))


def cell_outputs(cell: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> list[str]:
    """Return a cell's outputs as text, adjoining streams as one; what is left out is counted."""
    found: list[str] = []
    stream = False
    for output in map(as_dict, as_list(cell.get("outputs"))):
        kind = output.get("output_type")
        text = _output_text(output, config, left_out)
        if not text.strip():
            continue
        if kind == "stream" and stream:
            found[-1] += text
        else:
            found.append(text)
        stream = kind == "stream"
    return [_shown(text, config, left_out) for text in found if text.strip()]


def _output_text(output: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return as_text(output.get("text"))
    if kind in ("error", "pyerr"):
        return _error_text(output, config, left_out)
    data = as_dict(output.get("data")) or output
    for name in data:
        short = name.rpartition("/")[2].partition("+")[0]
        if name.startswith("image/") or short in ("png", "jpeg", "svg"):
            left_out["images"] += 1
        elif any(part in name for part in _WIDGETS):
            left_out["widgets"] += 1
    for name in ("text/plain", "text", "text/markdown", "text/latex", "text/csv", "latex"):
        text = as_text(data.get(name))
        if text.strip() and not _REPR.fullmatch(text.strip()):
            return text
    html = as_text(data.get("text/html", data.get("html")))
    table = table_text(html)
    if html.strip() and not table:
        left_out["HTML outputs"] += 1
    return table


def _error_text(output: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> str:
    lines = _ANSI.sub("", "\n".join(map(str, as_list(output.get("traceback"))))).split("\n")
    last = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}".strip()
    kept = [line for line in lines if line.strip()][-config.max_error_lines :]
    if len(lines) > len(kept):
        left_out["lines of tracebacks"] += len(lines) - len(kept)
    return "\n".join(kept) or last


def table_text(html: str) -> str:
    r"""Return the HTML tables of an output as text, a row a line; "" where there is none.

    >>> table_text("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>")
    'a | b\n1 | 2'
    """
    if "<table" not in html.lower():
        return ""
    document = HTMLTree.parse(html[:_TABLE_MAX_CHARS]).document
    if document is None:
        return ""
    lines: list[str] = []
    for row in select(document, "table tr"):
        cells = [" ".join((cell.text or "").split()) for cell in select(row, "th,td")]
        if any(cells):
            lines.append(" | ".join(cells).rstrip())
    return "\n".join(lines)


def _shown(text: str, config: ExtractConfig, left_out: Counter[str]) -> str:
    """Return output as a terminal would show it: no colours, no overwritten progress bars."""
    text = _PROGRESS.sub("", _ANSI.sub("", text).replace("\r\n", "\n")).strip("\n")
    lines = [line.rstrip() for line in text.split("\n")]
    text = "\n".join(lines).strip("\n")
    if len(text) > config.max_output_chars:
        cut = text[: config.max_output_chars].rsplit("\n", 1)[0]
        left_out["characters of long outputs"] += len(text) - len(cut)
        text = cut + "\n…"
    return text
