"""A corpus of two snapshots, the second of other dumps in part, and plans over both: built once, then copied."""

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout

import pyarrow.parquet as pq
import pytest

from corpusforge.cli import main
from corpusforge.config import load_config
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import load_recipe
from corpusforge.report import write_report
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import write_config, write_dumps

RECIPE = 'name="{}"\nbudget_tokens=1024\nsequence_length=64\nmax_epochs=9\npacking="{}"\n[weights]\nweb=1.0\n'


def run(*arguments):
    """Run the command in this process; return (status, stdout, stderr)."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
            status = 0
        except SystemExit as end:
            status = end.code or 0
    return status, out.getvalue(), err.getvalue()


NOWHERE = "id:" + "0" * 32


def absent(corpus, path, *words):
    """Return (status, what was told as JSON, the line on stderr)."""
    status, out, err = run("verify", corpus, "--absent", path, "--json", *words)
    return status, json.loads(out) if out else {}, err


def found_in(told):
    return {place["place"] for place in told["places"] if place["found"]}


def plan_over(corpus, folder, name, packing="best_fit"):
    """Write a plan over the current snapshot; return its path."""
    recipe = folder / f"{name}.toml"
    recipe.write_text(RECIPE.format(name, packing))
    return write_plan(str(corpus), make_plan(str(corpus), load_recipe(str(recipe))))


class Built:
    """What `twice` made: `old` and `new` are ids of snapshots."""

    def __init__(self, folder, corpus, old, new):
        self.folder, self.corpus, self.old, self.new = folder, corpus, old, new


@pytest.fixture(scope="session")
def built_twice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twice")
    write_dumps(folder / "dumps")
    corpus = folder / "corpus"
    later, before = folder / "ready-2.jsonl", folder / "ready-1.jsonl"
    (folder / "dumps" / "ready-2.jsonl").rename(later)
    old = build(load_config(str(write_config(folder, corpus)))).snapshot_id
    plan_over(corpus, folder, "old")
    later.rename(folder / "dumps" / "ready-2.jsonl")
    (folder / "dumps" / "ready-1.jsonl").rename(before)
    new = build(load_config(str(write_config(folder, corpus)))).snapshot_id
    write_report(str(corpus), new)
    plan_over(corpus, folder, "new")
    return Built(folder, corpus, old, new)


@pytest.fixture
def twice(built_twice, tmp_path):
    """A copy of it: of the files that nobody else changes."""
    corpus = shutil.copytree(built_twice.corpus, tmp_path / "corpus")
    return Built(built_twice.folder, corpus, built_twice.old, built_twice.new)


def documents_of(corpus, snapshot):
    """Return the rows of the docs tables of a snapshot."""
    rows = []
    for row in read_index(str(corpus), snapshot).rows:
        path = corpus / "shards" / row.domain / row.subset / f"{row.id}.docs.parquet"
        rows += [{**one, "shard": row.id} for one in pq.read_table(path).to_pylist()]
    return rows


@pytest.fixture
def listed(tmp_path):
    """A function that writes a list and returns its path."""

    def write(*entries, name="list.txt"):
        path = tmp_path / name
        path.write_text("".join(f"{entry}\n" for entry in entries))
        return path

    return write


@pytest.fixture
def gone(twice):
    """A document that the first snapshot alone holds."""
    new = {one["doc_id"] for one in documents_of(twice.corpus, twice.new)}
    return next(one for one in documents_of(twice.corpus, twice.old) if one["doc_id"] not in new)


@pytest.fixture(scope="session")
def built_clean(built_twice, tmp_path_factory):
    """The corpus without its first snapshot: not to be changed."""
    corpus = shutil.copytree(built_twice.corpus, tmp_path_factory.mktemp("clean") / "corpus")
    status, _, err = run("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert status == 0, err
    return Built(built_twice.folder, corpus, built_twice.old, built_twice.new)


@pytest.fixture
def clean(built_clean, tmp_path):
    """A copy of that."""
    corpus = shutil.copytree(built_clean.corpus, tmp_path / "corpus")
    return Built(built_clean.folder, corpus, built_clean.old, built_clean.new)
