"""Progress and figures: stages told on a terminal and in a log, whatever a poll does."""

import io
import re
import subprocess
import threading
import time

import pytest
from rich.console import Console

import corpusforge.commands.progress as progress_module
from corpusforge.commands.compiling import compile_first
from corpusforge.commands.console import count, duration, show_table, size
from corpusforge.commands.progress import BuildProgress, told
from corpusforge_pipelines.observer import Done


@pytest.mark.parametrize("terminal", [True, False])
def test_stages_are_told_and_a_failing_poll_does_no_harm(terminal):
    out = io.StringIO()
    asked = threading.Event()

    def poll():
        asked.set()
        raise FileNotFoundError("just gone")

    with BuildProgress(Console(file=out, force_terminal=terminal, highlight=False, width=120)) as progress:
        progress.start("prepare", 3, poll)
        assert asked.wait(5)
        progress.note("a line [with brackets]")
        progress.finish("prepare", "3 parts made")
    assert "prepare" in out.getvalue() and "3 parts made" in out.getvalue()
    assert "[with brackets]" in out.getvalue()


def test_rate_and_time_left_are_told_by_bytes_from_the_first_second():
    done = Done(units=1, n_bytes=3 << 20, there_bytes=1 << 20, of_bytes=10 << 20, words="9 records under way")
    assert told(done, 4, 1.5) == (
        "1 of 4 parts, 4.0 MiB of 10.0 MiB, 2.0 MiB/s, about 3.0 s left, 9 records under way"
    )
    assert told(Done(of_bytes=10 << 20), 4, 0.5) == "0 of 4 parts, 0 B of 10.0 MiB, nothing read yet"
    assert told(Done(units=5, unit="spill"), 20, 10.0) == "5 of 20 spills, about 30 s left"
    assert told(Done(words="comparing"), 1, 5.0) == "comparing"


def test_a_log_has_a_line_every_30_s_with_both(monkeypatch):
    monkeypatch.setattr(progress_module, "_LINE_EVERY_S", 0.0)
    out = io.StringIO()
    with BuildProgress(Console(file=out, width=120)) as progress:
        progress.start("prepare", 4, lambda: Done(units=1, n_bytes=1 << 20, of_bytes=4 << 20))
        time.sleep(0.7)
    assert re.match(r"prepare +1 of 4 parts, 1\.0 MiB of 4\.0 MiB, .*/s, about .* left\n", out.getvalue())


def test_names_keep_whole_at_60_columns_and_no_figure_is_lost(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    name = "a-source-with-quite-a-long-name"
    columns = ["source", *(f"figure {n}" for n in range(6))]
    show_table("Title", columns, [[name, *(f"{n}00,000" for n in range(6))]], total=["all", *"123456"])
    out = capsys.readouterr().out
    assert all(len(line.rstrip()) <= 60 for line in out.splitlines()) and "…" not in out
    assert out.count(name) == 3 and [n for n in range(6) if f"{n}00,000" in out] == list(range(6))
    assert out.index("000,000") < out.index("300,000") < out.index("500,000")
    long = "x" * 90
    show_table("Title", ["name", "part", "n"], [[name, long, "1,234,567"]], words=2)
    out = capsys.readouterr().out
    assert name in out and out.count("x") == 90 and "1,234,567" in out
    assert all(len(line.rstrip()) <= 60 for line in out.splitlines())


def test_a_failed_build_leaves_no_thread_behind():
    before = threading.active_count()
    with pytest.raises(ValueError), BuildProgress(Console(file=io.StringIO())) as progress:
        progress.start("prepare", 1, Done)
        raise ValueError
    time.sleep(0.1)
    assert threading.active_count() == before


def test_figures_are_read_by_people():
    assert count(1234567) == "1,234,567"
    assert [size(0), size(1023), size(1536), size(5 << 40)] == ["0 B", "1023 B", "1.5 KiB", "5.0 TiB"]
    assert [duration(0.44), duration(59.4), duration(200), duration(7500)] == [
        "0.4 s",
        "59 s",
        "3 min 20 s",
        "2 h 05 min",
    ]


@pytest.mark.parametrize(("n_compiled", "lines"), [(227, ["compiled 227 functions in 0.0 s"]), (0, [])])
def test_the_first_build_compiles_once_and_tells_how_long(tmp_path, monkeypatch, n_compiled, lines):
    calls = []

    def run(command, **_):
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, f"{n_compiled}\n".encode())

    mark = tmp_path / "cache" / "compiled-x"
    monkeypatch.setattr("corpusforge.commands.compiling.mark_path", lambda: str(mark))
    monkeypatch.setattr("corpusforge.commands.compiling.subprocess.run", run)
    found = []
    for _ in range(2):
        compile_first(found.append)
    assert found == lines and len(calls) == 1 and mark.exists()
