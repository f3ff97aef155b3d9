"""What reaches a terminal past the console: usage errors, logs, tracebacks, and what prints by itself.

All of it is written as `printable.visible` shows it. Loads nothing heavy: every call of the command pays.
"""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import TracebackType
from typing import Any, TextIO, cast

from typer.core import TyperGroup

from corpusforge.printable import visible

_LAYOUT = "\n\t"


class VerbGroup(TyperGroup):
    """The verbs of the command; a usage error quotes arguments as they may be shown."""

    def make_context(self, *args: Any, **words: Any) -> Any:
        """Parse the arguments."""
        with _quoting():
            return super().make_context(*args, **words)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        with _quoting():
            return super().invoke(ctx)


@contextmanager
def _quoting() -> Generator[None]:
    try:
        yield
    except Exception as error:
        message = getattr(error, "message", None)
        if isinstance(message, str) and hasattr(error, "exit_code"):  # a usage error of the parser
            cast(Any, error).message = visible(message)
        raise


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record), keep=_LAYOUT)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.startswith("corpusforge")


def guard_logs_and_tracebacks(*, only_ours: bool = False) -> None:
    """Show records of logs that have no handler of their own, and tracebacks of what nobody caught.

    With `only_ours` records of libraries are not shown: Beam logs the traceback of what it raises as well.
    """
    if logging.lastResort:
        logging.lastResort.setFormatter(_Formatter())
        logging.lastResort.removeFilter(_is_ours)
        if only_ours:
            logging.lastResort.addFilter(_is_ours)
        # A library that finds no handler of the root's makes one, which would show all.
        logging.root.removeHandler(logging.lastResort)
        logging.root.addHandler(logging.lastResort)
    sys.excepthook = _show_traceback


def _show_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(visible("".join(traceback.format_exception(kind, error, trace)), keep=_LAYOUT))


class _Shown(io.TextIOBase):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(visible(text, keep=_LAYOUT))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


@contextmanager
def shown_streams() -> Generator[None]:
    """Run what prints by itself (an argument parser, the workshop) with both streams made safe."""
    out, err = (cast(TextIO, _Shown(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


def located_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command, the paths among them as `files.located` makes them.

    What follows `--` is another program's. A path's scheme that is not known is `StorageRefused`.
    """
    ours = words[: words.index("--")] if "--" in words else words
    return [*map(_located_word, ours), *words[len(ours) :]]


def _located_word(word: str) -> str:
    option, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
    if not value.startswith("~") and "://" not in value:
        return word
    from corpusforge.files import located

    return f"{option}{sign}{located(value)}"
