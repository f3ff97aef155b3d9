"""One verb after another: both policies in turn, over other tokens and shards, and what `diff` says of it."""

import json
import shutil

import pytest

from corpusforge.parts.verify import verify_corpus
from corpusforge.retract.ledger import ledgers
from corpusforge.shards.between import compare_snapshots
from corpusforge.shards.snapshot import read_current, read_index
from tests.garbage.conftest import run
from tests.pipelines.test_next_best import _built, _documents, _end, _named, _rows, _taken_out, _urls

KINDS = ("near", "chain", "foot")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return _built(tmp_path_factory.mktemp("twice") / "whole", _rows())


@pytest.fixture
def corpus(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "corpus")


def _sound(*words):
    status, out, err = run(*words)
    assert status == 0, err
    return out


def test_diff_tells_what_came_left_and_is_cut_otherwise_and_that_nothing_else_moved(corpus):
    parent, before = read_current(str(corpus)), _documents(corpus)
    child = _taken_out(corpus, _urls(_named(corpus)))
    after, (ledger,) = _documents(corpus), ledgers(str(corpus))
    words = ("diff", corpus, parent, child.snapshot)
    (told,) = json.loads(_sound(*words, "--json"))
    assert told["docs"] == [len(before), len(after)]
    assert told["docs"][1] - told["shared_docs"] == ledger["moved"]["returned"]
    assert told["docs"][0] - told["shared_docs"] == ledger["documents"] + ledger["moved"].get("left", 0)
    assert told["changed_docs"] == ledger["moved"]["changed"] > 0
    same = [name for name in before.keys() & after.keys() if before[name] == after[name]]
    assert len(same) == told["shared_docs"] - told["changed_docs"]
    n_changed = told["changed_docs"]
    assert f"in the same order in both: {n_changed} of them with another text" in _sound(*words)
    assert "in the same order in both: the same texts" in _sound("diff", corpus, parent, parent)


def test_copies_that_went_do_not_come_back_as_the_next_best(corpus, tmp_path):
    (exact,), others = _named(corpus, ("exact",)), _named(corpus, KINDS)
    _taken_out(corpus, _urls([exact]), "cluster")
    index = _taken_out(corpus, _urls(others))
    first = [name for name in _rows() if name.startswith("exact-")]
    never = _built(tmp_path / "never", _rows(), without=[*first, *others])
    assert _documents(corpus) == _documents(never)
    assert _end(index) == _end(read_index(str(never)))
    assert not verify_corpus(str(corpus)).problems


@pytest.mark.parametrize(
    "verb", [["retokenize", "--tokenizer", "o200k_base"], ["reshard", "--shard-tokens", "900"]]
)
def test_the_next_best_comes_into_other_tokens_and_shards(corpus, tmp_path, verb):
    """What is made of one document is the same whichever verb comes first."""
    other = shutil.copytree(corpus, tmp_path / "other")
    entries = _urls(_named(corpus))
    _sound(verb[0], corpus, *verb[1:])
    parent = read_index(str(corpus))
    index = _taken_out(corpus, entries)
    assert not verify_corpus(str(corpus)).problems
    assert index.header["tokenizer"] == parent.header["tokenizer"]
    _taken_out(other, entries)
    _sound(verb[0], other, *verb[1:])
    assert _documents(corpus) == _documents(other)
    first, second = (read_index(str(one)).header for one in (corpus, other))
    assert first["conservation"] == second["conservation"]
    totals = [header["totals"] for header in (first, second)]
    assert totals[0]["n_tokens"] == totals[1]["n_tokens"]
    (told,) = compare_snapshots(str(corpus), parent.snapshot, index.snapshot)
    assert told.docs[0] > told.shared_docs > told.changed_docs > 0
