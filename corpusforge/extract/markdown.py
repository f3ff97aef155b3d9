"""The reduced HTML that resiliparse gives, written as Markdown."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<(/?)(h[1-6]|p|ul|ol|li|pre|br|a)(?:\s[^<>]*)?>")
_LINE_SPACES = re.compile(r"[ \r\f\v]+")
_CELL_GAP = re.compile(r"[ ]*\t[ \t]*")
_INDENT = "  "


class _Writer:
    """Collects blocks; `text` is the block being written."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.text: list[str] = []
        self.lists: list[int | None] = []  # None: bullets, a number: the next item's number
        self.bullet = ""
        self.heading = 0
        self.tight = False

    def flush(self) -> None:
        raw = "".join(self.text)
        self.text = []
        lines = [
            _CELL_GAP.sub(" | ", _LINE_SPACES.sub(" ", line).strip(" ")).strip() for line in raw.split("\n")
        ]
        lines = [line for line in lines if line and line != "|"]
        if not lines:
            return
        indent = _INDENT * max(0, len(self.lists) - 1)
        if self.heading:
            self._append("#" * self.heading + " " + " ".join(lines), False)
        elif self.lists:
            mark, self.bullet = self.bullet, ""
            rest = indent + _INDENT
            first = indent + mark + lines[0] if mark else rest + lines[0]
            self._append("\n".join([first] + [rest + line for line in lines[1:]]), bool(mark))
        else:
            self._append("\n".join(lines), False)

    def _append(self, block: str, tight: bool) -> None:
        if tight and self.tight and self.blocks:
            self.blocks[-1] += "\n" + block
        else:
            self.blocks.append(block)
        self.tight = tight or bool(self.lists)

    def open(self, tag: str) -> None:
        if tag == "br":
            self.text.append("\n")
            return
        self.flush()
        if tag in ("ul", "ol"):
            self.tight = bool(self.lists)
            self.lists.append(None if tag == "ul" else 1)
        elif tag == "li":
            number = self.lists[-1] if self.lists else None
            self.bullet = "- " if number is None else f"{number}. "
            if self.lists and number is not None:
                self.lists[-1] = number + 1
        elif tag[0] == "h":
            self.heading = int(tag[1])

    def close(self, tag: str) -> None:
        self.flush()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self.tight = bool(self.lists)
        elif tag[0] == "h":
            self.heading = 0
        elif tag == "li":
            self.bullet = ""


def to_markdown(minimal_html: str) -> str:
    """Return Markdown of resiliparse's `minimal_html`: headings, lists, paragraphs, table rows."""
    writer, position = _Writer(), 0
    for match in _TAG.finditer(minimal_html):
        if match.start() > position:
            writer.text.append(html.unescape(minimal_html[position : match.start()]))
        position = match.end()
        if match[2] != "a":
            (writer.close if match[1] else writer.open)(match[2])
    writer.text.append(html.unescape(minimal_html[position:]))
    writer.flush()
    return "\n\n".join(writer.blocks)
