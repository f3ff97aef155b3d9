"""Help: fast, and every verb teaches by an example."""

import subprocess
import sys
import time

import pytest

from corpusforge import __version__

VERBS = ["build", "label", "extract", "trace", "inspect", "verify", "mix", "report"]
HEAVY = ["apache_beam", "numpy", "pyarrow", "pydantic", "trafilatura", "tree_sitter", "corpusforge.config"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_an_example(corpusforge, verb):
    result = corpusforge(verb, "--help")
    assert result.status == 0
    assert f"corpusforge {verb}" in result.out.split("Usage:")[1].split("Example")[1].replace("\n ", " ")


def test_help_loads_nothing_heavy():
    code = "import sys, corpusforge.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    command = [sys.executable, "-c", code, *HEAVY]
    start_s = time.monotonic()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
    assert time.monotonic() - start_s < 10  # half a second on an idle machine


def test_version(corpusforge):
    assert corpusforge("--version").out.strip() == f"corpusforge {__version__}"


def test_an_unknown_verb_is_a_usage_error(corpusforge):
    result = corpusforge("lable")
    assert result.status == 2
    assert "label" in result.err
