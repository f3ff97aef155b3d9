"""Our strict rule set beside datatrove's own Gopher, C4 and FineWeb filters, rule by rule, in one run.

    python benches/quality_rules.py FILE.warc.gz --peer PEER/bin/python [--pages 2000]

PEER is an environment with datatrove. Both sides judge the same extracted English texts; datatrove
splits words at blanks here, as we do, so that rules are compared and not tokenisers; its sentences are
those of its own splitter (spaCy's). Formulas and code are cut out before its rule on braces alone. A cell
counts texts that both drop, that only one drops, and that both keep. CPU time is the least of five rounds.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

RULES = {
    "gopher_word_count": "gopher_words",
    "gopher_mean_word_length": "gopher_mean",
    "gopher_hashes": "gopher_hashes",
    "gopher_ellipses": "gopher_ellipses",
    "gopher_bullet_lines": "gopher_bullets",
    "gopher_ellipsis_lines": "gopher_ellipsis",
    "gopher_alphabetic_words": "gopher_alpha",
    "gopher_stop_words": "gopher_stop",
    "c4_lorem_ipsum": "c4_lorem",
    "c4_braces": "c4_braces",
    "c4_sentences": "c4_sentences",
    "fineweb_line_ends": "fineweb_punct",
    "fineweb_short_lines": "fineweb_short",
    "fineweb_newlines": "fineweb_newlines",
    "fineweb_duplicate_line_chars": "fineweb_duplicates",
    "gopher_duplicate_lines": "rep_lines",
    "gopher_duplicate_line_chars": "rep_line_chars",
    "gopher_duplicate_paragraphs": "rep_paragraphs",
    "gopher_duplicate_paragraph_chars": "rep_paragraph_chars",
    **{f"gopher_top_{n}gram": f"rep_top_{n}" for n in (2, 3, 4)},
    **{f"gopher_duplicate_{n}gram": f"rep_dup_{n}" for n in range(5, 11)},
}
"""Our rule -> the peer's, with nothing else of its filter on."""


def ours(path: Path, pages: int) -> list[tuple[str, dict[str, bool], dict[str, bool]]]:
    """Return (text, which strict rules drop it, which presets do) of English pages."""
    from corpusforge.document import Document, Markup, SourceKind
    from corpusforge.extract import ExtractConfig, extract_document
    from corpusforge.filter.quality.signals import (
        RULESET_NAMES,
        Ruleset,
        judge_quality,
        quality_signals,
        read_ruleset,
    )
    from corpusforge.ingest import IngestConfig, InputFile, read

    strict = {rule.name: Ruleset(rule=(rule,)) for rule in read_ruleset("strict").rule}
    rows: list[tuple[str, dict[str, bool], dict[str, bool]]] = []
    for record in read(InputFile(str(path), path.name, "web", SourceKind.WARC), IngestConfig()):
        if not isinstance(record, Document) or record.markup is not Markup.HTML:
            continue
        result = extract_document(record, ExtractConfig())
        if not isinstance(result, Document) or not re.search(r"\b(?:the|and|of)\b", result.text):
            continue
        signals = quality_signals(result.text, "en")
        judged = Document(
            doc_id=result.doc_id, source="", source_kind=SourceKind.WARC, locator="", text=result.text,
            domain="web", language="en", signals=signals,
        )  # fmt: skip
        by_rule = {name: judge_quality(judged, rules) is not None for name, rules in strict.items()}
        by_preset = {name: judge_quality(judged, read_ruleset(name)) is not None for name in RULESET_NAMES}
        rows.append((result.text, by_rule, by_preset))
        if len(rows) >= pages:
            break
    return rows


def signals_us(texts: list[str]) -> float:
    """Return the microseconds of CPU that the signals of a text take, compiled before."""
    from corpusforge.filter.quality.signals import quality_signals

    rounds: list[float] = []
    for _ in range(5):
        start = time.process_time()
        for text in texts:
            quality_signals(text, "en")
        rounds.append(time.process_time() - start)
    return min(rounds) / len(texts) * 1e6


def peer(path: Path) -> None:
    """Print a JSON line of drops by rule for each text of a JSONL file, with datatrove's filters."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        fineweb_quality_filter,
        gopher_quality_filter,
        gopher_repetition_filter,
    )

    def blanks(text: str, language: str) -> list[str]:
        return text.split()

    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        module.split_into_words = blanks
    no_gopher: dict[str, Any] = dict.fromkeys(
        (
            "min_doc_words max_doc_words min_avg_word_length max_avg_word_length max_symbol_word_ratio "
            "max_bullet_lines_ratio max_ellipsis_lines_ratio max_non_alpha_words_ratio min_stop_words"
        ).split()
    )
    no_rep: dict[str, Any] = dict.fromkeys(
        ["dup_line_frac", "dup_para_frac", "dup_line_char_frac", "dup_para_char_frac"]
    ) | {"top_n_grams": (), "dup_n_grams": ()}
    no_fine = {"line_punct_thr": -1, "short_line_thr": 2, "char_duplicates_ratio": 2, "new_line_ratio": 1e9}
    no_c4 = {"filter_no_terminal_punct": False, "min_num_sentences": -1, "min_words_per_line": -1,
             "max_word_length": -1, "filter_lorem_ipsum": False, "filter_javascript": False,
             "filter_curly_bracket": False, "filter_policy": False}  # fmt: skip

    def gopher(**on: Any) -> Any:
        return GopherQualityFilter(**(no_gopher | on))

    def repetition(**on: Any) -> Any:
        return GopherRepetitionFilter(**(no_rep | on))

    filters = {
        "gopher_words": gopher(min_doc_words=50, max_doc_words=100_000),
        "gopher_mean": gopher(min_avg_word_length=3, max_avg_word_length=10),
        "gopher_hashes": gopher(max_symbol_word_ratio=0.1),
        "gopher_ellipses": gopher(max_symbol_word_ratio=0.1),
        "gopher_bullets": gopher(max_bullet_lines_ratio=0.9),
        "gopher_ellipsis": gopher(max_ellipsis_lines_ratio=0.3),
        "gopher_alpha": gopher(max_non_alpha_words_ratio=0.8),
        "gopher_stop": gopher(min_stop_words=2),
        "c4_lorem": C4QualityFilter(**(no_c4 | {"filter_lorem_ipsum": True})),
        "c4_braces": C4QualityFilter(**(no_c4 | {"filter_curly_bracket": True})),
        "c4_sentences": C4QualityFilter(filter_lorem_ipsum=False, filter_curly_bracket=False),
        "fineweb_punct": FineWebQualityFilter(**(no_fine | {"line_punct_thr": 0.12})),
        "fineweb_short": FineWebQualityFilter(**(no_fine | {"short_line_thr": 0.67})),
        "fineweb_duplicates": FineWebQualityFilter(**(no_fine | {"char_duplicates_ratio": 0.1})),
        "fineweb_newlines": FineWebQualityFilter(**(no_fine | {"new_line_ratio": 0.3})),
        "rep_lines": repetition(dup_line_frac=0.3),
        "rep_line_chars": repetition(dup_line_char_frac=0.2),
        "rep_paragraphs": repetition(dup_para_frac=0.3),
        "rep_paragraph_chars": repetition(dup_para_char_frac=0.2),
        **{f"rep_top_{n}": repetition(top_n_grams=((n, 0.24 - 0.02 * n),)) for n in (2, 3, 4)},
        **{f"rep_dup_{n}": repetition(dup_n_grams=((n, round(0.2 - 0.01 * n, 2)),)) for n in range(5, 11)},
    }
    # One rule bounds two ratios, hashes and ellipses: each is judged on a text without the other's signs.
    cut = {
        "gopher_hashes": re.compile(r"\.\.\.|…"),
        "gopher_ellipses": re.compile("#"),
        "c4_braces": re.compile(r"```.*?```|`[^`\n]+`|\$\$.+?\$\$|(?<![\\$])\$[^$]+\$", re.DOTALL),
    }

    def drops_by(name: str, each: Any, text: str) -> bool:
        text = cut[name].sub("_", text) if name in cut else text
        return each.filter(Document(text, "")) is not True

    with path.open() as lines:
        for line in lines:
            text = json.loads(line)
            drops = {name: drops_by(name, each, text) for name, each in filters.items()}
            print(json.dumps(drops))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--peer", help="python of an environment with datatrove")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--as-peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_peer:
        peer(options.path)
        return
    rows = ours(options.path, options.pages)
    presets = Counter(name for _, _, by_preset in rows for name, drops in by_preset.items() if drops)
    figures: dict[str, Any] = {
        "texts": len(rows),
        "characters a text": round(sum(len(text) for text, _, _ in rows) / len(rows)),
        "signals, µs CPU a text": round(signals_us([text for text, _, _ in rows]), 1),
        "dropped by preset": dict(sorted(presets.items())),
        "dropped by rule of strict": dict(
            Counter(name for _, by_rule, _ in rows for name, drops in by_rule.items() if drops).most_common()
        ),
    }
    if options.peer:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as texts:
            texts.writelines(json.dumps(text) + "\n" for text, _, _ in rows)
            texts.flush()
            command = [options.peer, __file__, texts.name, "--as-peer"]
            lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        theirs = [json.loads(line) for line in lines]
        figures["rules"] = {}
        for name, other in RULES.items():
            cells = Counter(
                (by_rule[name], drops[other]) for (_, by_rule, _), drops in zip(rows, theirs, strict=True)
            )
            figures["rules"][name] = {
                "agree": round((cells[True, True] + cells[False, False]) / len(rows), 4),
                "both drop": cells[True, True],
                "only ours": cells[True, False],
                "only datatrove": cells[False, True],
            }
    json.dump(figures, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
