"""The plan of sources that are tables: columns that a source names, rows without text, what lies beside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.config import BuildConfig, ConfigError, load_config
from corpusforge.document import SourceKind
from corpusforge.parts.planning import plan_parts
from corpusforge.parts.spec import specs_of_batch, specs_to_batch


def configured(folder: Path, source: str) -> BuildConfig:
    path = folder / "c.toml"
    path.write_text(f'name = "t"\noutput = "out"\n[[sources]]\nname = "s"\npaths = ["dumps"]\n{source}\n')
    return load_config(str(path))


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    folder = tmp_path / "dumps"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("packing", ["jsonl", "json", "parquet"])
def test_a_source_without_text_is_refused_with_its_columns(
    tmp_path: Path, dumps: Path, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"body": f"Words {n}.", "link": "x"} for n in range(3_000)]
    if packing == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), dumps / "a.parquet")
    elif packing == "json":
        (dumps / "a.json").write_text(json.dumps(rows))
    else:
        (dumps / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(ConfigError, match=r"sources\.s: .*body, link.*text = ") as caught:
        plan_parts(configured(tmp_path, "" if packing == "parquet" else 'kind = "jsonl"'))
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(ConfigError, match=r"no column 'bodi' with text.*body, link"):
        plan_parts(configured(tmp_path, 'columns = { text = "bodi" }'))
    (spec,) = plan_parts(configured(tmp_path, 'columns = { text = "body", url = "link" }'))
    (other,) = plan_parts(configured(tmp_path, 'columns = { text = "body" }'))
    assert spec.part_id != other.part_id, "another column makes other parts"
    assert spec.input_file().columns == (("text", "body"), ("url", "link"))
    assert list(specs_of_batch(specs_to_batch([spec, other]))) == [spec, other]


@pytest.mark.parametrize("packing", ["jsonl", "json"])
def test_a_source_whose_text_begins_late_is_not_refused(tmp_path: Path, dumps: Path, packing: str) -> None:
    rows = [{"text": "", "link": "x" * 90} for _ in range(6_000)] + [{"text": "Words.", "link": "x"}]
    text = json.dumps(rows) if packing == "json" else "".join(json.dumps(row) + "\n" for row in rows)
    for number in range(16):
        (dumps / f"{number:02d}.{packing}").write_text(text)
    assert len(plan_parts(configured(tmp_path, 'kind = "jsonl"'))) >= 16


def test_one_table_with_text_is_enough(tmp_path: Path, dumps: Path) -> None:
    (dumps / "a.jsonl").write_text('{"n": 1}\n')
    (dumps / "b.jsonl").write_text('{"text": "Words."}\n')
    assert len(plan_parts(configured(tmp_path, ""))) == 2


def test_a_snapshot_of_a_data_set_is_its_tables(tmp_path: Path, dumps: Path) -> None:
    (dumps / "data").mkdir()
    pq.write_table(pa.table({"text": ["Words."]}), dumps / "data" / "train.parquet")
    names = ("README.md", "dataset_infos.json", ".gitattributes", "loader.py", "LICENSE")
    for name in names:
        (dumps / name).write_text("{}")
    specs = plan_parts(configured(tmp_path, ""))
    assert {spec.kind for spec in specs} == {SourceKind.JSONL}
    assert [spec.name for spec in specs] == [
        "s/LICENSE",
        "s/README.md",
        "s/data/train.parquet",
        "s/dataset_infos.json",
        "s/loader.py",
    ]


def test_a_pointer_in_place_of_a_table_is_named(tmp_path: Path, dumps: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 77\n"
    (dumps / "train.parquet").write_text(pointer)
    with pytest.raises(ConfigError, match=r"train\.parquet: a pointer of Git LFS"):
        plan_parts(configured(tmp_path, ""))


def test_an_input_whose_name_is_no_utf_8_is_planned(tmp_path: Path, dumps: Path) -> None:
    path = os.path.join(os.fsencode(dumps), b"na\xefve.jsonl")
    with open(path, "wb") as file:
        file.write(b'{"text": "Words."}\n')
    (spec,) = plan_parts(configured(tmp_path, ""))
    assert spec.name == "s/na\\xefve.jsonl"
    (again,) = specs_of_batch(specs_to_batch([spec]))
    assert os.path.getsize(again.path) and again == spec
