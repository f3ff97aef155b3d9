"""Exports of documents: JSON lines in Dolma's layout, and the folder that hubs show."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from corpusforge import open_corpus
from corpusforge.export import FORMATS, export_plan, export_snapshot
from corpusforge.export.documents import SCHEMA
from corpusforge.export.fields import FIELDS, common_licence
from corpusforge.export.formats import FORMATS as TABLE
from corpusforge.mixture.plan import make_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.shards.snapshot import read_index
from tests.export.documents import by_id, documents_of, make_documents_corpus
from tests.shards.corpus import build_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_documents_corpus(tmp_path_factory.mktemp("documents"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_document_is_in_a_line_of_dolmas_layout(corpus: str, tmp_path: Path) -> None:
    export_snapshot(corpus, "jsonl", str(tmp_path / "out"))
    index = read_index(corpus)
    names = [f"documents/{row.domain}-{row.subset}-{row.index:05d}.jsonl.zst" for row in index.rows]
    assert sorted(files(tmp_path / "out")) == sorted(names)
    found = []
    for name, row in zip(names, index.rows, strict=True):
        with (tmp_path / "out" / name).open("rb") as raw, zstandard.open(raw, "rb") as stream:
            lines = stream.read().split(b"\n")
        assert lines.pop() == b"" and len(lines) == row.n_docs
        found += [json.loads(line) for line in lines]
    assert all(
        list(one) == ["id", "text", "source", "added", "created", "version", "metadata"] for one in found
    )
    assert {one["version"] for one in found} == {index.snapshot} and {one["added"] for one in found} == {None}
    flat = [
        {
            "id": one["id"],
            "text": one["text"],
            "source": one["source"],
            "date": one["created"],
            **one["metadata"],
        }
        for one in found
    ]
    assert by_id(flat) == by_id(documents_of(corpus, "all"))
    assert [one["id"] for one in found] == [
        one["id"] for one in open_corpus(corpus).documents(columns=["id"])
    ]
    signals = {one["id"]: one["signals"] for one in open_corpus(corpus).documents(columns=["id", "signals"])}
    assert all(one["metadata"]["signals"] == signals[one["id"]] for one in found)  # an object, not a list


def test_the_files_of_a_hub_hold_every_document_and_say_so(corpus: str, tmp_path: Path) -> None:
    export_snapshot(corpus, "hf", str(tmp_path / "out"))
    index = read_index(corpus)
    rows: list[dict[str, object]] = []
    for domain, subset in {(row.domain, row.subset) for row in index.rows}:
        folder = tmp_path / "out" / "data" / domain / (subset if subset != "all" else "")
        n_shards = sum((row.domain, row.subset) == (domain, subset) for row in index.rows)
        names = [f"train-{n:05d}-of-{n_shards:05d}.parquet" for n in range(n_shards)]
        assert sorted(path.name for path in folder.glob("*.parquet")) == names
        rows += [one for name in names for one in pq.read_table(folder / name).to_pylist()]
    assert by_id(rows) == by_id(documents_of(corpus, "all"))
    card = (tmp_path / "out" / "README.md").read_text()
    whole = sum(one["length"] for one in documents_of(corpus, "all"))
    assert f"200 documents, {whole:,} tokens" in card
    assert card.count("\n---\n") == 1 and "license: other" in card and '\n- "no"\n' in card
    n_mit = sum(one["licence"] == "MIT" for one in documents_of(corpus, "all"))
    assert f"| `MIT` | {n_mit} |" in card and "| none stated | " in card
    assert "| `a: b # c` | 29 |" in card  # a hostile name makes no table of its own


@pytest.mark.parametrize("format_name", ["jsonl", "hf"])
def test_the_same_snapshot_gives_the_same_bytes(corpus: str, format_name: str, tmp_path: Path) -> None:
    export_snapshot(corpus, format_name, str(tmp_path / "one"))
    program = "import sys; from corpusforge.export import export_snapshot; export_snapshot(*sys.argv[1:])"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    arguments = [corpus, format_name, str(tmp_path / "two")]
    subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert files(tmp_path / "one") == files(tmp_path / "two")


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_an_export_appears_whole_or_not_at_all(
    format_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = build_corpus(tmp_path, 40)

    def breaks_off(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    write = TABLE[format_name]
    out = tmp_path / "exports" / "out"
    with monkeypatch.context() as patch:
        patch.setitem(TABLE, format_name, breaks_off)
        with pytest.raises(OSError, match="No space"):
            export_snapshot(str(corpus), format_name, str(out))
    assert list((tmp_path / "exports").iterdir()) == []
    out.mkdir()  # an empty folder is filled
    export_snapshot(str(corpus), format_name, str(out))
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["out"] and any(out.iterdir())
    with pytest.raises(ValueError, match="not empty"):
        export_snapshot(str(corpus), format_name, str(out))
    with pytest.raises(ValueError):
        export_snapshot(str(corpus), format_name, str(corpus / "export"))


def test_a_shard_whose_tables_disagree_is_refused(tmp_path: Path) -> None:
    corpus = build_corpus(tmp_path, 40)
    row = read_index(str(corpus)).rows[0]
    path = next(corpus.rglob(f"{row.id}.text.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path)
    with pytest.raises(ValueError, match=r"docs\.parquet: .*run verify"):
        export_snapshot(str(corpus), "jsonl", str(tmp_path / "out"))


def test_every_column_is_told_in_words() -> None:
    assert list(FIELDS) == SCHEMA.names


def test_only_a_licence_that_all_documents_share_is_the_datasets() -> None:
    assert common_licence({"MIT": 1}) == "mit"
    assert common_licence({"MIT": 1, "": 2}) is None
    assert common_licence({"MIT": 1, "ISC": 2}) is None
    assert common_licence({"MIT OR ISC": 1}) is None
    assert common_licence({"": 1}) is None and common_licence({}) is None


def test_lines_are_split_by_any_reader_alike(corpus: str, tmp_path: Path) -> None:
    export_snapshot(corpus, "jsonl", str(tmp_path / "out"))
    for path in (tmp_path / "out" / "documents").iterdir():
        with path.open("rb") as raw, zstandard.open(raw, "rb") as stream:
            data = stream.read()
        assert len(list(io.TextIOWrapper(io.BytesIO(data), "utf-8"))) == data.count(b"\n")


def test_links_lead_somewhere_where_a_file_cannot_have_two_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As across file systems: symbolic links, also between files of an export, whose folder is moved at the end."""
    corpus = str(build_corpus(tmp_path, 60))
    recipe = 'name="r"\nbudget_tokens=640\nsequence_length=64\nmax_epochs=5\n[weights]\nweb=1\n'
    plan = make_plan(corpus, parse_recipe(recipe, "r"))

    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refused)
    export_snapshot(corpus, "megatron", str(tmp_path / "one"))
    export_plan(corpus, "megatron", str(tmp_path / "two"), plan, "full")
    for folder in (tmp_path / "one", tmp_path / "two"):
        links = [path for path in folder.iterdir() if path.is_symlink()]
        assert links and all(path.exists() for path in links)
