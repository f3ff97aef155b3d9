"""Where results go: stdout, or a file that appears whole at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from corpusforge.commands.rows import STDIN
from corpusforge.files import is_remote, publishing


def output_path(given: str) -> str:
    """Return the place of an output as `files` takes it: absolute, or an object of a bucket."""
    return given if is_remote(given) else os.path.abspath(given)


@contextmanager
def writing_rows(output: str | None) -> Generator[TextIO]:
    """Yield a text stream onto a file, published whole at the end, or onto stdout."""
    if output is None or output == STDIN:
        yield sys.stdout
        return
    with publishing(output_path(output)) as temporary, open(temporary, "w", encoding="utf-8") as handle:
        yield handle
