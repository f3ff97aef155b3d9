"""A small corpus with something of everything that a report shows, and its page."""

import json
from pathlib import Path
from random import Random

import pytest

from corpusforge.config import load_config
from corpusforge.report import write_report
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, sentence

CONFIG = """
name = "seen"
output = "out"
[dedup.repeats]
web = "lines"
max_documents = 3
[filter]
min_chars = 100
privacy = false
[[sources]]
name = "notes"
paths = ["notes.jsonl"]
"""
HOSTILE = "</summary></details><script>alert(1)</script><img src=x onerror=y>\u202e\u001b[2J"
SECRET = "Write to jane.roe@kestrel-mail.org or call +44 20 7946 0991. "
N_SHORT = 9


def _rows():
    rows = [
        {"id": str(n), "text": article(n), "title": f"Note {n}", "url": f"https://h{n % 4}.example/{n}"}
        for n in range(24)
    ]
    rows[1] |= {"title": HOSTILE, "text": f"{HOSTILE}\n\n{article(1)}"}
    for n, row in enumerate(rows):
        row["text"] = SECRET + row["text"] if n % 2 else row["text"]
        row["date"] = f"{2015 + n % 5}-02-03"
    near = article(5).replace("the", "this", 1)
    rows += [
        {"id": "near", "text": f"{near}\n\nOne more line {SECRET}"},
        {"id": "same", "text": rows[6]["text"]},
    ]
    rows += [{"id": f"short {n}", "text": "a" * (10 * n + 5)} for n in range(N_SHORT)]
    lines = [sentence(Random(n)) for n in range(8)]
    for n, chosen in enumerate(("0123", "0145", "0167", "2345", "2367", "4567", "0246", "1357")):
        rows.append({"id": f"lines {n}", "text": "\n".join(lines[int(place)] for place in chosen)})
    rows += [{"id": "hashes", "text": "# " * 40 + article(77)}]
    return rows


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in _rows()))
    (folder / "seen.toml").write_text(CONFIG)
    build(load_config(str(folder / "seen.toml")))
    return folder


@pytest.fixture(scope="session")
def page(built):
    return Path(write_report(str(built / "out"))).read_text()
