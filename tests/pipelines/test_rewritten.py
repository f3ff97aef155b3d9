"""Other tokens, other shards: the same documents in the same order, killed or not, after a retraction too."""

import json
import shutil
from collections import Counter
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.commands.verify import plan_problem, plans_of
from corpusforge.frozen import canonical_sha256
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.snapshot import commit, read_current
from corpusforge_pipelines.rewrite import Task, rewrite
from tests.mixture.children import documents, lengths_in, line_of
from tests.pipelines.conftest import corpus_bytes, killed_at
from tests.shards.corpus import make_header_for_tests, shard_rows, spill_all

DOCUMENTS = documents(300)
GONE = {document.doc_id for document in DOCUMENTS[::9]}
TOML = """
name = "r"
budget_tokens = 4800
sequence_length = 64
max_epochs = 4
[weights]
web = 0.4
code = 0.2
math = 0.4
[arms.less]
without = ["code"]
"""
RECIPE = parse_recipe(TOML, "r")
O200K = ShardsConfig(tokenizer="o200k_base", shard_tokens=4000, oracle_share=0.1)
WAYS = {
    "tokens": {"shards": O200K, "shard_tokens": None, "oracle_share": 0.1},
    "tokens, shards": {"shards": O200K, "shard_tokens": 2500, "oracle_share": 0.1},
    "smaller shards": {"shards": None, "shard_tokens": 1500},
    "larger shards": {"shards": None, "shard_tokens": 100_000},
}


def committed(corpus, kept, folder):
    folder.mkdir()
    config = {"seed": 7, "shards": ShardsConfig(shard_tokens=4000).model_dump(mode="json")}
    header = {**make_header_for_tests(), "config": config, "config_sha256": canonical_sha256(config)}
    sources = {
        name: {"records_in": n, "kept": n, "dropped": {}, "quarantined": 0}
        for name, n in Counter(document.source for document in kept).items()
    }
    header["conservation"] = {"sources": sources}
    rows = shard_rows(spill_all([kept], folder), folder, 4000, corpus=corpus)
    return commit(str(corpus), rows, header)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A corpus of two snapshots, the second without some documents of the first, and a plan of the first."""
    folder = tmp_path_factory.mktemp("rewritten")
    first = committed(folder / "corpus", DOCUMENTS, folder / "a")
    plan = make_plan(str(folder / "corpus"), RECIPE, first)
    kept = [document for document in DOCUMENTS if document.doc_id not in GONE]
    committed(folder / "corpus", kept, folder / "b")
    return folder / "corpus", plan


@pytest.fixture
def corpus(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "corpus")


def rewritten(corpus, way, **options):
    """Return the snapshot that the current one is rewritten as."""
    task = Task(corpus=str(corpus), snapshot=read_current(str(corpus)), **WAYS[way])
    return rewrite(task, **options)


@pytest.mark.parametrize("way", WAYS)
def test_diff_says_that_documents_and_order_are_equal(corpus, way):
    before = read_current(str(corpus))
    after = rewritten(corpus, way)
    done = CliRunner().invoke(app, ["diff", str(corpus), before, after, "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.output)
    assert all(row["docs"][0] == row["docs"][1] == row["shared_docs"] for row in rows)
    assert sum(row["docs"][0] for row in rows) == len(DOCUMENTS) - len(GONE)
    assert all((row["tokens"][0] == row["tokens"][1]) == ("tokens" not in way) for row in rows)
    # the very order, not by the key that `diff` goes by
    assert list(lengths_in(str(corpus), before)) == list(lengths_in(str(corpus), after))


@pytest.mark.parametrize("way", ["tokens", "tokens, shards"])
def test_killed_at_any_file_and_run_again_it_writes_the_same_bytes(made, tmp_path, monkeypatch, way):
    whole = shutil.copytree(made[0], tmp_path / "whole")
    with monkeypatch.context() as patch:
        files = killed_at(patch, -1)
        rewritten(whole, way)
    expected = corpus_bytes(whole)
    for number in (1, len(files) // 2, len(files) - 1):
        corpus = shutil.copytree(made[0], tmp_path / f"corpus-{number}")
        before = read_current(str(corpus))
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(BaseException):  # noqa: B017 - a runner wraps what a worker raised
                rewritten(corpus, way)
        if read_current(str(corpus)) == before:
            rewritten(corpus, way)
        assert corpus_bytes(corpus) == expected, (number, files[number])


@pytest.mark.parametrize("way", ["tokens", "tokens, shards"])
def test_a_plan_goes_over_a_retraction_and_then_over_other_tokens(made, corpus, way):
    _, old = made
    without = plan_again(str(corpus), old, recipe=RECIPE, tolerance=Decimal("0.05")).plan
    retracted = read_current(str(corpus))
    assert without.snapshot == retracted
    rewritten(corpus, way)
    new = plan_again(str(corpus), without).plan
    before, after = (lengths_in(str(corpus), plan.snapshot) for plan in (without, new))
    assert list(before) == list(after) and not GONE & set(after)
    for arm in without.arms:
        for number, row in enumerate(new.arms[arm].rows):
            line = []
            for name, place in line_of(str(corpus), without, arm, number):
                n, m = before[name], after[name]
                line += [(name, token) for token in range(place * m // n, (place + 1) * m // n)]
            found = line_of(str(corpus), new, arm, number)
            assert found == line[: len(line) // 64 * 64]
            assert row.tokens == len(found)
    write_plan(str(corpus), new)
    (written,) = plans_of(str(corpus))
    assert plan_problem(str(corpus), written) is None


def test_a_plan_is_led_over_both_in_two_steps_not_in_one(made, corpus):
    """What was taken out and what has another length cannot be told apart: one line says what to do."""
    retracted = read_current(str(corpus))
    rewritten(corpus, "tokens")
    with pytest.raises(
        ValueError, match=r"do not hold the same documents .* `retokenize --snapshot` of the retracted"
    ):
        plan_again(str(corpus), made[1])
    without = plan_again(str(corpus), made[1], retracted, recipe=RECIPE, tolerance=Decimal("0.05")).plan
    new = plan_again(str(corpus), without).plan
    assert new.snapshot == read_current(str(corpus)) and new.parent == without.id
