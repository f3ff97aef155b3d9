"""The study's recipe as a classifier of one's own: code against other text, for `[[label.classifiers]]`.

    dumps --read--> files --windows--> code | text, balanced --prepared_line, fastText--> code.bin

The file and its sha256 are what a configuration names; `code.toml` holds the table to paste. The same dumps
and recipe give the same bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpusforge.label.own import prepared_line
from corpusforge_classifiers.code_likeness import code_rows
from corpusforge_classifiers.fasttext_model import model_bytes, train_lines
from corpusforge_classifiers.recipe import Recipe

_CODE, _TEXT = "__label__code", "__label__text"


def train_code(recipe: Recipe, data: Path, output: Path) -> str:
    """Write `code.bin` and the table that names it, `code.toml`, into a folder; return a line that says so.

    Raises ValueError where the dumps hold no code, or nothing but code.
    """
    assert recipe.fasttext and recipe.code
    rows = code_rows(recipe, data)
    n_code = sum(row.is_positive for row in rows)
    found = f"{n_code:,} windows of code and {len(rows) - n_code:,} of text"
    if n_code in (0, len(rows)):
        raise ValueError(f"{data}: {found}: both are needed")
    preparation = recipe.code.preparation
    lines = (f"{_CODE if row.is_positive else _TEXT} {prepared_line(row.text, preparation)}" for row in rows)
    model = model_bytes(train_lines(lines, recipe.fasttext, recipe.seed, quantise=False))
    sha256 = hashlib.sha256(model).hexdigest()
    output.mkdir(parents=True, exist_ok=True)
    (output / "code.bin").write_bytes(model)
    table = "\n".join([
        f"# Written by `corpusforge train` from {found}.",
        "[[label.classifiers]]",
        'name = "code"',
        'path = "code.bin"',
        f'sha256 = "{sha256}"',
        'label = "code"',
        f'preparation = "{preparation}"',
        'windowing = "mean"',
        f"window_chars = {recipe.code.window_chars}",
        'domains = ["math"]',
        "",
    ])  # fmt: skip
    (output / "code.toml").write_text(table, encoding="utf-8")
    return f"{output / 'code.bin'}: {len(model):,} bytes, sha256 {sha256}"
