"""What lies in a source folder and is no file of it: passed over with one line, never waited for."""

from __future__ import annotations

import logging
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.config import ConfigError, load_config
from corpusforge.files import publishing, write_bytes
from corpusforge.ingest.repositories.github import read_github
from corpusforge.parts.planning import plan_parts
from tests.ingest.reading import documents, outcome, read_all

ROW = '{"id": "1", "text": "x"}\n'


def config_of(folder, pattern, *lines, kind="jsonl"):
    text = 'name = "o"\noutput = "corpus"\n' + "".join(f"{line}\n" for line in lines)
    path = folder / "o.toml"
    path.write_text(f'{text}[[sources]]\nname = "s"\nkind = "{kind}"\npaths = ["{pattern}"]\n')
    return load_config(str(path))


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """A folder with one file, special files, links inside, outside and to nothing."""
    dumps = tmp_path / "dumps"
    (dumps / "sub").mkdir(parents=True)
    (dumps / "a.jsonl").write_text(ROW)
    (dumps / "sub" / "b.jsonl").write_text(ROW)
    os.mkfifo(dumps / "fifo.jsonl")
    monkeypatch.chdir(dumps)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as handle:
        handle.bind("socket.jsonl")
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "c.jsonl").write_text(ROW)
    (outside / "deep" / "d.jsonl").write_text(ROW)
    (outside / "back").symlink_to(outside)
    (dumps / "leaves.jsonl").symlink_to(outside / "c.jsonl")
    (dumps / "away").symlink_to(outside)
    (dumps / "away-too").symlink_to(outside)
    (dumps / "round").symlink_to(dumps)
    (dumps / "again.jsonl").symlink_to("a.jsonl")
    (dumps / "nothing.jsonl").symlink_to("no such file")
    return tmp_path


PATTERNS = {
    "dumps": ["a.jsonl", "again.jsonl", "sub/b.jsonl"],
    "dumps/*.jsonl": ["a.jsonl", "again.jsonl"],
    "dumps/**/*.jsonl": ["a.jsonl", "again.jsonl", "sub/b.jsonl"],
    "dumps/*/*.jsonl": ["round/a.jsonl", "round/again.jsonl", "sub/b.jsonl"],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_no_file_of_the_source_is_passed_over_with_one_line(odd, pattern, caplog):
    with caplog.at_level(logging.WARNING):
        names = [spec.name.removeprefix("s/") for spec in plan_parts(config_of(odd, pattern))]
    assert names == PATTERNS[pattern]
    (line,) = caplog.messages
    assert line.startswith("sources.s: passed over ") and "\n" not in line
    if pattern == "dumps/*.jsonl":
        for name, why in (
            ("fifo", "a FIFO"),
            ("socket", "a socket"),
            ("leaves", "a link that leads out of the source"),
            ("nothing", "a link to nothing"),
        ):
            assert f"{name}.jsonl' ({why})" in line


def test_links_are_followed_where_the_configuration_says_so_each_folder_once(odd):
    config = config_of(odd, "dumps", "ingest.follow_links = true")
    names = [spec.name.removeprefix("s/") for spec in plan_parts(config)]
    assert names == sorted(
        ["a.jsonl", "again.jsonl", "leaves.jsonl", "sub/b.jsonl", "away-too/c.jsonl", "away-too/deep/d.jsonl"]
    )


def test_a_path_that_is_named_is_the_source_also_where_it_is_a_link(odd):
    assert len(plan_parts(config_of(odd, "dumps/leaves.jsonl"))) == 1
    assert len(plan_parts(config_of(odd, "dumps/away"))) == 2
    assert len(plan_parts(config_of(odd, "dumps/away/*.jsonl"))) == 1


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("dumps/fifo.jsonl", "a FIFO, which is not read"),
        ("dumps/leaves.j*", "`ingest.follow_links = true` follows such links"),
        ("dumps/nothing.jsonl", "a link to nothing"),
    ],
)
def test_a_path_at_which_nothing_else_lies_says_so(odd, pattern, said):
    with pytest.raises(ConfigError, match="nothing at") as raised:
        config_of(odd, pattern)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_folder_of_code_is_planned_and_read_past_them(odd):
    for path in (odd / "dumps").iterdir():
        if path.name.endswith(".jsonl") and path.is_file() and not path.is_symlink():
            path.rename(path.with_suffix(".py"))
    before = plan_parts(config_of(odd, "dumps", kind="github"))[0].part_id
    found = {record.locator: outcome(record) for record in read_all(read_github, odd / "dumps")}
    assert [name for name, what in found.items() if what == "source"] == ["dumps/a.py", "dumps/sub/b.jsonl"]
    assert found["dumps/fifo.jsonl"] == found["dumps/away"] == found["dumps/round"] == "not_content"
    followed = documents(read_all(read_github, odd / "dumps", follow_links=True))
    places = sorted(record.locator.removeprefix("dumps/") for record in followed)
    assert places == ["a.py", "away/c.jsonl", "away/deep/d.jsonl", "leaves.jsonl", "sub/b.jsonl"]
    # What is read decides on the part: hidden files too, what lies behind a link that is not followed not.
    Path(odd / "outside" / "c.jsonl").write_text("other")
    assert plan_parts(config_of(odd, "dumps", kind="github"))[0].part_id == before
    Path(odd / "dumps" / ".hidden.py").write_text("print(1)\n")
    assert plan_parts(config_of(odd, "dumps", kind="github"))[0].part_id != before


def test_a_device_that_results_are_written_to_stays_one(tmp_path):
    (tmp_path / "in.jsonl").write_text(ROW)
    link = tmp_path / "void"
    link.symlink_to(os.devnull)
    assert (
        CliRunner().invoke(app, ["label", str(tmp_path / "in.jsonl"), "--output", str(link)]).exit_code == 0
    )
    write_bytes(str(link), b"nothing")
    assert (
        link.is_symlink() and link.is_char_device() and sorted(os.listdir(tmp_path)) == ["in.jsonl", "void"]
    )


def test_a_pipe_gets_what_is_written_whole_or_nothing(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        got = pool.submit(pipe.read_bytes)
        write_bytes(str(pipe), b"rows" * 100_000)
        assert got.result(60) == b"rows" * 100_000
    with pytest.raises(KeyError), publishing(str(pipe)) as place:  # would wait for a reader if it were opened
        Path(place).write_text("half")
        raise KeyError
    assert pipe.is_fifo()
