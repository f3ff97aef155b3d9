"""The language identifier from its recipe and the pinned packages: model, votes, pin and card.

`python -m corpusforge_classifiers.language_train --packages DIR`: the same bytes each time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpusforge.label.language import cld2_shares, facts
from corpusforge.label.model import packaged_folder
from corpusforge.printable import visible
from corpusforge_classifiers.language_corpus import (
    LanguageRecipe,
    Material,
    gather,
    read_language_recipe,
    training_rows,
)
from corpusforge_classifiers.language_sources import read_packages
from corpusforge_classifiers.language_words import close_words

RECIPE = Path(__file__).parent / "recipes" / "language" / "recipe.toml"
CARD = Path(__file__).parent / "cards" / "language.md"
_VOTE_SEGMENTS = 300
# Pseudo-counts of a vote: half of one segment in a hundred for the right answer, little for any other.
_VOTE_PRIOR, _RIGHT_SHARE, _OTHER_SHARE = 8.0, 0.5, 0.004
_MIN_VOTE_SHARE = 0.004


def fit(rows: Sequence[tuple[str, str]], recipe: LanguageRecipe) -> bytes:
    """Return a quantised fastText model of rows in their order; one thread makes the same bytes."""
    import fasttext

    options = recipe.fasttext
    shared: dict[str, Any] = {"thread": 1, "verbose": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        with path.open("w", encoding="utf-8") as lines:
            lines.writelines(f"__label__{label} {segment}\n" for label, segment in rows)
        model = fasttext.train_supervised(
            str(path), dim=options.dim, minn=options.min_n, maxn=options.max_n, minCount=options.min_count,
            bucket=options.buckets, epoch=options.epochs, lr=options.learning_rate, seed=recipe.seed,
            wordNgrams=1, loss="softmax", **shared,
        )  # fmt: skip
        model.quantize(
            str(path),
            cutoff=options.cutoff,
            retrain=True,
            dsub=options.dsub,
            qnorm=True,
            epoch=1,
            lr=0.1,
            **shared,
        )
        model.save_model(str(Path(folder) / "model.ftz"))
        return (Path(folder) / "model.ftz").read_bytes()


def count_votes(rows: Sequence[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """Return language -> CLD2's answers -> log probability, from the first segments of each language.

    CLD2 never saw these texts. `other` is the log probability of any answer not named.
    """
    shares: dict[str, dict[str, float]] = {}
    seen: dict[str, set[str]] = {}
    for label, segment in rows:
        mine = seen.setdefault(label, set())
        if segment in mine or len(mine) >= _VOTE_SEGMENTS:
            continue
        mine.add(segment)
        for code, share in cld2_shares(segment).items():
            counted = shares.setdefault(label, {})
            counted[code] = counted.get(code, 0.0) + share
    votes: dict[str, dict[str, float]] = {}
    for label, counted in sorted(shares.items()):
        n_segments = sum(counted.values())
        total = n_segments + _VOTE_PRIOR
        named = {code: n for code, n in counted.items() if n >= _MIN_VOTE_SHARE * n_segments}
        named.setdefault(label, 0.0)
        log = {
            code: math.log((n + _VOTE_PRIOR * (_RIGHT_SHARE if code == label else _OTHER_SHARE)) / total)
            for code, n in sorted(named.items())
        }
        votes[label] = {code: round(value, 3) for code, value in log.items()}
        votes[label]["other"] = round(math.log(_VOTE_PRIOR * _OTHER_SHARE / total), 3)
    return votes


def alone_in_script(material: dict[str, Material]) -> list[str]:
    """Return the languages whose script belongs to them alone: the model need not know them."""
    alone = {script for script, languages in facts().script_languages.items() if len(languages) == 1}
    return [label for label, own in material.items() if own.scripts and own.scripts <= alone]


def train(recipe: LanguageRecipe, packages: Path, output: Path) -> str:
    """Write model, votes and pin into a folder and return the card."""
    sources = RECIPE.parent / recipe.sources
    material = gather(recipe, sources, packages)
    rows = training_rows(material, recipe, alone_in_script(material))
    model = fit(rows, recipe)
    # A written variant is learned lest it be taken for a neighbour, but never answered.
    answers = [row for row in rows if "-" not in row[0]]
    known: dict[str, list[str]] = {}
    for label in sorted({label for label, _ in answers}):
        for script in sorted(material[label].scripts):
            known.setdefault(script, []).append(label)
    votes = {
        "fasttext": "language.ftz",
        "fasttext_sha256": hashlib.sha256(model).hexdigest(),
        "languages": known,
        "votes": count_votes(answers),
        "close": close_words(material, recipe),
    }
    blob = (json.dumps(votes, indent=0, sort_keys=True) + "\n").encode()
    output.mkdir(parents=True, exist_ok=True)
    (output / "language.ftz").write_bytes(model)
    (output / "language_votes.json").write_bytes(blob)
    sha256 = hashlib.sha256(blob).hexdigest()
    (output / "language.toml").write_text(
        "# Written by classifiers/language_train.py: no other bytes are loaded. Thresholds: languages.toml.\n"
        f'file = "language_votes.json"\nsha256 = "{sha256}"\nthreshold = 0.3\n'
        f"recipe_version = {recipe.version}\nn_rows = {len(rows)}\n",
        encoding="utf-8",
    )
    return render_card(recipe, rows, material, model, sha256)


def render_card(
    recipe: LanguageRecipe,
    rows: Sequence[tuple[str, str]],
    material: dict[str, Material],
    model: bytes,
    sha256: str,
) -> str:
    """Return the model card as Markdown."""
    n_chars: Counter[str] = Counter()
    for label, segment in rows:
        n_chars[label] += len(segment)
    packages = Counter(
        (package.kind, package.licence) for package in read_packages(RECIPE.parent / recipe.sources)
    )
    few = sorted(label for label in n_chars if material[label].n_chars < 30_000 and not material[label].words)
    lines = [
        f"# Language identifier, recipe version {recipe.version}",
        "Tells the language of prose, beside CLD2 (n-gram tables of 165 languages, Apache-2.0, inside the"
        " `pycld2` wheel): a fastText model over character n-grams, and how CLD2 votes on texts of each of"
        " its languages. Between close languages, Indonesian and Malay, or Danish, Bokmål and Nynorsk, the"
        " frequencies of single words decide too.",
        f"- `language_votes.json`, sha256 `{sha256}`, pins `language.ftz`, {len(model):,} bytes,"
        f" sha256 `{hashlib.sha256(model).hexdigest()}`\n"
        f"- {len(n_chars)} languages and variants, {len(rows):,} segments,"
        f" {n_chars.total() / 1e6:.0f} million characters\n"
        "- made by `python -m corpusforge_classifiers.language_train --packages DIR`;"
        " the packages and their sha256 stand in `recipes/language/sources.toml`",
        "## What it learned from\n\n| kind | licence | packages |\n| --- | --- | ---: |\n"
        + "\n".join(f"| {kind} | {licence} | {n} |" for (kind, licence), n in sorted(packages.items())),
        "Interface messages of MediaWiki, LibreOffice and Firefox, with markup, figures and lines left in"
        " English taken out, and words drawn by their frequency in Wikipedia. No text of the development set,"
        " and no declaration of human rights or Bible.",
        "## Figures\n\n`python benches/language.py --data DIR` prints them beside other identifiers;"
        " docs/measurements.md holds them. The weights were chosen on every other row of the development set"
        " and on paragraphs of small wikis, the rules after a look at the errors on all of them: no figure on"
        " them is unseen.",
        "## Where it fails\n\nThe register is that of software: a language that only messages taught it is"
        " taken for a bigger neighbour in other prose. Bosnian, Croatian and Serbian in Latin script,"
        " Indonesian and Malay, Zulu and Southern Ndebele, Rundi and Kinyarwanda are mixed up in short texts."
        f" Languages with little text: {', '.join(few)}. Languages that neither it nor CLD2 knows come out as"
        " a neighbour or `und`; a language without a two-letter code and with a small Wikipedia is answered"
        " only on strong evidence (`language_rare_penalty`).",
        "## Languages\n\n" + ", ".join(sorted(n_chars)),
    ]
    return "\n\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the language identifier; return the exit status."""
    parser = argparse.ArgumentParser(prog="corpusforge_classifiers.language_train", description=main.__doc__)
    parser.add_argument("--packages", type=Path, required=True, help="folder of the pinned packages")
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--output", type=Path, default=packaged_folder(), help="where model and pin go")
    parser.add_argument("--card", type=Path, default=CARD, help="where the model card goes")
    options = parser.parse_args(arguments)
    try:
        card = train(read_language_recipe(options.recipe), options.packages, options.output)
    except (OSError, ValueError) as error:
        print(visible(f"language_train: {str(error).splitlines()[0]}"), file=sys.stderr)
        return 2
    options.card.write_text(card, encoding="utf-8")
    print(f"{options.output / 'language.ftz'}: {(options.output / 'language.ftz').stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
