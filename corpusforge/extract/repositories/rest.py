"""reStructuredText files as a reader sees them, in Markdown: directives, roles and targets resolved.

Line by line, by indentation: a directive is its line and what stands deeper below it. Code
becomes fenced blocks, `math` formulas, notes their words; figures, contents and comments go.
"""

from __future__ import annotations

import html
import re

from corpusforge.extract.tex.scripts import scripts_in_markup
from corpusforge.extract.web.slots import Slots

_DIRECTIVE = re.compile(
    r"\.\. (?:\|(?P<name>[^|\n]{1,100})\| )?(?P<kind>[A-Za-z][\w:+.-]{0,40})::[ \t]*(?P<argument>.*)"
)
_TARGET = re.compile(r"\.\. (?:_[^\n]*:|__)(?:[ \t]|$)|__ \S")
_FOOTNOTE = re.compile(r"\.\. \[([^\]\n]{1,60})\][ \t]+(.*)")
_COMMENT = re.compile(r"\.\.(?:[ \t]|$)")
_OPTION = re.compile(r"[ \t]*:[\w-]{1,40}:(?:[ \t]|$)")
_ADORNMENT = re.compile(r"([=\-`:.'\"~^_*+#<>!$%&(),/;?@\[\\\]{|}])\1{2,}[ \t]*")
_CODE = frozenset("code code-block sourcecode parsed-literal ipython prompt doctest testcode console".split())
_SPOKEN = frozenset(
    "note warning tip important caution danger hint error attention admonition seealso topic sidebar rubric "
    "epigraph pull-quote highlights compound container deprecated versionadded versionchanged versionremoved "
    "todo glossary list-table csv-table table only tab-set tab-item tabs tab grid grid-item-card card "
    "dropdown collapse centered function class method attribute module data exception option describe "
    "object envvar program confval py:function py:class py:method py:attribute py:module "
    "py:data py:exception".split()
)
"""Directives whose argument and body a reader sees; of others neither stays."""
_TITLED = frozenset("note warning tip important caution danger hint error attention seealso todo".split())
_SPAN = re.compile(r"``((?:[^`\n]|`(?!`)|\n(?![ \t]*\n)){1,2000}?)``")
_ROLE = re.compile(
    r"(?<![\w`]):(?P<role>[A-Za-z][\w:.+-]{0,40}):`(?P<text>[^`]{1,2000})`"
    r"|`(?P<bare>[^`]{1,500})`:(?P<after>[a-z]{2,20}):"
)
_LINK = re.compile(r"`([^`<>\n]{0,500}(?:\n[^`<>\n]{0,500})?)<[^`<>\n]{1,2000}>`__?")
_REFERENCE = re.compile(
    r"`([^`\n]{1,300})`__?(?!\w)"
    r"|(?<![\w`])([A-Za-z][\w.+-]{0,60}?)__?(?![\w`])(?=[\s.,;:!?)'\"/-]|$)"
)
_FOOTNOTE_MARK = re.compile(r"\[([#*\d][\w-]{0,40}|[A-Z][\w-]{0,40})\]_(?!\w)")
_SUBSTITUTION = re.compile(r"(?<![\w|])\|([^|\s][^|\n]{0,80})\|_{0,2}(?![\w|])")
_CODE_ROLES = frozenset(
    "code class func meth mod attr data exc obj const file envvar option command program kbd samp".split()
)
_NAMED = re.compile(r"([^<>]{0,500}?)\s*<[^<>]{1,500}>")
_ESCAPED_BLANK = re.compile(r"(?<!\\)\\(?:[ \t]|\n(?=[ \t]*\S))")
"""Parts inline markup from letters beside it; a reader sees nothing."""
_NOTHING = "\x01"
_ESCAPED = re.compile(r"\\([*_`|])")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def rest_text(source: str) -> str:
    r"""Return the Markdown of a reStructuredText file, `\n` its line ends."""
    slots = Slots(source)
    reader = _Reader(slots)
    text = "\n".join(reader.lines(source.expandtabs(8).split("\n"), 0))
    text = _SPAN.sub(lambda found: slots.code_span(" ".join(found[1].split())), text)
    text = _ESCAPED_BLANK.sub(_NOTHING, text)
    text = _ROLE.sub(lambda found: _role(found, slots), text)
    text = _LINK.sub(lambda found: " ".join(found[1].split()), text)
    text = _REFERENCE.sub(lambda found: found[1] or found[2], text)
    text = _FOOTNOTE_MARK.sub(r"[\1]", text)
    text = _SUBSTITUTION.sub(lambda found: reader.substitutions.get(found[1].lower(), found[0]), text)
    text = _ESCAPED.sub(r"\1", scripts_in_markup(text.replace(_NOTHING, "")))
    return slots.restore(_BLANK_LINES.sub("\n\n", text)).strip("\n")


def _role(found: re.Match[str], slots: Slots) -> str:
    """Return what a role shows: a formula, code, or the words before an address."""
    role, text = found["role"] or found["after"], found["text"] or found["bare"]
    role = role.rpartition(":")[2].lower()
    if role == "math":
        return slots.formula(" ".join(text.split()), False)
    named = _NAMED.fullmatch(text)
    shown = " ".join((named[1] if named and named[1].strip() else text).split()).lstrip("!")
    if role in _CODE_ROLES and not named:
        name = shown.rpartition(".")[2] if shown.startswith("~") else shown
        return slots.code_span(name)
    if role in ("sub", "sup", "subscript", "superscript"):
        tag = role[:3]
        return f"<{tag}>{html.escape(shown)}</{tag}>"  # read with all around it
    return shown.lstrip("~")


class _Reader:
    """Reads lines of one indentation; what a directive holds is read by it again."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.substitutions: dict[str, str] = {}
        self.levels: list[str] = []
        self.language = ""

    def lines(self, lines: list[str], depth: int) -> list[str]:
        """Return the lines as Markdown; deeper than twenty directives nothing is resolved."""
        out: list[str] = []
        place = 0
        while place < len(lines):
            line = lines[place]
            stripped = line.strip()
            indent = len(line) - len(line.lstrip())
            if depth < 20 and stripped.startswith(("..", "__ ")):
                end = _below(lines, place, indent)
                found = self._explicit(stripped, lines[place + 1 : end], indent, depth)
                if found is not None:
                    out += found
                    place = end
                    continue
            if (heading := self._heading(lines, place)) is not None:
                out += ["", heading[0], ""]
                place = heading[1]
                continue
            if stripped.endswith("::") and not stripped.startswith(".."):
                end = _below(lines, place, indent)
                code = _dedented(lines[place + 1 : end])
                if code:
                    words = line.rstrip()[:-2].rstrip(" :")
                    out += [f"{words}:" if words.strip() else "", *self._code(code, self.language)]
                    place = end
                    continue
            out.append(line)
            place += 1
        return out

    def _heading(self, lines: list[str], place: int) -> tuple[str, int] | None:
        """Return (heading, where the next line stands) of a title with its adornment, or None."""
        over = 1 if _ADORNMENT.fullmatch(lines[place]) and place + 2 < len(lines) else 0
        if place + over + 1 >= len(lines):
            return None
        title, under = lines[place + over], lines[place + over + 1]
        if not title.strip() or not _ADORNMENT.fullmatch(under) or _ADORNMENT.fullmatch(title):
            return None
        if over and lines[place].strip() != under.strip():
            return None
        if len(under.strip()) < min(len(title.strip()), 4) or (not over and title[:1] == " "):
            return None
        mark = under.strip()[0] * (over + 1)
        if mark not in self.levels:
            self.levels.append(mark)
        level = min(self.levels.index(mark) + 1, 6)
        return f"{'#' * level} {title.strip()}", place + over + 2

    def _explicit(self, line: str, body: list[str], indent: int, depth: int) -> list[str] | None:
        """Return what an explicit block becomes, None where it is none: `... and so on`."""
        if found := _DIRECTIVE.fullmatch(line):
            return self._directive(found, body, indent, depth)
        if _TARGET.match(line):
            return []
        if found := _FOOTNOTE.fullmatch(line):
            return [f"[{found[1]}] {found[2]}", *_dedented(body), ""]
        return [] if _COMMENT.match(line) else None

    def _directive(self, found: re.Match[str], body: list[str], indent: int, depth: int) -> list[str]:
        kind, argument = found["kind"].lower(), found["argument"].strip()
        body = _dedented(body)
        n_options = 0
        while n_options < len(body) and _OPTION.match(body[n_options]):
            n_options += 1
        body = _dedented(body[n_options:])
        if found["name"]:
            self.substitutions[found["name"].lower()] = argument if kind == "replace" else ""
            return []
        if kind in ("highlight", "default-role"):
            self.language = argument if kind == "highlight" else self.language
            return []
        if kind in _CODE:
            return self._code(body, argument.partition(" ")[0] or ("" if kind == "code" else self.language))
        if kind == "math":
            tex = "\n".join([argument, *body] if argument else body).strip()
            return ["", self.slots.formula(tex, True), ""] if tex else []
        if kind == "figure":
            return ["", *self.lines(body, depth + 1), ""]
        if kind not in _SPOKEN:
            return []
        head = argument
        if kind in _TITLED:
            head = f"{kind.capitalize()}: {argument}".rstrip()
        inner = self.lines(body, depth + 1)
        return ["", head, *([""] if inner and head else []), *inner, ""]

    def _code(self, code: list[str], language: str) -> list[str]:
        """Return the word of a code block between empty lines."""
        return ["", self.slots.code_block("\n".join(code), language.lower()), ""] if code else []


def _below(lines: list[str], place: int, indent: int) -> int:
    """Return where the lines end that stand deeper than a line's indentation."""
    end = place + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent
    ):
        end += 1
    return end


def _dedented(lines: list[str]) -> list[str]:
    """Return lines without their common indentation and without empty lines around them."""
    shown = [place for place, line in enumerate(lines) if line.strip()]
    if not shown:
        return []
    lines = lines[shown[0] : shown[-1] + 1]
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return [line[indent:].rstrip() for line in lines]
