"""The page for those who come from elsewhere: our side runs as it stands there, theirs is what the script runs."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "coming-from.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", ["datatrove_crawl.py", "dolma_crawl.sh", "nemo_curator_crawl.py"])
def test_their_side_is_the_script_that_was_run(name: str) -> None:
    scripts = ROOT / "examples" / "coming_from"
    assert (scripts / name).read_text() in [text for _, text in BLOCKS]
    assert name in (scripts / "run.sh").read_text()
    subprocess.run(["sh", "-n", str(scripts / "run.sh")], check=True)


def test_our_side_runs_as_the_page_says(tmp_path: Path) -> None:
    made = [sys.executable, str(ROOT / "examples" / "demo" / "make_dumps.py"), str(tmp_path / "dumps")]
    subprocess.run(made, check=True, capture_output=True)
    (tmp_path / "dumps" / "web").rename(tmp_path / "crawl")
    (toml,) = (text for kind, text in BLOCKS if kind == "toml")
    commands = next(text for kind, text in BLOCKS if kind == "sh")
    (tmp_path / "crawl.toml").write_text(toml)
    command = tmp_path / "bin" / "corpusforge"
    command.parent.mkdir()
    program = "from corpusforge.cli import main; main()"
    command.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{program}' \"$@\"\n")
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-eu", "-c", commands],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    snapshot = (tmp_path / "corpus" / "CURRENT").read_text().strip()
    index = json.loads((tmp_path / "corpus" / "snapshots" / snapshot / "index.json").read_text())
    ends = index["conservation"]["sources"]["crawl"]
    found = re.search(r"(\d+) records end as (\d+) documents, (\d+) near duplicates and (\d+) drops", PAGE)
    assert found is not None
    n_records, n_documents, n_duplicates, n_drops = map(int, found.groups())
    assert (n_records, n_duplicates) == (ends["records_in"], ends["near_duplicates"])
    assert n_drops == sum(ends["dropped"].values()) and n_records == n_documents + n_duplicates + n_drops
    assert ends["dropped"]["unreadable"] >= 1  # the damaged file
    lines = 0
    for file in (tmp_path / "dolma" / "documents").iterdir():
        with file.open("rb") as raw, zstandard.open(raw, "rb") as stream:
            lines += sum(1 for line in io.TextIOWrapper(stream, "utf-8") if json.loads(line)["text"])
    assert lines == n_documents == index["totals"]["n_docs"]
    assert len(list((tmp_path / "trove").glob("*.ds"))) == len(index["shards"])
