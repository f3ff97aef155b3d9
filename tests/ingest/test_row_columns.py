"""Rows of other people's data: path, repository, licence and files wherever their publisher put them."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusforge.commands.rows import RowFault, read_rows
from corpusforge.config import SourceConfig
from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.filter.rights.licence import is_allowed, permissive_licences
from corpusforge.ingest import Coverage, IngestConfig, InputFile, detect_kind, read, splits
from corpusforge.ingest.tables.array import elements

CODE = "def f(x):\n    return x + 1\n"
GPL = "GPL-3.0"
ROWS: dict[str, dict[str, Any]] = {
    "flat": {"content": CODE, "path": "a/b.py", "repo_name": "o/r", "license": GPL},
    "stars": {
        "content": CODE,
        "max_stars_repo_path": "a/b.py",
        "max_stars_repo_name": "o/r",
        "max_stars_repo_licenses": [GPL],
    },
    "detected": {"content": CODE, "path": "a/b.py", "repo_name": "o/r", "detected_licenses": [GPL]},
    "object": {"text": CODE, "meta": {"path": "a/b.py", "repo_name": "o/r", "license": GPL}},
    "string": {
        "text": CODE,
        "metadata": json.dumps({"file_path": "a/b.py", "repo_name": "o/r", "license": GPL}),
    },
    "code": {"code": CODE, "text": None, "path": "a/b.py", "repo_name": "o/r", "license": GPL},
    "blank first": {"text": "  ", "content": CODE, "path": "a/b.py", "repo": "o/r", "licence": GPL},
    "null licence": {
        "content": CODE,
        "path": "a/b.py",
        "repo": "o/r",
        "license": None,
        "licenses": ["", None, GPL],
    },
    "raw": {
        "raw_content": CODE,
        "file_path": "a/b.py",
        "repository": "o/r",
        "license": {"key": "gpl-3.0", "spdx_id": GPL},
    },
    "listed": {"text": CODE, "meta": {"path": "a/b.py", "repo": "o/r"}, "licenses": f"['{GPL}']"},
    "nested": {"repo_name": "o/r", "files": [{"path": "a/b.py", "content": CODE, "license": GPL}]},
    "nested, licence above": {
        "repo_name": "o/r",
        "detected_licenses": [GPL],
        "files": [{"path": "a/b.py", "content": CODE}],
    },
    "lists": {"repo_name": "o/r", "paths": ["a/b.py"], "contents": [CODE], "licenses": [GPL]},
    "lists of lists": {"repo": "o/r", "files": ["a/b.py"], "content": [CODE], "detected_licenses": [[GPL]]},
}
PACKINGS = ("jsonl", "parquet", "arrow", "feather", "json")


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as the ending of a path tells."""
    packing = path.suffix[1:]
    if packing == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif packing == "json":
        path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    elif packing == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        table = pa.Table.from_pylist(rows)
        new = pa.ipc.new_file if packing == "feather" else pa.ipc.new_stream
        with new(str(path), table.schema) as writer:
            for first in range(0, len(rows), 2):
                writer.write_table(pa.Table.from_pylist(rows[first : first + 2], table.schema))
    return path


def records(path: Path, columns: tuple[tuple[str, str], ...] = (), **limits: Any) -> list[Document | Drop]:
    kind = detect_kind(str(path)) if not columns else SourceKind.JSONL
    input = InputFile(path=str(path), name=path.name, source="s", kind=kind, columns=columns)
    found = list(read(input, IngestConfig(**limits)))
    assert all(isinstance(record, Document | Drop) for record in found)
    return [record for record in found if isinstance(record, Document | Drop)]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("packing", PACKINGS)
def test_a_row_of_code_is_a_file_with_its_licence(name: str, packing: str, tmp_path: Path) -> None:
    (row,) = records(write(tmp_path / f"rows.{packing}", [ROWS[name]]))
    assert isinstance(row, Document)
    assert (row.markup, row.path, row.repo, row.licence) == (Markup.SOURCE, "a/b.py", "o/r", GPL)
    assert row.raw == CODE.encode()
    assert not is_allowed(row.licence or "", permissive_licences())


def test_several_licences_of_a_list_apply_together(tmp_path: Path) -> None:
    rows = [{"content": CODE, "detected_licenses": ["MIT", "GPL-2.0", "MIT"]}]
    rows += [{"content": CODE, "detected_licenses": ["MIT OR Apache-2.0", "GPL-2.0"]}]
    rows += [{"content": CODE, "license": "GNU GPL version 3"}]
    found = records(write(tmp_path / "rows.jsonl", rows))
    licences = [row.licence for row in found if isinstance(row, Document)]
    assert licences == ["GPL-2.0 AND MIT", "GPL-2.0 AND (MIT OR Apache-2.0)", "GNU GPL version 3"]
    assert not any(is_allowed(licence or "", permissive_licences()) for licence in licences)


FIELD = st.sampled_from([None, "", " ", "x", "a/b.py", "n.ipynb", "README", "a b", "data/shard.jsonl.zst"])
ROW = st.fixed_dictionaries(
    {"id": st.sampled_from(["1", None])},
    optional={
        "text": st.sampled_from([None, "", CODE, "Some plain words."]),
        "content": st.sampled_from([None, CODE, "Other words."]),
        "code": st.sampled_from([None, CODE]),
        "html": st.sampled_from([None, "<p>Words."]),
        "path": FIELD,
        "repo_name": st.sampled_from([None, "o/r"]),
        "url": st.sampled_from([None, "https://e.org/a"]),
        "license": st.sampled_from([None, "", "MIT", "gpl-3.0", "other"]),
        "date": st.sampled_from([None, "2024-01-02"]),
        "source": st.sampled_from([None, "wikipedia", "web"]),
        "meta": st.sampled_from([None, '{"license": "GPL-2.0", "path": "c.py"}', "[", "{"]),
    },
)


def told(record: Document | Drop | RowFault) -> tuple[Any, ...]:
    """Return all of a record that decides on it, but for where it lies."""
    if isinstance(record, RowFault):
        return ("unreadable",)
    if isinstance(record, Drop):
        return (record.reason.value,)
    fields = ("markup", "raw", "text", "path", "repo", "url", "host", "title", "date", "licence", "charset")
    stated = record.source_kind if record.source_kind is SourceKind.MEDIAWIKI else None
    return (stated, *(getattr(record, field) for field in fields))


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(row=ROW)
def test_label_and_build_and_every_packing_give_one_answer(tmp_path: Path, row: dict[str, Any]) -> None:
    found: set[tuple[Any, ...]] = set()
    # A second row, so that every column is there and of text in every packing.
    whole = {"text": CODE, "content": CODE, "path": "a.py", "repo_name": "o/r", "url": "https://e.org/a"}
    for packing in PACKINGS:
        path = write(tmp_path / f"rows.{packing}", [dict.fromkeys(row, None) | whole, row])
        found.add(told(records(path)[1]))
        found.add(told(list(read_rows(str(path)))[1].content))
    assert len(found) == 1, found


def test_a_source_names_its_own_columns(tmp_path: Path) -> None:
    rows = [
        {
            "body": CODE,
            "text": "a summary",
            "where": {"file": "a.py"},
            "lic": "GPL-3.0",
            "license": "MIT",
            "uuid": "u1",
            "seen": 1_700_000_000,
        }
    ]
    named = SourceConfig(
        name="s",
        paths=("p",),
        columns={"text": "body", "path": "where.file", "license": "lic", "id": "uuid", "date": "seen"},
    ).named_columns()
    for packing in PACKINGS:
        (row,) = records(write(tmp_path / f"rows.{packing}", rows), named)
        assert isinstance(row, Document), row
        assert (row.raw, row.path, row.licence) == (CODE.encode(), "a.py", "GPL-3.0")
        assert row.date == "2023-11-14T22:13:20+00:00" and row.locator.endswith("&id=u1")


def test_columns_that_cannot_be_named_are_told() -> None:
    with pytest.raises(ValueError, match="did you mean 'path'"):
        SourceConfig(name="s", paths=("p",), columns={"paht": "x"})


@pytest.mark.parametrize(
    "kind", [pa.string_view(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_type_of_text_is_text_in_every_place(tmp_path: Path, kind: Any) -> None:
    columns = {
        name: pa.array([value], kind)
        for name, value in (("content", CODE), ("path", "a/b.py"), ("repo_name", "o/r"), ("date", "2024"))
    }
    columns["detected_licenses"] = pa.array([[GPL]], pa.list_view(pa.string_view()))
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pa.ipc.new_stream(str(tmp_path / "a.arrow"), pa.table(columns).schema) as writer:
        writer.write_table(pa.table(columns))
    for name in ("a.parquet", "a.arrow"):
        (row,) = records(tmp_path / name)
        assert isinstance(row, Document) and row.licence == GPL and row.path == "a/b.py"
    tables = {
        "contents": {"id": "1", "content": CODE, "binary": "", "size": "3"},
        "files": {"repo_name": "o/r", "path": "a.py", "ref": "r", "id": "1"},
        "licenses": {"repo_name": "o/r", "license": "gpl-3.0"},
    }
    for name, values in tables.items():
        made = {key: pa.array([value], kind) for key, value in values.items()}
        pq.write_table(pa.table(made), tmp_path / f"{name}.parquet")
    (row,) = records(tmp_path / "contents.parquet")
    assert isinstance(row, Document) and (row.repo, row.licence) == ("o/r", GPL)


def test_a_repository_in_a_row_is_its_files(tmp_path: Path) -> None:
    files = [{"path": f"{n}.py", "content": CODE, "license": None} for n in range(3)]
    files += [
        {"path": "x.py", "content": None},
        {"path": "y.py", "content": CODE, "detected_licenses": [GPL]},
    ]
    rows = [{"repo_name": "o/r", "license": "MIT", "files": files}, {"repo_name": "o/e", "files": []}]
    for packing in ("jsonl", "json"):
        found = records(write(tmp_path / f"rows.{packing}", rows))
        kept = [row for row in found if isinstance(row, Document)]
        assert [(row.path, row.licence) for row in kept] == [
            ("0.py", "MIT"),
            ("1.py", "MIT"),
            ("2.py", "MIT"),
            ("y.py", GPL),
        ]
        assert len(found) == 6 and len({row.doc_id for row in found}) == 6
    lists = {"repo_name": "o/r", "paths": ["a.py", "b.py"], "contents": [CODE]}
    (drop,) = records(write(tmp_path / "uneven.jsonl", [lists]))
    assert isinstance(drop, Drop) and "column paths" in drop.detail


def test_a_table_without_text_names_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["x"] * 30}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"columns: body; .*text = "):
        detect_kind(str(tmp_path / "a.parquet"))


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    path = tmp_path / "train.parquet"
    path.write_text(pointer)
    with pytest.raises(ValueError, match=r"train\.parquet: a pointer of Git LFS: the file's 12345 bytes"):
        detect_kind(str(path))
    rows = [{"content": pointer, "path": "model.bin", "repo": "o/r"}]
    (drop,) = records(write(tmp_path / "rows.jsonl", rows))
    assert isinstance(drop, Drop) and "Git LFS" in drop.detail


def test_files_beside_tables_are_no_rows(tmp_path: Path) -> None:
    texts = {
        "README.md": "---\nlicense: mit\n---\n# A data set\n",
        "dataset_infos.json": '{"default": {}}',
        "state.json": '{\n "_data_files": []\n}\n',
        "LICENSE": "MIT",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        input = InputFile(str(tmp_path / name), name, "s", SourceKind.JSONL)
        (drop,) = read(input, IngestConfig())
        assert isinstance(drop, Drop) and drop.reason is DropReason.NOT_CONTENT


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.dictionaries(st.text(max_size=3), st.text(max_size=4) | st.lists(st.integers())), max_size=4
    ),
    indent=st.sampled_from([None, 1]),
    size=st.integers(1, 9),
)
def test_the_elements_of_an_array_are_those_of_json(rows: list[Any], indent: int | None, size: int) -> None:
    data = json.dumps(rows, indent=indent).encode()
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    found = list(elements(blocks, 1 << 20))
    assert [json.loads(element.data) for element in found] == rows
    for element in found:
        assert data[element.offset_bytes :].startswith(element.data) and element.is_whole
        assert element.n_bytes == len(element.data)


def test_an_array_that_is_cut_keeps_its_whole_rows(tmp_path: Path) -> None:
    data = json.dumps([{"text": f"Text {n}."} for n in range(9)]).encode()
    path = tmp_path / "a.json"
    path.write_bytes(data[:-20])
    found = records(path)
    assert [type(row) for row in found] == [Document] * 8 + [Drop]
    assert isinstance(found[-1], Drop) and found[-1].reason is DropReason.TRUNCATED
    path.write_bytes(json.dumps([{"text": "x" * 5000}, {"text": "y"}]).encode())
    assert [
        row.reason.value if isinstance(row, Drop) else row.text
        for row in records(path, max_record_bytes=2048)
    ] == [
        "too_large",
        "y",
    ]


@pytest.mark.parametrize("packing", ["arrow", "feather"])
def test_a_damaged_batch_costs_its_own_rows(tmp_path: Path, packing: str) -> None:
    path = write(tmp_path / f"a.{packing}", [{"text": f"Text number {n}."} for n in range(6)])
    data = bytearray(path.read_bytes())
    at = data.rindex(struct.pack("<3i", 0, 14, 28), 0, data.index(b"Text number 2."))
    data[at : at + 12] = b"\xff" * 12
    path.write_bytes(data)
    found = records(path)
    assert [row.text for row in found if isinstance(row, Document)] == [
        f"Text number {n}." for n in (0, 1, 4, 5)
    ]
    (drop,) = (row for row in found if isinstance(row, Drop))
    assert drop.n_records == 2 and "rows 2 to 3" in drop.detail
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"Text number 4.")])
    coverage = Coverage()
    input = InputFile(str(path), path.name, "s", SourceKind.JSONL)
    found = [
        row for row in read(input, IngestConfig(), coverage=coverage) if isinstance(row, Document | Drop)
    ]
    assert sum(row.n_records if isinstance(row, Drop) else 1 for row in found) == 6
    assert coverage.unread_bytes


def test_the_same_rows_split_or_not(tmp_path: Path) -> None:
    rows = [ROWS[name] for name in ("nested", "nested, licence above")] * 200
    for packing in ("jsonl", "parquet"):
        path = tmp_path / f"rows.{packing}"
        if packing == "jsonl":
            write(path, rows)
        else:
            pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
        input = InputFile(str(path), path.name, "s", SourceKind.JSONL)
        config = IngestConfig(split_bytes=2048)
        found = splits(input, config)
        assert len(found) > 1
        pieces = [record for split in found for record in read(input, config, *split)]
        assert pieces == list(read(input, config)) and len(pieces) == 400
