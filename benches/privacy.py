"""Measure redaction: false hits in mathematics and code, planted items found, and the speed.

python benches/privacy.py --data DATA [--show]

False hits: texts of math/dev and source files of github/stackv2_style, 20 MB; what is redacted in
them is printed with --show, to be read by hand. Planted: 500 e-mail addresses and telephone numbers,
made by seed, in sentences, settings and programs (secrets: `privacy_planted.py`). Speed: a CPU
second of one core, and as a ratio to a floor of the same run, one automaton of 40 signs over the bytes.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import phonenumbers
import pyarrow.parquet as pq

from corpusforge.filter import FilterConfig
from corpusforge.filter.privacy.redaction import PLACEHOLDERS, redact
from corpusforge.signs import sign_finder

_FRAMES = (
    "Please write to {} before Monday.", "contact: {}", 'owner = "{}"', "# by {} in 2019", "<{}>", "({})",
    "- {}\n- other", "see _{}_ for more", "mailto:{}", "Jo, {}, Berlin", "...{}...", "{}", "name:{}, age: 7",
)  # fmt: skip
_PHONE_FRAMES = (
    "Call {} now.", "phone: {}", 'TEL = "{}"', "Tel. {}", "mobile {}, office later", "<{}>", "fax: {}",
    "({})",
    "Contact us at {}.", "WhatsApp {}", "- {}\n", "Jo, {}, Berlin",
)  # fmt: skip
_PLACEHOLDER = re.compile("|".join(map(re.escape, sorted(set(PLACEHOLDERS.values())))))
_FORMATS = (
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
)


def texts(data: Path, limit_bytes: int) -> Iterator[str]:
    """Yield texts of mathematics and of programs, half of the bytes each."""
    size = 0
    with lzma.open(data / "math/dev.jsonl.xz", "rt", encoding="utf-8") as stream:
        for line in stream:
            text = json.loads(line)["text"]
            size += len(text.encode())
            yield text
            if size > limit_bytes // 2:
                break
    for file in sorted((data / "github/stackv2_style").glob("*.parquet")):
        for path, content in zip(
            *(pq.read_table(file)[name].to_pylist() for name in ("path", "content")), strict=True
        ):
            if path.endswith((".py", ".go", ".cpp", ".cs", ".java", ".js", ".rs", ".jl", ".m", ".R", ".ts")):
                size += len(content)
                yield content.decode("utf-8", "replace")
                if size > limit_bytes:
                    return


def planted(kind: str, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (item, text that holds it)."""
    choose = random.Random(seed)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    made = 0
    while made < count:
        if kind == "email":
            name = "".join(choose.choices("abcdefghijklmnopqrstuvwxyz", k=6))
            family = choose.choice(("doe", "li", "o_k", "x+tag")) + str(choose.randint(1, 99))
            item = f"{name}.{family}@{name[::-1]}-lab.{choose.choice(('org', 'de', 'co.uk', 'io'))}"
            yield item, choose.choice(_FRAMES).format(item)
        else:
            region = choose.choice(regions)
            example = phonenumbers.example_number_for_type(region, choose.choice((0, 1)))
            if example is None:
                continue
            item = phonenumbers.format_number(example, choose.choice(_FORMATS))
            yield item, choose.choice(_PHONE_FRAMES).format(item)
        made += 1


def show(text: str, redacted: str) -> None:
    """Print what stands in a text where its redacted form has placeholders."""
    at = 0
    for kind, start in sorted(
        ((m[0], m.start()) for m in _PLACEHOLDER.finditer(redacted)), key=lambda pair: pair[1]
    ):
        before = redacted[:start].rpartition(">")[2][-40:]
        after = redacted[start + len(kind) : start + len(kind) + 12].partition("<")[0]
        begin = text.find(before, at) + len(before)
        end = text.find(after, begin) if after else len(text)
        print(kind, repr(before), "[", text[begin:end], "]", repr(after))
        at = end


def main() -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of data, with math/ and github/")
    parser.add_argument("--show", action="store_true", help="print each hit with what is around it")
    options = parser.parse_args()
    rows = list(texts(options.data, 20_000_000))
    config, counts = FilterConfig(), Counter[str]()
    floor = sign_finder(tuple(f"{kind}{sign}" for kind in sorted(PLACEHOLDERS)[:40] for sign in "_"))
    for text in rows[:50]:
        redact(text, config)
        floor.bits(text)
    spent_s = floor_s = 0.0
    for first in range(0, len(rows), 100):  # by turns, so that a busy machine slows both
        some = rows[first : first + 100]
        begun_s = time.process_time()
        for text in some:
            counts.update(redact(text, config)[1])
        between_s = time.process_time()
        for text in some:
            floor.bits(text)
        spent_s += between_s - begun_s
        floor_s += time.process_time() - between_s
    if options.show:
        for text in rows:
            show(text, redact(text, config)[0])
    shares: dict[str, float] = {}
    for kind in ("email", "phone"):
        hits = [item not in redact(text, config)[0] for item, text in planted(kind, 500, 7)]
        shares[kind] = sum(hits) / len(hits)
    size = sum(len(text.encode("utf-8", "replace")) for text in rows)
    print(
        json.dumps(
            {
                "mb": size / 1e6,
                "mb_per_cpu_s": size / 1e6 / spent_s,
                "times_the_floor": spent_s / floor_s,
                "redacted": counts,
                "found": shares,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
