"""Code blocks exact, by the markup of tools and sites: families looked at, and those left out.

    python benches/code_families.py [--left-out] [--families] [--made SEEDS]

A family is left out by the hash of its name (`tests/extract/markup/measure.py`): two thirds are for
looking at, a third is for the figure. Prints the share of blocks that stand in the text to the letter,
each once in its fences; with `--families` what fails of each family. Those left out are read only if asked.
`--made` measures markup put together from parts by that many seeds instead (`tests/extract/markup/made.py`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.extract.markup.measure import FAMILIES, exact, is_left_out, made_name


def main() -> None:
    """Measure all families and print both shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", action="store_true", help="name what fails")
    parser.add_argument("--left-out", action="store_true", help="read the families left out too")
    parser.add_argument("--made", type=int, default=0, metavar="SEEDS", help="markup made of parts instead")
    asked = parser.parse_args()
    families = [made_name(seed) for seed in range(asked.made)] or list(FAMILIES)
    for left_out in (False, True) if asked.left_out else (False,):
        found = wanted = whole = 0
        names = sorted(name for name in families if is_left_out(name) == left_out)
        for family in names:
            results = dict(exact(family))
            failed = [program for program, is_exact in results.items() if not is_exact]
            found, wanted, whole = (
                found + len(results) - len(failed),
                wanted + len(results),
                whole + (not failed),
            )
            if failed and asked.families:
                print(f"  {family}: {len(failed)} of {len(results)} fail: {', '.join(failed)}")
        kind = "left out" if left_out else "looked at"
        share = f"{found:,} of {wanted:,} blocks exact ({found / wanted:.1%})"
        print(f"{kind}: {share}; {whole} of {len(names)} families whole")


if __name__ == "__main__":
    main()
