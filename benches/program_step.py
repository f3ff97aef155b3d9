"""What it costs to learn whether ready text without a name is a program, against the whole chain of steps.

    python benches/program_step.py --data ../shared/data/math/dev.jsonl.xz --every 31

Prints JSON: documents, how many of them are parsed, and CPU seconds of the chain and of that step.
"""

from __future__ import annotations

import argparse
import json
import lzma
import time

from corpusforge.code.likeness import may_be_program
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, SourceKind
from corpusforge.steps import chain, load_tools, with_program


def main() -> None:
    """Walk documents through the chain and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="JSON lines in xz with a text each")
    parser.add_argument("--every", type=int, default=31, help="take each n-th (%(default)s)")
    options = parser.parse_args()
    with lzma.open(options.data, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for n, line in enumerate(lines) if n % options.every == 0]
    config = StepsConfig()
    steps = chain(config, load_tools(config))
    step_s = whole_s = 0.0
    for is_warm in (False, True):
        for text in texts:
            result: Document | Drop = Document(
                doc_id="0" * 32, source="s", source_kind=SourceKind.JSONL, locator="", text=text
            )
            start_s = time.process_time()
            with_program(result, config)
            step_s += (time.process_time() - start_s) * is_warm
            for _, step in steps:
                if isinstance(result, Document):
                    result = step(result)
            whole_s += (time.process_time() - start_s) * is_warm
    whole_s -= step_s  # it is done twice
    figures = {
        "documents": len(texts),
        "parsed": sum(map(may_be_program, texts)),
        "chain_cpu_s": round(whole_s, 3),
        "program_step_cpu_s": round(step_s, 3),
        "program_step_share": round(step_s / whole_s, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
