"""`corpusforge gc` and plans that are more than one file: swarms, plans made again, the patches they read."""

import json
from pathlib import Path

import pytest

from corpusforge.mixture.again import plan_again
from corpusforge.mixture.plan import write_plan
from corpusforge.mixture.planfile import files_of, plan_from_bytes
from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from tests.garbage.conftest import run
from tests.garbage.test_gc import killed_at

RECIPE = """
name = "{name}"
budget_tokens = 2048
sequence_length = 64
max_epochs = 9
packing = "{packing}"
[weights]
web = 0.5
code = 0.5
[swarm]
runs = 2
fraction = "1/2"
"""


def swarm_over(twice, tmp_path: Path, snapshot: str, packing: str = "best_fit") -> Path:
    """Return the plan of a swarm over a snapshot."""
    recipe = tmp_path / f"{packing}.toml"
    recipe.write_text(RECIPE.format(name=packing, packing=packing))
    before = set(twice.corpus.glob("plans/swarms/*"))
    status, _, err = run("mix", twice.corpus, "--recipe", recipe, "--swarm", "--snapshot", snapshot)
    assert status == 0, err
    (made,) = set(twice.corpus.glob("plans/swarms/*")) - before
    return made / "plan.json"


def of_plan(path: Path) -> set[str]:
    return set(files_of(*plan_from_bytes(path.read_bytes(), "p").arms.values()))


def samples_there(corpus: Path) -> set[str]:
    return {str(path.relative_to(corpus)) for path in corpus.glob("plans/samples/*")}


@pytest.fixture
def alone(twice):
    """The corpus without plans."""
    for path in [*twice.corpus.glob("plans/*.json"), *twice.corpus.glob("plans/samples/*")]:
        path.unlink()
    return twice


def test_a_swarm_is_a_plan_over_its_snapshot(alone, tmp_path):
    plan = swarm_over(alone, tmp_path, alone.old)
    status, _, err = run("gc", alone.corpus, "--keep", "CURRENT")
    assert status == 2 and f"{plan.parent.name}/plan.json (over {alone.old})" in err
    told = json.loads(run("gc", alone.corpus, "--json")[1])["snapshots"]
    assert {one["snapshot"]: one["plans"] for one in told} == {alone.old: 1, alone.new: 0}
    assert run("gc", alone.corpus, "--keep-plans")[0] == 0
    for arm in ("full", "run_0001", "run_0002"):
        reader = open_plan(str(alone.corpus), str(plan), arm)
        assert sum(1 for _ in reader) == len(reader)


def test_what_swarms_and_plans_made_again_read_stays_and_no_more(alone, tmp_path):
    kept, gone = swarm_over(alone, tmp_path, alone.new), swarm_over(alone, tmp_path, alone.old)
    parent = plan_from_bytes(gone.read_bytes(), "p")
    # an arm of it alone, as a plan that is made again: a patch and tables beside it
    recipe = tmp_path / "best_fit.toml"
    assert run("mix", alone.corpus, "--recipe", recipe, "--snapshot", alone.old)[0] == 0
    (old,) = alone.corpus.glob("plans/*.json")
    again = plan_again(str(alone.corpus), plan_from_bytes(old.read_bytes(), "p"), alone.new, tolerance=1).plan
    path = Path(write_plan(str(alone.corpus), again))
    assert any(name.endswith(".patch") for name in of_plan(path)) and parent.snapshot == alone.old
    (gone.parent / "metrics.csv").write_text("mine")
    status, _, err = run("gc", alone.corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    assert not old.exists() and [entry.name for entry in gone.parent.iterdir()] == ["metrics.csv"]
    assert samples_there(alone.corpus) == of_plan(kept) | of_plan(path)
    assert not verify_corpus(str(alone.corpus)).problems
    for plan, arm in ((kept, "run_0002"), (path, "full")):
        reader = open_plan(str(alone.corpus), str(plan), arm)
        assert sum(1 for _ in reader) == len(reader)
    # the patch of a plan that goes, goes: over the child's own child nothing else needs it
    path.unlink()
    (gone.parent / "metrics.csv").unlink()
    assert run("gc", alone.corpus)[0] == 0 and not gone.parent.exists()


def test_a_patch_goes_with_the_plan_that_reads_it(alone, tmp_path):
    swarm_over(alone, tmp_path, alone.new)
    recipe = tmp_path / "best_fit.toml"
    assert run("mix", alone.corpus, "--recipe", recipe)[0] == 0
    (new,) = alone.corpus.glob("plans/*.json")
    parent = plan_from_bytes(new.read_bytes(), "p")
    again = plan_again(str(alone.corpus), parent, alone.old, tolerance=1).plan
    path = Path(write_plan(str(alone.corpus), again))
    assert any(name.endswith(".patch") for name in of_plan(path))
    assert run("gc", alone.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert not path.exists() and not list(alone.corpus.glob("plans/samples/*.patch"))
    assert samples_there(alone.corpus) >= of_plan(new)


def test_a_swarm_that_goes_may_be_killed_at_any_file(alone, tmp_path):
    plan = swarm_over(alone, tmp_path, alone.old, "concat")
    for left in (3, 2, 1, 0):
        assert killed_at(alone.corpus, 2)  # one file goes, then it ends
        assert len(list(plan.parent.glob("*"))) == left
        assert not verify_corpus(str(alone.corpus)).problems
    assert run("gc", alone.corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0 and not plan.parent.exists()
