"""Where results go: stdout, or a file that appears whole at the end."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from corpusforge.commands.rows import STDIN
from corpusforge.files import publishing


@contextmanager
def writing_rows(output: str | None) -> Generator[TextIO]:
    """Yield a text stream onto a file, published whole at the end, or onto stdout."""
    if output is None or output == STDIN:
        yield sys.stdout
        return
    with publishing(output) as temporary, open(temporary, "w", encoding="utf-8") as handle:
        yield handle
