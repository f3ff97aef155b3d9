"""How often intervals of error rates hold the truth, and how long a sample and rates of a corpus take.

    python benches/verdicts.py coverage
    python benches/verdicts.py time CORPUS

`coverage` draws made corpora of eight cells and prints, by design and rates, the share in which an interval
at 95 % holds the truth, and its mean width. `time` prints seconds of CPU; `benches/view.py make` makes a
corpus of a million documents.
"""

import argparse
import math
import random
import time

from corpusforge.shards.snapshot import read_index
from corpusforge.verdicts import Stratum, Verdict, error_rates, sample_documents
from corpusforge.verdicts.intervals import Counted, weighted

SIZES = (870, 640, 460, 370, 140, 280, 50, 460)
DESIGNS: dict[str, int | tuple[int, ...]] = {
    **{f"{n} of all": n for n in (20, 50, 100, 200)},
    **{f"{n} of each": (n,) * 8 for n in (10, 25, 50)},
    "uneven": (100, 10, 10, 10, 50, 20, 20, 10),
    "5 of the largest": (5, *(30,) * 7),
}
RATES = {
    "1 %": (0.01,) * 8,
    "5 %": (0.05,) * 8,
    "20 %": (0.2,) * 8,
    "various": (0.01, 0.02, 0.3, 0.1, 0.05, 0.0, 0.2, 0.02),
    "largest 40 %": (0.4, *(0.02,) * 7),
    "smallest 90 %": (*(0.01,) * 6, 0.9, 0.01),
}
CORPORA = 800


def coverage() -> None:
    chance = random.Random(5)
    print("design", "rates", "held", "width", sep="\t")
    for design, n_read in DESIGNS.items():
        for name, rates in RATES.items():
            held, widths = 0, []
            for _ in range(CORPORA):
                drawn = n_read if isinstance(n_read, tuple) else _drawn(chance, n_read)
                cells = [
                    (size, n, sum(chance.random() < rate for _ in range(n)), rate)
                    for size, n, rate in zip(SIZES, drawn, rates, strict=True)
                    if n
                ]
                truth = math.fsum(size * rate for size, _, _, rate in cells) / sum(cell[0] for cell in cells)
                found = weighted([Counted(10**9 * size, n, wrong) for size, n, wrong, _ in cells], 0.95)
                held += found.low <= truth <= found.high
                widths.append(found.high - found.low)
            print(design, name, f"{held / CORPORA:.3f}", f"{math.fsum(widths) / CORPORA:.3f}", sep="\t")


def _drawn(chance: random.Random, n_read: int) -> list[int]:
    cells = chance.choices(range(8), SIZES, k=n_read)
    return [cells.count(cell) for cell in range(8)]


def measure(corpus: str) -> None:
    index = read_index(corpus)
    verdicts = []
    for stratum in (Stratum(), Stratum(domain="web"), Stratum(language="en")):
        start = time.process_time()
        sample = sample_documents(corpus, index, stratum, 50, 1)
        print(f"sample of {stratum}: {time.process_time() - start:.2f} s, {sample.n_stratum:,} documents")
        verdicts += [
            Verdict(doc_id=one.doc_id, snapshot=index.snapshot, stratum=stratum, seed=1, verdict="right")
            for one in sample.documents
        ]
    start = time.process_time()
    rates = error_rates(corpus, index, verdicts)
    print(f"rates of {len(verdicts)} verdicts: {time.process_time() - start:.2f} s, {rates.all}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["coverage", "time"])
    parser.add_argument("corpus", nargs="?")
    options = parser.parse_args()
    coverage() if options.what == "coverage" else measure(options.corpus)
