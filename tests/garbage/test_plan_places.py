"""Wherever `mix` writes a plan within a corpus, `gc`, `verify` and `view` know it; elsewhere it writes none."""

import shutil
from pathlib import Path

import pytest

from corpusforge.reader import open_plan
from tests.garbage.conftest import run
from tests.garbage.test_gc_swarms import RECIPE, samples_there
from tests.view.conftest import opened


@pytest.fixture
def alone(twice):
    """The corpus without plans."""
    shutil.rmtree(twice.corpus / "plans")
    return twice


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "best.toml"
    path.write_text(RECIPE.format(name="best", packing="best_fit"))
    return path


@pytest.mark.parametrize("place", ["study/one.json", "a/b/plan.json", "plan.json"])
def test_a_plan_in_a_folder_of_its_own_is_known(alone, recipe, tmp_path, place):
    corpus, plan = alone.corpus, alone.corpus / "plans" / place
    status, _, err = run("mix", corpus, "--recipe", recipe, "--snapshot", alone.old, "-o", plan)
    assert status == 0, err
    made = samples_there(corpus)
    assert made and ", 1 plan," in run("verify", corpus)[1]
    status, _, err = run("gc", corpus, "--keep", "CURRENT")
    assert status == 2 and f"plans/{place} (over {alone.old})" in err
    site = opened(str(corpus), tmp_path / "verdicts").client
    (address,) = {one for one in site.get("/plans").text.split('"') if one.startswith("/plans/")}
    assert site.get(address).status_code == 200 and site.get("/plans/none/of.json").status_code == 404
    assert run("gc", corpus, "--keep-plans")[0] == 0
    reader = open_plan(str(corpus), str(plan))
    assert sum(1 for _ in reader) == len(reader)
    assert run("gc", corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert not plan.exists() and not samples_there(corpus)
    plan.parent.mkdir(parents=True, exist_ok=True)
    plan.write_text("{}")
    assert f"plans/{place}" in run("verify", corpus)[1]


def test_a_plan_made_again_goes_where_it_is_known_too(alone, recipe):
    corpus, plan = alone.corpus, alone.corpus / "plans" / "study" / "one.json"
    assert run("mix", corpus, "--recipe", recipe, "--snapshot", alone.old, "-o", plan)[0] == 0
    words = ("mix", corpus, "--again", plan, "--tolerance", "1", "-o")
    for place in ("plans/again", "plans/samples/again.json", "parts/again.json"):
        assert run(*words, corpus / place)[0] == 2, place
    assert run(*words, corpus / "plans" / "study" / "two.json")[0] == 0
    assert ", 2 plans," in run("verify", corpus)[1]


@pytest.mark.parametrize("place", ["x", "samples/x.json", "swarms/x.json", "swarms/x/y.json", "", "x/../y"])
def test_a_plan_that_nobody_would_know_is_refused(alone, recipe, place):
    before = sorted(alone.corpus.rglob("*"))
    status, _, err = run("mix", alone.corpus, "--recipe", recipe, "-o", f"{alone.corpus}/plans/{place}")
    assert status == 2 and "a plan in a corpus is a .json in " in " ".join(err.split())
    assert sorted(alone.corpus.rglob("*")) == before


@pytest.mark.parametrize("place", ["x", "samples", "swarms", "swarms/a/b", "study/swarms/x"])
def test_a_swarm_that_nobody_would_know_is_refused(alone, recipe, place):
    before = sorted(alone.corpus.rglob("*"))
    words = ("mix", alone.corpus, "--recipe", recipe, "--swarm", "-o", alone.corpus / "plans" / place)
    status, _, err = run(*words)
    assert status == 2 and "a swarm in a corpus is a folder of " in " ".join(err.split())
    assert sorted(alone.corpus.rglob("*")) == before


def test_a_named_swarm_is_known_and_one_outside_is_written(alone, recipe, tmp_path: Path):
    for folder in (alone.corpus / "plans" / "swarms" / "mine", tmp_path / "outside"):
        assert run("mix", alone.corpus, "--recipe", recipe, "--swarm", "-o", folder)[0] == 0
        assert (folder / "buckets.json").exists()
    assert ", 1 plan," in run("verify", alone.corpus)[1]
    site = opened(str(alone.corpus), tmp_path / "verdicts").client
    assert site.get("/swarms/mine").status_code == 200
