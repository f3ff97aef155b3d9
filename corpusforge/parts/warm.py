"""Compiles what the steps and the signatures call, as it is imported: in the server that processes fork from.

In a server only where compiled functions cannot be kept on disk: each process would else make them anew,
in the time of its first record. Else as a program, before the first build of an installation. What fails here
fails again where it is told, in the process that needs it.
"""

from __future__ import annotations

from contextlib import suppress

from corpusforge.compiled import n_compiled
from corpusforge.config import StepsConfig
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.signature import signatures
from corpusforge.filter.config import TableConfig
from corpusforge.filter.decontamination.lookup import find
from corpusforge.filter.decontamination.ngram_table import build_tables
from corpusforge.label.delimiters import formula_places
from corpusforge.label.lines import comment_lines, counts_rounds, state_lines
from corpusforge.steps import load_tools, walk_first


def warm() -> None:
    """Compile all that a document's way through the steps calls."""
    config = StepsConfig()
    walk_first(config, load_tools(config))
    for text in (
        "a",
        "à",
    ):  # what only some documents come to; there is code for ASCII, and code for all else
        formula_places(text)
        counts_rounds(text)
        _ = [*comment_lines(text), *state_lines(text)]
    signatures(["warm"], DedupConfig().signature, ["web"])
    find("warm\u200b\n1 a\n2 b", build_tables([], TableConfig()).index)


with suppress(Exception):  # a server that raises takes all processes with it
    warm()
if __name__ == "__main__":
    print(n_compiled())
