"""Labels of a page's blocks from the text that people say is its main content."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_NO_WORD = re.compile(r"\W+")
_GRAM = 4  # tokens in a row that gold and page must share
_SURE, _SURE_TOKENS = 0.7, 8
_BEFORE, _BEHIND = 4, 2  # blocks around the sure ones where a line of the gold may be a short block
_BESIDE = 8  # blocks to each side by which the right one of several same texts is told
_ONCE_TOKENS = 60  # a text as long stands once
_PHRASE_CHARS, _INSIDE_CHARS = 8, 25

Floats = NDArray[np.float64]


def tokens_of(text: str) -> list[str]:
    """Return the lower-cased words of a text; letters where a script knows no blanks."""
    return _TOKEN.findall(text.lower())


def gold_shares(blocks: Sequence[Sequence[str]], gold: str) -> Floats:
    """Return, for each block (its tokens), the share of it that the gold text holds.

    Runs of tokens count, across the edges of blocks too; of several blocks that say the same, those
    that stand among other gold count, as many as the gold holds.
    """
    wanted, lines = tokens_of(gold), {tuple(tokens_of(line)) for line in gold.split("\n")}
    sizes = np.array([len(block) for block in blocks])
    shares = _covered(blocks, wanted) / np.maximum(1, sizes)
    sure = np.flatnonzero((shares > _SURE) & (sizes >= _SURE_TOKENS))
    first, last = (sure[0] - _BEFORE, sure[-1] + _BEHIND) if len(sure) else (0, -1)
    for k, block in enumerate(blocks):
        if 0 < sizes[k] < _GRAM and shares[k] < 1:
            shares[k] = float(tuple(block) in lines and first <= k <= last)
        elif not sizes[k]:
            shares[k] = shares[k - 1] if k else 0.0
    _settle_repeated(blocks, shares, sizes, f"\0{chr(0).join(wanted)}\0")
    return np.clip(shares, 0, 1)


def _covered(blocks: Sequence[Sequence[str]], wanted: Sequence[str]) -> Floats:
    """Return how many tokens of each block stand in runs that the gold holds too."""
    grams = {tuple(wanted[i : i + _GRAM]) for i in range(len(wanted) - _GRAM + 1)}
    flat = [token for block in blocks for token in block]
    owner = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
    found = np.zeros(len(flat), dtype=bool)
    for i in range(len(flat) - _GRAM + 1):
        if tuple(flat[i : i + _GRAM]) in grams:
            found[i : i + _GRAM] = True
    return np.bincount(owner[found], minlength=len(blocks)).astype(np.float64)


def _settle_repeated(
    blocks: Sequence[Sequence[str]], shares: Floats, sizes: NDArray[np.int64], gold: str
) -> None:
    """Take the label from repeated blocks that stand farther from the rest of the gold."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k, block in enumerate(blocks):
        if shares[k] > _SURE and sizes[k]:
            alike[tuple(block)].append(k)
    mass = np.concatenate([[0.0], np.cumsum(shares * sizes)])
    total = np.concatenate([[0], np.cumsum(sizes)])
    for block, places in alike.items():
        often = max(1, gold.count(f"\0{chr(0).join(block)}\0")) if len(block) < _ONCE_TOKENS else 1
        if len(places) <= often:
            continue
        near: list[float] = []
        for k in places:
            start, stop = max(0, k - _BESIDE), min(len(blocks), k + _BESIDE + 1)
            beside = mass[stop] - mass[start] - shares[k] * sizes[k]
            near.append(beside / max(1, total[stop] - total[start] - sizes[k]) * float(np.log1p(beside)))
        for place in np.argsort(-np.array(near), kind="stable")[often:]:
            shares[places[place]] = 0.0


def set_phrases(texts: Sequence[str], labels: Floats, kept: Sequence[str], left_out: Sequence[str]) -> None:
    """Overwrite the labels of blocks that hold, or are part of, a phrase said to be kept or left out."""
    plain = [_NO_WORD.sub("", text.lower()) for text in texts]
    for phrases, label in ((kept, 1.0), (left_out, 0.0)):
        for phrase in phrases:
            wanted = _NO_WORD.sub("", phrase.lower())
            if len(wanted) < _PHRASE_CHARS:
                continue
            for k, text in enumerate(plain):
                if wanted in text or (len(text) >= _INSIDE_CHARS and text in wanted):
                    labels[k] = label


def token_f1(found: Sequence[str], gold: Sequence[str]) -> float:
    """Return the F1 of two bags of tokens."""
    common = (Counter(found) & Counter(gold)).total()
    return 2 * common / (len(found) + len(gold)) if common else 0.0
