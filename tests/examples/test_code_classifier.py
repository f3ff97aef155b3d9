"""A classifier of one's own, from its training to what a recipe selects by its score: the shipped example."""

import re
import statistics
import sys
from pathlib import Path

import pytest

import corpusforge
from corpusforge.config import load_config
from corpusforge.label.fasttext_file import load_classifier
from corpusforge.sandbox import forks_here
from corpusforge.steps import open_sandbox
from corpusforge.workers import current_pool, pool_of
from corpusforge_classifiers.train import main as train
from corpusforge_pipelines.build import build

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "code_classifier"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The demo's dumps, the trained model, and the example's configuration over both."""
    folder = tmp_path_factory.mktemp("own")
    sys.path.insert(0, str(EXAMPLES / "demo"))
    try:
        from make_dumps import write_dumps

        write_dumps(folder / "build" / "demo-dumps")
    finally:
        sys.path.remove(str(EXAMPLES / "demo"))
    for name in ("code-classifier", "again"):
        where = ["--data", str(folder / "build" / "demo-dumps"), "--output", str(folder / "build" / name)]
        assert train(["--recipe", str(EXAMPLE / "recipe.toml"), *where]) == 0
    return folder


def config_of(place: Path, name: str, more: str = "") -> str:
    table = (place / "build" / "code-classifier" / "code.toml").read_text()
    sha256 = re.search('sha256 = "(.*)"', table)[1]
    text = re.sub('(?m)^sha256 = ".*"', f'sha256 = "{sha256}"', (EXAMPLE / "math.toml").read_text())
    path = place / "examples" / "code_classifier" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + more)
    return str(path)


@pytest.fixture(scope="module")
def corpus(place):
    config = load_config(config_of(place, "math"))
    build(config, workers=2)
    return corpusforge.open_corpus(config.output)


def test_training_twice_gives_the_same_bytes(place):
    one, other = (place / "build" / name / "code.bin" for name in ("code-classifier", "again"))
    assert one.read_bytes() == other.read_bytes()


def test_the_score_is_a_signal_of_mathematics_for_filters_conditions_and_selections(place, corpus):
    rows = list(corpus.documents(columns=["id", "domain", "subset", "text", "signals"]))
    scores = {row["id"]: row["signals"].get("code_score") for row in rows}
    math = [row for row in rows if row["domain"] == "math"]
    assert len(math) > 20
    assert all(0 <= scores[row["id"]] <= 1 for row in math)
    assert all(scores[row["id"]] is None for row in rows if row["domain"] != "math")

    middle = statistics.median(scores[row["id"]] for row in math)
    taken = {row["id"] for row in corpus.documents(where=f"signals.code_score > {middle}", columns=["id"])}
    assert taken == {row["id"] for row in math if scores[row["id"]] > middle}
    assert 0 < len(taken) < len(math)

    limit = round(statistics.median(scores[r["id"]] for r in math if r["subset"] == "generic"), 6)
    text = (EXAMPLE / "mixture.toml").read_text().replace("code_score = 0.3", f"code_score = {limit}")
    (place / "mixture.toml").write_text(text)
    plan = corpusforge.make_plan(corpus.path, corpusforge.load_recipe(str(place / "mixture.toml")))
    rows_of = {arm: {row.selection: row.samples for row in plan.arms[arm].rows} for arm in plan.arms}
    assert rows_of["full"]["code_like"] > 0
    assert rows_of["without_code_like"].get("code_like", 0) == 0

    config = config_of(place, "filtered", f"drop_above = {middle}\n")
    told = list(corpusforge.label_texts([{"text": r["text"], "id": r["id"]} for r in math], config=config))
    again = [one for one in told if one.domain == "math"]
    assert len(again) > len(math) / 2  # some were math by their markup
    for one in again:
        assert (one.drop_reason == "classifier:code") == (one.signals["code_score"] > middle)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("sha256 =", "# sha256 ="), "label.classifiers.0.sha256: missing; write sha256 = …"),
        (('label = "code"', 'label = "cod"'), "the model has no label 'cod'; it has: text, code"),
        (("code.bin", "gone.bin"), "model file missing or unreadable"),
        (('sha256 = "', 'sha256 = "' + "0" * 64 + '" # "'), "sha256 is "),
        (('domains = ["math"]', 'domains = ["maths"]'), "no domain 'maths'"),
        (('name = "code"', 'name = "math"'), "math_score is a signal already"),
        (('domains = ["math"]', 'replaces = "scaffold"'), "give label.scaffold_threshold"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(place, change, line):
    path = Path(config_of(place, "wrong"))
    head, table = path.read_text().split("[[label.classifiers]]")
    path.write_text(head + "[[label.classifiers]]" + table.replace(*change, 1))
    with pytest.raises(ValueError) as caught:
        load_config(str(path))
    assert line in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def loaded_before_the_fork(config) -> tuple[bool, int]:
    open_sandbox(config)
    return forks_here(), load_classifier.cache_info().currsize


def test_a_worker_loads_a_model_once_for_all_the_children_that_it_forks(place):
    config = load_config(config_of(place, "math")).steps()
    with pool_of(2):
        assert current_pool().submit(loaded_before_the_fork, config).result() == (True, 1)


def test_it_takes_the_place_of_the_scaffold_model(place, corpus):
    path = Path(config_of(place, "replacing"))
    text = path.read_text().replace('domains = ["math"]', 'replaces = "scaffold"')
    head, table = text.split("[[label.classifiers]]")
    path.write_text(f"{head}[label]\nscaffold_threshold = 0.0\n[[label.classifiers]]{table}")
    rows = list(corpus.documents(domain="math", columns=["text"]))[:8]
    for one in corpusforge.label_texts(rows, config=str(path)):
        if one.domain == "math":
            assert one.subset == "scaffold" and one.scaffold_score == one.signals["code_score"]
