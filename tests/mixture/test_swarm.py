"""Swarms: exact, nested, and repeating what their target repeats; fits that are refused over other text."""

import csv
import json
import shutil
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.mixture.arms import count_arms
from corpusforge.mixture.plan import make_plan
from corpusforge.mixture.recipe import KEYS, Recipe, parse_recipe
from corpusforge.mixture.supply import Supply
from corpusforge.mixture.swarm import SwarmRuns, swarm_on_paper, swarm_plan, swarm_runs
from corpusforge.reader import open_plan
from tests.shards.corpus import build_corpus

RECIPE = """
name = "r"
budget_tokens = 64000
sequence_length = 64
max_epochs = 6
[weights]
web = 0.4
code = 0.2
math = 0.3
books = 0.1
wikipedia = 0
"""
SWARM = '[swarm]\nruns = 16\nfraction = "1/4"\n'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_corpus(tmp_path_factory.mktemp("swarm"), 500))


def command(*args: str) -> str:
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code == 0, done.output
    return done.output


def refused(*args: str) -> str:
    done = CliRunner().invoke(app, list(args))
    assert done.exit_code != 0
    return str(done.exception)


@pytest.fixture(scope="module")
def recipe_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("recipe") / "r.toml"
    path.write_text(RECIPE + SWARM)
    return str(path)


@pytest.fixture(scope="module")
def folder(corpus: str, recipe_path: str) -> Path:
    command("mix", corpus, "--recipe", recipe_path, "--swarm")
    [made] = Path(corpus, "plans", "swarms").iterdir()
    return made


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as stream:
        return list(csv.DictReader(stream))


SUPPLIES = st.fixed_dictionaries({key: st.integers(0, 10**5) | st.integers(0, 10**7) for key in KEYS})
LENGTHS = st.sampled_from([64, 1000, 4096])


@settings(deadline=None, max_examples=60)
@given(
    SUPPLIES,
    st.integers(40, 1000) | st.integers(100, 20_000),
    LENGTHS,
    st.sampled_from(["1/2", "0.9", "1/4", "0.0625", "1/33"]),
    st.integers(0, 99),
    st.sampled_from(["1", "1.5", "2", "3.5"]),
)
def test_sums_are_exact_and_every_domain_repeats_as_its_target_does(
    supply: dict[str, int], samples: int, length: int, fraction: str, seed: int, most: str
) -> None:
    toml = (
        f'name="r"\nbudget_tokens={samples * length + length // 2}\nsequence_length={length}\nmax_epochs={most}\n'
        "[weights]\nweb=0.4\ncode=0.2\nmath=0.2\nbooks=0.2\n"
        f'[swarm]\nruns=6\nfraction="{fraction}"\nseed={seed}\nconcentration=[0.7, 5]\n'
    )
    recipe = parse_recipe(toml, "r")
    try:
        runs = swarm_on_paper(supply, recipe)
    except ValueError as error:
        assert any(told in str(error) for told in ("tokens short", "less than one", "draws for run"))
        return
    check_runs(recipe, runs, {key: tokens // length for key, tokens in supply.items()})


def check_runs(recipe: Recipe, runs: SwarmRuns, supply: dict[str, int]) -> None:
    length = recipe.sequence_length
    assert recipe.swarm is not None
    budget = int(recipe.budget_tokens * recipe.swarm.exact_fraction()) // length
    whole = recipe.budget_tokens // length
    for run in runs.all:
        assert run.arm.samples == budget and run.arm.tokens == budget * length
        assert sum(run.target.values()) == whole
        # Where a domain that is read once at most is large enough, it takes up what the others' epochs leave.
        left = sum(1 + Fraction(count, 2 * supply[key]) for key, count in run.target.items() if count)
        can_take = any(
            left < row.samples <= run.target[row.key] - left and run.target[row.key] <= supply[row.key]
            for row in run.arm.rows
        )
        for row in run.arm.rows:
            target = run.target[row.key]
            assert row.whole_samples == supply[row.key] >= row.supply_samples
            if not row.samples:
                continue
            # The part that is repeated is within a sample of the one that gives the target's epochs, and
            # what is read within a sample of what that part makes at the target's epochs.
            epochs = Fraction(target, supply[row.key])
            assert abs(row.supply_samples - row.samples / epochs) < 1
            assert abs(row.samples - row.supply_samples * epochs) <= (1 if can_take else max(1, epochs))
            assert row.samples <= row.supply_samples * recipe.max_epochs
            assert abs(row.samples - Fraction(target * budget, whole)) <= 1 + sum(
                1 + Fraction(run.target[key], supply[key]) for key in run.target if run.target[key]
            )
        # What the target reads is what `mix` makes of the same weights.
        shares = {unit: Decimal(share).scaleb(-6) for unit, share in run.shares.items()}
        if run is not runs.full:
            mixed = recipe.model_copy(update={"weights": shares, "arms": {}})
            assert count_arms(mixed, supply)["full"] == run.target


@pytest.mark.parametrize("packing", ["concat", "best_fit"])
def test_every_run_is_read_as_it_says(corpus: str, tmp_path: Path, packing: str) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(f'packing = "{packing}"\n' + RECIPE + SWARM.replace("16", "3"))
    copy = str(tmp_path / "copy")
    shutil.copytree(corpus, copy)
    command("mix", copy, "--recipe", str(recipe), "--swarm", "--output", f"{tmp_path}/out")
    target = make_plan(copy, parse_recipe(recipe.read_text(), "r"))
    for arm in ("full", "run_0001", "run_0003"):
        reader = open_plan(copy, f"{tmp_path}/out/plan.json", arm)
        tokens: Counter[tuple[str, str]] = Counter()
        seen: dict[tuple[str, str], Counter[bytes]] = {}
        for n in range(len(reader)):
            sample = reader.sample(n)
            pair = reader.subsets[sample.subset]
            tokens[pair] += sample.n_tokens
            seen.setdefault(pair, Counter())[sample.tokens.tobytes()] += 1
        assert sum(tokens.values()) == 16_000
        for row in reader.arm.rows:
            if not row.samples:
                continue
            pair = (row.domain, row.subset)
            # a sample whose end is cut, so that the tokens are exact, is one that is seen once more
            assert tokens[pair] == row.tokens and len(seen[pair]) <= row.supply_samples + bool(row.cut_tokens)
            times = sorted(seen[pair].values())[bool(row.cut_tokens) :]
            assert max(times) - min(times) <= 1 + bool(row.cut_tokens)
            if arm == "full":
                of_target = next(other for other in target.arms["full"].rows if other.key == row.key)
                epochs = Fraction(of_target.tokens, of_target.epoch_tokens(64))
                exact = row.tokens / epochs
                assert abs(row.epoch_tokens(64) - exact) <= 64  # within a sample of the target's repetition


def test_tables_are_what_fitters_read(folder: Path) -> None:
    rows = table(folder / "ratios.csv")
    assert list(rows[0]) == ["run_id", "books", "code", "math", "web"]  # a weight of 0 stays out, and at 0
    assert [row["run_id"] for row in rows] == [f"run_{n:04d}" for n in range(1, 17)]
    plan = json.loads((folder / "plan.json").read_bytes())
    for row in rows:
        shares = {name: Decimal(text) for name, text in row.items() if name != "run_id"}
        assert sum(shares.values()) == 1
        read: Counter[str] = Counter()
        for entry in plan["arms"][row["run_id"]]["rows"]:
            read[entry["domain"]] += entry["tokens"]
        for name, share in shares.items():
            assert abs(share - Decimal(read[name]) / 16_000) < Decimal("0.000001")
    epochs = table(folder / "epochs.csv")
    assert list(epochs[0]) == ["run_id", "books", "code", "math/generic", "math/scaffold", "web"]
    # As RegMix and Olmix load them: the first column names the run, all others are features.
    features = np.array([[float(value) for value in list(row.values())[1:]] for row in rows])
    assert features.shape == (16, 4) and np.allclose(features.sum(axis=1), 1)


def test_more_runs_leave_the_first_as_they_are() -> None:
    supply = {"web": 10**7, "code": 10**7, "math/generic": 10**7, "math/scaffold": 10**6, "books": 10**7}
    few, many = (
        swarm_on_paper(supply, parse_recipe(RECIPE + SWARM.replace("16", count), "r"))
        for count in ("5", "40")
    )
    assert [run.shares for run in few.runs] == [run.shares for run in many.runs][:5]
    assert len({tuple(run.shares.values()) for run in many.runs}) == 40
    other = swarm_on_paper(supply, parse_recipe(RECIPE + SWARM + "seed = 1\n", "r"))
    assert other.runs[0].shares != few.runs[0].shares


def test_mixtures_that_no_target_can_read_are_left_out_and_told() -> None:
    supply = {"web": 10**7, "code": 64 * 20, "math/generic": 10**7, "books": 10**7}
    lattice = '[swarm]\ndesign = "lattice"\nsteps = 2\nfraction = 0.5\n'
    runs = swarm_on_paper(supply, parse_recipe(RECIPE + lattice, "r"))
    assert len(runs.runs) == 9 and runs.n_left_out == 1  # code alone: 120 of 1,000 samples at 6 epochs
    # Where code has half of the weight it is frozen at its cap, as `mix` does, and that is what is told.
    half = next(run for run in runs.runs if run.shares["code"] == run.shares["web"] == 500_000)
    assert half.target["code"] == 120 and half.target["web"] == 880
    assert next(row for row in half.arm.rows if row.key == "code").samples == 60


def test_a_subset_too_small_for_the_fraction_is_refused() -> None:
    supply = {"web": 10**7, "code": 64 * 5, "math/generic": 10**7, "books": 10**7}
    with pytest.raises(
        ValueError, match=r"code: 5 samples of 64 tokens, of which 1/16 is less than one: .* larger"
    ):
        swarm_on_paper(supply, parse_recipe(RECIPE + '[swarm]\nfraction = "1/16"\nruns = 4\n', "r"))


def test_recipes_that_cannot_be_a_swarm_are_one_line() -> None:
    supply = {"web": 10**7, "code": 10**7, "math/generic": 10**7, "books": 10**7}
    head = RECIPE.partition("[weights]")[0]
    for toml, told in (
        (head + "[weights]\nweb = 1\n", "a swarm needs two weights above zero"),
        (RECIPE + "[swarm]\nminimum = 0.25\n", "4 times 0.25 leaves nothing to mix"),
        (RECIPE + "[swarm]\nfraction = 0.0001\n", "0.0001 of the budget is less than one sample"),
        (RECIPE + '[swarm]\ndesign = "lattice"\nsteps = 50\n', "23,426 runs, 10,000 are allowed"),
        (RECIPE.replace("64000", "64000000000000"), "recipe r: .* tokens short"),
        (RECIPE + '[swarm]\nfraction = "1:2"\n', 'fraction must be as "1/16"'),
        ("by_source = true\n" + RECIPE, "by_source needs a corpus"),
    ):
        with pytest.raises(ValueError, match=told) as error:
            swarm_on_paper(supply, parse_recipe(toml, "r.toml"))
        assert "\n" not in str(error.value)


def test_a_minimum_holds_for_every_run() -> None:
    supply = {"web": 10**7, "code": 10**7, "math/generic": 10**7, "books": 10**7}
    runs = swarm_on_paper(supply, parse_recipe(RECIPE + SWARM + "minimum = 0.05\nconcentration = [1]\n", "r"))
    assert min(share for run in runs.runs for share in run.shares.values()) >= 50_000
    assert all("wikipedia" not in run.shares for run in runs.runs)


def test_the_whole_budget_is_the_target_itself(corpus: str) -> None:
    recipe = parse_recipe(RECIPE + "[swarm]\nfraction = 1\nruns = 2\n", "r")
    target = make_plan(corpus, recipe)
    supply = {
        row.key: Supply.on_paper(row.key, row.supply_samples * 64, 64) for row in target.arms["full"].rows
    }
    runs = swarm_runs(recipe, {key: supply.get(key, Supply.on_paper(key, 0, 64)) for key in recipe.keys()}, 7)
    plan = swarm_plan(recipe, runs, target.snapshot, 7)
    assert plan.arms["full"].rows == target.arms["full"].rows
    assert all(row.prefix is None for arm in plan.arms.values() for row in arm.rows)


def test_dry_run_and_paper_write_nothing(corpus: str, recipe_path: str, tmp_path: Path) -> None:
    before = sorted(Path(corpus).rglob("*"))
    shown = command("mix", corpus, "--recipe", recipe_path, "--swarm", "--dry-run")
    assert sorted(Path(corpus).rglob("*")) == before
    assert "16 runs of 16,000 tokens (1/4 of the target's)" in shown and "samples off" in shown
    supply = tmp_path / "supply.json"
    supply.write_text(json.dumps({"web": 10**6, "code": 10**6, "math/generic": 10**6, "books": 10**6}))
    value = json.loads(command("mix", "--supply", str(supply), "--recipe", recipe_path, "--swarm", "--json"))
    assert value["runs"] == 16 and set(value["shares"]) == {"books", "code", "math", "web"}
    assert all(entry["off_by_samples"] < 1 for entry in value["epochs"].values())


def test_the_same_swarm_is_the_same_bytes(
    corpus: str, recipe_path: str, folder: Path, tmp_path: Path
) -> None:
    command("mix", corpus, "--recipe", recipe_path, "--swarm", "--output", str(tmp_path / "again"))
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
