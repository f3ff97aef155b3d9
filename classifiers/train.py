"""A classifier from a recipe and labelled data: model, pin and card, the same bytes each time.

`corpusforge train --recipe classifiers/recipes/scaffold.toml --data DIR`
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from corpusforge.label.model import packaged_folder
from corpusforge.printable import visible
from corpusforge_classifiers.card import Trained, write_card
from corpusforge_classifiers.code_likeness import compare
from corpusforge_classifiers.collect import read_collection
from corpusforge_classifiers.figures import figures, operating_points
from corpusforge_classifiers.language_sources import read_packages
from corpusforge_classifiers.recipe import Recipe, read_recipe
from corpusforge_classifiers.train_code import train_code
from corpusforge_classifiers.train_math import COLLECTIONS, train_math
from corpusforge_classifiers.train_scaffold import train_scaffold

CARDS = Path(__file__).parent / "cards"
RECIPES = Path(__file__).parent / "recipes"


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
    parser = argparse.ArgumentParser(prog="corpusforge_classifiers.train", description=main.__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's files lie below")
    parser.add_argument("--packages", type=Path, help="folder of the packages that a collection lists")
    parser.add_argument("--output", type=Path, help="where model and pin go; none: into the package")
    parser.add_argument("--cards", type=Path, help="where the model card goes; none: classifiers/cards")
    options = parser.parse_args(arguments)
    try:
        recipe = read_recipe(options.recipe)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error).splitlines()[0]
        print(visible(f"train: {options.recipe}: {what}"), file=sys.stderr)
        return 2
    problem = _problem(recipe, options.recipe, options.data, options.output, options.cards)
    problem = problem or _missing_package(recipe, options.packages)
    if problem:
        print(visible(f"train: {problem}"), file=sys.stderr)
        return 2
    output, cards = options.output or packaged_folder(), options.cards or CARDS
    if recipe.name == "code":
        try:
            print(visible(train_code(recipe, options.data, output)))
        except ValueError as error:
            print(visible(f"train: {error}"), file=sys.stderr)
            return 2
        return 0
    if recipe.name == "code_likeness":
        card = cards / f"{recipe.name}.md"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(compare(recipe, options.data), encoding="utf-8")
        print(visible(f"{card}: compared; this recipe ships no model"))
        return 0
    if recipe.name == "scaffold":
        trained = train_scaffold(recipe, options.data)
    else:
        trained = train_math(recipe, options.data, options.packages)
    sha256 = write_model(trained, recipe, output)
    write_card(cards / f"{recipe.name}.md", recipe, trained, sha256)
    path = output / trained.file
    print(visible(f"{path}: {len(trained.data):,} bytes, sha256 {sha256}, threshold {trained.threshold}"))
    return 0


def _problem(recipe: Recipe, path: Path, data: Path, output: Path | None, cards: Path | None) -> str | None:
    """Return what keeps a recipe from being trained: a file that is missing, a model it must not replace."""
    patterns = [*recipe.train, *recipe.dev]
    if recipe.collection:
        inputs = read_collection(COLLECTIONS / recipe.collection).inputs
        patterns += [source.path for source in inputs if source.path != "generated" and not source.packages]
    patterns += recipe.code.dumps if recipe.code else ()
    for pattern in patterns:
        if not (data / pattern).exists() and next(data.glob(pattern), None) is None:
            return f"{data / pattern}: no such file"
    if recipe.name == "code" and output is None:
        return f"{path}: give --output: the model is no part of the package"
    is_packaged = path.resolve() == (RECIPES / f"{recipe.name}.toml").resolve()
    if not recipe.name.startswith("code") and not is_packaged and None in (output, cards):
        return f"{path}: would replace the packaged model, of another recipe: give --output and --cards"
    return None


def _missing_package(recipe: Recipe, packages: Path | None) -> str | None:
    """Return which package that a collection lists is not there, or that no folder of them is named."""
    inputs = read_collection(COLLECTIONS / recipe.collection).inputs if recipe.collection else ()
    for source in inputs:
        for package in read_packages(COLLECTIONS / source.path) if source.packages else ():
            if packages is None:
                return f"{source.path} lists packages: give their folder by --packages"
            if not (packages / package.file).exists():
                return f"{packages / package.file}: no such file"
    return None


if __name__ == "__main__":
    sys.exit(main())
