"""Which evidence of a charset to trust: pages of known charset, decoded by several orders of trust.

    python benches/charset.py --data ../shared/data [--pages 60] [--show 20]

Pages: those of `web/*.warc.gz` whose charset the manifest states, as they lie; and real UTF-8 pages
and texts, encoded in the legacy charsets of their languages, with header and <meta> right, missing
or lying. A page is right when its visible letters are those of the truth, every one. Mojibake: texts
that were read in a wrong charset and written again as UTF-8, and as many that were not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from resiliparse.parse.encoding import detect_encoding

from corpusforge.document import Document, SourceKind
from corpusforge.extract.encoding import charset as ours
from corpusforge.ingest import IngestConfig, InputFile, read

LANGUAGE_CHARSETS = {
    "ru": ["windows-1251", "koi8-r", "iso-8859-5", "ibm866"],
    "bg": ["windows-1251", "iso-8859-5"],
    "sr": ["windows-1251"],
    "mk": ["windows-1251"],
    "uk": ["windows-1251", "koi8-u"],
    "be": ["windows-1251"],
    "ja": ["shift_jis", "euc-jp", "iso-2022-jp"],
    "zh": ["gb18030", "gbk", "big5"],
    "ko": ["euc-kr"],
    "el": ["windows-1253", "iso-8859-7"],
    "tr": ["windows-1254", "iso-8859-9"],
    "he": ["windows-1255"],
    "ar": ["windows-1256", "iso-8859-6"],
    "fa": ["windows-1256"],
    "lt": ["windows-1257", "iso-8859-13"],
    "lv": ["windows-1257", "iso-8859-13"],
    "et": ["windows-1257"],
    "th": ["tis-620"],
    "vi": ["windows-1258"],
    **{code: ["windows-1250", "iso-8859-2"] for code in ("pl", "cs", "hu", "sk", "sl", "hr", "ro")},
    **{
        code: ["windows-1252", "iso-8859-1", "iso-8859-15", "utf-16"]
        for code in ("de", "fr", "es", "it", "pt", "nl", "sv", "da", "fi", "no", "ca", "en")
    },
}
PYTHON_NAMES = {"ks_c_5601-1987": "cp949", "euc-kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030"}
LIES = ("utf-8", "iso-8859-1", "windows-1252", "windows-1251", "shift_jis", "gbk")
META = re.compile(rb"charset\s*=\s*[\"']?\s*[A-Za-z0-9_:.-]+", re.I)
LETTERS = re.compile(r"[^\W\d_]+")
TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>|&#?\w+;", re.I | re.S)
MOJIBAKE_CHARSETS = ("cp1252", "latin-1", "cp1251", "cp1250", "cp437", "mac-roman")


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes, what is told of them, and their right text."""

    kind: str
    mode: str
    charset: str
    raw: bytes
    header: str | None
    truth: str


def letters(text: str) -> str:
    """Return the visible letters of a page, by which texts are compared."""
    return "".join(LETTERS.findall(TAGS.sub(" ", text)))


def dump_samples(data: Path) -> Iterator[Sample]:
    """Yield the pages of the dumps whose legacy charset the manifest states."""
    told: dict[tuple[str, int], dict[str, str]] = {}
    with gzip.open(data / "web" / "manifest.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            if (row.get("charset") or "utf-8").lower() != "utf-8":
                told[row["file"], row["offset"]] = row
    config = IngestConfig(drop_duplicate_payloads=False)
    for path in sorted((data / "web").glob("crawl-*.warc.gz")):
        for record in read(InputFile(str(path), path.name, "web", SourceKind.WARC), config):
            offset = int(record.locator.rpartition("=")[2])
            row = told.get((path.name, offset))
            if row is None or not isinstance(record, Document) or record.raw is None:
                continue
            name = PYTHON_NAMES.get(row["charset"].lower(), row["charset"])
            try:
                truth = record.raw.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue  # the manifest errs, or the page is damaged: there is no truth
            mode = row.get("charset_mode") or "native"
            yield Sample("dump", mode, row["charset"].lower(), record.raw, record.charset, truth)


def made_samples(data: Path, n_pages: int) -> Iterator[Sample]:
    """Yield real texts and pages, encoded in the charsets of their languages, with true and false labels."""
    generator = random.Random(3)
    for language, page in _sources(data, n_pages):
        for charset in LANGUAGE_CHARSETS.get(language, ()):
            python_name = PYTHON_NAMES.get(charset, charset)
            body = page.encode(python_name, "ignore").decode(python_name)
            if sum(character > "\x7f" for character in body) < 5:
                continue
            for mode in ("header", "meta", "both", "none", "wrong-header", "wrong-meta", "lying-both"):
                lie = generator.choice([name for name in LIES if name != charset])
                header = {"header": charset, "both": charset, "wrong-header": lie, "lying-both": lie}.get(
                    mode
                )
                meta = charset if mode in ("meta", "both", "wrong-header") else None
                meta = lie if mode in ("wrong-meta", "lying-both") else meta
                header = charset if mode == "wrong-meta" else header
                raw = _labelled(body, meta).encode(python_name)
                yield Sample("made", mode, charset, raw, header, body)


def _sources(data: Path, n_pages: int) -> Iterator[tuple[str, str]]:
    with lzma.open(data / "langid" / "dev.jsonl.xz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            code = row.get("lang1")
            if code in LANGUAGE_CHARSETS:
                yield code, f"<html><head></head><body><p>{row['text']}</p></body></html>"
    with lzma.open(data / "extraction" / "dev.jsonl.xz", "rt") as lines:
        for number, line in enumerate(lines):
            if number == n_pages:
                return
            row = json.loads(line)
            yield (row.get("lang") or "").partition("-")[0], row["html"]


def _labelled(page: str, charset: str | None) -> str:
    """Return a page whose <meta> names a charset, and no other one."""
    bare = META.sub(b"", page.encode("utf-8", "replace")).decode("utf-8", "replace")
    if charset is None:
        return bare
    return re.sub(r"<head[^>]*>", lambda head: f'{head[0]}<meta charset="{charset}">', bare, count=1)


@cache
def _named(sample: Sample) -> dict[str, str | None]:
    meta = ours._META.search(sample.raw[: ours._META_BYTES])
    return {
        "header": ours._codec(sample.header),
        "meta": ours._codec(meta[1].decode("ascii")) if meta else None,
        "detection": ours._codec(detect_encoding(sample.raw)),
    }


def by_order(*order: str) -> Callable[[Sample], str]:
    """Return a decoder that trusts BOM, then the places named, the first charset that decodes strictly."""

    def decode(sample: Sample) -> str:
        for mark, name in ours._BOMS:
            if sample.raw.startswith(mark):
                return sample.raw[len(mark) :].decode(name, "replace")
        named = {**_named(sample), "utf-8": "utf-8"}
        for place in order:
            name = named[place]
            try:
                if name is not None:
                    return sample.raw.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
        return sample.raw.decode("cp1252", "replace")

    return decode


DECODERS: dict[str, Callable[[Sample], str]] = {
    "header, meta, detection": by_order("header", "meta", "detection"),
    "header, meta, UTF-8, detection": by_order("header", "meta", "utf-8", "detection"),
    "meta, header, detection": by_order("meta", "header", "detection"),
    "UTF-8, header, meta, detection": by_order("utf-8", "header", "meta", "detection"),
    "UTF-8, meta, header, detection": by_order("utf-8", "meta", "header", "detection"),
    "UTF-8, detection, header, meta": by_order("utf-8", "detection", "header", "meta"),
    "detection": by_order("detection"),
    "ours": lambda sample: ours.decode_html(sample.raw, sample.header)[0],
}


def measure(samples: list[Sample], show: int) -> dict[str, object]:
    """Return by decoder the share of samples decoded right, by kind and mode."""
    truths = [cache(partial(letters, sample.truth)) for sample in samples]
    groups = Counter(f"{sample.kind} {sample.mode}" for sample in samples)
    figures: dict[str, object] = {"samples": dict(sorted(groups.items()))}
    for name, decode in DECODERS.items():
        right: Counter[str] = Counter()
        texts = [decode(sample) for sample in samples]
        for sample, text, truth in zip(samples, texts, truths, strict=True):
            is_right = text == sample.truth or letters(text) == truth()
            right[f"{sample.kind} {sample.mode}"] += is_right
            if name == "ours" and not is_right and show > 0:
                show -= 1
                print(sample.kind, sample.mode, sample.charset, "header", sample.header, _named(sample))
                print("   ", letters(sample.truth)[:60], "|", letters(text)[:60])
        figures[name] = {
            "all": round(sum(right.values()) / len(samples), 4),
            **{group: round(right[group] / n, 4) for group, n in sorted(groups.items())},
        }
    return figures


def mojibake(data: Path) -> dict[str, dict[str, int]]:
    """Return by wrong charset how many texts were repaired, repaired wrongly and missed, and false alarms."""
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with lzma.open(data / "langid" / "dev.jsonl.xz", "rt") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for text in texts:
        if text.isascii():
            continue
        kept, _ = ours.repaired(text)
        ends["none"]["changed, wrongly" if kept != text else "left"] += 1
        for name in MOJIBAKE_CHARSETS:
            try:
                broken = text.encode("utf-8").decode(name)
            except UnicodeDecodeError:
                continue  # a byte that the charset lacks: this mojibake loses text for good
            fixed, _ = ours.repaired(broken)
            end = "repaired" if fixed == text else "missed" if fixed == broken else "repaired wrongly"
            ends[name][end] += 1
            mixed = f"{text}\n{broken}\n{text}"
            fixed, _ = ours.repaired(mixed)
            whole = f"{text}\n{text}\n{text}"
            end = "repaired" if fixed == whole else "missed" if fixed == mixed else "repaired wrongly"
            ends[f"{name}, one line of three"][end] += 1
    return {name: dict(sorted(counts.items())) for name, counts in ends.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--show", type=int, default=0, help="show so many pages that we decode wrong")
    options = parser.parse_args()
    samples = [*dump_samples(options.data), *made_samples(options.data, options.pages)]
    figures = {"orders": measure(samples, options.show), "mojibake": mojibake(options.data)}
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
