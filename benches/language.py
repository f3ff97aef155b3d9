"""Language identification beside packaged identifiers: macro accuracy, and speed, as JSON.

python benches/language.py --data ../shared/data [--lid176 lid.176.ftz] [--pages 400]

A peer that is not installed is left out: `pip install py3langid heliport`, in an environment beside this one.
Codes are compared after folding (`FOLDED`): a macro-language and its main member, two spellings of one code
and script subtags are the same; Bosnian, Croatian, Serbian, or Indonesian and Malay, are not.

The weights were chosen on the even rows (and paragraphs of small wikis); the rules after a look at the errors
on all rows: neither half is unseen. CLD2's own tests (`cld2-unittest`) are among the rows.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import importlib.util
import json
import lzma
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str

from corpusforge.label import LabelConfig, load_models
from corpusforge.label.language import cld2_shares, identify
from corpusforge.label.reading import read

Guess = Callable[[str], str]

FOLDED = {
    "no": "nb", "nob": "nb", "nor": "nb", "iw": "he", "jw": "jv", "in": "id", "ji": "yi", "ydd": "yi",
    "fil": "tl", "pes": "fa", "prs": "fa", "cmn": "zh", "zho": "zh", "mo": "ro", "gug": "gn", "tw": "ak",
    "twi": "ak", "fat": "ak", "als": "sq", "ekk": "et", "lvs": "lv", "azj": "az", "azb": "az", "uzn": "uz",
    "khk": "mn", "npi": "ne", "ory": "or", "swh": "sw", "zsm": "ms", "pbt": "ps", "plt": "mg", "arb": "ar",
    "kmr": "ku", "gaz": "om", "quy": "qu", "quz": "qu", "ayr": "ay", "grc": "el", "hyw": "hy", "bih": "bho",
    "bh": "bho",
}  # fmt: skip


def fold(code: str, two_letter: dict[str, str]) -> str:
    """Return a code as it is compared: without subtags, two letters where there are, one per language."""
    code = code.split("-")[0].split("_")[0]
    code = FOLDED.get(code, code)
    code = two_letter.get(code, code)
    return FOLDED.get(code, code)


def macro(gold: Sequence[str], found: Sequence[str]) -> tuple[float, int]:
    """Return the mean over languages of the share of its texts that are found right, and the languages."""
    hits: dict[str, list[bool]] = collections.defaultdict(list)
    for right, guess in zip(gold, found, strict=True):
        hits[right].append(right == guess)
    return sum(sum(row) / len(row) for row in hits.values()) / max(1, len(hits)), len(hits)


def peers(lid176: Path | None) -> dict[str, Guess]:
    """Return the packaged identifiers that are installed."""
    found: dict[str, Guess] = {"cld2": lambda text: next(iter(cld2_shares(text)))}
    if importlib.util.find_spec("py3langid"):
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        langid = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        found["py3langid"] = lambda text: langid.classify(text)[0]
    if importlib.util.find_spec("heliport"):
        import heliport

        heli = heliport.Identifier()
        found["heliport"] = lambda text: str(heli.identify(text, ignore_confidence=True))
    if lid176:
        import fasttext

        lid = fasttext.load_model(str(lid176)).f
        found["lid.176"] = lambda text: lid.predict(" ".join(text.split()) + "\n", 1, 0.0, "strict")[0][1][9:]
    return found


def accuracies(rows: Sequence[dict[str, str]], guess: Guess, repeat: int = 1) -> dict[str, object]:
    """Return macro accuracy over languages with a two-letter code, over all, by source, and the speed."""
    two_letter = {row["lang"]: row["lang1"] for row in rows if row["lang1"]}
    start = time.process_time()
    for _ in range(repeat):
        guesses = [guess(row["text"]) for row in rows]
    seconds = (time.process_time() - start) / repeat
    found = [fold(code, two_letter) for code in guesses]
    gold = [fold(row["lang"], two_letter) for row in rows]
    short = [index for index, row in enumerate(rows) if row["lang1"]]

    def over(indices: Sequence[int]) -> tuple[float, int]:
        value, n = macro([gold[i] for i in indices], [found[i] for i in indices])
        return round(value, 4), n

    return {
        "two_letter": over(short),
        "even_rows": over(short[::2]),
        "odd_rows": over(short[1::2]),
        "all_labels": over(range(len(rows))),
        "by_source": {
            source: over([i for i in short if rows[i]["source"] == source])
            for source in sorted({rows[i]["source"] for i in short})
        },
        "mb_per_s": round(sum(len(row["text"].encode()) for row in rows) / 1e6 / seconds, 2),
        "us_per_document": round(seconds / len(rows) * 1e6, 1),
    }


def page_texts(data: Path, limit: int) -> list[tuple[str, str]]:
    """Return (stated language, plain text) of pages of the development crawl that state one."""
    name = "crawl-20261121000000-00000.warc.gz"
    stated: dict[str, str] = {}
    with gzip.open(data / "web" / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["file"] == name and row.get("lang") and row.get("variant") == "orig":
                stated[row["record_id"]] = row["lang"].split("-")[0].lower()
    pages: list[tuple[str, str]] = []
    with (data / "web" / name).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            language = stated.get(record.record_id or "")
            if language and len(pages) < limit:
                html = bytes_to_str(record.reader.read(2_000_000), record.http_charset or "utf-8")
                text = extract_plain_text(html, main_content=True)
                if len(text) >= 300:
                    pages.append((language, text))
    return pages


def on_pages(pages: Sequence[tuple[str, str]], guess: Guess, two_letter: dict[str, str]) -> dict[str, object]:
    """Return how pages that state English, and another language, are taken, and the speed on them."""
    start = time.process_time()
    guesses = [guess(text) for _, text in pages]
    seconds = time.process_time() - start
    found = [
        (fold(stated, two_letter), fold(code, two_letter))
        for (stated, _), code in zip(pages, guesses, strict=True)
    ]
    english = [code for stated, code in found if stated == "en"]
    wrong = collections.Counter(code for code in english if code not in ("en", "und"))
    other = [(stated, code) for stated, code in found if stated != "en"]
    return {
        "stated_english": len(english),
        "taken_for_another": dict(wrong),
        "undetermined": english.count("und"),
        "stated_other": len(other),
        "as_stated": sum(stated == code for stated, code in other),
        "taken_for_english": sum(code == "en" for _, code in other),
        "mb_per_s": round(sum(len(text.encode()) for _, text in pages) / 1e6 / seconds, 1),
        "us_per_document": round(seconds / max(1, len(pages)) * 1e6, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lid176", type=Path, help="fastText's packaged model, where it lies")
    parser.add_argument("--pages", type=int, default=3000)
    options = parser.parse_args()
    config = LabelConfig()
    models = load_models(config)
    believing = config.model_copy(update={"language_min_score": 0.0, "language_min_scores": {}})
    with lzma.open(options.data / "langid" / "dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    guesses: dict[str, Guess] = {
        "corpusforge": lambda text: identify(read(text).bare, models.language, config)[0],
        "corpusforge, no thresholds": lambda text: identify(read(text).bare, models.language, believing)[0],
        **peers(options.lid176),
    }
    two_letter = {row["lang"]: row["lang1"] for row in rows if row["lang1"]}
    pages = page_texts(options.data, options.pages)
    for name, guess in guesses.items():
        guess("The first call of an identifier loads its tables.")
        result = {"dev": accuracies(rows, guess), "pages": on_pages(pages, guess, two_letter)}
        print(json.dumps({name: result}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
