"""Signatures at 128 permutations, word 5-grams: ours, datasketch's and rensa's, MB of text a CPU second.

    python benches/dedup_signature.py --english F.jsonl --code F.jsonl --chinese F.jsonl [--mb 8]

Run it where datasketch and rensa are installed. Each is given a list of texts and yields
signatures; what each does to a text on the way (normalise, split, shingle, hash) is part of
its time. Datasketch and rensa are given the words that `re` finds in the lower-cased text
(each CJK character a word), joined to shingles, in the fastest way their interfaces have.
Share of memory bandwidth: MB/s over what one core copies.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator

import numpy as np

from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import signatures

_WORDS = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]|[^\W\u3400-\u9fff\u3040-\u30ff]+")
N = 5


def shingles(text: str) -> list[str]:
    """Return the word 5-grams of a text."""
    words = _WORDS.findall(text.lower())
    return [" ".join(words[i : i + N]) for i in range(max(1, len(words) - N + 1))]


def ours(texts: list[str]) -> None:
    """Sign texts as the package does."""
    signatures(texts, SignatureConfig())


def ours_tokens(texts: list[str]) -> None:
    """Sign texts as programs: shingles of eight tokens."""
    signatures(texts, SignatureConfig(), ["code"] * len(texts))


def datasketch_(texts: list[str]) -> None:
    """Sign texts with datasketch, one batch update a text."""
    import datasketch

    for text in texts:
        datasketch.MinHash(num_perm=128).update_batch([s.encode() for s in shingles(text)])


def rensa_(texts: list[str]) -> None:
    """Sign texts with rensa's RMinHash."""
    import rensa

    for text in texts:
        made = rensa.RMinHash(num_perm=128, seed=1)
        made.update(shingles(text))
        made.digest()


def rate(function: Callable[[list[str]], None], texts: list[str]) -> float:
    """Return MB of UTF-8 a CPU second, the better of two runs."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    seconds: list[float] = []
    for _ in range(2):
        start = time.process_time()
        function(texts)
        seconds.append(time.process_time() - start)
    return size / min(seconds)


def bandwidth() -> float:
    """Return MB a second that one core copies, read and write counted once."""
    data = np.ones(1 << 28, dtype=np.uint8)
    start = time.process_time()
    for _ in range(4):
        data.copy()
    return 4 * len(data) / 1e6 / (time.process_time() - start)


def read(path: str, limit_mb: float) -> Iterator[str]:
    """Yield the texts of a JSONL file up to a size."""
    size = 0
    with open(path) as rows:
        for row in rows:
            text = json.loads(row)["text"]
            size += len(text.encode())
            if size > limit_mb * 1e6:
                return
            yield text


def main() -> None:
    """Print one JSON object a kind of text."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ("english", "code", "chinese")
    for kind in kinds:
        parser.add_argument(f"--{kind}", required=True)
    parser.add_argument("--mb", type=float, default=8)
    given = parser.parse_args()
    ours(["warm", "up"])
    copied = bandwidth()
    for kind in kinds:
        texts = list(read(getattr(given, kind), given.mb))
        mine, sketch, rensa = (rate(function, texts) for function in (ours, datasketch_, rensa_))
        print(
            json.dumps(
                {
                    "text": kind,
                    "mb": round(sum(len(text.encode()) for text in texts) / 1e6, 1),
                    "ours_mb_s": round(mine, 1),
                    "ours_code_tokens_mb_s": round(rate(ours_tokens, texts), 1),
                    "datasketch_mb_s": round(sketch, 2),
                    "rensa_mb_s": round(rensa, 2),
                    "times_datasketch": round(mine / sketch, 1),
                    "times_rensa": round(mine / rensa, 1),
                    "share_of_copy_bandwidth": round(mine / copied, 4),
                }
            )
        )


if __name__ == "__main__":
    main()
