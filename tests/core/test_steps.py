"""The chain of steps: opted-out records leave first, and no drop's excerpt holds a secret."""

import pytest

from corpusforge.config import ConfigError, load_config
from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.steps import load_tools, process


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "a.jsonl").write_text("{}\n")
    (tmp_path / "leave-out.txt").write_text("acme/*\n")
    path = tmp_path / "c.toml"
    path.write_text(
        'name = "t"\noutput = "o"\n[filter]\nopt_out = "leave-out.txt"\n'
        '[[sources]]\nname = "s"\nkind = "jsonl"\npaths = ["a.jsonl"]\n'
    )
    return path


def source_file(repo, path, body):
    return Document(
        doc_id="0" * 32,
        source="s",
        source_kind=SourceKind.GITHUB,
        locator=f"{repo}@c:{path}",
        markup=Markup.SOURCE,
        raw=body,
        repo=repo,
        path=path,
    )


def test_an_opted_out_repository_leaves_before_anything_is_read(configured):
    config = load_config(str(configured)).steps()
    ended = process(source_file("acme/tool", "a.py", b"print('hello')\n" * 20), config, load_tools(config))
    assert isinstance(ended, Drop)
    assert ended.reason is DropReason.OPT_OUT
    assert ended.excerpt == ""


def test_lists_are_pinned_by_content_and_named_relative_to_the_configuration(configured, tmp_path):
    first = load_config(str(configured))
    (tmp_path / "leave-out.txt").write_text("acme/*\nother/*\n")
    second = load_config(str(configured))
    assert first.part_fingerprint() != second.part_fingerprint()
    assert str(tmp_path) not in str(second.corpus_settings())
    (tmp_path / "leave-out.txt").unlink()
    with pytest.raises(ConfigError, match=r"leave-out\.txt"):
        load_config(str(configured))
