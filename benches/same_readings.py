"""What `same_pages.py` and `same_wikitext.py` share: readings of two checkouts, compared line by line.

A line is a name, the digest of all but the text, and the digests of the text's lines, parted by tabs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import xxhash


def line_of(name: str, text: str, rest: str) -> str:
    """Return the line of a reading."""
    digests = " ".join(_digest(line) for line in text.split("\n"))
    return f"{name}\t{_digest(rest)}\t{digests}\n"


def _digest(text: str) -> str:
    return xxhash.xxh3_64_hexdigest(text.encode("utf-8", "surrogatepass"))


_BUILD = Path(__file__).resolve().parents[1] / "build"


def options_of(parser: argparse.ArgumentParser, keep: str) -> argparse.Namespace:
    """Return the options of a bench: its own, and those that both share; `keep` names the dumps."""
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--after", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--keep", type=Path, default=_BUILD / keep, help="prefix of the two dumps")
    parser.add_argument("--dump", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.data = options.data.resolve()
    return options


def compare(script: str, options: argparse.Namespace, *own: str) -> tuple[int, int]:
    """Return (readings, those that differ), and print each of these; `own`: the script's own options.

    Without `--before` what the run before kept of it is taken.
    """
    prefix = str(options.keep.resolve())
    kept = Path(f"{prefix}.before.tsv")
    command = [sys.executable, script, "--data", str(options.data), *own]
    before = _dumped(command, options.before.resolve(), kept) if options.before else _rows(kept)
    after = _dumped(command, options.after.resolve(), Path(f"{prefix}.after.tsv"))
    n_different = 0
    for (name, rest, text), (name_after, rest_after, text_after) in zip(before, after, strict=True):
        if (name, rest, text) != (name_after, rest_after, text_after):
            n_different += 1
            pairs = enumerate(zip(text.split(), text_after.split(), strict=False), 1)
            first = next((number for number, (a, b) in pairs if a != b), "end")
            print(f"{name}: text {text != text_after} (line {first}), the rest {rest != rest_after}")
    return len(after), n_different


def _dumped(command: list[str], checkout: Path, out: Path) -> list[list[str]]:
    out.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    subprocess.run([*command, "--dump", str(out)], env=environment, cwd=checkout, check=True)
    return _rows(out)


def _rows(dumped: Path) -> list[list[str]]:
    return [line.rstrip("\n").split("\t") for line in dumped.open(encoding="utf-8")]
