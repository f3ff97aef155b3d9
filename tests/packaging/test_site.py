"""The site of the documentation: what its build refuses, and that its lock holds what it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"


def test_the_lock_holds_what_the_group_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["docs"]
    lock = (ROOT / "requirements" / "docs.txt").read_text()
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    assert {re.split("[<>=]", one)[0] for one in asked} <= set(pins)
    assert lock.count("--hash=sha256:") >= len(pins) and not re.search(r"https?://|file:/", lock)


def built(folder: Path, readme: str, page: str = "# Page\n\n## Here\n") -> tuple[int, str]:
    """Build a site of a page, README and a table; return the exit code and what was said."""
    if not MKDOCS.exists():
        pytest.skip("no .venv-docs: `make docs` makes it")
    shutil.copytree(ROOT / "docs" / "site", folder / "docs" / "site", dirs_exist_ok=True)
    whole = (ROOT / "mkdocs.yml").read_text()
    (folder / "mkdocs.yml").write_text(whole[: whole.index("\nnav:")] + "\nnav: [index.md, page.md]\n")
    (folder / "README.md").write_text(readme)
    (folder / "table.toml").write_text("a = 1\n")
    (folder / "docs" / "page.md").write_text(page)
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict"],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_links_to_the_repository_lead_to_its_files(tmp_path: Path) -> None:
    readme = "# R\n\n[page](docs/page.md#here), [table](table.toml)\n\n```\n[no](link.md)\n```\n"
    code, said = built(tmp_path, readme, "# Page\n\n## Here\n\n[up](../README.md), [table](../table.toml)\n")
    assert code == 0, said
    site = tmp_path / "build" / "site"
    assert (site / "repository" / "table.toml").read_text() == "a = 1\n"
    assert 'href="page.html#here"' in (site / "index.html").read_text()
    assert 'href="repository/table.toml"' in (site / "page.html").read_text()
    assert "[no](link.md)" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    ("readme", "faults"),
    [
        (
            "# R\n\n[a](docs/gone.md) [b](docs/page.md#elsewhere) [c](#nowhere)\n",
            ("docs/gone.md", "elsewhere", "nowhere"),
        ),
        ('# R\n\n<img src="https://example.org/a.png">\n', ("fetches <img",)),
    ],
)
def test_a_broken_link_and_a_fetch_break_the_build(
    readme: str, faults: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = built(tmp_path, readme)
    assert code != 0 and all(fault in said for fault in faults), said
