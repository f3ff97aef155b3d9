"""The command, run as a user runs it: arguments in, status and two streams out."""

import io
import json
import zlib
from types import SimpleNamespace

import pytest

from corpusforge.cli import main

PROSE = (
    "The harbour town wakes early in the summer. Boats come back before the light, and the people who buy "
    "the fish stand on the quay with their hands in their pockets. Nobody hurries, because the price is made "
    "later, when the trains for the city are loaded and the last baskets have been weighed. {n}"
)


@pytest.fixture
def corpusforge(capsys, monkeypatch):
    """Return a function that runs the command in this process."""

    def run(*arguments, stdin=None):
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        capsys.readouterr()
        try:
            main([str(argument) for argument in arguments])
            status = 0
        except SystemExit as end:
            status = end.code or 0
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run


@pytest.fixture
def jsonl(tmp_path):
    """Return a function that writes rows (objects, or raw lines) to a JSONL file."""

    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return path

    return write


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Return a small corpus with a duplicate and a dropped document, built by the command."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"id": str(n), "text": letter(n)} for n in range(8)]
    rows += [{"id": "copy", "text": rows[0]["text"]}, {"id": "short", "text": "Hi."}]
    rows.append({"id": "program", "path": "walk.py", "text": PROGRAM})
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "corpus.toml").write_text(
        'name = "harbour"\noutput = "out"\nseed = 3\n[[sources]]\nname = "notes"\npaths = ["notes.jsonl"]\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        streams = SimpleNamespace(out=io.StringIO(), err=io.StringIO())
        patch.setattr("sys.stdout", streams.out)
        patch.setattr("sys.stderr", streams.err)
        try:
            main(["build", str(folder / "corpus.toml")])
        except SystemExit as end:
            assert not end.code, streams.err.getvalue()
    return SimpleNamespace(
        config=folder / "corpus.toml",
        path=folder / "out",
        out=streams.out.getvalue(),
        err=streams.err.getvalue(),
    )


PROGRAM = """import os
import sys


def walk(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            yield from walk(path)
        else:
            yield path


def main():
    for path in walk(sys.argv[1]):
        print(os.path.getsize(path), path)


if __name__ == "__main__":
    main()
"""


NOUNS = "rope sail tide gull mast reef keel buoy crew dock helm wake knot net lamp bell rain crane".split()
VERBS = "holds carries follows leaves watches reaches covers loses keeps finds turns paints".split()
PLACES = "wall market island church bridge station garden harbour river school tower field mill".split()


def letter(n):
    """Return prose that shares no long run of words with that of another n."""

    def pick(words, step):
        return words[zlib.crc32(f"{n} {step} {words[0]}".encode()) % len(words)]

    return " ".join(
        f"In the {pick(PLACES, i)} a {pick(NOUNS, i)} {pick(VERBS, i)} the {pick(NOUNS, i + 4)} and "
        f"nobody at the {pick(PLACES, i + 5)} {pick(VERBS, i + 3)} it."
        for i in range(12)
    )
