"""Other tokens or other shards of a snapshot's documents: what a build from the dumps would have made."""

import json
import shutil

import pytest

from corpusforge.commands.verify import plan_problem, plans_of
from corpusforge.config import load_config
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.difference import compare
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import load_recipe
from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from corpusforge.shards.between import compare_snapshots
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.snapshot import read_current, read_index
from corpusforge_pipelines.build import build
from corpusforge_pipelines.rewrite import Task, rewrite
from tests.pipelines.conftest import built_in, run_command, write_config
from tests.shards.train_tokenizer import train


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A corpus of small dumps, and a folder in which it can be built again."""
    return built_in(tmp_path_factory.mktemp("rewrite"))


@pytest.fixture
def corpus(built, tmp_path):
    """A copy of it."""
    return shutil.copytree(built / "corpus", tmp_path / "corpus")


def _afresh(built, corpus, **shards):
    """Return the index of what a build with other settings makes of the same parts."""
    shutil.rmtree(corpus / "builds", ignore_errors=True)
    (corpus / "CURRENT").unlink()
    config = load_config(str(write_config(built, corpus, shards=shards)))
    return read_index(str(corpus), build(config).snapshot_id)


def _retokenised(corpus, shards, *, cut_anew=False, **options):
    task = Task(
        corpus=str(corpus),
        snapshot=read_current(str(corpus)),
        shards=shards,
        shard_tokens=shards.shard_tokens if cut_anew else None,
        oracle_share=shards.oracle_share,
    )
    return read_index(str(corpus), rewrite(task, **options))


def _resharded(corpus, shard_tokens):
    task = Task(
        corpus=str(corpus), snapshot=read_current(str(corpus)), shards=None, shard_tokens=shard_tokens
    )
    return read_index(str(corpus), rewrite(task))


@pytest.mark.parametrize("workers", [1, 2])
def test_other_tokens_are_those_of_a_build(built, corpus, workers):
    before = read_current(str(corpus))
    settings = ShardsConfig(tokenizer="llama3", shard_tokens=4000, oracle_share=0.1)
    index = _retokenised(corpus, settings, cut_anew=True, workers=workers)
    assert read_current(str(corpus)) == index.snapshot
    assert index.header["parent"] == before
    assert not verify_corpus(str(corpus)).problems
    found = compare_snapshots(str(corpus), before, index.snapshot)
    assert all(entry.docs[0] == entry.docs[1] == entry.shared_docs for entry in found)
    assert not list(corpus.glob("spills/*"))

    fresh = _afresh(built, corpus, tokenizer="llama3", oracle_share=0.1)
    assert [row.id for row in index.rows] == [row.id for row in fresh.rows]
    of_this = ("snapshot", "parent")
    assert {key: value for key, value in index.header.items() if key not in of_this} == {
        key: value for key, value in fresh.header.items() if key not in of_this
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_shards_that_keep_their_documents_are_those_of_a_build_too(built, tmp_path, workers):
    corpus = tmp_path / "corpus"
    whole = load_config(str(write_config(built, corpus, shards={"shard_tokens": 10**6})))
    build(whole)
    before = read_index(str(corpus))
    settings = ShardsConfig(tokenizer="llama3", shard_tokens=10**6, oracle_share=0.1)
    index = _retokenised(corpus, settings, workers=workers)
    assert index.header["parent"] == before.snapshot
    assert not verify_corpus(str(corpus)).problems
    assert {row.text_sha256 for row in index.rows} == {row.text_sha256 for row in before.rows}
    fresh = _afresh(built, corpus, tokenizer="llama3", oracle_share=0.1, shard_tokens=10**6)
    assert index.rows == fresh.rows
    assert index.header["conservation"] == fresh.header["conservation"]


def test_many_shards_keep_their_documents(corpus):
    before = read_index(str(corpus))
    index = _retokenised(corpus, ShardsConfig(tokenizer="qwen3", shard_tokens=4000))
    assert [(row.domain, row.subset, row.index, row.n_docs) for row in index.rows] == [
        (row.domain, row.subset, row.index, row.n_docs) for row in before.rows
    ]
    found = compare_snapshots(str(corpus), before.snapshot, index.snapshot)
    assert all(entry.docs[0] == entry.docs[1] == entry.shared_docs for entry in found)
    assert not verify_corpus(str(corpus)).problems


def test_other_shards_hold_the_tokens_that_were_there(built, corpus):
    before = read_index(str(corpus))
    index = _resharded(corpus, 1500)
    assert index.header["tokenizer"] == before.header["tokenizer"]
    assert _resharded(corpus, 1500).rows == index.rows
    found = compare_snapshots(str(corpus), before.snapshot, index.snapshot)
    assert all(entry.docs[0] == entry.docs[1] == entry.shared_docs for entry in found)
    assert all(entry.tokens[0] == entry.tokens[1] for entry in found)
    assert sum(entry.shared_shards for entry in found) < len(before.rows) < len(index.rows)
    assert [row.id for row in index.rows] == [
        row.id for row in _afresh(built, corpus, shard_tokens=1500).rows
    ]


def test_a_tokenizer_json_is_kept_and_narrow_tokens_stay_narrow(corpus, tmp_path):
    file = train(tmp_path / "tokenizer.json")
    _retokenised(corpus, ShardsConfig(tokenizer_json=str(file), shard_tokens=4000))
    file.unlink()
    assert _resharded(corpus, 2000).header["dtype"] == "<u2"
    assert not verify_corpus(str(corpus)).problems


def test_plans_over_the_old_snapshot_stay(corpus, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "r"\nbudget_tokens = 2048\nsequence_length = 256\n[weights]\nweb = 1\n')
    write_plan(str(corpus), make_plan(str(corpus), load_recipe(str(recipe))))
    _resharded(corpus, 1500)
    (plan,) = plans_of(str(corpus))
    assert plan_problem(str(corpus), plan) is None


def test_plans_are_made_again_over_other_shards_and_other_tokens(corpus, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "r"\nbudget_tokens = 2048\nsequence_length = 64\n[weights]\nweb = 1\n')
    old = make_plan(str(corpus), load_recipe(str(recipe)))
    _resharded(corpus, 1500)
    same = plan_again(str(corpus), old).plan
    samples = [[sample.tokens.tobytes() for sample in open_plan(str(corpus), plan)] for plan in (old, same)]
    assert samples[0] == samples[1] and same.snapshot != old.snapshot
    _retokenised(corpus, ShardsConfig(tokenizer="o200k_base", shard_tokens=1500))
    other = plan_again(str(corpus), same).plan
    (found,) = compare(str(corpus), (same, same.arms["full"]), (other, other.arms["full"]))
    # the last document alone may be left out: with it, less than a sample
    assert found.docs[0] - 1 <= found.docs[1] == found.shared_docs
    write_plan(str(corpus), other)
    assert not verify_corpus(str(corpus)).problems
    assert all(plan_problem(str(corpus), plan) is None for plan in plans_of(str(corpus)))


def test_a_damaged_text_is_one_line_and_changes_nothing(corpus):
    before = read_current(str(corpus))
    text = sorted(corpus.glob("shards/*/*/*.text.parquet"))[0]
    data = bytearray(text.read_bytes())
    data[len(data) // 2] ^= 1
    text.write_bytes(data)
    result = run_command("retokenize", str(corpus), "--tokenizer", "o200k_base", check=False)
    assert result.returncode == 1
    assert text.name in result.stderr and "restore the file" in result.stderr
    assert "Traceback" not in result.stderr
    assert read_current(str(corpus)) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["retokenize"], "--tokenizer"),
        (["retokenize", "--tokenizer", "nobody"], "no encoding is called 'nobody'"),
        (["reshard", "--shard-tokens", "9", "--snapshot", "0" * 32], "no snapshot"),
    ],
)
def test_wrong_usage_is_one_line(built, arguments, told):
    result = run_command(arguments[0], str(built / "corpus"), *arguments[1:], check=False)
    assert result.returncode == 2
    assert told in result.stderr and "Traceback" not in result.stderr


def test_the_verbs_say_what_they_would_do_and_did(corpus):
    files = sorted(corpus.rglob("*"))
    result = run_command("reshard", str(corpus), "--shard-tokens", "1500", "--dry-run")
    assert "nothing was written" in result.stdout
    assert sorted(corpus.rglob("*")) == files
    before = read_current(str(corpus))
    assert "The same documents" in run_command("reshard", str(corpus), "--shard-tokens", "1500").stdout
    rows = json.loads(run_command("diff", str(corpus), before, read_current(str(corpus)), "--json").stdout)
    assert all(row["docs"][0] == row["docs"][1] == row["shared_docs"] for row in rows)
