"""The templates of a page in one loop over its pieces; a tree is built only where marks stand within marks.

{{t|fr|mots}}   words that one match finds, where neither the dump nor a list knows the name
{{t|fr|m|1=x}}  another plain template: its texts
{{a|{{b}}}}     from the first mark to where all are closed: nodes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpusforge.extract.wiki.called import Called
from corpusforge.extract.wiki.context import LINE_CHARS, line_after
from corpusforge.extract.wiki.preprocessor import (
    CELL_ENDS,
    GONE,
    STRIDE,
    Template,
    is_file_link,
    parse_closed,
    pieces_of,
    plain_template,
    text_ends_line,
)

if TYPE_CHECKING:
    from corpusforge.extract.wiki.expand import Expander


def page_text(expander: Expander, source: str) -> str:
    """Return the wikitext of a page with every template in it expanded or left out."""
    return _Page(expander, source).text()


class _OrdinaryNames(dict[str, "Called | None"]):
    """Names as a page writes them: None but for those of templates that neither dump nor list knows."""

    def __init__(self, expander: Expander) -> None:
        self._expander = expander

    def __missing__(self, written: str) -> Called | None:
        name = self._expander.strange_name(written)
        self[written] = found = name if name is not None and name.is_ordinary else None
        return found


class _Page:
    """A page that is read from the first piece to the last; to a template it is what follows on its line."""

    def __init__(self, expander: Expander, source: str) -> None:
        self._expander = expander
        self._source = source
        self._pieces = pieces_of(source)
        self._at = 0
        """The piece with the text behind the mark at hand."""
        self._summed = (0, 0)
        """A piece before it, and where that begins in the source."""
        self._run = (0, False)
        """Where the last answer on the end of a line was found, and that answer."""

    def text(self) -> str:
        """Return the wikitext with every template expanded or left out."""
        expander, names = self._expander, _OrdinaryNames(self._expander)
        pieces, at, last = self._pieces, 0, len(self._pieces) - 1
        out: list[str] = []
        line = ""  # what stands before the mark at hand on its line: its last characters
        while at < last:
            text, token, written, words = pieces[at : at + STRIDE]
            at += STRIDE
            if text:
                out.append(text)
                cut = text.rfind("\n") + 1
                line = text[cut:] if cut else line + text
            if len(line) > LINE_CHARS:
                line = line[-LINE_CHARS:]
            name = None if written is None else names[written]
            piece = None if name is None else expander.ordinary(name, token, words, line)
            if piece is None:
                self._at = at
                piece = self._piece(token, line)
                at = self._at
            line = line_after(line, piece)
            out.append(piece)
        return "".join(out + pieces[at:])

    def _piece(self, token: str, line: str) -> str:
        """Return what a mark comes to, with all within it where it opens something: that is read, too."""
        first, last = token[0], token[-1]
        if first == "{" and last == "}":
            return self._expander.template(plain_template(token), self, line)
        if first == "[" and last == "]":
            return GONE if is_file_link(token[2:-2]) else token
        if last != "{" and last != "[":
            return token  # it closes nothing
        start = self._at - STRIDE
        nodes, self._at, place = parse_closed(self._source, self._pieces, start, self._place_of(start))
        self._summed = (self._at, place)
        return self._expander.joined(nodes, line, self)

    def _place_of(self, at: int) -> int:
        """Return where a piece begins in the source."""
        summed, place = self._summed
        return place + sum(
            len(text) + len(token)
            for text, token in zip(
                self._pieces[summed:at:STRIDE], self._pieces[summed + 1 : at : STRIDE], strict=True
            )
        )

    def ends_cell(self) -> bool:
        """Return whether the line, the cell or the page ends here."""
        pieces, at = self._pieces, self._at
        rest = pieces[at].lstrip(" \t") if at < len(pieces) else ""
        return rest.startswith(CELL_ENDS) if rest else at + 1 >= len(pieces)

    def ends_line(self) -> bool:
        """Return whether nothing but templates follows up to the end of the line.

        What one answer went over has the same answer all along: it is looked at once.
        """
        if self._at > self._run[0]:
            self._run = self._line_end()
        return self._run[1]

    def _line_end(self) -> tuple[int, bool]:
        """Return (the piece where it shows whether nothing but templates follows on the line, whether so)."""
        pieces, at = self._pieces, self._at
        while at < len(pieces):
            if (is_end := text_ends_line(pieces[at])) is not None:
                return at, is_end
            if at + 1 == len(pieces):
                break
            token = pieces[at + 1]
            if token[0] == "{" and token[-1] == "}":
                at += STRIDE
                continue
            if token[-1] != "{":
                return at, False
            nodes, behind, _ = parse_closed(self._source, pieces, at, self._place_of(at))
            if not all([isinstance(node, Template) for node in nodes]):
                return at, False
            at = behind
        return at, True
