"""The study from plan to page, tiny: arms read what their plan says, nothing held out, and resume is exact."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

import corpusforge
from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.shards.snapshot import commit
from tests.shards.corpus import make_header_for_tests, shard_rows, spill_all

pytest.importorskip("torch")
EXAMPLE = Path(__file__).parents[2] / "examples" / "study"
WORDS = {
    "web": "the river was low and the ferry late so we walked",
    "code": "def add ( a , b ) : return a + b for i in range",
    "code_nl": "next we call `add` which returns a sum ; try it",
    "math/scaffold": "Step 1 . let $x$ be 3 hence $x^2 = 9$ therefore",
    "math/generic": "curves and surfaces are old subjects of geometry and of maps",
    "wikipedia": "the village lies in the valley and has a mill",
    "books": "she wrote a long letter to her sister about rain",
    "multilingual": "der Weg ist lang und die Kinder singen im Dorf",
}


class Study:
    """The example's modules, loaded beside each other as its script loads them."""

    def __getattr__(self, name: str) -> ModuleType:
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def study() -> Iterator[Study]:
    before = set(sys.modules)
    sys.path.insert(0, str(EXAMPLE))
    yield Study()
    sys.path[:] = [path for path in sys.path if "examples" not in path]
    for name in set(sys.modules) - before:
        module = sys.modules[name]
        if "examples" in str(getattr(module, "__file__", "")):
            del sys.modules[name]


def document(key: str, number: int, held_out: bool) -> Document:
    domain, _, subset = key.partition("/")
    random = Random(f"{key}/{number}")
    text = " ".join(random.choices(WORDS[key].split(" "), k=40))
    return Document(
        doc_id=stable_id("jsonl", f"{key}#{number}"), source="t", source_kind=SourceKind.JSONL,
        locator=f"{key}#{number}", text=text, domain=domain, subset=subset or "all",
        signals={"held_out": float(held_out)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def prepared(study: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object, dict]:
    folder = tmp_path_factory.mktemp("study")
    documents = [document(key, number, number % 5 == 0) for key in WORDS for number in range(40)]
    commit(
        str(folder / "corpus"), shard_rows(spill_all([documents], folder), folder), make_header_for_tests()
    )
    settings = study.settings.load(EXAMPLE / "tiny.toml")
    settings = replace(settings, mixture=replace(settings.mixture, budget_tokens=4_096))
    plan, facts = study.study.prepare(settings, corpusforge.open_corpus(str(folder / "corpus")), folder)
    return folder, plan, facts


@pytest.fixture(scope="module")
def results(study: Study, prepared: tuple[Path, object, dict]) -> list[dict]:
    folder, _, _ = prepared
    runs = [(arm, seed) for arm in study.mixing.TITLES for seed in range(2)]
    study.training.train_all(folder, runs)
    return [json.loads(study.training.result_path(folder, *run).read_text()) for run in runs]


def test_every_arm_reads_the_tokens_of_its_plan(study: Study, prepared: tuple, results: list[dict]) -> None:
    _, plan, _ = prepared
    for result in results:
        by_domain: dict[str, int] = {}
        for key, tokens in study.mixing.planned_tokens(plan.arms[result["arm"]]).items():
            by_domain[key.split("/")[0]] = by_domain.get(key.split("/")[0], 0) + tokens
        assert result["tokens"] == by_domain and sum(by_domain.values()) == 4_096
    planned = {arm: study.mixing.planned_tokens(plan.arms[arm]) for arm in study.mixing.TITLES}
    planned["full"]["web"] -= 1
    with pytest.raises(SystemExit, match="full, seed 0: read"):
        study.figures.summary(results, planned)


def test_a_held_out_document_in_an_arm_is_an_error(
    study: Study, prepared: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, plan, _ = prepared
    corpus = corpusforge.open_corpus(str(folder / "corpus"))
    assert sum(study.mixing.check_arm(corpus, plan, "matched_swap").values()) == 4_096
    rows = study.mixing._held_out_rows(corpus)
    assert sum(map(len, rows.values())) == 8 * len(WORDS)
    everything = {path: set(range(40)) for path in rows}
    monkeypatch.setattr(study.mixing, "_held_out_rows", lambda corpus: everything)
    with pytest.raises(SystemExit, match="is held out"):
        study.mixing.check_arm(corpus, plan, "full")


def test_the_page_holds_the_figures_and_is_the_same_again(
    study: Study, prepared: tuple, results: list[dict]
) -> None:
    _, plan, facts = prepared
    planned = {arm: study.mixing.planned_tokens(plan.arms[arm]) for arm in study.mixing.TITLES}
    value = study.figures.summary(results, planned)
    value["facts"] = {**facts, "dumps": "made", "unmatched_tokens": {}}
    value = json.loads(json.dumps(value))
    page = study.page.page(value)
    for arm, keys in planned.items():
        assert arm in page and all(f">{tokens:,}</td>" in page for tokens in keys.values())
    assert page.count('class="badge') == len(study.claims.CLAIMS)
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert page == study.page.page(json.loads(json.dumps(value)))


def test_a_run_that_was_killed_ends_with_the_same_result(
    study: Study, prepared: tuple, results: list[dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, _ = prepared
    before = study.training.result_path(folder, "full", 1).read_bytes()
    step, taken = study.training.Run.step, []

    def dying(run: object, item: dict) -> None:
        taken.append(item)
        if len(taken) == 7:
            raise KeyboardInterrupt
        step(run, item)

    study.training.result_path(folder, "full", 1).unlink()
    inputs = study.training.load_inputs(folder)
    inputs.train["checkpoint_steps"] = 3
    with monkeypatch.context() as patch:
        patch.setattr(study.training.Run, "step", dying)
        with pytest.raises(KeyboardInterrupt):
            study.training.train_and_measure(folder, inputs, "full", 1)
    assert (folder / "checkpoints" / "full-1" / "checkpoint.pt").exists()
    assert not study.training.result_path(folder, "full", 1).exists()
    study.training.train_all(folder, [("full", 1)])
    assert study.training.result_path(folder, "full", 1).read_bytes() == before


def test_intervals_and_verdicts(study: Study) -> None:
    assert study.figures.interval([1.0, 2.0, 3.0]) == pytest.approx({"mean": 2.0, "half": 4.303 / 3**0.5})
    verdict = study.claims.verdict
    assert (
        verdict("more", 0.2, 0.1) == verdict("less", -0.2, 0.1) == verdict("not more", -0.2, 0.1) == "repeats"
    )
    assert verdict("more", -0.2, 0.1) == verdict("less", 0.2, 0.1) == verdict("not more", 0.2, 0.1)
    assert verdict("more", 0.05, 0.1) == verdict("not more", 0.05, 0.1) == "not told apart"


def test_items_that_a_document_holds_are_left_out(study: Study) -> None:
    items = study.items.made_items(4, 1)
    assert len({item.kind for item in items}) == 5 and items == study.items.made_items(4, 1)
    seen = items[0]
    kept, gone = study.items.unseen(
        items, ["Before. " + seen.prompt + seen.answer.replace(" ", "\n") + " After."]
    )
    assert seen not in kept and len(kept) == len(items) - 1 and gone == {seen.kind: 1}


def test_what_is_held_out_follows_the_text(study: Study) -> None:
    texts = [f"text {number}" for number in range(4000)]
    marked = [_held_out(study, text, path=f"{n}.txt") for n, text in enumerate(texts)]
    assert marked == [_held_out(study, text, path="elsewhere") for text in texts]
    assert 0.08 < sum(marked) / len(marked) < 0.12


def _held_out(study: Study, text: str, path: str) -> float:
    made = corpusforge.StepDocument(
        doc_id="0" * 32, source="s", source_kind="jsonl", locator=path, text=text, path=path
    )
    return study.held_out.mark(made, share=0.1, seed=17).signals["held_out"]


def test_settings_that_cannot_be_are_one_line(tmp_path: Path, study: Study) -> None:
    text = (EXAMPLE / "tiny.toml").read_text()
    for given, named in ((text.replace("8_192", "8_193"), "no multiple"), (text + "[moedel]\n", "moedel")):
        (tmp_path / "s.toml").write_text(given)
        with pytest.raises(SystemExit, match=named):
            study.settings.load(tmp_path / "s.toml")
    command = [sys.executable, str(EXAMPLE / "study.py"), "--output", str(tmp_path / "o"), "--settings"]
    done = subprocess.run([*command, str(tmp_path / "none.toml")], capture_output=True, text=True)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
