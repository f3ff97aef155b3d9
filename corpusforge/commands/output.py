"""Where results go: stdout, or a file that appears whole at the end."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from corpusforge.commands.rows import STDIN
from corpusforge.files import publishing
from corpusforge.printable import visible


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
