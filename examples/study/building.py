"""Dumps to a corpus: built by the command with one step of the study."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from settings import Settings

import corpusforge
from corpusforge.api.corpus import Corpus

HERE = Path(__file__).parent
_ROWS = (".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.xz", ".jsonl.zst")


def configuration(settings: Settings, dumps: Path, output: Path) -> str:
    """Return the configuration of the build: a source for each entry of the dumps' folder.

    Raises SystemExit where there is none.
    """
    entries = sorted(entry for entry in dumps.iterdir() if not entry.name.startswith("."))
    if not entries:
        raise SystemExit(f"{dumps}: empty: one file or folder for each source is expected")
    lines = ['name = "study"', f'output = "{output.resolve()}"', f"seed = {settings.corpus.seed}"]
    for entry in entries:
        lines += ["", "[[sources]]", f'name = "{_name(entry)}"', f'paths = ["{entry.resolve()}"]']
        if _holds_rows(entry):
            lines.append('kind = "jsonl"')
    step = {"share": settings.corpus.held_out_share, "seed": settings.corpus.seed}
    lines += [
        "", "[[steps]]", 'name = "held_out"', 'function = "held_out:mark"', f'path = "{HERE}"', "version = 1",
        'after = "filter"', f"parameters = {{ share = {step['share']}, seed = {step['seed']} }}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _name(entry: Path) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "-" for char in entry.name)


def _holds_rows(entry: Path) -> bool:
    """Return whether a source is ready text in JSON lines, the one kind that a build must be told."""
    files = [path for path in entry.rglob("*") if path.is_file()] if entry.is_dir() else [entry]
    return bool(files) and all(path.name.endswith(_ROWS) for path in files)


def build(settings: Settings, dumps: Path, folder: Path, workers: int) -> Corpus:
    """Return the corpus of the dumps below `folder`; what was built before is not built again."""
    output, config = folder / "corpus", folder / "corpus.toml"
    config.write_text(configuration(settings, dumps, output))
    with (folder / "build.log").open("w") as log:
        command = ["-m", "corpusforge.cli", "build", str(config), "--workers", str(workers)]
        _run(command, stdout=log, stderr=subprocess.STDOUT, said=folder / "build.log")
    return corpusforge.open_corpus(str(output))


def _run(arguments: list[str], said: Path | None = None, **streams: object) -> None:
    done = subprocess.run([sys.executable, *arguments], check=False, **streams)  # pyright: ignore
    if done.returncode:
        where = f": {said}\n{said.read_text()[-1500:]}" if said else ""
        raise SystemExit(f"{' '.join(arguments[:4])} … ended with {done.returncode}{where}")
