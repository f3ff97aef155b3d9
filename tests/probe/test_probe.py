"""A corpus probed: its own domains cost least, nothing read was trained on, the same table every time."""

import json
from pathlib import Path
from random import Random

import pytest

from corpusforge.cli import main
from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.parts.verify import verify_corpus
from corpusforge.probe import probe_corpus, probe_path, write_probe
from corpusforge.probe.sampling import Sizes, held_out, read_sample
from corpusforge.sealed import read_json
from corpusforge.shards.snapshot import commit, read_index
from tests.shards.corpus import make_header_for_tests, shard_rows, spill_all

WORDS = {
    ("web", "all"): "river ferry harbour evening letter garden winter village market lantern".split(),
    ("code", "all"): "def return for in range( if else: None self. import += == print(".split(),
    ("math", "generic"): "curve surface group proof number theory field history".split(),
    ("math", "scaffold"): "Step 1. $x = 2$ therefore $y^2 = 4$ hence we obtain".split(),
}


def document(domain: str, subset: str, number: int) -> Document:
    random = Random(f"{domain}/{subset}/{number}")
    locator = f"{domain}/{subset}#{number}"
    text = " ".join(random.choices(WORDS[domain, subset], k=60))
    return Document(
        doc_id=stable_id("jsonl", locator), source="t", source_kind=SourceKind.JSONL, locator=locator,
        text=text, content_hash=stable_id("text", text), domain=domain, subset=subset,
    )  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("probe")
    documents = [document(*key, number) for key in WORDS for number in range(80)]
    documents.append(Document(
        doc_id=stable_id("jsonl", "book"), source="t", source_kind=SourceKind.JSONL, locator="book",
        text="One book alone.", content_hash="0" * 32, domain="books", subset="all",
    ))  # fmt: skip
    infos = spill_all([documents], folder)
    commit(str(folder / "corpus"), shard_rows(infos, folder), make_header_for_tests())
    return str(folder / "corpus")


def test_a_domain_costs_least_under_its_own_model(corpus: str) -> None:
    found = probe_corpus(corpus)
    names = [one.name for one in found.readings]
    assert names == ["web", "code", "math", "math/scaffold", "math/generic"]
    assert found.lacking == ("books",)
    for read in ("web", "code", "math/scaffold", "math/generic"):
        costs = {name: found.across[name][read] for name in names}
        assert min(costs, key=lambda name: costs[name]) == read
        assert costs[read] < 1.2 and max(costs.values()) > 3
    for one in found.readings:
        assert one.bits_per_char == found.across[one.name][one.name]
        assert one.held_out_bytes >= one.held_out_chars > 0 and one.train_documents > one.held_out_documents


def test_no_text_is_both_trained_on_and_read(corpus: str) -> None:
    index = read_index(corpus)
    for key in WORDS:
        sample = read_sample(corpus, index, key, 17, Sizes(1 << 20, 1 << 18))
        assert not set(sample.train) & set(sample.held_out)
        assert len(sample.train) + len(sample.held_out) == 80
        texts = {document(*key, number).text: document(*key, number).content_hash for number in range(80)}
        assert all(held_out(texts[text.decode()], 17) for text in sample.held_out)
        assert not any(held_out(texts[text.decode()], 17) for text in sample.train)


def test_a_sample_is_bounded_and_one_document_does_not_fill_it(corpus: str) -> None:
    sample = read_sample(corpus, read_index(corpus), ("web", "all"), 17, Sizes(1600, 800))
    assert sum(map(len, sample.train)) <= 1600 and max(map(len, sample.train)) <= 100
    assert sum(map(len, sample.held_out)) <= 800 and len(sample.held_out) > 10


def test_the_table_is_printed_and_kept_the_same_each_time(
    corpus: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["probe", corpus, "--json"])
    assert ended.value.code == 0
    shown = json.loads(capsys.readouterr().out)
    path = probe_path(corpus, read_index(corpus).snapshot)
    first = Path(path).read_bytes()
    assert shown["across"]["web"]["code"] == read_json(path)["across"]["web"]["code"]
    assert (
        shown["seed"] == 7 and "n-grams" in shown["model"] and shown["held_out"].startswith("one document of")
    )
    with pytest.raises(SystemExit):
        main(["probe", corpus])
    table = capsys.readouterr().out
    assert "bits per char" in table and "math/scaffold" in table
    assert Path(path).read_bytes() == first
    assert probe_corpus(corpus, seed=8).to_json() != probe_corpus(corpus).to_json()


def test_verify_tells_of_a_changed_table(corpus: str) -> None:
    path = write_probe(corpus, probe_corpus(corpus))
    assert not [one for one in verify_corpus(corpus).problems if "probe" in one.path]
    Path(path).write_bytes(Path(path).read_bytes().replace(b"web", b"wob", 1))
    assert [one.path for one in verify_corpus(corpus).problems] == [path.removeprefix(corpus).lstrip("/")]
    write_probe(corpus, probe_corpus(corpus))


def test_no_corpus_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["probe", str(tmp_path)])
    assert ended.value.code == 2 and str(tmp_path) in capsys.readouterr().err
