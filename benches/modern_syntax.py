"""Hold the grammars against syntax of 2023 to 2026: parse errors of our own samples, and the verdict on each.

python benches/modern_syntax.py [--samples tests/code/modern_syntax.toml]

Prints a Markdown table, a row a sample: the share of its characters in parse errors (`-` where the
language is read as text), the verdict, and what checked the sample.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from corpusforge.code import CodeConfig, judge_text
from corpusforge.code.features import read_features
from corpusforge.code.grammars import language_row

_SAMPLES = Path(__file__).parent.parent / "tests" / "code" / "modern_syntax.toml"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=Path, default=_SAMPLES)
    samples = tomllib.loads(parser.parse_args().samples.read_text("utf-8"))["sample"]
    config = CodeConfig()
    print("| language | syntax | parse errors | verdict | checked by |\n| --- | --- | ---: | --- | --- |")
    for sample in samples:
        text = sample["text"].lstrip("\n")
        features = read_features(text, language_row(sample["language"]), config)
        verdict = judge_text(text, sample["path"], config)
        errors = f"{features.error_share:.1%}" if features.parsed else "-"
        kind = verdict.domain or verdict.drop or "document"
        print(
            f"| {sample['language']} | {sample['what']} | {errors} | {kind} | {sample.get('checked', '-')} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
