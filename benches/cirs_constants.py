"""Print mean and deviation of the raw CIRS figures over the programs of a dump: fields of `CodeConfig`.

python benches/cirs_constants.py --data github/stackv2_style
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from code_split import parquet_files

from corpusforge.code import CodeConfig, judge_text
from corpusforge.code.cirs import difficulty_times_cyclomatic


def main() -> int:
    """Measure and print the four fields as they stand in the configuration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of Parquet files with path and content"
    )
    options = parser.parse_args()
    figures: dict[str, list[float]] = defaultdict(list)
    bands: dict[float, int] = defaultdict(int)
    for path, text in parquet_files(options.data):
        signals = judge_text(text, path, CodeConfig()).signals
        if "code_ast_nodes" not in signals:
            continue
        for name in ("nodes", "depth", "types"):
            figures[f"cirs_{name}"].append(signals[f"code_ast_{name}"])
        figures["cirs_logic"].append(difficulty_times_cyclomatic(signals))
        bands[signals["code_cirs_band"]] += 1
    for name, raw in figures.items():
        # A few tables in code would carry the deviation away: the top 1 % count as the 99th percentile.
        top = statistics.quantiles(raw, n=100)[-1]
        values = [min(value, top) for value in raw]
        print(f"{name} = ({statistics.fmean(values):.4g}, {statistics.pstdev(values):.4g})")
    print(f"programs: {len(figures['cirs_nodes'])}; in the bands of today: {dict(sorted(bands.items()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
