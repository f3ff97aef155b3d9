"""What was taken out of a corpus, as the view tells it: by which policy, what came in, and what it took."""

import shutil

import pytest

import corpusforge
from corpusforge.shards.snapshot import read_index
from tests.cli.conftest import letter
from tests.garbage.conftest import run
from tests.view.conftest import opened
from tests.view.test_pages import text_of


@pytest.fixture(scope="module")
def retracted(harbour, tmp_path_factory):
    """A copy of the corpus that a host, and one document of a cluster, were taken out of."""
    folder = tmp_path_factory.mktemp("retracted")
    corpus = shutil.copytree(harbour.path, folder / "out")
    (folder / "host").write_text("host:hostile.example\n")
    survivor = next(
        row for row in corpusforge.open_corpus(str(corpus)).documents() if row["text"] == letter(0)
    )
    (folder / "one").write_text(f"id:{survivor['id']}\n")
    for words in (["host"], ["one", "--policy", "next-best"]):
        status, _, err = run("retract", corpus, folder / words[0], "--why", f"a {words[0]}", *words[1:])
        assert status == 0, err
    return corpus


def test_each_retraction_tells_its_policy_and_what_came_in(retracted, tmp_path):
    told = text_of(opened(str(retracted), tmp_path / "verdicts").client.get("/snapshots").text)
    told, head = " ".join(told.split()), told.partition("done here")[0]
    assert "policy" in head and "came in" in head
    assert "a host cluster 1 0 – " in told and "a one next-best 1 0 1 " in told


def test_a_retracted_snapshot_shows_its_receipt(retracted, harbour, tmp_path):
    site = opened(str(retracted), tmp_path / "verdicts")
    index = read_index(str(retracted))
    child, parent = (
        text_of(site.client.get(f"/snapshots/{one}").text) for one in (index.snapshot, harbour.parent)
    )
    assert "None: retraction" in child and "took documents out" in child and "inputs differ" not in child
    assert "CPU time by stage" in child and "compare" in child and "finish" not in child
    assert "no parent" in parent and "prepare" in parent
