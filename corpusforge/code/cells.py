"""Scripts that are notebooks: percent, light, sphinx-gallery, nbconvert, Pluto, marimo, spin, MATLAB live."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpusforge.code.scan import count_words

_COMMENT = r"(?:#|//|--|%|;+)"
_PERCENT = re.compile(rf"^{_COMMENT} ?%%+(.*)$", re.M)
_PERCENT_MARKDOWN = re.compile(r"\[(markdown|md|raw)\]|^ ?(md|markdown)\b", re.I)
_HEADER = re.compile(rf"\A(?:.*\n){{0,3}}{_COMMENT} ---\n{_COMMENT} (?:jupyter|jupytext|kernelspec)\b", re.M)
_HEADER_END = re.compile(rf"^{_COMMENT} ---$", re.M)
_LIGHT_CELL = re.compile(rf"^{_COMMENT} (\+|-)( .*)?$", re.M)
_NBCONVERT = re.compile(r"^# ?(In ?\[[\d ]*\]:|coding: utf-8)?$|^# In ?\[[\d ]*\]:", re.M)
_NBCONVERT_CELL = re.compile(r"^# ?(?:In ?\[[\d* ]*\]:|<codecell>|<markdowncell>)", re.M)
# A search that begins with a literal is many times faster than one anchored at every line.
_NBCONVERT_HINT = re.compile(r"# ?(?:In ?\[|<codecell>|<markdowncell>)")
_GALLERY_RULE = re.compile(r"^(?:#{20,}|# ?%%.*)$", re.M)
_GALLERY_TITLE = re.compile(
    r"\A(?:#.*\n|\s*\n)*+[rRuU]?(\"\"\"|''')\s*(?:\.\. .*\n+)*(.+\n[=\-~*#^]{4,}\n[\s\S]*?)\1"
)
_PLUTO = "### A Pluto.jl notebook ###"
_PLUTO_PROSE = re.compile(r"^md\"\"\"([\s\S]*?)\"\"\"|^md\"(.*)\"$", re.M)
_PLUTO_CELL = re.compile(r"^# ╔═╡ ", re.M)
_POLYGLOT = re.compile(
    r"^#!(csharp|fsharp|pwsh|powershell|markdown|javascript|html|mermaid|sql|kql|value)[ \t]*$", re.M
)
_DATABRICKS = re.compile(r"^(?:#|//|--) MAGIC %md\b", re.M)
_MARIMO = re.compile(r"^app = marimo\.App\(", re.M)
_MARIMO_PROSE = re.compile(r"\bmo\.md\(\s*[rRfF]{0,2}(\"\"\"|'''|\"|')([\s\S]*?)\1")
_MARIMO_CELL = re.compile(r"^@app\.(?:cell|function|class_definition)\b|^with app\.setup\b", re.M)
_SPIN_CHUNK = re.compile(r"^#[+-]", re.M)
_SPIN_PROSE = re.compile(r"(?:^#'(?: .*)?\n?)+", re.M)
_SPIN_MARK = re.compile(r"^#'[ \t]*(?:---[ \t]*$|#{1,6} \S|output:|title:)", re.M)
_ROXYGEN = re.compile(
    r"^#'[ \t]*@(?:param|return|export|import|rdname|title|noRd|docType|inheritParams)", re.M
)
_LIVE = re.compile(r"^%\[(?:text|output|appendix|control)\b[^\]\n]*\]", re.M)
_LIVE_PROSE = re.compile(r"^%\[text\](?:\{[^}\n]*\})?[ \t]*(.*)$", re.M)
_LIVE_SECTION = re.compile(r"^%% ?|^%---", re.M)
_COMMENT_LINE = re.compile(rf"^{_COMMENT}'? ?(.*)$")
_MARKDOWN_HEADING = re.compile(rf"^{_COMMENT} #+ \S", re.M)


@dataclass(frozen=True, slots=True)
class CellScript:
    """What a cell script holds."""

    style: str
    """`percent`, `light`, `nbconvert`, `sphinx-gallery`, `pluto`, `polyglot`, `databricks`, `marimo`, `spin`
    or `live`."""
    markdown_cells: int
    markdown_words: int
    code_cells: int


def read_cells(text: str) -> CellScript | None:
    """Return what a cell script holds, or None for a file that is none."""
    head = text[:2_000]
    if _PLUTO in head:
        return _pluto(text)
    if "marimo.App(" in text and _MARIMO.search(text):
        prose = [found[2] for found in _MARIMO_PROSE.finditer(text)]
        return _cells("marimo", prose, max(0, len(_MARIMO_CELL.findall(text)) - len(prose)))
    if "%[text]" in text and len(_LIVE.findall(text)) >= 2:
        prose = [line for line in _LIVE_PROSE.findall(text.partition("\n%[appendix]")[0]) if line.strip()]
        return _cells("live", prose, 1 + len(_LIVE_SECTION.findall(text)))
    if "#' " in text and (spin := _spin(text)) is not None:
        return spin
    if " MAGIC %md" in text and _DATABRICKS.search(text):
        cells = len(_DATABRICKS.findall(text))
        return CellScript("databricks", cells, _comment_words(text)[1], cells)
    if head.lstrip().startswith("#!") and len(_POLYGLOT.findall(text)) >= 1:
        return _polyglot(text)
    if (gallery := _gallery(text)) is not None:
        return gallery
    if "%%" in text and _PERCENT.search(text):
        return _percent(text)
    if _HEADER.match(head):
        blocks, prose_words = _comment_words(_without_header(text))
        return CellScript("light", blocks, prose_words, len(_LIGHT_CELL.findall(text)))
    if _NBCONVERT_HINT.search(text) and len(_NBCONVERT_CELL.findall(text)) >= 2:
        blocks, prose_words = _comment_words(text, heading_only=True)
        return CellScript("nbconvert", blocks, prose_words, len(_NBCONVERT_CELL.findall(text)))
    return None


def _cells(style: str, prose: list[str], code_cells: int) -> CellScript:
    return CellScript(style, len(prose), sum(map(count_words, prose)), code_cells)


def _spin(text: str) -> CellScript | None:
    """Return what a script for knitr's spin holds; the same comments above a function are documentation."""
    if not (_SPIN_MARK.search(text) or _SPIN_CHUNK.search(text)) or _ROXYGEN.search(text):
        return None
    blocks = [_COMMENT_LINE.sub(r"\1", found[0]) for found in _SPIN_PROSE.finditer(text)]
    return _cells("spin", blocks, max(len(blocks), len(_SPIN_CHUNK.findall(text))))


def _without_header(text: str) -> str:
    ends = list(_HEADER_END.finditer(text))[:2]
    return text[ends[1].end() :] if len(ends) == 2 else text


def _pluto(text: str) -> CellScript:
    prose = ["".join(match.groups(default="")) for match in _PLUTO_PROSE.finditer(text)]
    cells = len(_PLUTO_CELL.findall(text))
    return CellScript("pluto", len(prose), sum(map(count_words, prose)), max(0, cells - len(prose)))


def _polyglot(text: str) -> CellScript:
    pieces = _POLYGLOT.split(text)
    cells = list(zip(pieces[1::2], pieces[2::2], strict=True))
    prose = [body for kind, body in cells if kind == "markdown"]
    return CellScript("polyglot", len(prose), sum(map(count_words, prose)), len(cells) - len(prose))


def _percent(text: str) -> CellScript:
    pieces = _PERCENT.split(text)
    markdown = code = words = 0
    for marker, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if _PERCENT_MARKDOWN.search(marker):
            markdown += 1
            words += count_words(body)
        else:
            code += bool(body.strip())
    return CellScript("percent", markdown, words, code)


def _gallery(text: str) -> CellScript | None:
    if "#" * 20 not in text and "%%" not in text:
        return None
    rules = len(_GALLERY_RULE.findall(text))
    title = _GALLERY_TITLE.match(text) if rules else None
    if title is None:
        return None
    prose, blocks = [title[2]], 1
    for piece in _GALLERY_RULE.split(text)[1:]:
        block = "\n".join(_leading_comment(piece))
        blocks += bool(block.strip())
        prose.append(block)
    return CellScript("sphinx-gallery", blocks, sum(map(count_words, prose)), rules)


def _leading_comment(piece: str) -> list[str]:
    found: list[str] = []
    for line in piece.lstrip("\n").split("\n"):
        match = _COMMENT_LINE.match(line)
        if match is None:
            break
        found.append(match[1])
    return found


def _comment_words(text: str, *, heading_only: bool = False) -> tuple[int, int]:
    """Return (paragraphs, words) of comment blocks that stand alone between blank lines.

    `heading_only`: a block counts when it reads as Markdown, so with a heading or with
    six words, for in nbconvert scripts every cell begins with a marker.
    """
    blocks = words = 0
    for piece in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in piece.split("\n") if line.strip()]
        if not lines or not all(_COMMENT_LINE.match(line) for line in lines):
            continue
        if heading_only and all(_NBCONVERT.match(line) or line.startswith("#!") for line in lines):
            continue
        block = _COMMENT_LINE.sub(r"\1", "\n".join(lines))
        count = count_words(block)
        if count >= 6 or (count and _MARKDOWN_HEADING.search(piece)):
            blocks += 1
            words += count
    return blocks, words
