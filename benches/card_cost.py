"""CPU seconds that a corpus card takes behind a build, and the share of it that densities take of a document.

python benches/card_cost.py CORPUS [--data codegold/dev.jsonl.xz]
"""

from __future__ import annotations

import argparse
import time

from code_split import read_rows

import corpusforge_pipelines.build  # noqa: F401, what a build has loaded anyway
from corpusforge.card import write_card
from corpusforge.code import CodeConfig, judge_text
from corpusforge.label.densities import densities


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus")
    parser.add_argument("--data")
    options = parser.parse_args()
    start = time.process_time()
    write_card(options.corpus)
    print(f"card: {time.process_time() - start:.2f} s of CPU")
    if options.data:
        rows, config = read_rows(options.data)[::8], CodeConfig()
        judge, dense = 0.0, 0.0
        densities("warm")
        for row in rows:  # interleaved, for the machine may be shared
            start = time.process_time()
            judge_text(row["text"], row["path"], config)
            middle = time.process_time()
            densities(row["text"])
            dense += time.process_time() - middle
            judge += middle - start
        print(f"densities: {dense / judge:.2%} of the split's CPU time over {len(rows):,} files")


if __name__ == "__main__":
    main()
