"""The page of the library is what the docstrings say, and what they show is what happens."""

import doctest
import importlib
from pathlib import Path

import pytest

import corpusforge
from corpusforge.api.reference import page

ROOT = Path(__file__).parents[2]


def test_the_page_is_written_anew_when_a_docstring_changes():
    expected = page()
    assert (ROOT / "docs" / "api.md").read_text() == expected, (
        "python -m corpusforge.api.reference > docs/api.md"
    )
    for name in corpusforge.__all__:
        assert name == "__version__" or f"\n## {name}\n" in expected


def test_every_public_name_loads_and_says_what_it_is():
    for name in corpusforge.__all__:
        assert name in dir(corpusforge)
        assert name == "__version__" or getattr(corpusforge, name).__doc__, name
    with pytest.raises(AttributeError, match="has no attribute"):
        corpusforge.no_such_name  # noqa: B018


@pytest.mark.parametrize("name", ["extracting", "labelling", "deduplicating", "corpus"])
def test_what_the_docstrings_show_happens(name):
    result = doctest.testmod(importlib.import_module(f"corpusforge.api.{name}"))
    assert result.failed == 0
    assert result.attempted or name == "corpus"
