"""A fit is used over the buckets that it was fitted on, and refused in one line over any other."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.mixture import buckets as buckets_module
from corpusforge.mixture.buckets import read_bucket
from corpusforge.mixture.plan import make_plan
from corpusforge.mixture.planfile import plan_from_bytes
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.mixture.supply import Supply
from corpusforge.shards import format as format_module
from corpusforge.shards.format import BlockHasher, ShardRow, shard_path
from corpusforge.shards.snapshot import Index, commit, read_index
from tests.shards.corpus import make_documents, make_header_for_tests, shard_rows, spill_all

RECIPE = """
name = "r"
budget_tokens = 32000
sequence_length = 64
max_epochs = 6
packing = "{packing}"
[weights]
web = 0.4
code = 0.2
math = 0.4
[swarm]
runs = 6
fraction = "1/4"
"""
WEIGHTS = {"web": 0.31, "code": 0.29, "math": 0.4}


def run(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(args))
    return done.exit_code, done.output, str(done.exception)


def build(folder: Path, change=lambda document: document, **header: object) -> str:  # type: ignore[no-untyped-def]
    documents = [change(document) for document in make_documents(400)]
    corpus = folder / "corpus"
    rows = shard_rows(spill_all([[d for d in documents if d is not None]], folder), folder, 4000)
    commit(str(corpus), rows, {**make_header_for_tests(), **header})
    return str(corpus)


@pytest.fixture(scope="module", params=["concat", "best_fit"])
def swarm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, Path]:
    """Return (corpus, recipe, folder of its swarm)."""
    folder = tmp_path_factory.mktemp("fit")
    corpus, recipe = build(folder), folder / "r.toml"
    recipe.write_text(RECIPE.format(packing=request.param))
    code, output, error = run("mix", corpus, "--recipe", str(recipe), "--swarm")
    assert code == 0, output + error
    [made] = Path(corpus, "plans", "swarms").iterdir()
    return corpus, str(recipe), made


def fit_file(folder: Path, value: object) -> str:
    path = folder / "fit.json"
    path.write_text(json.dumps(value))
    return str(path)


def test_a_fit_makes_the_target_of_its_weights(swarm: tuple[str, str, Path], tmp_path: Path) -> None:
    corpus, recipe, folder = swarm
    fit = fit_file(tmp_path, {"swarm": folder.name[2:], "weights": WEIGHTS})
    code, output, error = run(
        "mix", corpus, "--recipe", recipe, "--fit", fit, "--output", f"{tmp_path}/p.json"
    )
    assert code == 0, output + error
    plan = plan_from_bytes(Path(tmp_path, "p.json").read_bytes(), "p")
    text = Path(recipe).read_text()
    weights = "".join(f"{unit} = {weight}\n" for unit, weight in WEIGHTS.items())
    by_hand = text.partition("[weights]")[0] + "[weights]\n" + weights
    assert plan.name == "r-fit" and plan.arms == make_plan(corpus, parse_recipe(by_hand, "r")).arms


def test_what_olmix_writes_is_a_fit(swarm: tuple[str, str, Path], tmp_path: Path) -> None:
    corpus, recipe, folder = swarm
    fit = fit_file(tmp_path, [{"domain": unit, "weight": weight} for unit, weight in WEIGHTS.items()])
    common = ("mix", corpus, "--recipe", recipe, "--fit", fit, "--dry-run")
    assert "does not say which swarm it is of: name its file with --buckets" in run(*common)[2]
    code, output, error = run(*common, "--buckets", str(folder / "buckets.json"))
    assert code == 0 and "0.3100" not in output and "31.00%" in output, error


def _shorter(document):  # type: ignore[no-untyped-def]
    words = document.text.split(" ")
    return dataclasses.replace(document, text=" ".join(words[1:] + words[:1]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: None if d.domain == "code" and d.locator.endswith("7") else d, "code: holds"),
        (lambda d: None if d.domain == "web" else d, "web: the corpus holds nothing of it any more"),
        (lambda d: _shorter(d) if d.domain == "web" else d, "web: "),
    ],
)
def test_a_fit_is_refused_over_buckets_that_drifted(
    swarm: tuple[str, str, Path],
    tmp_path: Path,
    change,
    told: str,  # type: ignore[no-untyped-def]
) -> None:
    _, recipe, folder = swarm
    other = build(tmp_path, change)
    fit = fit_file(tmp_path, {"swarm": folder.name[2:], "weights": WEIGHTS})
    command = ("mix", other, "--recipe", recipe, "--fit", fit)
    assert "which is not in" in run(*command)[2]
    code, _, error = run(*command, "--buckets", str(folder / "buckets.json"))
    assert code != 0 and error.startswith(told) and "make a swarm of this one and fit again" in error
    assert "\n" not in error and not list(Path(other).glob("plans/*.json"))


def test_another_snapshot_of_the_same_text_is_no_drift(swarm: tuple[str, str, Path], tmp_path: Path) -> None:
    corpus, recipe, folder = swarm
    other = build(tmp_path, corpus_id="another")
    assert read_index(other).snapshot != read_index(corpus).snapshot
    fit = fit_file(tmp_path, {"weights": WEIGHTS})
    buckets = str(folder / "buckets.json")
    code, output, error = run("mix", other, "--recipe", recipe, "--fit", fit, "--buckets", buckets)
    assert code == 0, output + error


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"weights": {"web": 1, "code": 1}}, "weights.math: missing: give 0 for none of it"),
        ({"weights": {**WEIGHTS, "books": 1}}, "weights.books: not of the swarm, which has code, math, web"),
        ({"weights": {**WEIGHTS, "web": -1}}, "weights.web: expected a number, 0 or more, got -1"),
        ({"weights": {**WEIGHTS, "web": "much"}}, "weights.web: expected a number"),
        ({"swarm": "0" * 32, "weights": WEIGHTS}, "fit.json: of swarm 00000000000000000000000000000000, "),
        ({"weights": WEIGHTS, "loss": 1}, "unknown key 'loss'"),
        ([{"domain": "web", "weight": 1}] * 2, "web stands there twice"),
        ([1], "no fit: expected"),
        (3, "no fit: expected"),
    ],
)
def test_what_is_no_fit_of_this_swarm_is_one_line(
    swarm: tuple[str, str, Path], tmp_path: Path, value: object, told: str
) -> None:
    corpus, recipe, folder = swarm
    fit = fit_file(tmp_path, value)
    code, _, error = run(
        "mix", corpus, "--recipe", recipe, "--fit", fit, "--buckets", str(folder / "buckets.json")
    )
    assert code != 0 and told in error and "\n" not in error


def test_another_target_is_refused(swarm: tuple[str, str, Path], tmp_path: Path) -> None:
    corpus, recipe, folder = swarm
    other = tmp_path / "r.toml"
    other.write_text(Path(recipe).read_text().replace("32000", "64000"))
    fit = fit_file(tmp_path, {"swarm": folder.name[2:], "weights": WEIGHTS})
    _, _, error = run("mix", corpus, "--recipe", str(other), "--fit", fit)
    assert "budget_tokens is 64000, the swarm's target had 32000" in error
    changed = tmp_path / "buckets.json"
    changed.write_bytes((folder / "buckets.json").read_bytes().replace(b'"runs":6', b'"runs":7'))
    _, _, error = run("mix", corpus, "--recipe", recipe, "--fit", fit, "--buckets", str(changed))
    assert "its seal does not hold" in error


def test_a_bucket_is_hashed_to_the_last_token_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (format_module, buckets_module):
        monkeypatch.setattr(module, "BLOCK_BYTES", 64)  # 16 tokens a block
    tokens = np.arange(150, dtype="<u4")

    def digest(tokens: np.ndarray, n_samples: int) -> str:
        rows = []
        for number, part in enumerate((tokens[:60], tokens[60:])):
            hasher = BlockHasher()
            hasher.update(part.tobytes())
            xxh3, crc32 = hasher.blocks()
            rows.append(ShardRow(
                id=f"{number:032d}", domain="web", subset="all", index=number, bytes=part.nbytes,
                n_tokens=len(part), n_docs=1, max_len=len(part), max_id=150, sha256=hasher.sha256.hexdigest(),
                xxh3=xxh3, crc32=crc32, docs_sha256="", text_sha256="", ends_sha256="",
            ))  # fmt: skip
            path = tmp_path / shard_path("web", "all", rows[-1].id, "tokens")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(part.tobytes())
        index = Index(snapshot="0" * 32, header={}, rows=tuple(rows))
        return read_bucket(str(tmp_path), index, Supply.on_paper("web", 150, 10), n_samples).sha256

    for n_samples in (1, 4, 6, 8, 11, 15):
        whole = digest(tokens, n_samples)
        for place in range(0, 150, 3):
            changed = tokens.copy()
            changed[place] += 1000
            assert (digest(changed, n_samples) != whole) == (place < 10 * n_samples)
