"""A corpus with two snapshots, a plan, drops, duplicates and hostile texts, and a browser of no window."""

import json
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from corpusforge.cli import main
from corpusforge.commands.trace_id import find
from corpusforge.shards.snapshot import read_index
from corpusforge.view.explorer import Explorer
from corpusforge.view.server import make_app
from tests.api.conftest import MATHS
from tests.cli.conftest import PROGRAM, corpusforge, letter

__all__ = ["corpusforge"]  # the fixture of the command

TOKEN = "a-token-of-this-test"
PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
HOSTILE_TEXT = (
    f"# {HOSTILE}\n\n{letter(90)}\n\n<b onclick=alert(1)>bold</b> [run](javascript:alert(1)) "
    "![pixel](https://elsewhere.example/pixel.png) [out](https://elsewhere.example/page) $x^2$ and $5 or $6.\n"
)
CONFIG = """\
name = "harbour"
output = "out"
seed = 3
[dedup]
leakage = false
[[sources]]
name = "notes"
paths = ["notes.jsonl"]
"""
RECIPE = """\
name = "small"
sequence_length = 16
budget_tokens = 640
[weights]
web = 3
math = 1
[arms.without_math]
without = ["math"]
[swarm]
runs = 4
fraction = "1/2"
"""


def build(folder, config):
    (folder / "corpus.toml").write_text(config)
    with pytest.raises(SystemExit) as end:
        main(["build", str(folder / "corpus.toml")])
    assert not end.value.code


@pytest.fixture(scope="session")
def harbour(tmp_path_factory):
    """Return a corpus whose current snapshot has a parent with fewer documents and other settings."""
    folder = tmp_path_factory.mktemp("harbour")
    rows = [{"id": str(n), "text": letter(n), "url": f"https://site{n % 3}.example/{n}"} for n in range(24)]
    rows += [{"id": f"maths{n}", "text": MATHS * 2 + letter(60 + n)[:80]} for n in range(3)]
    rows += [{"id": "program", "path": "walk.py", "text": PROGRAM, "source": "github"}]
    rows += [{"id": "copy", "text": letter(0)}, {"id": "near", "text": letter(1) + " And more."}]
    rows += [{"id": "short", "text": "Hi."}]
    rows += [
        {"id": f"few{n}", "text": "Winter came to the quay early, " + "and went " * n} for n in (2, 5, 3)
    ]
    rows += [{"id": "hostile", "text": HOSTILE_TEXT, "title": HOSTILE, "url": "https://hostile.example/a"}]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    build(folder, CONFIG)
    parent = read_index(str(folder / "out")).snapshot
    (folder / "more.jsonl").write_text(
        "".join(json.dumps({"id": n, "text": letter(30 + n)}) + "\n" for n in range(4))
    )
    build(folder, CONFIG + '[[sources]]\nname = "more"\npaths = ["more.jsonl"]\n[filter]\nmin_chars = 40\n')
    (folder / "recipe.toml").write_text(RECIPE)
    for more in ([], ["--swarm"]):
        with pytest.raises(SystemExit) as end:
            main(["mix", str(folder / "out"), "--recipe", str(folder / "recipe.toml"), *more])
        assert not end.value.code
    return SimpleNamespace(path=str(folder / "out"), parent=parent)


def opened(corpus, verdicts):
    """Return an explorer of a corpus and a client that has the token."""
    explorer = Explorer(corpus, read_index(corpus), find, str(verdicts))
    client = TestClient(make_app(explorer, TOKEN, PORT), base_url=BASE)
    assert client.get(f"/?token={TOKEN}").status_code == 200
    return SimpleNamespace(explorer=explorer, client=client)


@pytest.fixture
def site(harbour, tmp_path):
    return opened(harbour.path, tmp_path / "verdicts.jsonl")
