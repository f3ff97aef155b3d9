"""A classifier from a recipe and labelled data: model, pin and card, the same bytes each time.

`corpusforge train --recipe classifiers/recipes/scaffold.toml --data DIR`
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from classifiers.card import Trained, write_card
from classifiers.code_likeness import compare
from classifiers.figures import figures, operating_points
from classifiers.recipe import Recipe, read_recipe
from classifiers.train_math import train_math
from classifiers.train_scaffold import train_scaffold
from corpusforge.label.model import packaged_folder

CARDS = Path(__file__).parent / "cards"


def write_model(trained: Trained, recipe: Recipe, output: Path) -> str:
    """Write the model and its pin into a folder; return the model's sha256."""
    sha256 = hashlib.sha256(trained.data).hexdigest()
    output.mkdir(parents=True, exist_ok=True)
    for name, data in {trained.file: trained.data, **trained.beside}.items():
        (output / name).write_bytes(data)
    pin = (
        f"# Written by classifiers/train.py from recipes/{recipe.name}.toml: no other bytes are loaded.\n"
        f'file = "{trained.file}"\nsha256 = "{sha256}"\nthreshold = {trained.threshold}\n'
        f"recipe_version = {recipe.version}\nn_rows = {trained.n_rows}\n"
    )
    judged = trained.dev or trained.unseen
    for name, at in operating_points(judged, trained.threshold).items():
        found = figures(judged.labels, judged.scores, at)
        pin += (
            f'\n[operating_points."{name}"] # on {"dev" if trained.dev else "sources left out"}\n'
            f"threshold = {at:.4g}\nprecision = {found['precision']:.4f}\nrecall = {found['recall']:.4f}\n"
        )
    (output / f"{recipe.name}.toml").write_text(pin, encoding="utf-8")
    return sha256


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the classifier of a recipe; return the exit status."""
    parser = argparse.ArgumentParser(prog="classifiers.train", description=main.__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's files lie below")
    parser.add_argument("--output", type=Path, default=packaged_folder(), help="where model and pin go")
    parser.add_argument("--cards", type=Path, default=CARDS, help="where the model card goes")
    options = parser.parse_args(arguments)
    try:
        recipe = read_recipe(options.recipe)
    except (OSError, ValueError) as error:
        print(f"classifiers.train: {options.recipe}: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    missing = [name for name in (*recipe.train, *recipe.dev) if not (options.data / name).is_file()]
    if missing:
        print(f"classifiers.train: {options.data / missing[0]}: no such file", file=sys.stderr)
        return 2
    if recipe.name == "code_likeness":
        card = options.cards / f"{recipe.name}.md"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(compare(recipe, options.data), encoding="utf-8")
        print(f"{card}: compared; this recipe ships no model")
        return 0
    trained = (train_scaffold if recipe.name == "scaffold" else train_math)(recipe, options.data)
    sha256 = write_model(trained, recipe, options.output)
    write_card(options.cards / f"{recipe.name}.md", recipe, trained, sha256)
    path = options.output / trained.file
    print(f"{path}: {len(trained.data):,} bytes, sha256 {sha256}, threshold {trained.threshold}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
