"""An output inside an input, or the other way round, is refused by every verb before anything is read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from corpusforge.commands import dedup, export, extract, label, mix
from corpusforge.commands.errors import CommandError
from corpusforge.commands.tables import Fields
from corpusforge.config import ConfigError, load_config
from corpusforge.files import overlapping
from corpusforge.parts.planning import plan_parts
from tests.pipelines.conftest import run_command

APART = [
    ("dumps/*.jsonl", "dumps/corpus"),  # one level: the glob looks at no folder below
    ("dumps/a/*.jsonl", "dumps/b"),
    ("dumps/a.jsonl", "dumps/corpus"),
    ("dumps/2*/x.jsonl", "dumps/corpus"),
    ("dumps/**/*.jsonl", "dumps/.corpus"),  # globs pass over what is hidden
    ("dumps", "dumps-corpus"),
    ("gs://b/dumps/*.jsonl", "gs://b/dumps/corpus"),
    ("gs://b/dumps", "gs://b/dumps-corpus"),
    ("gs://b/dumps/**/x", "gs://c/dumps/corpus"),
    ("gs://b/dumps", "dumps"),
    ("dumps", "gs://b/dumps"),
]
TOGETHER = [
    ("dumps", "dumps/corpus"),
    ("dumps/", "dumps/.corpus"),
    ("dumps", "dumps"),
    ("dumps/**/*.parquet", "dumps/corpus"),
    ("dumps/**", "dumps/a/corpus"),
    ("dumps/*/*.parquet", "dumps/corpus"),
    ("dumps/c[a-o]rpus/*", "dumps/corpus"),
    ("dumps/*.jsonl", "dumps"),
    ("corpus/in.jsonl", "corpus"),
    ("corpus/shards/*.parquet", "corpus"),
    ("corpus/a/b", "corpus"),
    ("gs://b/dumps", "gs://b/dumps/corpus"),
    ("gs://b/dumps/**/*.gz", "gs://b/dumps/corpus"),
    ("gs://b", "gs://b/corpus"),
    ("gs://b/corpus/a*.gz", "gs://b/corpus/"),
]


@pytest.mark.parametrize(("source", "output"), APART)
def test_what_cannot_meet_is_let_be(source, output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_names(tmp_path)
    assert overlapping([source], output) is None


@pytest.mark.parametrize(("source", "output"), TOGETHER)
def test_what_would_meet_is_told(source, output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_names(tmp_path)
    assert output in str(overlapping([source], output))


def write_names(folder):
    (folder / "dumps" / "a").mkdir(parents=True)
    (folder / "dumps" / "a.jsonl").write_text('{"id": "1", "text": "x"}\n')
    (folder / "corpus").mkdir()
    (folder / "corpus" / "in.jsonl").write_text("")


def config_of(folder, output, pattern, *lines):
    text = f'name = "o"\noutput = "{output}"\n' + "".join(f"{line}\n" for line in lines)
    path = folder / "o.toml"
    path.write_text(f'{text}[[sources]]\nname = "s"\nkind = "jsonl"\npaths = ["{pattern}"]\n')
    return path


def test_a_build_is_refused_at_once_by_whichever_link_they_meet(tmp_path):
    write_names(tmp_path)
    (tmp_path / "link").symlink_to("dumps")
    for output, pattern in (
        ("dumps/c", "dumps"),
        ("link/c", "dumps"),
        ("dumps/c", "link"),
        ("dumps/c", "link/**/*"),
    ):
        with pytest.raises(ConfigError, match=r"sources\.s: the output .* lies in the source"):
            load_config(str(config_of(tmp_path, output, pattern)))
    done = run_command(
        "build", config_of(tmp_path, "dumps/c", "dumps"), "--dry-run", "--sample-seconds", "0", check=False
    )
    assert done.returncode == 2 and "lies in the source" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "dumps" / "c").exists()


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_link_among_the_inputs_that_leads_to_the_output_is_refused(tmp_path, is_inside):
    write_names(tmp_path)
    corpus = tmp_path / "dumps" / "b" / "corpus" if is_inside else tmp_path / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "in.jsonl").write_text('{"id": "1", "text": "x"}\n')
    (tmp_path / "dumps" / "ready.jsonl").symlink_to(corpus / "in.jsonl")
    path = config_of(tmp_path, corpus, "dumps/*.jsonl", "ingest.follow_links = true")
    with pytest.raises(ConfigError, match=r"sources\.s: .*ready\.jsonl lies in the output"):
        plan_parts(load_config(str(path)))


def refused(verb, *arguments):
    """Run a verb in this process; return the line of its usage error."""
    with pytest.raises(CommandError, match="the output") as raised:
        verb(*arguments)
    assert raised.value.status == 2 and "\n" not in str(raised.value)


def test_other_verbs_refuse_it_too(tmp_path):
    write_names(tmp_path)
    rows = str(tmp_path / "dumps" / "a.jsonl")
    before = Path(rows).read_bytes()
    os.symlink(rows, tmp_path / "same.jsonl")
    refused(label.label, rows, str(tmp_path / "same.jsonl"), None, None)
    refused(extract.extract, rows, rows, None, None)
    refused(extract.extract, str(tmp_path / "dumps"), str(tmp_path / "dumps" / "out.jsonl"), None, None)
    settings = dedup.Settings(
        threshold=0.75, ngram=5, unit="words", permutations=128, bands=None, rows=None, method="near",
        check="estimate", seed=1, fields=Fields(), skip_bad_rows=False, repeats="off", max_documents=10,
    )  # fmt: skip
    refused(dedup.dedup, [rows], str(tmp_path / "dumps"), settings, False)
    refused(dedup.dedup, [str(tmp_path / "dumps")], str(tmp_path / "dumps" / "deduped"), settings, False)
    (tmp_path / "other").mkdir()
    os.symlink(tmp_path / "corpus" / "in.jsonl", tmp_path / "other" / "link.jsonl")
    refused(dedup.dedup, [str(tmp_path / "other")], str(tmp_path / "corpus"), settings, False)
    assert Path(rows).read_bytes() == before
    assert sorted(os.listdir(tmp_path / "dumps")) == ["a", "a.jsonl"]


def test_a_plan_replaces_neither_its_recipe_nor_what_is_the_corpus(tmp_path):
    recipe, supply, corpus = (str(tmp_path / name) for name in ("recipe.toml", "supply.json", "corpus"))
    Path(recipe).write_text("x = 1\n")
    Path(supply).write_text(json.dumps({"web": 1}))
    os.mkdir(corpus)
    refused(mix.mix, None, recipe, recipe, supply, False)
    refused(mix.mix, None, recipe, supply, supply, False)
    refused(mix.mix, corpus, recipe, f"{corpus}/CURRENT", None, False)
    refused(export.export, corpus, "olmo", f"{corpus}/out", None, "full", None)
    assert os.listdir(corpus) == []
