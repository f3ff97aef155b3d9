"""Code blocks and prose of a document: Markdown, reST, Rmd, noweb, literate Haskell, org, TeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpusforge.code.scan import count_words

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,6}(?!~))[ \t]*([^`\n]*)$")
_LIQUID = re.compile(r"[ \t]*\{% (end)?(highlight|tabs?\b.*code|codeblock)\b")
_ORG = re.compile(r"[ \t]*#\+(begin|end)_(src|example)", re.I)
_TEX = re.compile(
    r"[ \t]*\\(begin|end)\{(code|spec|verbatim|lstlisting|minted|Verbatim|alltt|Schunk|Sinput)\*?\}"
)
_PRE = re.compile(r"<pre\b[^>]*>|</pre>", re.I)
_CHUNK = re.compile(r"<<.*>>=\s*$")
_DIRECTIVE = re.compile(
    r"([ \t]*)\.\. (code-block|code|sourcecode|literalinclude|ipython|testcode|doctest|parsed-literal"
    r"|prompt|plot|jupyter-execute)::"
)
_OTHER_DIRECTIVE = re.compile(r"([ \t]*)\.\. [\w:-]+::")
_ADOC = re.compile(r"(-{4,}|\.{4,})$")
_DOCTEST = re.compile(r"[ \t]*(>>>|\.\.\. |In ?\[\d*\]:|julia>|iex\(\d*\)>|irb.*>|scala>|ghci>|\$ \S)")
_INLINE = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]{2,200}?)(?<!`)\1(?!`)")
_LINK_LINE = re.compile(
    r"[ \t]*+([-*+]|\d+[.)])?[ \t]*+(\[[^\]\n]*\]\([^)\n]*\)|<?https?://\S+|<?[\w.+-]+@[\w.-]+>?)"
)
_LIST_ITEM = re.compile(r"[ \t]*([-*+]|\d+[.)])[ \t]")
_BLANK = b" \t\n\r\f\v\x1c\x1d\x1e\x1f"
_OPENERS = frozenset("`~\\#{<-.")
_PROMPTS = frozenset(">.Ijisg$")
# A tree of files: one name a line, below branches, with a remark behind it or none.
_LISTED = re.compile(
    r"[ \t\u2500-\u257f|`+-]*[\w.@{}*\[\]<>-]+(?:/[\w.@*-]*)*(?:[ \t]+(?:#|<?--?|\u2190|\().*)?[ \t]*$"
)
_BRANCH = re.compile(r"[\u2500-\u257f]|[|`+]--")
_LISTED_CHARS = 200
_MIN_LISTED = 3
_LISTED_SHARE = 0.8
_SETTINGS = re.compile(
    r"^(json5?|ya?ml|toml|ini|xml|html|css|text|txt|plain|mermaid|math|latex|csv|diff|svg|markdown|md)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Blocks:
    """What a document is made of. Characters are counted without white space."""

    code_chars: int
    code_lines: int
    code_blocks: int
    settings_blocks: int
    """Blocks of data or settings (JSON, YAML, plain text), counted among `code_blocks`."""
    prose_chars: int
    prose_words: int
    inline_spans: int
    inline_chars: int
    link_lines: int
    prose_lines: int

    @property
    def code_share(self) -> float:
        """Share of the characters that stand in code blocks."""
        return self.code_chars / max(1, self.code_chars + self.prose_chars)

    @property
    def inline_share(self) -> float:
        """Share of the prose characters that stand in inline code."""
        return self.inline_chars / max(1, self.prose_chars)

    @property
    def link_share(self) -> float:
        """Share of the prose lines that are links."""
        return self.link_lines / max(1, self.prose_lines)


def read_blocks(text: str, kind: str) -> Blocks:
    """Return the blocks of a document.

    `kind` is the format's name in `formats.toml`: indentation means code in Markdown
    and after `::` in reST, `>` in literate Haskell.
    """
    code, prose, blocks, settings = _Splitter(kind).run(text.split("\n"))
    prose_text = "\n".join(prose)
    inline = [match[2] for match in _INLINE.finditer(prose_text)]
    filled = [line for line in prose if line.strip()]
    return Blocks(
        code_chars=_filled_chars(code),
        code_lines=sum(1 for line in code if line.strip()),
        code_blocks=blocks,
        settings_blocks=settings,
        prose_chars=_filled_chars(prose),
        prose_words=count_words(prose_text),
        inline_spans=len(inline),
        inline_chars=_filled_chars(inline),
        link_lines=sum(1 for line in filled if _LINK_LINE.match(line)),
        prose_lines=len(filled),
    )


def _filled_chars(lines: Sequence[str]) -> int:
    text = "\n".join(lines)
    # A list of the words of one 50 MB line would take ten times its memory.
    return len(text.encode().translate(None, _BLANK)) if text.isascii() else len("".join(text.split()))


class _Splitter:
    """Walks the lines of a document once, sending each to code or to prose."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.code: list[str] = []
        self.prose: list[str] = []
        self.blocks = 0
        self.settings = 0
        self.opened = 0  # where the open block begins in `code`
        self.end = ""  # what closes the open block; "" when none is open
        self.indent = -1  # column of the line that opened an indented block, -1 when none

    def run(self, lines: Sequence[str]) -> tuple[list[str], list[str], int, int]:
        previous = ""
        in_list = False
        for line in lines:
            if self.end:
                self._inside(line)
            elif (
                not self._indented(line)
                and not self._opens(line)
                and not self._loose(line, previous, in_list)
            ):
                self.prose.append(line)
                if line.strip():
                    in_list = bool(_LIST_ITEM.match(line)) or (in_list and line[:1] in " \t")
            previous = line
        return self.code, self.prose, self.blocks, self.settings

    def _inside(self, line: str) -> None:
        if self._closes(line):
            self.end = ""
            self._unless_listing()
        else:
            self.code.append(line)

    def _unless_listing(self) -> None:
        """Give the block just closed back to the prose when it is a listing of files."""
        block = [line for line in self.code[self.opened :] if line.strip()]
        listed = sum(len(line) < _LISTED_CHARS and _LISTED.match(line) is not None for line in block)
        marked = any(line.rstrip().endswith("/") or _BRANCH.search(line) for line in block)
        if len(block) >= _MIN_LISTED and marked and listed >= _LISTED_SHARE * len(block):
            self.prose.extend(self.code[self.opened :])
            del self.code[self.opened :]
            self.blocks -= 1

    def _closes(self, line: str) -> bool:
        stripped = line.strip().lstrip("> ")
        if self.end[0] in "`~":
            return stripped.startswith(self.end) and not stripped.strip(self.end[0])
        if self.end == "</pre>":
            return "</pre>" in line.lower()
        if self.end == "@":
            return stripped == "@" or line.startswith("@ ")
        if self.end == "liquid":
            return bool(_LIQUID.match(line))
        return stripped.lower().startswith(self.end)

    def _open(self, end: str, info: str = "") -> bool:
        self.end = end
        self.opened = len(self.code)
        self.blocks += 1
        self.settings += bool(_SETTINGS.match(info))
        return True

    def _opens(self, line: str) -> bool:
        first = line.lstrip(" \t>")[:1]
        if first in _OPENERS and self._opens_marked(line, first):
            return True
        if "<" in line and (match := _PRE.search(line)) and not match[0].startswith("</"):
            if "</pre>" in line.lower()[match.end() :]:
                return self._loose_code(line)
            return self._open("</pre>")
        return self._opens_indented(line)

    def _opens_marked(self, line: str, first: str) -> bool:
        """Open a block by a mark at the head of a line; `first` spares most tests."""
        if first in "`~":
            match = _FENCE.match(line)
            return match is not None and self._open(match[1], match[2].strip("{ ."))
        if first == "\\" and (match := _TEX.match(line)) and match[1] == "begin":
            return self._open(f"\\end{{{match[2].lower()}")
        if first == "#" and (match := _ORG.match(line)) and match[1].lower() == "begin":
            return self._open(f"#+end_{match[2].lower()}")
        if first == "{" and (match := _LIQUID.match(line)) and not match[1]:
            return self._open("liquid")
        if self.kind == "literate" and _CHUNK.match(line):
            return self._open("@")
        if self.kind == "literate" and (match := _ADOC.match(line)):
            return self._open(match[1])
        return False

    def _opens_indented(self, line: str) -> bool:
        if self.kind != "restructuredtext":
            return False
        if match := _DIRECTIVE.match(line):
            self.indent, self.blocks = len(match[1]), self.blocks + 1
            return True
        if line.rstrip().endswith("::") and not _OTHER_DIRECTIVE.match(line):
            self.indent, self.blocks = len(line) - len(line.lstrip()), self.blocks + 1
            self.prose.append(line)
            return True
        return False

    def _indented(self, line: str) -> bool:
        if self.indent < 0:
            return False
        if line.strip() and len(line) - len(line.lstrip()) <= self.indent:
            self.indent = -1
            return False
        if not line.lstrip().startswith(":"):  # options of the directive
            self.code.append(line)
        return True

    def _loose(self, line: str, previous: str, in_list: bool) -> bool:
        """Take a code line that no mark opens: a prompt, a bird track, an indented block."""
        if self.kind == "literate haskell":
            return line.startswith("> ") and self._loose_code(line[2:])
        if line.lstrip(" \t")[:1] in _PROMPTS and _DOCTEST.match(line):
            return self._loose_code(line)
        if self.kind != "markdown" or in_list or not line.startswith(("    ", "\t")):
            return False
        follows_code = bool(self.code) and previous == self.code[-1]
        if line.strip() and (not previous.strip() or follows_code):
            return self._loose_code(line)
        return False

    def _loose_code(self, line: str) -> bool:
        if not self.code or self.code[-1].strip() == "" or self.prose[-1:] != [""]:
            self.blocks += not self.code
        self.code.append(line)
        return True
