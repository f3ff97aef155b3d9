"""A swarm made again over a child: every run's budget and epochs as before, replacements that no run reads."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.numbered import read_patch
from corpusforge.mixture.planfile import Plan, nested_rows, plan_from_bytes
from corpusforge.mixture.swarmfiles import read_buckets
from corpusforge.mixture.unmoved import compare_over
from corpusforge.parts.verify import verify_corpus
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.tokenizer_choice import load_tokenizer
from tests.mixture.children import documents, read, snapshot_of, told

RECIPE = """
name = "r"
budget_tokens = 38400
sequence_length = 64
max_epochs = 9
packing = "{packing}"
[weights]
web = 0.5
code = 0.3
math = 0.2
[swarm]
runs = 2
fraction = "{fraction}"
{swarm}
{more}
"""
DOCUMENTS = documents(400)


class Made:
    """A corpus, a swarm's plan over its first snapshot, and its recipe's file."""

    def __init__(self, corpus: Path, plan: Path, recipe: Path) -> None:
        self.corpus, self.path, self.recipe = corpus, plan, recipe
        self.plan = loaded(plan)


def loaded(path: Path) -> Plan:
    return plan_from_bytes(path.read_bytes(), str(path))


def run(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refused(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code != 0 and "\n" not in str(done.exception), done.output
    return str(done.exception)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("swarm-again")
    snapshot_of(folder / "corpus", DOCUMENTS, folder / "parent")
    return folder / "corpus"


@pytest.fixture(scope="module")
def parent(corpus: Path) -> str:
    return read_index(str(corpus)).snapshot


def swarm(
    corpus: Path, parent: str, folder: Path, packing: str = "concat", fraction: str = "1/4", more: str = "", swarm: str = ""
) -> Made:  # fmt: skip
    recipe = folder / f"r-{fraction[-1]}.toml"
    recipe.write_text(RECIPE.format(packing=packing, fraction=fraction, more=more, swarm=swarm))
    before = set(corpus.glob("plans/swarms/*"))
    run("mix", corpus, "--recipe", recipe, "--swarm", "--snapshot", parent)
    (made,) = set(corpus.glob("plans/swarms/*")) - before
    return Made(corpus, made / "plan.json", recipe)


def again(made: Made, child: str, *words: object, tolerance: str = "0.1") -> Path:
    before = set(made.corpus.glob("plans/swarms/*"))
    run(
        "mix", made.corpus, "--again", made.path.parent, "--snapshot", child, "--tolerance", tolerance, *words
    )
    (folder,) = set(made.corpus.glob("plans/swarms/*")) - before
    return folder / "plan.json"


def without(corpus: Path, gone: set[str], target_tokens: int = 4000) -> str:
    with tempfile.TemporaryDirectory() as folder:
        kept = [document for document in DOCUMENTS if document.doc_id not in gone]
        return snapshot_of(corpus, kept, Path(folder), target_tokens)


def nested(corpus: Path, plan: Plan) -> dict[str, dict[tuple[str, int], int]]:
    """Return by arm how often each token of each document is read."""
    found: dict[str, dict[tuple[str, int], int]] = {}
    for arm in plan.arms:
        times: Counter[tuple[str, int]] = Counter()
        for _, stretches, _ in read(str(corpus), plan, arm):
            times.update((name, place) for name, start, n in stretches for place in range(start, start + n))
        found[arm] = times
    return found


def check(corpus: Path, old: Plan, new: Plan, gone: set[str]) -> int:
    """Hold the runs made again against the old ones, as the reader hands them out; return tokens replaced."""
    row_of = told(str(corpus))
    pair = lambda name: (row_of(name)["domain"], row_of(name)["subset"])  # noqa: E731
    source = lambda name: (pair(name), row_of(name)["source"], int(str(row_of(name)["length"])).bit_length())  # noqa: E731
    replacement: dict[tuple[str, int], tuple[str, int]] = {}
    n_replaced = 0
    for arm in old.arms:
        before, after = read(str(corpus), old, arm), read(str(corpus), new, arm)
        of_arm: Counter[bool] = Counter()
        assert len(before) == len(after) and old.arms[arm].tokens == new.arms[arm].tokens == new.tokens
        for (key, one, tokens), (key_too, other, tokens_too) in zip(before, after, strict=True):
            assert key == key_too
            if not any(name in gone for name, _, _ in one):
                assert one == other and tokens == tokens_too
                continue
            line = [(name, start + i) for name, start, n in one for i in range(n)]
            line_too = [(name, start + i) for name, start, n in other for i in range(n)]
            assert len(line) == len(line_too)
            for mine, theirs in zip(line, line_too, strict=True):
                if mine[0] not in gone:
                    assert mine == theirs
                    continue
                # the same in every epoch of every run, of the same stratum
                assert replacement.setdefault(mine, theirs) == theirs
                assert theirs[0] not in gone and pair(mine[0]) == pair(theirs[0])
                of_arm[source(mine[0]) == source(theirs[0])] += 1
        figures = compare_over(str(corpus), (old, old.arms[arm]), (new, new.arms[arm]))
        assert not sum(entry.moved_tokens for entry in figures)
        assert sum(entry.like_tokens for entry in figures) == of_arm[True]
        assert sum(entry.replaced_tokens for entry in figures) == of_arm.total()
        n_replaced += of_arm[True]
        assert of_arm[False] <= of_arm.total() // 10
    # no token stands for two, and none that a run read before comes: so that epochs are as they were
    times, times_too = nested(corpus, old), nested(corpus, new)
    assert len(set(replacement.values())) == len(replacement)
    assert set(replacement.values()).isdisjoint(token for arm in times.values() for token in arm)
    for arm in times:
        assert sorted(times[arm].values()) == sorted(times_too[arm].values())
    return n_replaced


def in_the_part(made: Made, every: int) -> set[str]:
    """Return some documents that the runs read."""
    names = sorted(
        {name for _, stretches, _ in read(str(made.corpus), made.plan, "full") for name, _, _ in stretches}
    )
    return set(names[::every])


@pytest.mark.parametrize(
    ("packing", "more"),
    [("concat", ""), ("best_fit", ""), ("concat", '[selections."web#long"]\nat_least={words=60}')],
    ids=["concat", "best fit", "selection"],
)
def test_runs_read_what_they_read_but_for_what_is_gone(
    corpus: Path, parent: str, tmp_path: Path, packing: str, more: str
) -> None:
    made = swarm(corpus, parent, tmp_path, packing, more=more)
    gone = in_the_part(made, 9) | {document.doc_id for document in DOCUMENTS[::31]}
    child = without(corpus, gone, 3000)
    recipe = ("--recipe", made.recipe) if packing != "concat" or more else ()
    if recipe:
        assert "give the recipe of the swarm with --recipe" in refused(
            "mix", corpus, "--again", made.path, "--snapshot", child
        )
    new = again(made, child, *recipe)
    assert check(corpus, made.plan, loaded(new), gone)
    for name in ("ratios.csv", "epochs.csv"):
        assert (new.parent / name).read_bytes() == (made.path.parent / name).read_bytes()
    run("diff", corpus, f"{made.path}:run_0002", f"{new}:run_0002")
    # once more, over a child of the child: a replacement may be gone too
    came = {name for times in nested(corpus, loaded(new)).values() for name, _ in times}
    more_gone = gone | set(sorted(came)[::11])
    third = again(Made(corpus, new, made.recipe), without(corpus, more_gone), *recipe)
    assert check(corpus, made.plan, loaded(third), more_gone)
    assert not [problem for problem in verify_corpus(str(corpus)).problems]


def test_a_larger_fraction_begins_with_what_a_smaller_reads(
    corpus: Path, parent: str, tmp_path: Path
) -> None:
    made = [
        swarm(corpus, parent, tmp_path, fraction=fraction, swarm="seed = 9") for fraction in ("1/4", "1/8")
    ]
    gone = in_the_part(made[1], 5)
    child = without(corpus, gone)
    larger, smaller = (first_tokens(corpus, loaded(again(one, child))) for one in made)
    assert smaller.keys() == larger.keys() and len(smaller) == 4
    for pair, tokens in smaller.items():
        assert len(tokens) < len(larger[pair])
        assert tokens.tolist() == larger[pair][: len(tokens)].tolist()


def first_tokens(corpus: Path, plan: Plan) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Return where the tokens of the longest part of each subset lie in the child, end to end."""
    found: dict[tuple[str, str], NDArray[np.int64]] = {}
    for pair in {(row.domain, row.subset) for row in plan.arms["full"].rows if row.samples}:
        ((row, _),) = nested_rows(plan, pair).values()
        assert row.patch is not None
        end = np.array([row.supply_samples * 64])
        _, starts, stops = read_patch(str(corpus), row.patch).find(np.zeros(1, np.int64), end * 0, end)
        found[pair] = np.concatenate([np.arange(*place) for place in zip(starts, stops, strict=True)])
        assert len(found[pair]) == end[0]
    return found


def test_fits_are_of_what_their_runs_read(corpus: Path, parent: str, tmp_path: Path) -> None:
    made = swarm(corpus, parent, tmp_path, swarm="seed = 7")
    gone = in_the_part(made, 9)
    child = without(corpus, gone)
    new = again(made, child)
    old_buckets, buckets = (read_buckets(str(path.parent / "buckets.json")) for path in (made.path, new))
    assert buckets.swarm == loaded(new).id != old_buckets.swarm and buckets.snapshot == child
    assert any(bucket.made_again for bucket in buckets.buckets.values())
    fit = tmp_path / "fit.json"

    def fitted(swarm: str, snapshot: str) -> tuple[object, ...]:
        fit.write_text(json.dumps({"swarm": swarm, "weights": {"web": 0.4, "code": 0.4, "math": 0.2}}))
        return ("mix", corpus, "--recipe", made.recipe, "--fit", fit, "--snapshot", snapshot)

    line = refused(*fitted(old_buckets.swarm, child))
    assert "the swarm's corpus held" in line and f"--snapshot {parent}" in line and "--again" in line
    run(*fitted(buckets.swarm, child))
    # the other way: the old target, made again
    before = set(corpus.glob("plans/*.json"))
    run(*fitted(old_buckets.swarm, parent))
    (target,) = set(corpus.glob("plans/*.json")) - before
    run("mix", corpus, "--again", target, "--snapshot", child, "--tolerance", "1")
    # its recipe is the swarm's with the fit's weights: given both, its epochs may be walked
    words = ("mix", corpus, "--again", target, "--snapshot", child, "--tolerance", "1", "--fit", fit)
    assert "--fit goes with a --recipe" in refused(*words)
    assert "give --fit or --pin, too" in refused(*words[:-2], "--recipe", made.recipe)
    run(*words, "--recipe", made.recipe)
    # the fit of another swarm made another plan
    fit.write_text(
        json.dumps({"swarm": old_buckets.swarm, "weights": {"web": 0.4, "code": 0.3, "math": 0.3}})
    )
    assert "not the one that the plan was made of" in refused(*words, "--recipe", made.recipe)
    # another child is other text: of the same size even
    swapped = gone - set(sorted(gone)[:1])
    assert "this is" in refused(*fitted(buckets.swarm, without(corpus, swapped)))


def test_what_cannot_be_made_again_is_one_line(corpus: Path, parent: str, tmp_path: Path) -> None:
    made = swarm(corpus, parent, tmp_path, fraction="0.9", swarm="seed = 3")
    gone = in_the_part(made, 2)
    child = without(corpus, gone)
    line = refused("mix", corpus, "--again", made.path, "--snapshot", child)
    assert "lost tokens find no stretch of the same length and source that no run reads" in line
    assert "--recipe" not in line and "--tolerance" in line
    line = refused("mix", corpus, "--again", made.path, "--snapshot", child, "--tolerance", "1")
    assert "tokens short: no document is left that no run reads" in line
    alone = tmp_path / "plan.json"
    alone.write_bytes(made.path.read_bytes())
    assert "no buckets.json lies beside it" in refused("mix", corpus, "--again", alone, "--snapshot", child)
    with tempfile.TemporaryDirectory() as folder:
        other = snapshot_of(corpus, DOCUMENTS, Path(folder), tokenizer=load_tokenizer("o200k_base"))
    with pytest.raises(ValueError, match="is a swarm, whose runs read in orders of their own"):
        plan_again(str(corpus), made.plan, other)
