"""The markup in which a program shows code, as data: what stands around, how a line is written, how its number.

In `before`, `line` and `after`: `{n}` is the number of a line, `{n:5d}` padded, `{c}` its code in coloured
spans, `{nb}` the same with no-break spaces for its indentation, `{alternating}` with every other such, `{nbsp}` with no other spaces at all, `{p}`
without colours, `{raw}` as it is, `{x}` the mark that some lines bear, `{numbers}` the forms of all numbers,
`{plain}` all of the code without colours.
"""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass

from tests.extract.code_families import Lines

_TOKEN = re.compile(
    r"(\b(?:if|else|for|while|return|int|def|class|import|void|const|let|fn|from|static|print)\b"
    r"|\"[^\"]*\"|\b\d+\b)"
)


@dataclass(frozen=True, kw_only=True)
class Markup:
    """How one program writes code."""

    before: str
    line: str
    after: str
    between: str = ""
    number: str = ""
    numbers_between: str = ""
    blank: str = ""
    """What is written in place of an empty line's code."""
    token: str = '<span class="k">{t}</span>'
    every_token: bool = False
    """Whether names and signs are in such elements too."""
    mark: str = ""
    """What each third line bears that is not empty, where `line` has `{x}`: `{n}` is the number of the mark."""
    marked: str = ""
    """How those lines are written, where not as the others."""

    def page(self, lines: Lines) -> str:
        """Return lines of code in this markup."""
        numbers = self.numbers_between.join(self.number.format(n=n) for n in range(1, len(lines) + 1))
        around = {"numbers": numbers, "plain": html.escape("\n".join(lines), quote=False)}
        marks = itertools.count(1)
        body = self.between.join(
            self._line(n, line, next(marks) if line and n % 3 == 0 else None)
            for n, line in enumerate(lines, 1)
        )
        return _filled(self.before, around) + body + _filled(self.after, around)

    def _line(self, n: int, line: str, mark: int | None) -> str:
        indent = len(line) - len(line.lstrip(" "))
        coloured, rest = self._coloured(line), self._coloured(line[indent:])
        return (self.line if mark is None or not self.marked else self.marked).format(
            n=n,
            c=coloured or self.blank,
            nb="&nbsp;" * indent + rest if line else self.blank,
            nbsp=re.sub(r" (?![^<>]*>)", "&nbsp;", coloured) if line else self.blank,
            p=html.escape(line, quote=False) or self.blank,
            raw=line,
            alternating=("&nbsp; " * indent)[: 6 * (indent // 2 + indent % 2) + indent // 2] + rest
            if line
            else self.blank,
            x="" if mark is None else self.mark.format(n=mark),
            alt=n % 2,
            n0=n - 1,
        )

    def _coloured(self, line: str) -> str:
        pieces = [piece for piece in _TOKEN.split(line)]
        out: list[str] = []
        for place, piece in enumerate(pieces):
            text = html.escape(piece, quote=False)
            if place % 2:
                out.append(self.token.format(t=text))
            elif self.every_token:
                out += [
                    self.token.format(t=word) if word.strip() else word for word in re.split(r"(\s+)", text)
                ]
            else:
                out.append(text)
        return "".join(out)


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
