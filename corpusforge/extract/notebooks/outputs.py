"""A notebook cell's outputs as text: streams, results, HTML tables, the end of a traceback.

What cannot be text (images, widgets, other HTML) is left out and counted by kind.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, cast

from resiliparse.parse.html import HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.embedded import without_files
from corpusforge.extract.notebooks.plain_tables import plain_rows
from corpusforge.extract.web.dom import select
from corpusforge.extract.web.hints import page_hints
from corpusforge.extract.web.raised import take_scripts
from corpusforge.extract.web.tables import pad_tables

_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STYLE_OR_TITLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_REPR = re.compile(
    r"<[\w.]+(?: object)?(?: at 0x[0-9a-fA-F]+|\([^)\n]*\))?[^\n]{0,80}>"
    r"|<Figure [^\n]*>|\[?<matplotlib[^\n]*\]?"
)
_WIDGETS = ("widget", "plotly", "bokeh", "vega", "javascript", "datawrangler")
_WRAPPED = re.compile(r" \\\n")
_NO_PROSE = re.compile(r"<(?:script|style|svg|canvas|iframe|img|video|audio|input|progress|object)\b", re.I)
_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6]|pre|hr)\b[^<>]*>", re.I)
_TEXT_MAX_CHARS = 20_000
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
    items = as_list(value)
    try:
        return "".join(items)
    except TypeError:
        return "".join([item for item in items if isinstance(item, str)])


def join_lines(value: object) -> object:
    r"""Return a list of lines as one string, as versions 2 and 3 of the format keep them.

    Some have their line feeds, some do not: the first line tells, as in `nbformat`.

    >>> join_lines(["a", "b"]), join_lines(["a\n", "b"])
    ('a\nb', 'a\nb')
    """
    lines = [line for line in as_list(value) if isinstance(line, str)]
    if not lines or len(lines) != len(as_list(value)):
        return value
    return ("" if lines[0].endswith("\n") else "\n").join(lines)


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
    return [_shown(_without_files(text, left_out), config, left_out) for text in found if text.strip()]


def _without_files(text: str, left_out: Counter[str]) -> str:
    text, images = without_files(text)
    if images:
        left_out["images"] += images
    return text


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
    html = as_text(data.get("text/html", data.get("html")))
    for name in ("text/plain", "text", "text/markdown", "text/latex", "text/csv", "latex"):
        text = as_text(data.get(name))
        if text.strip() and not _REPR.fullmatch(text.strip()):
            # A wide data frame is printed in several bands of columns; its table has whole rows.
            return (_WRAPPED.search(text) and table_text(html)) or text
    text = table_text(html) or html_text(html)
    if html.strip() and not text:
        left_out["HTML outputs"] += 1
    return text


def _error_text(output: dict[str, Any], config: ExtractConfig, left_out: Counter[str]) -> str:
    lines = _without_ansi("\n".join(map(str, as_list(output.get("traceback"))))).split("\n")
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
    html = html[:_TABLE_MAX_CHARS]
    rows = plain_rows(html)
    rows = _parsed_rows(html) if rows is None else rows
    return "\n".join([" | ".join(cells).rstrip() for cells in rows if any(cells)])


def _parsed_rows(html: str) -> list[list[str]]:
    """Return the cells of each row of all tables, as a parser finds them."""
    tree, hints = _tree(html)
    pad_tables(tree, hints)
    if tree.document is None:
        return []
    rows = select(tree.document, "table tr")
    return [[" ".join((cell.text or "").split()) for cell in select(row, "th,td")] for row in rows]


def html_text(html: str) -> str:
    r"""Return the words of an HTML output; "" of one that runs, styles or draws something.

    >>> html_text("<b>3</b> rows<br>done")
    '3 rows\ndone'
    """
    if _NO_PROSE.search(html) or len(html) > _TEXT_MAX_CHARS:
        return ""
    # A line ends where a block does; the text of the tree alone would run blocks together.
    body = _tree(_BLOCK.sub("\v", html))[0].body
    lines = ((body.text if body is not None else "") or "").split("\v")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _tree(html: str) -> tuple[HTMLTree, frozenset[str]]:
    """Return (the tree of an output, raised and lowered text in it as running text; its hints)."""
    tree, hints = HTMLTree.parse(html), page_hints(html.encode("utf-8", "replace"))
    take_scripts(tree, hints)
    return tree, hints


def _shown(text: str, config: ExtractConfig, left_out: Counter[str]) -> str:
    """Return output as a terminal would show it: no colours, no overwritten progress bars."""
    lines = _without_ansi(text).replace("\r\n", "\n").split("\n")
    if "\r" in text:
        last = lines.pop()
        lines = [_overwritten(line, len(line) - 1) for line in lines] + [_overwritten(last, len(last))]
    text = "\n".join(map(str.rstrip, lines)).strip("\n")
    if len(text) > config.max_output_chars:
        cut = text[: config.max_output_chars].rsplit("\n", 1)[0]
        left_out["characters of long outputs"] += len(text) - len(cut)
        text = cut + "\n…"
    return text


def _without_ansi(text: str) -> str:
    """Return text without a terminal's commands."""
    if "\x1b" not in text:
        return text
    last = (
        text.rfind("\x07") + 1
    )  # behind it a title is never closed, and looking for its end takes all the rest
    return _STYLE_OR_TITLE.sub("", text[:last]) + _STYLE.sub("", text[last:])


def _overwritten(line: str, end: int) -> str:
    """Return what a line shows at last: each carriage return before `end` begins it anew."""
    return line[line.rfind("\r", 0, max(0, end)) + 1 :] if "\r" in line else line
