"""The model card: what a classifier learned from, how good it is, where it fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from classifiers.evaluate import Scored, accuracy_by, figures, markdown_figures, markdown_groups
from classifiers.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training leaves: the model's file name and bytes, and what the card tells."""

    file: str
    data: bytes
    threshold: float
    n_rows: int
    n_refused: int
    unseen: Scored
    """Rows scored by a model that saw none of their source."""
    dev: Scored | None


_WHAT = {
    "scaffold": (
        "Scaffold classifier",
        "Tells, within mathematics, structured reasoning (proofs, solutions, derivations, worked examples)"
        " from exposition, definitions, exercises without solutions, answer keys and documentation. fastText,"
        " quantised; text goes through `corpusforge.label.scaffold.prepare` in training and in serving; a"
        " document longer than a training passage is judged by up to four windows, their scores averaged.",
        "Dev shares sources with the training data; it also holds sources whose licence kept them out.",
        "Bare problems and short solutions, mathematics whose relations were lost in extraction, and labels"
        " that are doubtful themselves (derivations inside exposition are labelled `other`). The scores are"
        " not recalibrated: see `ece`. Pieces of long documents are judged without their context.",
    ),
    "math": (
        "Math tagger",
        "Tells mathematics from everything else by countable evidence (formulas, signs, relations, notation,"
        " vocabulary; against it code, rows of figures, money, talk of people and firms), weighed by a"
        " logistic regression of a dozen weights.",
        "The `dev` row is in part what the weights were fitted on: the other row is the honest one.",
        "Economics with formulas, machine-learning code with mathematical comments, and essays about"
        " mathematics that hold none. Vocabulary lists are English, with some German, French, Spanish,"
        " Italian, Russian, Chinese, Japanese and Korean; elsewhere formulas and signs must carry it.",
    ),
}


def write_card(path: Path, recipe: Recipe, trained: Trained, sha256: str) -> None:
    """Write the model card of a training as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_card(recipe, trained, sha256), encoding="utf-8")


def render_card(recipe: Recipe, trained: Trained, sha256: str) -> str:
    """Return the model card of a training as Markdown."""
    title, what, note, fails = _WHAT[recipe.name]
    unseen, dev, threshold = trained.unseen, trained.dev, trained.threshold
    origin = "fixed in the recipe" if recipe.threshold else "best mean F1 over both sets below"
    sets = {"sources left out (pooled)": figures(unseen.labels, unseen.scores, threshold)}
    if dev is not None:
        sets["dev"] = figures(dev.labels, dev.scores, threshold)
    points = {
        f"sources left out, {t:.2f}": figures(unseen.labels, unseen.scores, t) for t in _points(threshold)
    }
    by_source = accuracy_by(unseen, threshold, "source")
    values = [accuracy for accuracy, n in by_source.values() if n >= 30]
    sections = [
        f"# {title}, recipe version {recipe.version}\n\n{what}",
        f"- file `{trained.file}`, {len(trained.data):,} bytes, sha256 `{sha256}`\n"
        f"- threshold {threshold} ({origin})\n"
        f"- {trained.n_rows:,} training rows; the licence filter refused {trained.n_refused:,}\n"
        f"- made by `python -m classifiers.train --recipe classifiers/recipes/{recipe.name}.toml --data DIR`",
        f"## Figures\n\n{markdown_figures(sets)}\n\n{note}\n\n"
        f"Over source and class with at least 30 rows: mean accuracy {sum(values) / max(1, len(values)):.3f},"
        f" worst {min(values, default=float('nan')):.3f}.",
        f"## Operating points\n\n{markdown_figures(points)}",
        f"## Sources left out, by source and class\n\n{markdown_groups(by_source)}",
    ]
    if dev is not None and recipe.name == "scaffold":
        sections.append(
            f"## Dev, by kind and class\n\n{markdown_groups(accuracy_by(dev, threshold, 'kind'))}"
        )
        sections.append(
            f"## Dev, by language and class\n\n{markdown_groups(accuracy_by(dev, threshold, 'language'))}"
        )
    sections.append(f"## Training rows by source and licence\n\n{_sources(recipe, trained)}")
    sections.append(f"## Where it fails\n\n{fails}")
    return "\n\n".join(sections) + "\n"


def _points(threshold: float) -> list[float]:
    return sorted({0.2, 0.3, round(threshold, 2), 0.5, 0.8})


def _sources(recipe: Recipe, trained: Trained) -> str:
    counts = Counter((row.source, row.licence) for row in trained.unseen.rows)
    patterns = ", ".join(f"`{licence}`" for licence in recipe.licences)
    allowed = f"Licences admitted (regular expressions): {patterns}."
    rows = [f"| {source} | {licence} | {n} |" for (source, licence), n in sorted(counts.items())]
    return "\n".join([allowed, "", "| source | licence | rows judged |", "| --- | --- | ---: |", *rows])
