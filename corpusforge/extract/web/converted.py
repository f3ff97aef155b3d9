"""Web pages that come as text, one line a block, as Common Crawl's WET files hold them.

Menus, buttons and footers stand among the paragraphs and no tag tells them apart. What a line
is like does: a long one that ends a sentence is content, a short one only near such lines.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

_GOOD_CHARS, _NEAR_CHARS = 80, 25
_GOOD_LINES, _NEAR_LINES = 6, 18
"""A short line is kept between two good ones so near each other, a short sentence so near one.
Chosen among 18 settings by token F1 over the pages of benches/extract.py as text, where they
differ by 0.01 at most; both halves of the sites agree."""
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u109f\u1780-\u17ff]")
_WIDE_CHARS = 2.5  # what a character of a script that needs fewer counts
_SENTENCE_END = re.compile(r"[.!?。！？…:;»”\"’)\]।॥؟۔።։།༎၊။។៕]$")
_MIN_LINES = 8
_MAX_BLANK_SHARE = 0.02
"""Files written as text part their paragraphs by empty lines; converted pages do not."""


def is_converted(text: str) -> bool:
    """Return whether a text looks like a converted page: lines, and no empty ones between them."""
    lines = text.strip().split("\n")
    blank = sum(not line.strip() for line in lines)
    return len(lines) >= _MIN_LINES and blank <= _MAX_BLANK_SHARE * len(lines)


def without_boilerplate_lines(text: str) -> tuple[str, int]:
    """Return (text, lines left out) of a converted page; all stay where none ends a sentence."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    kept = _kept(lines)
    return "\n".join(line for line, keep in zip(lines, kept, strict=True) if keep), int((~kept).sum())


def _kept(lines: list[str]) -> NDArray[np.bool_]:
    widths = np.array([len(line) + (_WIDE_CHARS - 1) * len(_WIDE.findall(line)) for line in lines])
    ends = np.array([_SENTENCE_END.search(line) is not None for line in lines], dtype=bool)
    good = (widths >= _GOOD_CHARS) & (ends | (widths >= 2 * _GOOD_CHARS))
    if not good.any():
        return np.ones(len(lines), dtype=bool)
    places = np.arange(len(lines))
    far = 2 * len(lines) + _NEAR_LINES
    before = places - np.maximum.accumulate(np.where(good, places, -far))
    behind = np.minimum.accumulate(np.where(good, places, far)[::-1])[::-1] - places
    near = ends & (widths >= _NEAR_CHARS) & (np.minimum(before, behind) <= _NEAR_LINES)
    return good | near | (before + behind <= _GOOD_LINES + 1) | (behind <= 1)
