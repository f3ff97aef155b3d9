"""Measure how telling each mark of `languages.toml` is, and write `mark_weights.toml`.

python benches/mark_weights.py --examples pygments-X.tar.gz --github stackv2_style --output FILE

The examples are those of Pygments' own tests (its source distribution on PyPI, BSD licence: some
450 languages, a folder each), and files of a GitHub dump, told by their endings. The weight of a mark is
-log2 of the mean, over the other languages, of the share of their files in which it is found,
smoothed by one in two hundred: a mark that no other language shows weighs about 7.6, one that
half of them show 1. A mark of a language that extends another weighs no more than it tells
the two apart. Languages that a row stands for under several names are left out of the
others. None of these files is one that the split is measured on.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from corpusforge.code import CodeConfig
from corpusforge.code.detect import _languages_by_extension  # pyright: ignore[reportPrivateUsage]
from corpusforge.code.grammars import languages
from corpusforge.code.ranking import sample_of

_SMOOTHING = 1 / 200
_MAX_FILES = 60
# Pygments' names of what a row of ours stands for; the rest are the same or another language.
_SAME = {
    "bash": "shell", "zsh": "shell", "tcsh": "shell", "c++": "cpp", "cuda": "cuda", "csharp": "c#",
    "fsharp": "f#", "emacs-lisp": "emacs lisp", "common-lisp": "common lisp",
    "objective-c": "objective-c", "objective-c++": "objective-c", "objective-j": "objective-c",
    "matlab": "matlab", "octave": "matlab", "splus": "r", "rconsole": "r", "py2tb": "python",
    "python2": "python", "cython": "python", "sage": "python", "snakemake": "python", "perl6": "raku",
    "delphi": "pascal", "systemverilog": "verilog", "nasm": "assembly", "gas": "assembly",
    "tasm": "assembly", "ca65": "assembly", "vim": "vim script", "vbscript": "visual basic",
    "vb.net": "visual basic", "classic-asp": "visual basic", "coffeescript": "coffeescript",
    "coq": "rocq prover", "mathematica": "wolfram language", "sml": "standard ml", "bsl": "1c enterprise",
    "as3": "actionscript", "as": "actionscript", "rego": "open policy agent", "postgresql": "sql",
    "plpgsql": "sql", "mysql": "sql", "tsql": "sql", "sqlite3": "sql", "hlsl": "hlsl", "llvm": "llvm ir",
    "wast": "webassembly", "pov": "pov-ray sdl", "qsharp": "q#", "html+php": "php", "js": "javascript",
    "ts": "typescript", "jsx": "javascript", "bat": "batch", "clojurescript": "clojure",
    "coffee-script": "coffeescript", "erl": "erlang", "rb": "ruby", "fortranfixed": "fortran",
    "matlabsession": "matlab", "qbasic": "visual basic", "jlcon": "julia", "gap-repl": "gap",
    "aspx-vb": "visual basic", "aspx-cs": "c#", "arduino": "cpp", "tcshcon": "shell", "psql": "sql",
    "rql": "sql", "sql+jinja": "sql", "psysh": "php", "rbcon": "ruby", "pycon": "python",
    "pytb": "python", "nodejsrepl": "javascript", "pwsh-session": "powershell", "lhs": "haskell",
    "slurm": "shell", "javascript+mozpreproc": "javascript", "charmci": "cpp", "llvm-mir": "llvm ir",
    "console": "shell", "ragel-cpp": "cpp", "objdump-nasm": "assembly", "wat": "webassembly",
}  # fmt: skip


def read_examples(archive: Path) -> dict[str, list[str]]:
    """Return the texts of Pygments' example files by our name of the language, or its own."""
    found: dict[str, list[str]] = defaultdict(list)
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if parts[1:3] != ["tests", "examplefiles"] or len(parts) != 5 or parts[4].endswith(".output"):
                continue
            stream = tar.extractfile(member)
            if stream is not None:
                name = parts[3].lower()
                found[_SAME.get(name, name)].append(stream.read().decode("utf-8", "replace"))
    return found


def add_dump(folder: Path, found: dict[str, list[str]]) -> None:
    """Add files of a GitHub dump whose ending is one language's alone."""
    taken: dict[str, int] = defaultdict(int)
    for file in sorted(folder.glob("*.parquet")):
        table = pq.read_table(file, columns=["path", "content"])
        for path, content in zip(table["path"].to_pylist(), table["content"].to_pylist(), strict=True):
            names = _languages_by_extension().get(path.rpartition(".")[2].lower(), ())
            if not names or (len(names) > 1 and not path.endswith((".py", ".js", ".rb", ".sh", ".java"))):
                continue
            if taken[names[0]] < _MAX_FILES and b"\0" not in content:
                taken[names[0]] += 1
                found[names[0]].append(content.decode("utf-8", "replace"))


def weights(found: dict[str, list[str]], sample_chars: int) -> dict[str, list[float]]:
    """Return the weights of each language's marks, in their order."""
    samples = {
        name: [sample_of(text.replace("\r\n", "\n"), sample_chars) for text in texts]
        for name, texts in found.items()
    }
    result: dict[str, list[float]] = {}
    for row in languages().values():
        ancestors = _ancestors(row.name)
        result[row.name] = []
        for mark in row.marks:
            shares = {name: _share_with(mark, texts) for name, texts in samples.items() if name != row.name}
            mean = sum(shares.values()) / len(shares) + _SMOOTHING
            shared = [_smoothed(shares[name], len(samples[name])) for name in ancestors if name in shares]
            result[row.name].append(round(max(0.0, -math.log2(max(mean, *shared, 0.0))), 2))
    return result


def _share_with(mark: re.Pattern[str], texts: list[str]) -> float:
    return sum(mark.search(text) is not None for text in texts) / len(texts)


def _smoothed(share: float, files: int) -> float:
    return (share * files + 0.5) / (files + 4)


def _ancestors(name: str) -> list[str]:
    found: list[str] = []
    while (parent := languages()[name].extends) is not None:
        found.append(name := parent)
    return found


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", required=True, type=Path, help="source distribution of Pygments")
    parser.add_argument(
        "--github", required=True, type=Path, help="folder of Parquet files with path, content"
    )
    parser.add_argument("--output", required=True, type=Path, help="the file of weights to write")
    options = parser.parse_args()
    found = read_examples(options.examples)
    add_dump(options.github, found)
    table = weights(found, CodeConfig().sample_chars)
    lines = [
        "# Written by benches/mark_weights.py: how telling each mark of languages.toml is, in bits.",
        *(f'"{name}" = {values}' for name, values in table.items() if values),
    ]
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(found)} languages, {sum(map(len, found.values()))} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
