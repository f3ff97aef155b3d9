"""The model card: what a classifier learned from, how good it is, where it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpusforge_classifiers.figures import Scored, figures
from corpusforge_classifiers.recipe import Recipe
from corpusforge_classifiers.report import evaluate, markdown, markdown_figures, mean_and_worst
from corpusforge_classifiers.rows import Row

NOTES = Path(__file__).parent / "cards" / "notes"
"""What people read and wrote down of a model, one Markdown file each: the card ends with it."""


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
    beside: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Files that belong to the model, by name."""
    data_sha256: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of what it was trained and chosen on, by name."""
    learned_from: Sequence[Row] | None = None
    """The training rows, where `unseen` are not these."""
    notes: tuple[str, ...] = ()
    """Markdown that the training adds: what the licence filter refused, rows before and after."""


_WHAT = {
    "scaffold": (
        "Scaffold classifier",
        "Tells, within mathematics, structured reasoning (proofs, solutions, derivations, worked examples)"
        " from exposition, definitions, exercises without solutions, answer keys and documentation: a linear"
        " model over hashed runs of prepared tokens (what fastText is with one output and no hidden layer,"
        " with the logarithm of counts, places in the passage and beginnings of lines), and above it a small"
        " network over counts of structure and the linear margin. The score is the mean of both margins,"
        " calibrated by Platt's method. Text goes through `corpusforge.label.preparation.prepare` in training"
        " and in serving; a document longer than a training passage is judged by up to four windows, their"
        " scores averaged.",
        "Sources left out are those whose licence keeps them out of training: the packaged model never saw"
        " them. Dev holds rows of the training sources and of those kept out.",
        "Worked examples of elementary algebra and statistics whose steps are imperatives without relations,"
        " or whose formulas were lost in extraction; argument in words alone; exercise lists and answer keys"
        " full of equations. Derivations inside exposition are labelled `other` and mostly called scaffold."
        " Pieces of long documents are judged without their context. Step words of languages other than"
        " English and Chinese come from lists, not from training text.",
    ),
    "math": (
        "Math tagger",
        "Tells mathematics from everything else, in a document and in each section of it: countable evidence"
        " (formulas, signs, relations, notation, vocabulary; against it code, rows of figures, money, talk of"
        " people and firms, words of finance, sport, physics and engineering) and the opinion of a small"
        " fastText model about the words, weighed by a logistic"
        " regression. Both come out of one compiled pass, `corpusforge.label.counting`, in training and"
        " serving. The score is calibrated for documents, by Platt's method, on rows of left-out sources that"
        " are as long as documents; on passages it is too low.",
        "The `dev` rows were scored by a fit that saw none of their sources, and chose the threshold. The"
        " other rows are the training rows, each scored by a fit that left its source out, or its whole field"
        " where the source is named `field: package`.",
        "Economics with formulas, essays about mathematics that hold none, and passages of a few words. The"
        " word lists are English, with German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian,"
        " Ukrainian, Chinese, Japanese and Korean; elsewhere formulas and signs must carry it. fastText sees"
        " no Han, kana or Hangul: no text in them with an open licence is at hand that is not mathematics."
        " There is no grade band: no data at hand states one, and vocabulary alone would be a guess.",
    ),
}


def write_card(path: Path, recipe: Recipe, trained: Trained, sha256: str) -> None:
    """Write the model card of a training as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_card(recipe, trained, sha256), encoding="utf-8")


def render_card(recipe: Recipe, trained: Trained, sha256: str) -> str:
    """Return the model card of a training as Markdown."""
    title, what, note, fails = _WHAT[recipe.name]
    unseen, threshold = evaluate(trained.unseen, trained.threshold), trained.threshold
    sets = {"sources left out (pooled)": unseen["all"]}
    if trained.dev is not None:
        sets["dev"] = figures(trained.dev.labels, trained.dev.scores, threshold)
    sections = [
        f"# {title}, recipe version {recipe.version}\n\n{what}",
        _facts(recipe, trained, sha256),
        f"## Figures\n\n{markdown_figures(sets)}\n\n{note}",
        mean_and_worst(unseen["by_source"]),
        f"## Sources left out\n\n{markdown(unseen, 3)}",
    ]
    if trained.dev is not None:
        sections.append(f"## Dev\n\n{markdown(evaluate(trained.dev, threshold), 3)}")
    sections.append(f"## Training rows by source and licence\n\n{_sources(recipe, trained)}")
    heading = "What was collected" if recipe.collection else "Training sources left out"
    sections += [f"## {heading}\n\n{text}" for text in trained.notes]
    sections.append(f"## Where it fails\n\n{fails}")
    notes = NOTES / f"{recipe.name}.md"
    if notes.is_file():
        sections.append(notes.read_text("utf-8").strip())
    return "\n\n".join(sections) + "\n"


def _facts(recipe: Recipe, trained: Trained, sha256: str) -> str:
    origin = "fixed in the recipe" if recipe.threshold else "best F1, see below"
    lines = [f"file `{trained.file}`, {len(trained.data):,} bytes, sha256 `{sha256}`"]
    lines += [f"beside it `{name}`, {len(data):,} bytes" for name, data in trained.beside.items()]
    lines.append(f"threshold {trained.threshold} ({origin})")
    lines.append(f"{trained.n_rows:,} training rows; the licence filter refused {trained.n_refused:,}")
    lines += [f"data: {name}, sha256 `{digest}`" for name, digest in trained.data_sha256.items()]
    packages = " --packages DIR" if recipe.collection else ""
    command = f"corpusforge train --recipe classifiers/recipes/{recipe.name}.toml --data DIR{packages}"
    lines.append(f"made by `{command}`")
    return "\n".join(f"- {line}" for line in lines)


def _sources(recipe: Recipe, trained: Trained) -> str:
    counts = Counter(
        (row.source, row.licence, row.is_positive) for row in trained.learned_from or trained.unseen.rows
    )
    names = sorted({(source, licence) for source, licence, _ in counts})
    patterns = ", ".join(f"`{licence}`" for licence in recipe.licences)
    head = [
        f"Licences admitted (regular expressions): {patterns}.",
        "",
        "| source | licence | positive | negative |",
    ]
    rows = [f"| {s} | {lic} | {counts[s, lic, True]} | {counts[s, lic, False]} |" for s, lic in names]
    return "\n".join([*head, "| --- | --- | ---: | ---: |", *rows])
