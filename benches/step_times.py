"""CPU time of each step of the chain over notebooks, in this process: documents a CPU second, seconds a step.

    PYTHONPATH=CHECKOUT python benches/step_times.py --data ../shared/data [--every 6] [--passes 3]

Reading is left out, tokens are no step. What is compiled or loaded at a first call is no part of it.
Versions are compared by turns, a process each; the better of the last passes counts.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from corpusforge.config import StepsConfig
from corpusforge.document import Document, SourceKind
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.steps import Step, chain, load_tools, walk_first

_FIRST = 40
"""Documents that are walked before any is timed."""


def spent(documents: Sequence[Document], steps: Sequence[tuple[str, Step]]) -> dict[str, float]:
    """Return the CPU seconds of each step."""
    found: dict[str, float] = defaultdict(float)
    for document in documents:
        result = document
        for name, step in steps:
            start_s = time.process_time()
            made = step(result)
            found[name] += time.process_time() - start_s
            if not isinstance(made, Document):
                break
            result = made
    return found


def main() -> None:
    """Print a line a pass."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=6, help="each so many notebooks")
    parser.add_argument("--passes", type=int, default=3)
    options = parser.parse_args()
    config = StepsConfig()
    tools = load_tools(config)
    walk_first(config, tools)
    path = next(options.data.glob("notebooks/*.tar.gz"))
    records = read(InputFile(str(path), path.name, "steps", SourceKind.NOTEBOOKS), IngestConfig())
    documents = [record for record in records if isinstance(record, Document)][:: options.every]
    steps = chain(config, tools)
    spent(documents[:_FIRST], steps)
    gc.freeze()  # as in the sandbox's child
    gc.set_threshold(50_000)
    for _ in range(options.passes):
        by_step = spent(documents, steps)
        told = ", ".join(f"{name} {seconds:.3f}" for name, seconds in by_step.items())
        print(f"{len(documents) / sum(by_step.values()):.0f} documents a CPU s; {told}", flush=True)


if __name__ == "__main__":
    main()
