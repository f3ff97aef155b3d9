"""Write small dumps of every source kind: `python make_dumps.py FOLDER [--seed N] [--scale N]`.

Same seed and scale, same bytes. Every word is made here: nothing is fetched, nothing copied.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from repository_dump import write_github, write_notebooks
from text_dump import write_books, write_ready, write_stackexchange, write_wiki
from web_dump import write_web

WRITERS = {
    "web": write_web,
    "github": write_github,
    "notebooks": write_notebooks,
    "wiki": write_wiki,
    "stackexchange": write_stackexchange,
    "books": write_books,
    "ready": write_ready,
}


def write_dumps(folder: Path, seed: int = 17, scale: int = 1) -> list[Path]:
    """Return the files written below a folder, sorted; `scale` multiplies the documents."""
    for name, write in WRITERS.items():
        # Each kind has numbers of its own, so that one may grow without changing the others.
        write(folder / name, Random(f"{seed}/{name}"), scale)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Write the dumps and say what they are."""
    parser = argparse.ArgumentParser(description="Write small dumps of every source kind.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--scale", type=int, default=1, help="multiplies the number of documents")
    options = parser.parse_args()
    for path in write_dumps(options.folder, options.seed, options.scale):
        print(f"{path.stat().st_size:>9,} bytes  {path}")


if __name__ == "__main__":
    main()
