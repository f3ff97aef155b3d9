"""What is compiled and kept on disk is stale as soon as a module beside it changes."""

import os
import subprocess
import sys
from pathlib import Path

USER = """
from corpusforge.compiled import jit
from rooms.constant import FACTOR


@jit
def scaled(value: int) -> int:
    return value * FACTOR


print(scaled(10))
"""


def run(folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parents[2])])}
    command = [sys.executable, "-B", "-m", "rooms.user"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_a_change_in_a_neighbour_compiles_anew(tmp_path: Path) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (rooms / "__init__.py").write_text("")
    (rooms / "user.py").write_text(USER)
    (rooms / "constant.py").write_text("FACTOR = 2\n")
    assert run(tmp_path) == run(tmp_path) == "20\n"
    assert list(rooms.rglob("*.nbi")), "nothing was kept on disk"
    (rooms / "constant.py").write_text("FACTOR = 3\n")
    assert run(tmp_path) == "30\n"
