"""The next best copy in a removed document's place: what a build holds whose dumps never had the document."""

import json
import shutil

import pyarrow.parquet as pq
import pytest

import corpusforge
from corpusforge.config import load_config
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import load_recipe
from corpusforge.parts.finding import Task
from corpusforge.parts.verify import verify_corpus
from corpusforge.reader import open_plan
from corpusforge.retract.ledger import Request, ledgers, moved_path, resumed
from corpusforge.retract.lists import listed
from corpusforge.shards.snapshot import read_current, read_index
from corpusforge_pipelines.build import build
from corpusforge_pipelines.retract import retract
from tests.garbage.conftest import RECIPE, run
from tests.pipelines.conftest import article, kept_bytes, killed_at
from tests.pipelines.test_s3 import download, upload

FOOTER = (
    "\n\nEvery page of this library ends with the very same paragraph about its opening hours and its cats."
)
KINDS = ("exact", "near", "chain", "foot", "alone")
MOMENTS = ("cleared.json", "/shards/web")
"""Files before which a retraction has put more and more in their places."""
SETTINGS = "[dedup]\nleakage = true\n[dedup.repeats]\nweb = 'paragraphs'\nmax_documents = 4\nmin_words = 5\n"


def _near(seed, *tails):
    """An article with other last sentences: alike where few differ."""
    return article(seed) + "".join(f"\n\nA tail, number {tail}, of a document like others." for tail in tails)


def _rows():
    """Texts by name: clusters of exact and near copies, a chain of these, a footer that many have."""
    rows = {f"alone-{i}": article(f"n{i}") for i in range(12)}
    rows |= {f"exact-{i}": article("e1") for i in range(3)}
    rows |= {f"near-{i}": _near("e2", i) for i in range(3)}
    words = article("c1", sentences=24).split()
    for i in range(6):  # neighbours are alike, the ends are not
        rows[f"chain-{i}"] = " ".join(words[i * 14 : 260 + i * 14])
    rows |= {f"foot-{i}": article(f"f{i}") + FOOTER for i in range(5)}
    return rows


def _config(folder, corpus, settings=SETTINGS, shard_tokens=2500, n_sources=1):
    """Return a configuration over the dumps of a folder."""
    text = f'name = "tiny"\noutput = "{corpus}"\n{settings}[shards]\nshard_tokens = {shard_tokens}\n'
    for number in range(n_sources):
        paths = f"dumps/{number}.jsonl" if n_sources > 1 else "dumps/*.jsonl"
        text += f'[[sources]]\nname = "ready-{number}"\npaths = ["{paths}"]\n'
    path = folder / "build.toml"
    path.write_text(text)
    return load_config(str(path))


def _built(folder, rows, without=(), **settings):
    """Return the corpus of dumps in which some records are blank: others keep their lines and offsets."""
    (folder / "dumps").mkdir(parents=True)
    lines = [
        json.dumps({"id": name, "url": f"https://{name}.org/", "text": text}) for name, text in rows.items()
    ]
    lines = [" " * len(line) if name in without else line for name, line in zip(rows, lines, strict=True)]
    for number in range(2):
        (folder / "dumps" / f"{number}.jsonl").write_text("\n".join(lines[number::2]) + "\n")
    build(_config(folder, folder / "corpus", **settings))
    return folder / "corpus"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("next") / "built"
    _built(folder, _rows())
    return folder


@pytest.fixture
def corpus(built, tmp_path):
    return shutil.copytree(built / "corpus", tmp_path / "corpus")


def _taken_out(corpus, entries, policy="next-best", **options):
    request = Request(parent=read_current(str(corpus)), listed=listed(entries), policy=policy)
    request = resumed(str(corpus), request)
    return read_index(str(corpus), retract(Task(corpus=str(corpus), request=request), **options).snapshot)


def _urls(names):
    return [("url", f"https://{name}.org/") for name in names]


def _documents(corpus, snapshot=None):
    rows = corpusforge.open_corpus(str(corpus), snapshot).documents()
    return {row["url"][8:-5]: {key: row[key] for key in row if key not in ("start", "shard")} for row in rows}


def _end(index):
    """Return what became of all records but those that were taken out, and of which a build never heard."""
    found = json.loads(json.dumps(index.header["conservation"]))
    for of in found["sources"].values():
        of["records_in"] -= of["dropped"].pop("retracted", 0)
    return found


def _named(corpus, kinds=KINDS):
    """Return the first document of each kind that shards hold."""
    held = sorted(_documents(corpus))
    return [next(name for name in held if name.startswith(f"{kind}-")) for kind in kinds]


def test_it_holds_what_a_build_holds_that_never_saw_it(built, corpus, tmp_path):
    before, named = _documents(corpus), _named(corpus)
    index = _taken_out(corpus, _urls(named))
    never = _built(tmp_path / "never", _rows(), without=named)
    after = _documents(corpus)
    assert after == _documents(never) and list(after) == list(_documents(never))
    assert _end(index) == _end(read_index(str(never)))
    assert not verify_corpus(str(corpus)).problems
    (ledger,) = ledgers(str(corpus))
    assert (ledger["documents"], ledger["copies"]) == (len(named), 0)
    moved = {row["doc_id"]: row for row in pq.read_table(moved_path(str(corpus), ledger["id"])).to_pylist()}
    came = {row["id"] for row in after.values()} - {row["id"] for row in before.values()}
    assert {name for name, row in moved.items() if row["what"] == "returned"} == came
    for kind in ("exact", "near"):  # one copy for one document
        (old,) = (before[name]["id"] for name in named if name.startswith(kind))
        (new,) = (name for name, row in moved.items() if row["instead_of"] == [old])
        assert new in came
    assert ledger["moved"]["changed"]  # a footer fewer is no longer one too many
    # Of a build that makes all of it again, copies are not kept out.
    for room in ("parts", "clusters", "repeats", "builds"):
        shutil.rmtree(corpus / room)
    again = read_index(str(corpus), build(_config(built, corpus)).snapshot_id)
    assert again.rows == index.rows and again.header["conservation"] == index.header["conservation"]


def test_waves_and_bytes_of_shards_are_those_of_that_build(tmp_path):
    """Each source a wave of its own; a shard that got a document is the file that a build writes."""
    settings = "[dedup]\nearliest_wins = true\n"
    rows = {name: text for name, text in _rows().items() if not name.startswith("alone")}
    given = {"settings": settings, "shard_tokens": 10**7, "n_sources": 2}
    corpus = _built(tmp_path / "whole", rows, **given)
    named = [name for name in _named(corpus, KINDS[:3])]
    index = _taken_out(corpus, _urls(named))
    never = read_index(str(_built(tmp_path / "never", rows, without=named, **given)))
    assert index.rows == never.rows
    assert _end(index) == _end(never)


def test_killed_and_run_again_gives_the_same_bytes(built, corpus, tmp_path, monkeypatch):
    entries = _urls(_named(corpus, KINDS[:4]))
    with monkeypatch.context() as patch:
        seen = killed_at(patch, -1)
        _taken_out(corpus, entries)
    expected = kept_bytes(corpus)
    first = {what: next(n for n, path in enumerate(seen) if what in path) for what in MOMENTS}
    assert list(first.values()) == sorted(first.values())
    for what in MOMENTS:
        other = shutil.copytree(built / "corpus", tmp_path / f"at-{first[what]}")
        with monkeypatch.context() as patch:
            killed_at(patch, first[what] + 1)
            with pytest.raises(BaseException):  # noqa: B017 - a runner wraps what a worker raised
                _taken_out(other, entries)
        _taken_out(other, entries, workers=2 if what == MOMENTS[-1] else 1)
        assert kept_bytes(other) == expected, what


def test_the_command_tells_whose_place_was_taken(corpus, tmp_path):
    """The way of a list: dry run, plans, absence, and a later request for what came in."""
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format("mix", "concat"))
    plan = make_plan(str(corpus), load_recipe(str(recipe)))
    before, (named, *_) = _documents(corpus), _named(corpus)
    path = tmp_path / "list.txt"
    path.write_text(f"url:https://{named}.org/\n")
    given = ("retract", corpus, path, "--policy", "next-best")
    status, out, err = run(*given, "--dry-run")
    assert status == 0 and "1 of those in shards have copies that stay" in " ".join(out.split()), err
    status, out, err = run(*given)
    assert status == 0 and "Came in  1 document in the place of what went" in out, err
    (came,) = (name for name in _documents(corpus) if name not in before)
    status, out, _ = run("trace", _documents(corpus)[came]["id"], "--corpus", corpus)
    assert status == 0 and f"in the place of {before[named]['id']}" in out
    again = plan_again(str(corpus), plan).plan
    samples = list(open_plan(str(corpus), write_plan(str(corpus), again)))
    assert len(samples) == sum(row.samples for row in plan.arms["full"].rows)
    assert run("gc", corpus, "--keep", "CURRENT", "--drop-plans")[0] == 0
    assert run("verify", corpus, "--absent", path)[0] == 0
    path.write_text(f"url:https://{came}.org/\n")
    assert run("retract", corpus, path)[0] == 0
    assert not any(name.startswith("exact-") for name in _documents(corpus))
    assert not verify_corpus(str(corpus)).problems


def test_without_what_was_decided_it_is_refused_and_nothing_changed(corpus):
    shutil.rmtree(next(corpus.glob("repeats/*/summary.json")).parent)
    before = kept_bytes(corpus)
    with pytest.raises(ValueError, match="what takes a document's place cannot be told"):
        _taken_out(corpus, _urls(_named(corpus)))
    assert kept_bytes(corpus) == before


@pytest.mark.parametrize("policy", ["cluster", "next-best"])
def test_in_a_bucket_it_is_what_it_is_on_disk(s3, corpus, tmp_path, policy):
    entries, there = _urls(_named(corpus)), "s3://our-bucket/corpus"
    upload(corpus, there)
    _taken_out(there, entries, policy)
    _taken_out(corpus, entries, policy)
    assert kept_bytes(download(there, tmp_path / "there")) == kept_bytes(corpus)
