"""`verify` reads a swarm's folder as any plan: every run by the reader, its tables against its plan."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.reader import PlanChanged, open_plan
from corpusforge.shards.format import canonical_json, seal
from tests.shards.corpus import build_corpus

RECIPE = """
name = "r"
budget_tokens = 32000
sequence_length = 64
max_epochs = 6
packing = "best_fit"
[weights]
web = 0.4
math = 0.6
[swarm]
runs = 3
fraction = "1/4"
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified")
    made = build_corpus(folder, 300)
    (folder / "r.toml").write_text(RECIPE)
    assert run("mix", str(made), "--recipe", str(folder / "r.toml"), "--swarm")[0] == 0
    return made


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(args))
    return done.exit_code, done.output + str(done.exception or "")


def test_a_swarm_is_sound_and_named_as_a_plan(corpus: Path) -> None:
    code, output = run("verify", str(corpus))
    assert code == 0 and "1 plan" in output and "not checked" not in output, output


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ratios.csv", "ratios.csv: not what its plan says"),
        ("epochs.csv", "epochs.csv: not what its plan says"),
        ("buckets.json", "its seal does not hold"),
        ("plan.json", "changed since it was written"),
    ],
)
def test_a_changed_file_of_a_swarm_is_found(corpus: Path, tmp_path: Path, name: str, told: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    [path] = copy.glob(f"plans/swarms/*/{name}")
    data = path.read_bytes()
    place = next(n for n in range(len(data) // 2, len(data)) if chr(data[n]).isdigit())
    path.write_bytes(data[:place] + (b"1" if data[place : place + 1] != b"1" else b"2") + data[place + 1 :])
    code, output = run("verify", str(copy))
    assert code != 0 and told in output
    path.unlink()
    code, output = run("verify", str(copy))
    assert code != 0 or name == "buckets.json", output


def test_a_prefix_that_its_table_does_not_hold_is_found_by_the_reader(corpus: Path, tmp_path: Path) -> None:
    [path] = corpus.glob("plans/swarms/*/plan.json")
    value = json.loads(path.read_bytes())
    row = next(row for row in value["arms"]["run_0001"]["rows"] if "prefix" in row)
    row["prefix"]["n_tokens"] -= 1
    other = tmp_path / "plan.json"
    other.write_bytes(canonical_json(seal(value, "id")))
    with pytest.raises(PlanChanged, match=r"the first \d+ samples hold \d+ tokens, the plan says"):
        list(open_plan(str(corpus), str(other), "run_0001"))
