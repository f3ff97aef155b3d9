"""The image cannot be built in a test; what it copies, installs and starts can be checked."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
ENTRYPOINT = ROOT / "docker" / "entrypoint"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _instructions() -> list[tuple[str, str]]:
    """Return (instruction, argument) in order, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split(None, 1)[0].upper(), line.split(None, 1)[1]) for line in lines if line.strip()]


def _copied() -> list[str]:
    found: list[str] = []
    for name, argument in _instructions():
        words = shlex.split(argument)
        if name == "COPY" and not any(word.startswith("--from") for word in words):
            found += [word for word in words[:-1] if not word.startswith("--")]
    return found


def _ignored(path: str) -> bool:
    """Return whether .dockerignore keeps a path of the tree from the builder."""
    ignored = False
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        rule = rule.strip()
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!").rstrip("/")
        if fnmatch.fnmatch(path, pattern) or path.startswith(pattern + "/"):
            ignored = not rule.startswith("!")
    return ignored


def _locked(name: str) -> str:
    match = re.search(
        rf"^{re.escape(name)}==(\S+)", (ROOT / "requirements/lock.txt").read_text(), re.MULTILINE
    )
    assert match, f"{name} is not in the lock"
    return match[1]


def test_hadolint_has_nothing_to_say() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed (the dev extra has it)")
    result = subprocess.run([program, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", _copied())
def test_what_is_copied_exists_and_reaches_the_builder(path: str) -> None:
    assert (ROOT / path).exists()
    assert not _ignored(path)


def test_all_that_the_build_needs_is_copied() -> None:
    needed = {"pyproject.toml", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    # A link is copied as the folder it leads to, under the link's name.
    packages = {path.resolve().name for path in ROOT.glob("corpusforge*/") if path.suffix != ".egg-info"}
    assert packages == {"corpusforge", "pipelines", "classifiers"}
    assert needed | packages | {"requirements/lock.txt", "docker/entrypoint"} == set(_copied())


def test_beam_in_the_image_is_beam_in_the_lock() -> None:
    text = DOCKERFILE.read_text()
    version = re.search(r"^ARG BEAM_VERSION=(\S+)$", text, re.MULTILINE)
    assert version and version[1] == _locked("apache-beam")
    images = [argument for name, argument in _instructions() if name == "FROM"]
    assert images[0].startswith("apache/beam_python3.11_sdk:${BEAM_VERSION}")
    assert PROJECT["project"]["requires-python"].startswith(">=3.11,")


def test_pip_installs_only_hashed_pins_and_our_wheel() -> None:
    for name, argument in _instructions():
        if name != "RUN":
            continue
        for command in re.split(r"&&|;", argument):
            if "pip install" in command:
                assert "--require-hashes" in command or ("--no-deps" in command and "/wheels/" in command)


def _start(tmp_path: Path, *arguments: str) -> str:
    """Return what the entry script would run, with both programs replaced by an echo."""
    for name in ("boot", "corpusforge"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "BEAM_BOOT": str(tmp_path / "boot")}
    command = ["sh", str(ENTRYPOINT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        # as worker_pool_main and the runners of Beam 2.77 call it
        ("--id=sdk-0", "--logging_endpoint=a:1", "--artifact_endpoint=b:2", "--provision_endpoint=c:3"),
        ("-id", "sdk-0", "-control_endpoint", "a:1"),
        ("--logging_endpoint=a:1", "--id=1"),
        ("--worker_pool",),
        ("--semi_persist_dir=/var/opt/google", "--id=1"),
    ],
)
def test_a_runner_starts_boot(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert _start(tmp_path, *arguments) == " ".join(["boot", *arguments])


@pytest.mark.parametrize("arguments", [("build", "corpus.toml", "--dry-run"), ("--version",), ("--help",)])
def test_a_person_starts_the_command(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert _start(tmp_path, *arguments) == " ".join(["corpusforge", *arguments])


def test_no_argument_shows_the_help(tmp_path: Path) -> None:
    assert _start(tmp_path) == "corpusforge --help"


def test_the_entry_point_is_copied_and_runs_boot_where_beam_keeps_it() -> None:
    entry = next(argument for name, argument in _instructions() if name == "ENTRYPOINT")
    assert f"docker/entrypoint {entry.strip('[]').strip(chr(34))}" in DOCKERFILE.read_text()
    assert "/opt/apache/beam/boot" in ENTRYPOINT.read_text()
    assert ENTRYPOINT.stat().st_mode & 0o111


def test_what_is_compiled_is_laid_down_in_the_image(tmp_path: Path) -> None:
    """The image runs the script where its cache is to lie; here its compiled functions are known."""
    text = DOCKERFILE.read_text()
    assert text.index("ENV NUMBA_CACHE_DIR=/opt/numba") < text.index("python warm.py")
    assert "source=docker/warm.py" in text and not _ignored("docker/warm.py")
    subprocess.run([sys.executable, str(ROOT / "docker" / "warm.py"), str(tmp_path)], check=True)
    (index,) = (tmp_path / "corpus" / "snapshots").glob("*/index.json")
    header = json.loads(index.read_text())
    assert header["totals"]["n_docs"] > 0
    assert header["config"]["filter"]["benchmarks_sha256"]
    assert (tmp_path / "deduped" / "clusters.parquet").exists()
