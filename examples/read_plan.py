"""Read a plan as a trainer does: `python examples/read_plan.py CORPUS PLAN.json [ARM]`."""

import sys

from corpusforge.reader import open_plan

reader = open_plan(*sys.argv[1:])
for sample in reader:
    if sample.n % max(1, len(reader) // 5) == 0:
        domain, subset = reader.subsets[sample.subset]
        lengths = sample.document_lengths.tolist()
        print(f"sample {sample.n:>5} of {len(reader)}: {domain}/{subset}, documents of {lengths} tokens")
print(f"{len(reader)} samples of {reader.plan.sequence_length} tokens, arm {reader.arm.name}")
