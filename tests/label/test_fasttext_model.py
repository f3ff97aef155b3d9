"""The compiled classifier says what the library says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label.fasttext_model import FastText, read_fasttext
from corpusforge.label.model import packaged_folder

fasttext = pytest.importorskip("fasttext")
NAMES = sorted(path.stem for path in packaged_folder().glob("*.ftz"))
LINES = (
    "the quick brown fox jumps over the lazy dog\n",
    "каждый человек имеет право на жизнь на свободу\n",
    "人人在行使伊的权利合自由时 只受法律所确定的限制\n",
    "F 0 V let prove that F = F hence the theorem 0 0\n",
    "a\tb  c\x0bd \n and what stands on the next line",
    "</s> after\n",
    "no line feed at the end",
    "\n",
    " ",
)


def pair(name: str) -> tuple[Any, FastText]:
    path = packaged_folder() / f"{name}.ftz"
    return fasttext.load_model(str(path)).f, read_fasttext(path.read_bytes())


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[Any, FastText]]:
    return {name: pair(name) for name in NAMES}


def assert_equal(models: dict[str, tuple[Any, FastText]], line: str) -> None:
    for library, ours in models.values():
        k = len(ours.labels)
        wanted = {label: probability for probability, label in library.predict(line, k, 0.0, "strict")}
        found = {label: probability for probability, label in ours.predict(line, k, 0.0, "strict")}
        assert found == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("line", LINES)
def test_probabilities_are_the_librarys(models: dict[str, tuple[Any, FastText]], line: str) -> None:
    assert_equal(models, line)


@settings(max_examples=60, deadline=None)
@given(line=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_line(models: dict[str, tuple[Any, FastText]], line: str) -> None:
    if "__label__" not in line:  # the library leaves out what it takes for a label
        assert_equal(models, line + "\n")


def test_the_best_come_first_and_no_more_than_asked(models: dict[str, tuple[Any, FastText]]) -> None:
    found = models["language"][1].predict(LINES[0], 5, 0.0, "strict")
    assert found[0][1] == "__label__en" and len(found) == 5
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("share", [0, 0.0001, 0.1, 0.9, 0.9999])
def test_a_file_cut_short_is_refused(share: float) -> None:
    data = (packaged_folder() / "math.ftz").read_bytes()
    with pytest.raises(ValueError):
        read_fasttext(data[: int(len(data) * share)])


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="fastText"):
        read_fasttext(b"\0" * 4096)
