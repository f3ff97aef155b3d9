"""The demo's dumps: small, the same every time, and of every kind that ingest reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpusforge.config import load_config
from corpusforge.document import SourceKind
from corpusforge.ingest import detect_kind

ROOT = Path(__file__).parents[2]
MAKE_DUMPS = ROOT / "examples" / "demo" / "make_dumps.py"
KIND_OF_FOLDER = {
    "web": SourceKind.WARC,
    "github": SourceKind.GITHUB,
    "notebooks": SourceKind.NOTEBOOKS,
    "wiki": SourceKind.MEDIAWIKI,
    "stackexchange": SourceKind.STACKEXCHANGE,
    "books": SourceKind.BOOKS,
    "ready": SourceKind.JSONL,
}


def _make(folder: Path, *arguments: str) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, str(MAKE_DUMPS), str(folder), *arguments], check=True, capture_output=True
    )
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dumps")
    _make(folder)
    return folder


def test_same_seed_same_bytes_other_seed_other_bytes(dumps: Path, tmp_path: Path) -> None:
    first = {str(p.relative_to(dumps)): p.read_bytes() for p in dumps.rglob("*") if p.is_file()}
    assert _make(tmp_path / "again") == first
    other = _make(tmp_path / "other", "--seed", "18")
    assert set(other) == set(first)
    assert all(other[name] != first[name] for name in first)


def test_they_are_small(dumps: Path) -> None:
    assert sum(p.stat().st_size for p in dumps.rglob("*") if p.is_file()) < 3_000_000


def test_each_file_is_known_by_its_content(dumps: Path) -> None:
    found = {p.parent.name: set() for p in dumps.rglob("*") if p.is_file()}
    for path in dumps.rglob("*"):
        if path.is_file():
            found[path.parent.name].add(detect_kind(str(path)))
    assert found == {folder: {kind} for folder, kind in KIND_OF_FOLDER.items()}


def test_the_configuration_loads_once_the_dumps_are_there(dumps: Path, tmp_path: Path) -> None:
    place = tmp_path / "examples" / "demo"
    place.mkdir(parents=True)
    (place / "demo.toml").write_text((ROOT / "examples/demo/demo.toml").read_text())
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "demo-dumps").symlink_to(dumps)
    config = load_config(str(place / "demo.toml"))
    assert [source.name for source in config.sources] == [
        "crawl", "github", "notebooks", "wiki", "stackexchange", "library", "ready",
    ]  # fmt: skip
    assert config.output == str(tmp_path / "build" / "demo")
