"""Progress and figures: stages told on a terminal and in a log, whatever a poll does."""

import io
import threading
import time

import pytest
from rich.console import Console

from corpusforge.commands.console import count, duration, size
from corpusforge.commands.progress import BuildProgress
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
