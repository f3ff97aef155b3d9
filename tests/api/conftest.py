"""A small corpus, and rows of many kinds."""

import json
from types import SimpleNamespace

import pytest

from corpusforge.cli import main
from tests.cli.conftest import PROGRAM, letter

MATHS = (
    "Let $a_n$ be a sequence with $a_{n+1} = a_n^2 - 2$. We show by induction that $a_n \\ge 2$ for all $n$. "
    "If $a_n \\ge 2$ then $a_n^2 - 2 \\ge 2$, hence the claim. Since $a_{n+1} - a_n = (a_n - 2)(a_n + 1)$, the "
    "sequence is monotone, and the limit, where it exists, solves $x^2 - x - 2 = 0$, that is $x = 2$ or $x = -1$. "
)
PAGE = (
    "<html><body><h1>Tides {n}</h1><p>The sea rises <b>twice</b> a day, at {n} and at noon.</p></body></html>"
)
ROWS = [
    *({"id": n, "text": letter(n)} for n in range(5)),
    {"id": "maths", "text": MATHS * 2, "url": "https://example.org/maths"},
    {"id": "program", "path": "walk.py", "text": PROGRAM, "source": "github"},
    {"id": "page", "html": PAGE.format(n=3) * 2, "url": "https://example.org/tides"},
    {"id": "short", "text": "Hi."},
    {"id": "copy", "text": letter(0)},
]


@pytest.fixture(scope="session")
def library_corpus(tmp_path_factory):
    """Return a corpus of two domains and more documents than one batch of a small size."""
    folder = tmp_path_factory.mktemp("library")
    rows = [{"id": str(n), "text": letter(n)} for n in range(6)]
    rows += [{"id": "program", "path": "walk.py", "text": PROGRAM}, {"id": "short", "text": "Hi."}]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "corpus.toml").write_text(
        'name = "harbour"\noutput = "out"\nseed = 3\n[[sources]]\nname = "notes"\npaths = ["notes.jsonl"]\n'
    )
    with pytest.raises(SystemExit) as end:
        main(["build", str(folder / "corpus.toml")])
    assert not end.value.code
    return SimpleNamespace(path=folder / "out", texts={row["text"].strip() for row in rows[:-1]})
