"""The command as a user who owns nothing of what is installed, and has no home."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, PROSE

ROOT = Path(__file__).parents[2]
# May read what the tests' own user may, and write nothing: an installation that belongs to another.
NOBODY = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)  # fmt: skip
COMMAND = (sys.executable, "-B", "-c", "import sys; from corpusforge.cli import main; main(sys.argv[1:])")


def run(*arguments: str, prefix: tuple[str, ...] = (), **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    environment.pop("CORPUSFORGE_UNCACHED", None)
    return subprocess.run([*prefix, *COMMAND, *arguments], capture_output=True, text=True, env=environment)


def test_labels_are_the_same_with_one_line_at_most(tmp_path: Path) -> None:
    if shutil.which("setpriv") is None or subprocess.run([*NOBODY, "true"], capture_output=True).returncode:
        pytest.skip("needs leave to run as another user")
    rows = tmp_path / "rows.jsonl"
    texts = [{"id": 1, "text": PROSE.format(n=1)}, {"id": 2, "text": PROGRAM, "path": "walk.py"}]
    rows.write_text("".join(json.dumps(row) + "\n" for row in texts))
    own = run("label", str(rows))
    assert own.returncode == 0, own.stderr
    other = run("label", str(rows), prefix=NOBODY, HOME="/nonexistent", TMPDIR="/tmp")
    assert other.returncode == 0, other.stderr
    assert other.stdout == own.stdout
    lines = other.stderr.splitlines()  # none where all that is called was compiled before
    assert len(lines) <= 1 and all("kept in memory" in line for line in lines)
