"""Neither the reader nor `verify` trusts what a corpus says of itself, and both say the same of it."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from corpusforge.commands.verify import plan_problem, plans_of
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.mixture.sampletable import STRETCH
from corpusforge.mixture.tablecheck import documents_fault
from corpusforge.reader import ReaderError, open_plan
from corpusforge.shards import snapshot as snapshot_module
from corpusforge.shards.format import totals
from corpusforge.shards.snapshot import commit, read_index
from corpusforge.shards.verify import verify_snapshot
from tests.reader import mutations
from tests.reader.mutations import Copy
from tests.shards.corpus import make_documents, make_header_for_tests, shard_rows, spill_all

RECIPE = """
name = "r"
budget_tokens = 6400
sequence_length = 64
max_epochs = 20
packing = "best_fit"
[weights]
web = 0.3
code = 0.2
math = 0.3
books = 0.2
[arms.less]
without = ["code"]
"""

_opened: list[str] | None = None


def _note_opens(event: str, arguments: tuple[object, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str | bytes):
        _opened.append(os.path.realpath(os.fsdecode(arguments[0])))


sys.addaudithook(_note_opens)


def build(folder: Path) -> tuple[Path, str]:
    corpus = folder / "corpus"
    rows = shard_rows(spill_all([make_documents(60)], folder), folder, 1000)
    counted = totals(rows)
    conservation = {
        "sources": {"s": {"records_in": 60, "kept": 60, "dropped": {}, "quarantined": 0}},
        "rows": [
            {
                "source": "s",
                "domain": key.split("/")[0],
                "subset": key.split("/")[1],
                "documents": entry["n_docs"],
                "tokens": entry["n_tokens"],
                "bytes": 1,
            }
            for key, entry in counted["subsets"].items()
        ],
    }
    commit(str(corpus), rows, {**make_header_for_tests(), "conservation": conservation})
    return corpus, Path(write_plan(str(corpus), make_plan(str(corpus), parse_recipe(RECIPE, "r")))).name


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return build(tmp_path_factory.mktemp("hostile"))


def read_all(copy: Copy) -> None:
    for arm in ("full", "less"):
        reader = open_plan(str(copy.root), str(copy.plan), arm)
        for n in range(len(reader)):
            reader.sample(n, documents=True)


def verdicts(copy: Copy) -> tuple[str, str]:
    """Return what the reader and `verify` say is wrong, empty for nothing; nothing outside is opened."""
    global _opened
    _opened = []
    try:
        try:
            read_all(copy)
            of_reader = ""
        except ReaderError as error:
            of_reader = str(error)
        problems = [str(problem) for problem in verify_snapshot(str(copy.root))]
        problems += filter(None, (plan_problem(str(copy.root), plan) for plan in plans_of(str(copy.root))))
        inside = (str(copy.root.resolve()), sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))
        # Python 3.13 looks for the source of made code, under the name `<string>`, to show it in an error.
        opened = [path for path in _opened if os.path.basename(path) != "<string>"]
        assert [path for path in opened if not path.startswith(inside)] == []
    finally:
        _opened = None
    for line in (of_reader, *problems):
        assert "\n" not in line and "\0" not in line
    return of_reader, "\n".join(problems)


@pytest.fixture
def copies(corpus: tuple[Path, str], tmp_path: Path) -> Iterator[Callable[[], Copy]]:
    numbers = iter(range(10**6))
    return lambda: Copy(*corpus, tmp_path / f"c{next(numbers)}")  # type: ignore[return-value]


def test_a_sound_corpus_is_sound_to_both(copies: Callable[[], Copy]) -> None:
    assert verdicts(copies()) == ("", "")


def test_no_mutated_index_plan_or_table_is_believed(copies: Callable[[], Copy]) -> None:
    """200 and more, all checksums right: each a `ReaderError` that names the file, each found by `verify`."""
    copy = copies()
    index = json.loads((copy.folder / "index.json").read_bytes())
    plan = json.loads(copy.plan.read_bytes())
    believed: list[str] = []
    count = 0
    for name, mutate in mutations.mutations(index, plan, seed=14):
        copy = copies()
        mutate(copy)
        of_reader, of_verify = verdicts(copy)
        count += 1
        if not of_reader or not of_verify:
            believed.append(f"{name}: reader {of_reader!r}, verify {of_verify!r}")
        else:
            assert of_reader.startswith((str(copy.root), "the corpus", "web/", "math/", "code/", "books/")), (
                of_reader
            )
    assert not believed, "\n".join(believed)
    assert count >= 200


def _one_twice(stretches: Any, firsts: Any) -> tuple[Any, Any]:
    """Return a table in which one stretch stands in the place of another that is as long: all sums hold."""
    changed = stretches.copy()
    _, same = np.unique(changed["length"], return_inverse=True)
    pair = np.flatnonzero(same == np.argmax(np.bincount(same)))[:2]
    assert len(pair) == 2
    changed[pair[1]] = changed[pair[0]]
    return changed, firsts


def test_a_stretch_of_more_than_one_document_is_told() -> None:
    stretches = np.array([(0, 0, 5), (5, 0, 3), (0, 1, 4)], STRETCH)
    ends = {0: np.array([5, 8], np.uint64), 1: np.array([4], np.uint64)}
    assert documents_fault(stretches, 2, ends.__getitem__) is None
    stretches[:2] = [(0, 0, 6), (6, 0, 2)]  # as many tokens, each once
    fault = documents_fault(stretches, 2, ends.__getitem__)
    assert fault == "stretches: 0: tokens 0 to 6 are of more than one document"


def test_a_table_whose_sums_hold_reads_no_token_twice(copies: Callable[[], Copy]) -> None:
    copy = copies()
    copy.edit_table(_one_twice)
    of_reader, of_verify = verdicts(copy)
    assert "twice in an epoch" in of_reader and of_reader in of_verify


def test_no_mutated_manifest_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_module, "MANIFEST_SHARDS", 3)
    corpus = build(tmp_path)
    assert verdicts(Copy(*corpus, tmp_path / "sound")) == ("", "")
    for number, (name, mutate) in enumerate(mutations.of_manifest()):
        copy = Copy(*corpus, tmp_path / f"m{number}")
        mutate(copy)
        of_reader, of_verify = verdicts(copy)
        assert of_reader.startswith(str(copy.root)) and of_verify, name


def test_the_manifest_for_everybody_else_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader of this project opens it: what `verify` says of it is its own."""
    monkeypatch.setattr(snapshot_module, "MANIFEST_SHARDS", 3)
    copy = Copy(*build(tmp_path), tmp_path / "copy")
    path = copy.folder / "manifest.parquet"
    table = pq.read_table(path)
    copy.put(path, b"")
    pq.write_table(table.slice(1), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    copy.edit_index(lambda index: index["manifest"].update({"manifest.parquet": digest}))
    assert "its rows are not those of manifest.npy" in verdicts(copy)[1]


def test_a_checksum_that_only_readers_without_xxhash_use_is_verified(copies: Callable[[], Copy]) -> None:
    copy = copies()
    copy.edit_index(lambda index: index["shards"][0].update(crc32=["00000000"]))
    assert "crc32: expected 00000000" in verdicts(copy)[1]


def test_links_that_leave_the_corpus_are_not_followed(copies: Callable[[], Copy], tmp_path: Path) -> None:
    for number in range(len(mutations.links(copies()))):
        copy = copies()
        place = mutations.links(copy)[number]
        copy.link_out(place, tmp_path / f"outside{number}")
        of_reader, of_verify = verdicts(copy)
        assert (
            "a link that leaves the corpus" in of_reader and "a link that leaves the corpus" in of_verify
        ), place


def test_links_within_the_corpus_and_to_it_are_followed(copies: Callable[[], Copy], tmp_path: Path) -> None:
    copy = copies()
    copy.link_out(next((copy.root / "shards").rglob("*.bin")), copy.root / "elsewhere")
    (tmp_path / "corpus").symlink_to(copy.root)
    copy.root, copy.plan = tmp_path / "corpus", tmp_path / "corpus" / "plans" / copy.plan.name
    assert verdicts(copy) == ("", "")


def test_what_is_no_plain_file_is_not_opened(copies: Callable[[], Copy]) -> None:
    for number in range(len(mutations.links(copies()))):
        copy = copies()
        place = mutations.links(copy)[number]
        if place.is_dir():
            continue
        place.unlink()
        os.mkfifo(place)
        of_reader, of_verify = verdicts(copy)
        assert "not a plain file" in of_reader and "not a plain file" in of_verify, place


def test_what_is_no_id_in_current_is_told(copies: Callable[[], Copy]) -> None:
    """A plan pins its snapshot: only who asks for the current one reads CURRENT."""
    copy = copies()
    for name, data in mutations.of_current().items():
        copy.put(copy.root / "CURRENT", data)
        with pytest.raises(ValueError, match=r"CURRENT: .* is no id of a snapshot|names snapshot 0000"):
            read_index(str(copy.root))
        [problem] = verify_snapshot(str(copy.root))
        assert str(problem).startswith("CURRENT: no readable index: "), name


def test_a_snapshot_or_a_plan_named_by_hand_leaves_no_corpus(copies: Callable[[], Copy]) -> None:
    copy = copies()
    for name in ("../..", "/etc", "a\0b", "x" * 300):
        with pytest.raises(ValueError, match="is no id of a snapshot"):
            read_index(str(copy.root), name)
    with pytest.raises(ReaderError, match="a folder, not a plan"):
        open_plan(str(copy.root), str(copy.root))
