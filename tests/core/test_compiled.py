"""What is compiled and kept on disk is stale as soon as a module beside it changes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

USER = """
from corpusforge.compiled import jit
from rooms.constant import FACTOR


@jit
def scaled(value: int) -> int:
    return value * FACTOR


print(scaled(10))
"""


def run(folder: Path, *prefix: str, **variables: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    environment = {**os.environ, "PYTHONPATH": paths, **variables}
    for told in ("CORPUSFORGE_UNCACHED", "CORPUSFORGE_COMPILING"):  # by another test of this process
        environment.pop(told, None)
    command = [*prefix, sys.executable, "-B", "-m", "rooms.user"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """A package of its own, as a step is one, with a compiled function."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "user.py").write_text(USER)
    (folder / "constant.py").write_text("FACTOR = 2\n")
    return folder


def test_a_change_in_a_neighbour_compiles_anew(rooms: Path, tmp_path: Path) -> None:
    first, again = run(tmp_path), run(tmp_path)
    assert first.stdout == again.stdout == "20\n"
    assert first.stderr.count("compiling functions for this machine") == 1, "the wait is told"
    assert again.stderr == "", "and only where there is one"
    assert list(rooms.rglob("*.nbi")), "nothing was kept on disk"
    (rooms / "constant.py").write_text("FACTOR = 3\n")
    assert run(tmp_path).stdout == "30\n"


def test_without_any_cache_it_runs_with_one_line_of_warning(rooms: Path, tmp_path: Path) -> None:
    (rooms / "__init__.py").write_text("import subprocess, sys, os\n")
    twice = "if not os.environ.get('AGAIN'): subprocess.run([sys.executable, '-B', '-m', 'rooms.user'], env={**os.environ, 'AGAIN': '1'})"
    (rooms / "user.py").write_text(f"import os, subprocess, sys\n{USER}\n{twice}\n")
    done = run(
        tmp_path, NUMBA_CACHE_DIR="/proc/no/such", NUMBA_CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator"
    )
    assert done.stdout == "20\n20\n"
    (line,) = done.stderr.splitlines()  # of the process that it starts, no second one
    assert "kept in memory" in line and "NUMBA_CACHE_DIR" in line


def test_a_cache_that_can_only_be_read_is_read(rooms: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    variables = {"NUMBA_CACHE_DIR": str(cache), "NUMBA_DEBUG_CACHE": "1"}
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    prefix = ("unshare", "-rm", "sh", "-c", script, str(tmp_path))
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], capture_output=True).returncode:
        pytest.skip("needs a file system that can be made read-only")
    assert "data saved" in run(tmp_path, **variables).stdout
    done = run(tmp_path, *prefix, **variables)
    assert "data loaded" in done.stdout and done.stdout.endswith("20\n")
    assert done.stderr == ""  # nothing was lacking
    (rooms / "constant.py").write_text("FACTOR = 3\n")
    done = run(tmp_path, *prefix, **variables, HOME="/proc/no/such")
    assert done.stdout.endswith("30\n")
    (line,) = done.stderr.splitlines()
    assert "kept in memory" in line and "cannot be written" in line


@pytest.mark.parametrize("kept", ["nbi", "nbc"])
def test_a_damaged_cache_costs_the_compilation(rooms: Path, tmp_path: Path, kept: str) -> None:
    run(tmp_path)
    (path,) = rooms.rglob(f"*.{kept}")
    path.write_bytes(path.read_bytes()[:-40])
    done = run(tmp_path)
    assert done.stdout == "20\n" and "Traceback" not in done.stderr


def test_there_is_one_way_to_compile() -> None:
    package = Path(__file__).parents[2] / "corpusforge"
    users = [
        path.name
        for path in package.rglob("*.py")
        if re.search(r"\bnjit\b|cache=True|\"cache\": True", path.read_text())
    ]
    assert users == ["compiled.py"]


def test_scipy_is_not_loaded_and_is_there_for_those_who_need_it():
    pytest.importorskip("scipy")
    program = (
        "import sys\n"
        "import corpusforge.extract.web.hints as hints\n"
        "hints.page_hints(b'<p>a page</p>')\n"
        "print('scipy.linalg' in sys.modules)\n"
        "import numba, numpy\n"
        "print(numba.njit(lambda a: numpy.dot(a, a))(numpy.ones((2, 2)))[0, 0])\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "2.0"], told.stderr


def test_what_reads_code_points_is_compiled_before_a_document_waits_for_it() -> None:
    names = (
        "fences._find", "label.lines._comments", "label.lines._next_header", "label.lines._rounds",
        "label.lines._states", "trace_lines._look", "word_count._count",
    )  # fmt: skip
    program = f"""
import importlib
import corpusforge.parts.warm
for name in {names!r}:
    module, function = name.rsplit(".", 1)
    compiled = getattr(importlib.import_module(f"corpusforge.{{module}}"), function)
    print(name, *sorted(str(kinds[0].dtype) for kinds in compiled.signatures))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [f"{name} uint32 uint8" for name in names]
