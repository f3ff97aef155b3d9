"""Documents taken out of a built corpus: gone from every file, nothing else moved, and they stay out."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

import corpusforge
from corpusforge.config import load_config
from corpusforge.document import stable_id
from corpusforge.parts.finding import Task
from corpusforge.parts.verify import verify_corpus
from corpusforge.retract.ledger import Request, ledgers, read_removed, resumed
from corpusforge.retract.lists import listed
from corpusforge.shards.snapshot import read_current, read_index
from corpusforge_pipelines.build import BuildError, build
from corpusforge_pipelines.retract import retract
from corpusforge_pipelines.rewrite import rewrite
from tests.garbage.conftest import run
from tests.pipelines.conftest import (
    article,
    built_in,
    corpus_bytes,
    kept_bytes,
    killed_at,
    page,
    warc_record,
    write_config,
)

REPEATED = (
    "\n\n" + "Every page of this library ends with the very same paragraph about its opening hours." * 2
)
SAID = {"why": "a letter", "asked": "2026-05-03"}
LIST = [("url", "https://example.org/3"), ("url", "http://example.org/4/"), ("host", "example.net")]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A corpus of small dumps, its configuration beside it."""
    return built_in(tmp_path_factory.mktemp("retract"))


@pytest.fixture
def corpus(built, tmp_path):
    """A copy of it."""
    return shutil.copytree(built / "corpus", tmp_path / "corpus")


class Taken:
    """A corpus that `entries` were taken out of; `files`: what was put in its place, in order."""

    def __init__(self, corpus, entries, files):
        self.corpus, self.entries, self.files = corpus, entries, files

    def again(self, corpus, **options):
        """Ask the same of another corpus."""
        return _taken_out(corpus, self.entries, **SAID, **options)


@pytest.fixture(scope="module")
def taken(built, tmp_path_factory):
    """The list, and a text with exact copies, taken out of a copy: not to be changed."""
    corpus = shutil.copytree(built / "corpus", tmp_path_factory.mktemp("taken") / "corpus")
    entries = [*LIST, ("id", _by_text(corpus, article("t0-1"))["id"])]
    with pytest.MonkeyPatch.context() as patch:
        files = killed_at(patch, -1)
        _taken_out(corpus, entries, **SAID)
    return Taken(corpus, entries, files)


@pytest.fixture
def without(taken, tmp_path):
    """A copy of that."""
    return shutil.copytree(taken.corpus, tmp_path / "without")


def _config(built, corpus, **tables):
    return load_config(str(write_config(built, corpus, **tables)))


def _documents(corpus, snapshot=None):
    rows = corpusforge.open_corpus(str(corpus), snapshot).documents()
    return {row["id"]: {key: value for key, value in row.items() if key != "start"} for row in rows}


def _taken_out(corpus, entries, **options):
    given = {key: options.pop(key) for key in ("why", "asked", "is_hashed") if key in options}
    request = Request(parent=read_current(str(corpus)), listed=listed(entries), **given)
    request = resumed(str(corpus), request)
    result = retract(Task(corpus=str(corpus), request=request), **options)
    return read_index(str(corpus), result.snapshot)


def _by_text(corpus, text):
    return next(row for row in _documents(corpus).values() if row["text"].startswith(text[:60]))


def _every_byte(corpus):
    """Return all that the corpus's tables hold, as text, by file; payloads and plans apart."""
    found = {}
    for path in sorted(corpus.rglob("*")):
        name = str(path.relative_to(corpus))
        if name.endswith(".parquet"):
            found[name] = str(pq.read_table(path).to_pylist())
        elif path.suffix in (".json", ".jsonl", ".html", ".md"):
            found[name] = path.read_text()
    return found


def test_it_is_gone_from_every_file_and_nothing_else_is(built, taken, without):
    before, old = _documents(built / "corpus"), read_index(str(built / "corpus"))
    corpus, index = without, read_index(str(without))
    goes = {name for name, row in before.items() if row["host"] == "example.net"}
    goes |= {
        name
        for name, row in before.items()
        if row["url"] in ("https://example.org/3", "https://example.org/4")
    }
    goes |= {taken.entries[-1][1]}
    after = _documents(corpus)
    assert len(goes) > 5 and before.keys() - after.keys() == goes and not after.keys() - before.keys()
    assert all(after[name] == before[name] for name in after)
    assert not verify_corpus(str(corpus)).problems
    assert index.header["parent"] == old.snapshot
    (ledger,) = ledgers(str(corpus))
    assert (ledger["why"], ledger["asked"], ledger["documents"]) == ("a letter", "2026-05-03", len(goes))
    assert len(read_removed(str(corpus), ledger["id"])) == ledger["documents"] + ledger["copies"]
    touched = {shard["before"] for shard in ledger["shards"]}
    assert touched == {row.id for row in old.rows} - {row.id for row in index.rows}
    shutil.rmtree(corpus / "snapshots" / old.snapshot)
    for shard in touched:
        for path in corpus.glob(f"shards/*/*/{shard}.*"):
            path.unlink()
    texts = [before[name]["text"][:80] for name in goes]
    for name, content in _every_byte(corpus).items():
        assert not any(text in content for text in texts), name
        if not name.startswith(("retractions/", "rejects/")):
            assert not any(one in content for one in goes), name


def test_records_still_add_up(built, taken):
    before, after = (
        read_index(str(corpus)).header["conservation"]["sources"]["crawl"]
        for corpus in (built / "corpus", taken.corpus)
    )
    gone = after["dropped"]["retracted"]
    assert gone and after["kept"] == before["kept"] - gone
    assert after["records_in"] == after["kept"] + sum(after["dropped"].values()) + after["quarantined"]


def test_copies_go_along_near_ones_too(corpus):
    before = _documents(corpus)
    exact, near = _by_text(corpus, article("t0-1")), _by_text(corpus, article("t0-2"))
    was = read_index(str(corpus)).header["conservation"]["sources"]["ready"]
    # A copy that dedup took out is named; what it was a copy of is shipped.
    named = (stable_id("jsonl", _locator(corpus, f"ready-{number}.jsonl", 14)) for number in range(3))
    lost = next(name for name in named if name not in before)
    index = _taken_out(corpus, [("id", lost), ("id", exact["id"])])
    assert before.keys() - _documents(corpus).keys() == {exact["id"], near["id"]}
    (ledger,) = ledgers(str(corpus))
    assert (ledger["documents"], ledger["copies"], ledger["shipped"]) == (2, 6, 2)
    now = index.header["conservation"]["sources"]["ready"]
    assert now["dropped"]["retracted"] == 8
    assert (now["exact_duplicates"], now["near_duplicates"]) == (0, 0)
    assert (was["exact_duplicates"], was["near_duplicates"]) == (3, 3)
    assert not verify_corpus(str(corpus)).problems


def _locator(corpus, name, line):
    for path in corpus.glob("parts/*.documents.parquet"):
        for row in pq.read_table(path, columns=["locator"]).to_pylist():
            if f"{name}#line={line}" in row["locator"]:
                return row["locator"]
    raise AssertionError(f"no line {line} of {name}")


def test_a_build_with_nothing_new_finds_it_done(built, without):
    bytes_before = corpus_bytes(without)
    assert build(_config(built, without)).snapshot_id == read_current(str(without))
    assert corpus_bytes(without) == bytes_before


@pytest.mark.parametrize("lost", ["clusters", "parts", "both"])
def test_what_a_build_makes_again_is_the_same_without_it(built, without, lost):
    corpus, index = without, read_index(str(without))
    summary = next(corpus.glob("clusters/*/summary.json")).read_bytes()
    for room in ("clusters", "parts", "rejects") if lost == "both" else (lost,):
        shutil.rmtree(corpus / room)
    shutil.rmtree(corpus / "builds")
    config = _config(built, corpus)
    again = read_index(str(corpus), build(config).snapshot_id)
    assert _documents(corpus).keys() == _documents(corpus, index.snapshot).keys()
    assert _without_leakage(again) == index.header["conservation"]
    assert again.header["retracted"] == index.header["retracted"]
    if lost == "clusters":
        told, was = (
            json.loads(data) for data in (next(corpus.glob("clusters/*/summary.json")).read_bytes(), summary)
        )
        keys = ("clusters", "removed", "removed_by_source_and_domain", "pairs_between", "parts", "ranges")
        assert {key: told[key] for key in keys} == {key: was[key] for key in keys}


def _without_leakage(index):
    """Return what became of every record: what leaks between domains is counted by builds alone."""
    return {key: value for key, value in index.header["conservation"].items() if key != "leakage"}


def test_shards_are_those_of_a_build_that_knew(built, tmp_path):
    whole = {"shard_tokens": 10**7}
    fresh = tmp_path / "fresh"
    build(_config(built, fresh, shards=whole))
    index = _taken_out(fresh, LIST)
    again = tmp_path / "again"
    shutil.copytree(fresh / "retractions", again / "retractions")
    made = read_index(str(again), build(_config(built, again, shards=whole)).snapshot_id)
    assert made.rows == index.rows
    assert _without_leakage(made) == index.header["conservation"]


def test_other_settings_and_new_dumps_do_not_bring_it_back(built, without, tmp_path):
    folder, corpus = shutil.copytree(built / "dumps", tmp_path / "dumps").parent, without
    again = warc_record("http://www.example.net/new", page("n1")) + warc_record(
        "https://example.org/3/", page("n2")
    )
    (folder / "dumps" / "later.warc.gz").write_bytes(again + warc_record("https://example.org/x", page("n3")))
    row = {"id": "again", "text": article("t0-1")}
    (folder / "dumps" / "ready-9.jsonl").write_text(json.dumps(row) + "\n")
    path = write_config(folder, corpus)
    path.write_text(path.read_text() + "[filter]\nmin_chars = 51\n")
    index = read_index(str(corpus), build(load_config(str(path)), workers=2).snapshot_id)
    after = _documents(corpus)
    hosts = {row["host"] for row in after.values()}
    assert "example.net" not in hosts and "www.example.net" not in hosts
    assert not any(row["url"] and row["url"].rstrip("/").endswith("example.org/3") for row in after.values())
    assert any(row["url"] == "https://example.org/x" for row in after.values())
    assert not any(row["text"].startswith(article("t0-1")[:60]) for row in after.values())
    dropped = index.header["conservation"]["sources"]
    assert dropped["crawl"]["dropped"]["retracted"] >= 4 and dropped["ready"]["dropped"]["retracted"] >= 4
    assert not verify_corpus(str(corpus)).problems


def test_an_old_build_does_not_become_current_again(built, corpus):
    """Nor does it go by rows as they were: what is gone of a part is numbered anew, in this process too."""
    first = _config(built, corpus)
    second = _config(built, corpus, shards={"shard_tokens": 9000})
    build(second)
    index = _taken_out(corpus, [*LIST, ("id", _by_text(corpus, article("t1-3"))["id"])])
    build(first)
    assert not any(row["host"] == "example.net" for row in _documents(corpus).values())
    assert _documents(corpus).keys() == _documents(corpus, index.snapshot).keys()
    assert not verify_corpus(str(corpus)).problems


def test_repeats_go_along(built, tmp_path):
    folder = tmp_path
    (folder / "dumps").mkdir()
    rows = [{"id": str(i), "text": article(f"r{i}") + REPEATED} for i in range(20)]
    rows += [{"id": "poor", "text": REPEATED.strip()}]
    (folder / "dumps" / "ready-0.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("crawl.warc.gz", "repo-1.zip"):
        shutil.copy(built / "dumps" / name, folder / "dumps" / name)
    path = write_config(folder, folder / "corpus")
    path.write_text(
        path.read_text() + "[dedup.repeats]\nweb = 'paragraphs'\nmax_documents = 3\nmin_words = 5\n"
    )
    config = load_config(str(path))
    build(config)
    corpus = folder / "corpus"
    before = read_index(str(corpus)).header["conservation"]["sources"]["ready"]
    cut = [row for row in _documents(corpus).values() if "repeated spans" in " ".join(row["notes"])]
    assert len(cut) >= 10
    index = _taken_out(corpus, [("where", f"id = '{cut[2]['id']}'"), ("hash", cut[5]["content_hash"])])
    held = {
        name for path in corpus.glob("parts/*.parquet") for name in pq.read_table(path)["doc_id"].to_pylist()
    }
    assert not held & {cut[2]["id"], cut[5]["id"]}
    after = index.header["conservation"]["sources"]["ready"]
    name = cut[2]["domain"]
    cut_of = lambda told: told["repeats_by_domain"][name]["documents_cut"]  # noqa: E731
    assert cut_of(after) == cut_of(before) - 2
    assert not verify_corpus(str(corpus)).problems
    shutil.rmtree(corpus / "builds")
    build(config)  # takes up what repeats had cut: the rows of parts are others now
    texts = {row["id"]: row["text"] for row in _documents(corpus).values()}
    assert texts == {row["id"]: row["text"] for row in _documents(corpus, index.snapshot).values()}


def test_hashes_keep_it_out_and_tell_nothing(built, corpus):
    _taken_out(corpus, LIST, is_hashed=True)
    told = (next(corpus.glob("retractions/*.json"))).read_text()
    assert "example" not in told
    shutil.rmtree(corpus / "parts")
    shutil.rmtree(corpus / "builds")
    build(_config(built, corpus))
    assert not any(row["host"] == "example.net" for row in _documents(corpus).values())


def test_a_second_request_stands_beside_the_first(without):
    first = read_index(str(without))
    second = _taken_out(without, [("url", "https://example.org/7")])
    assert set(second.header["retracted"]) > set(first.header["retracted"])
    assert second.header["parent"] == first.snapshot
    assert not verify_corpus(str(without)).problems


def test_killed_at_any_file_and_run_again_gives_the_same_bytes(built, taken, tmp_path, monkeypatch):
    """Behind its first file that counts, amid parts and shards, and before its last; benches do it 30 times."""
    files, expected = taken.files, kept_bytes(taken.corpus)
    first = next(place for place, path in enumerate(files) if path.endswith("begun.json"))
    shard = next(place for place, path in enumerate(files) if "/shards/" in path and place > first)
    for number in (first + 1, (first + shard) // 2, shard + 1, len(files) - 1):
        corpus = shutil.copytree(built / "corpus", tmp_path / f"corpus-{number}")
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(BaseException):  # noqa: B017 - a runner wraps what a worker raised
                taken.again(corpus)
        if number == first + 1:
            with pytest.raises(BuildError, match="run the same `corpusforge retract` again"):
                build(_config(built, corpus))
            with pytest.raises(BuildError, match="was begun and did not end"):
                _taken_out(corpus, LIST[:1])
        taken.again(corpus, workers=2 if number == len(files) - 1 else 1)
        assert kept_bytes(corpus) == expected, (number, files[number])


def test_workers_of_two_write_the_same_bytes(corpus, taken):
    taken.again(corpus, workers=2)
    assert kept_bytes(corpus) == kept_bytes(taken.corpus)


def test_a_corpus_that_nothing_was_taken_out_of_says_nothing_of_it(corpus):
    assert "retracted" not in read_index(str(corpus)).header
    assert not (corpus / "retractions").exists()


def _run(*arguments):
    status, out, err = run(*arguments)
    assert status == 0, err
    return out


def test_the_command_tells_what_would_go_and_what_went(corpus, tmp_path):
    (tmp_path / "list").write_text("host:example.net\nurl:https://nowhere.org/a\n")
    before = corpus_bytes(corpus)
    told = json.loads(_run("retract", corpus, tmp_path / "list", "--dry-run", "--json"))
    assert told["documents"] == 6 - 1 and told["unmatched"] == ["url:nowhere.org/a"]
    assert corpus_bytes(corpus) == before
    out = _run("retract", corpus, tmp_path / "list")
    assert "1 entry named nothing: url:nowhere.org/a (line 2)" in " ".join(out.split())
    assert "nothing to do: retraction" in _run("retract", corpus, tmp_path / "list")
    assert not list(corpus.glob("retractions/work-*"))
    (ledger,) = ledgers(str(corpus))
    gone = read_removed(str(corpus), ledger["id"])["doc_id"].to_pylist()[0]
    assert f"retraction {ledger['id']}" in _run("trace", gone, "--corpus", corpus)
    shown = _run("inspect", corpus)
    assert ledger["id"] in shown and "cluster" in shown
    look = ("verify", corpus, "--absent", tmp_path / "list", "--snapshot", read_index(str(corpus)).snapshot)
    out = " ".join(_run(*look).split())
    assert "absent everywhere By 1 of the list's entries no retraction took anything out" in out
    assert "a mistyped entry is absent too: url:nowhere.org/a (line 2)" in out
    told = json.loads(_run(*look, "--json"))
    assert told["never_retracted"] == ["url:nowhere.org/a"]


@pytest.mark.parametrize(
    ("content", "said", "status"),
    [
        ("domain:web\n", "begins with no kind", 2),
        ("host:nowhere.org\n", "1 entry, none of which names a document", 1),
        ("where:n_bytes > 0\n", "--yes-remove-share 1.00", 1),
    ],
)
def test_a_list_that_is_wrong_is_one_line_and_changes_nothing(corpus, tmp_path, content, said, status):
    (tmp_path / "list").write_text(content)
    before = corpus_bytes(corpus)
    ended, _, err = run("retract", corpus, tmp_path / "list")
    assert ended == status
    assert said in " ".join(err.split()) and "Traceback" not in err
    assert corpus_bytes(corpus) == before


def test_nothing_left_is_refused(corpus):
    with pytest.raises(ValueError, match="nothing would be left"):
        _taken_out(corpus, [("where", "n_bytes > 0")])


def test_other_tokens_keep_what_was_taken_out(without):
    from corpusforge.shards.config import ShardsConfig
    from corpusforge_pipelines.rewrite import Task as Rewriting

    corpus, index = without, read_index(str(without))
    task = Rewriting(
        corpus=str(corpus),
        snapshot=index.snapshot,
        shards=ShardsConfig(tokenizer="llama3"),
        shard_tokens=None,
    )
    assert read_index(str(corpus), rewrite(task)).header["retracted"] == index.header["retracted"]
