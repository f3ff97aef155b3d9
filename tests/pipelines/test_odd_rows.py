"""A whole build over rows with odd values: it ends, every row is accounted for, the others are there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpusforge.config import load_config
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, program

ODD = [
    {"title": "a\ud800"},
    {"url": "https://e.org/\udfff"},
    {"license": True},
    {"license": "\ud800"},
    {"repo": 7},
    {"date": "\ud800"},
    {"date": 10**30},
    {"path": ["a"]},
    {"\ud800": 1},
    {"text": ["a", "b"]},
    {"text": article("odd") + "\ud800"},
]
DROPPED = {3: "column license", 7: "column date", 8: "column path", 10: "column text"}
"""The lines of `ODD` that are no documents, by their number in the file, and what their drops tell."""


def test_a_build_over_odd_rows_keeps_all_others(tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    rows.mkdir()
    lines = [{"text": article(f"odd-{n}"), **odd} for n, odd in enumerate(ODD)]
    lines += [{"text": article(f"sound-{n}")} for n in range(3)]
    (rows / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    dates = pa.array([0, 10**18, 0], pa.int64()).view(pa.timestamp("us"))
    table = pa.table({"text": [article(f"parquet-{n}") for n in range(3)], "date": dates})
    pq.write_table(table, rows / "b.parquet")
    files = [{"path": f"{n}.py", "content": program(n)} for n in range(2)]
    repository = {"repo_name": "o/r", "license": "GPL-3.0", "files": files}
    with open(os.path.join(os.fsencode(rows), b"c\xe9.jsonl"), "wb") as file:
        file.write(json.dumps(repository).encode() + b"\n")
    config = tmp_path / "c.toml"
    config.write_text(
        'name = "odd"\noutput = "out"\nmax_quarantine_fraction = 0\n[filter]\nlicence_policy = "permissive"\n'
        'unknown_licence = "keep"\n[[sources]]\nname = "s"\npaths = ["rows"]\n'
    )
    totals = build(load_config(str(config))).totals["sources"]["s"]
    n_rows = len(lines) + table.num_rows + len(files)
    assert totals["records_in"] == n_rows and totals["quarantined"] == 0
    assert totals["dropped"] == {"unreadable": len(DROPPED) + 1, "licence": len(files)}
    assert totals["kept"] == n_rows - sum(totals["dropped"].values())
    paths = (tmp_path / "out" / "rejects").iterdir()
    told = [row for path in paths for row in pq.read_table(path).to_pylist()]
    details = {row["locator"].removeprefix("s/"): row["detail"] for row in told}
    assert {"c\\xe9.jsonl#line=1&offset=0&file=0", "c\\xe9.jsonl#line=1&offset=0&file=1"} < details.keys()
    assert "row 1, column date" in details["b.parquet#row=1"]
    for number, detail in DROPPED.items():
        (found,) = (told for name, told in details.items() if name.startswith(f"a.jsonl#line={number}&"))
        assert f"line {number}, {detail}" in found
