"""Every import rule holds, and each is seen to fail on a planted violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("corpusforge", "corpusforge_pipelines", "corpusforge_classifiers")
LINTER = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# contract: (file that breaks it, the line planted there)
VIOLATIONS = {
    "house": [
        ("corpusforge/document.py", "import corpusforge.config"),
        ("corpusforge/config.py", "import corpusforge.steps"),
        ("corpusforge/label/__init__.py", "import corpusforge.config"),
    ],
    "pipelines": [
        ("corpusforge/steps.py", "import corpusforge_pipelines.options"),
        ("corpusforge_pipelines/options.py", "import corpusforge.commands"),
    ],
    "steps": [("corpusforge/extract/__init__.py", "import corpusforge.label")],
    "beam": [("corpusforge/files/local.py", "import apache_beam")],
    "reader": [
        ("corpusforge/reader/__init__.py", "import pyarrow"),
        ("corpusforge/reader/__init__.py", "import torch"),
        ("corpusforge/reader/__init__.py", "import corpusforge.document"),
    ],
    "classifiers": [("corpusforge/steps.py", "import corpusforge_classifiers")],
}


def _copy(folder: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=lambda _, names: [n for n in names if n == "__pycache__"]
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(LINTER), "--no-cache", "--config", "pyproject.toml"]
    if contract:
        command += ["--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


pytestmark = pytest.mark.skipif(not LINTER.exists(), reason="import-linter is not installed")


def test_the_tree_keeps_every_rule() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_every_rule_has_a_violation() -> None:
    assert set(VIOLATIONS) == {contract["id"] for contract in CONTRACTS}


@pytest.mark.parametrize(
    ("contract", "path", "line"),
    [(contract, path, line) for contract, cases in VIOLATIONS.items() for path, line in cases],
)
def test_a_planted_violation_is_seen(tmp_path: Path, contract: str, path: str, line: str) -> None:
    folder = _copy(tmp_path)
    with open(folder / path, "a", encoding="utf-8") as handle:
        handle.write(f"\n{line}  # planted\n")
    result = _lint(folder, contract)
    assert result.returncode != 0, f"{line!r} in {path} went unseen:\n{result.stdout}"
    assert "BROKEN" in result.stdout
    forbidden = line.split()[1].split(".")[0 if "apache" in line else -1]
    assert forbidden in result.stdout


def test_a_module_outside_the_house_is_seen(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    (folder / "corpusforge" / "attic.py").write_text('"""No layer."""\n')
    result = _lint(folder, "house")
    assert result.returncode != 0
    assert "attic" in result.stdout


def test_the_reader_loads_numpy_and_nothing_heavier() -> None:
    code = (
        "import sys, corpusforge.reader\n"
        "top = {name.partition('.')[0] for name in sys.modules}\n"
        "print(' '.join(sorted(top - set(sys.stdlib_module_names))))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # What an editable install and the interpreter's own start-up files load is not ours.
    loaded = {n for n in result.stdout.split() if not n.startswith(("_", "sitecustomize", "usercustomize"))}
    assert loaded - {"numpy", "corpusforge", "cython_runtime"} <= ALSO_LIGHT


ALSO_LIGHT = {"xxhash"}
"""Small C extensions without dependencies of their own, which check blocks of a shard."""
