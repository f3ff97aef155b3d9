"""Where results go: stdout, or a file that appears whole at the end."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TextIO

from corpusforge.commands.errors import usage_error
from corpusforge.commands.rows import STDIN
from corpusforge.files import check_usable, check_writable, overlapping, publishing
from corpusforge.printable import visible


def refuse_overlap(sources: Iterable[str | None], output: str | None) -> None:
    """Raise `CommandError` where an output would be an input too; stdin and stdout are neither.

    `StorageRefused` for an output where nothing can be written.
    """
    if output is None or output == STDIN:
        return
    check_usable(check_writable(output))
    if line := overlapping((source for source in sources if source not in (None, STDIN)), output):
        raise usage_error(line)


@contextmanager
def writing_rows(output: str | None) -> Generator[TextIO]:
    """Yield a text stream onto a file, published whole at the end, or onto stdout."""
    if output is None or output == STDIN:
        yield sys.stdout
        return
    with publishing(output) as temporary, open(temporary, "w", encoding="utf-8") as handle:
        yield handle


def write_text(output: str | None, text: str) -> None:
    """Write the text of a document to a file or to stdout: it is data, every character of it.

    Only a terminal is shown what moves its cursor or turns its lines around, instead of doing it.
    """
    with writing_rows(output) as out:
        out.write(visible(text, keep="\n\t") if out is sys.stdout and out.isatty() else text)
