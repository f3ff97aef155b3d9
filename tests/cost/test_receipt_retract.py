"""The receipt of a retraction: all of its runs are charged to the snapshot without what went, once."""

import shutil
from pathlib import Path

import pytest

from corpusforge.cost.amount import Cost, summed
from corpusforge.cost.receipt import read_receipt, receipt_path
from corpusforge.parts.finding import Task
from corpusforge.parts.verify import verify_corpus
from corpusforge.retract.ledger import NEXT_BEST, Request
from corpusforge.retract.lists import listed
from corpusforge.shards.snapshot import read_current, read_index
from corpusforge_pipelines import retract as retracting
from corpusforge_pipelines.retract import retract
from tests.garbage.conftest import run
from tests.pipelines.conftest import Killed, built_in

STAGES = ["lookup", "find", "clusters", "parts", "shards", "commit"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A corpus of small dumps."""
    return built_in(tmp_path_factory.mktemp("retracted"))


@pytest.fixture
def corpus(built, tmp_path):
    """A copy of it."""
    return shutil.copytree(built / "corpus", tmp_path / "corpus")


def _task(corpus, **options):
    entries = listed([("host", "example.net")])
    return Task(
        corpus=str(corpus), request=Request(parent=read_current(str(corpus)), listed=entries, **options)
    )


def _journals(corpus):
    return sorted(Path(corpus, "costs").glob("runs-*.json"))


def test_a_retraction_tells_what_each_stage_took(corpus):
    snapshot = retract(_task(corpus), started=Cost(cpu_us=7)).snapshot
    receipt = read_receipt(str(corpus), snapshot)
    assert list(receipt.stages()) == ["start", *STAGES]
    assert receipt.stages()["start"] == Cost(cpu_us=7)
    assert summed(receipt.stages().values()) == receipt.spent() and receipt.spent().wall_us > 0
    index = read_index(str(corpus))
    assert receipt.tokens == index.header["totals"]["n_tokens"] and receipt.input_bytes == 0
    parent = read_index(str(corpus), index.header["parent"])
    new = {row.id for row in index.rows} - {row.id for row in parent.rows}
    on_disk = sum(
        path.stat().st_size for path in corpus.glob("shards/*/*/*") if path.name.partition(".")[0] in new
    )
    assert receipt.stages()["shards"].written_bytes >= on_disk > 0
    assert receipt.stages()["find"].read_bytes > 0
    assert not _journals(corpus) and not verify_corpus(str(corpus)).problems


def test_the_next_best_are_charged_for_what_is_decided_again(corpus):
    receipt = read_receipt(str(corpus), retract(_task(corpus, policy=NEXT_BEST)).snapshot)
    assert {"dedup", "compare", "shards", "commit"} < receipt.stages().keys()


@pytest.mark.parametrize("where", ["_commit", "_end", "write_receipt"])
def test_killed_and_run_again_both_runs_are_charged_once(corpus, monkeypatch, where):
    def killed(*arguments, **options):
        raise Killed

    task = _task(corpus)
    with monkeypatch.context() as patch:
        if where == "write_receipt":
            patch.setattr("corpusforge_pipelines.bill.forget_runs", killed)
        else:
            patch.setattr(retracting, where, killed)
        with pytest.raises(Killed):
            retract(task)
    assert _journals(corpus)
    receipt = read_receipt(str(corpus), retract(task).snapshot)
    assert len({run["run"] for run in receipt.runs}) == len(receipt.runs) == 2
    first, second = ([row["stage"] for row in run["stages"]] for run in receipt.runs)
    assert list(dict.fromkeys(first)) == STAGES
    assert second == (["parts", "shards", "commit"] if where == "_commit" else [])
    assert not _journals(corpus) and not verify_corpus(str(corpus)).problems


def test_looking_alone_is_charged_to_nobody(corpus):
    def refuse(found):
        raise ValueError("too much")

    retract(_task(corpus), dry_run=True, started=Cost(cpu_us=7))
    with pytest.raises(ValueError, match="too much"):
        retract(_task(corpus), check=refuse)
    assert not _journals(corpus)


def test_the_card_the_page_and_inspect_show_it(corpus, tmp_path):
    (tmp_path / "list").write_text("host:example.net\n")
    before = read_index(str(corpus)).snapshot
    status, out, err = run("retract", corpus, tmp_path / "list")
    assert status == 0, err
    snapshot = read_current(str(corpus))
    assert Path(receipt_path(str(corpus), snapshot)).exists()
    receipt = read_receipt(str(corpus), snapshot)
    first, *_, last = receipt.stages()
    assert (first, last) == ("start", "finish")
    folder = corpus / "snapshots" / snapshot
    for name in ("report.html", "card.md"):
        told = (folder / name).read_text()
        assert "clusters" in told and "parts" in told and "CPU" in told, name
    assert str(folder / "card.md") in out
    assert before not in (corpus / "croissant.json").read_text()
    assert "CPU" in run("inspect", corpus)[1]
    assert not verify_corpus(str(corpus)).problems
