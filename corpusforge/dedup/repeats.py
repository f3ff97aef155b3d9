"""Paragraphs and lines that many documents hold: found by their hashes, cut by byte ranges.

A *span* is a paragraph (lines without a blank one between) or a line. Its hash is that of the
normalised text (`text.normalised`), salted by what a domain is compared with. Fenced blocks,
formulas between `$$` and lines of a Markdown table are never cut, nor is a span of few words.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import Refs, Rows
from corpusforge.dedup.buckets import bounds_of
from corpusforge.dedup.candidates import buffered
from corpusforge.dedup.config import DedupConfig, OrderKey, RepeatsConfig
from corpusforge.dedup.normal import normalised_bytes
from corpusforge.dedup.origin import UNKNOWN_DATE
from corpusforge.dedup.shingles import WORDS, character_classes, decoded

NEVER = 0
"""The hash of a span that is never cut."""
SPAN_DTYPE = np.dtype([("hash", "<u8"), ("row", "<u4"), ("start", "<u4"), ("length", "<u4")])
"""Every span of a document, in order: places in bytes of its UTF-8."""
HOLDER_DTYPE = np.dtype([("hash", "<u8"), ("order", "<u8"), ("doc", "<u8"), ("ref", "<u8")])
"""A document that holds a span, once: what is shuffled by hash."""
DOOMED_DTYPE = np.dtype([("ref", "<u8"), ("hash", "<u8")])
"""A span that is cut from a document, wherever it stands in it."""
RANGE_DTYPE = np.dtype([("row", "<u4"), ("start", "<u4"), ("length", "<u4")])
WHOLE = 0xFFFFFFFF
"""In place of a start: the document goes, for too little of it is left."""
BUFFER_HOLDERS = 1 << 21
"""64 MB."""
_WIDTHS: dict[OrderKey, int] = {
    **{"licence": 2, "quality": 3, "origin": 7, "date": 13, "surroundings": 4, "completeness": 24}
}
_MONTH = np.uint64(10**8)
_FIRST_YEAR, _LAST_MONTH = np.uint64(1500), np.uint64(2**13 - 2)
_MOST_BYTES = np.uint64(2**24 - 1)
_MOST_WAVES = 2**11 - 1


def find_spans(
    texts: Sequence[str], rows: Sequence[int], *, by_paragraph: bool, min_words: int, salt: int
) -> Rows:
    """Return the spans of texts, `SPAN_DTYPE`, in order; `rows` are their row numbers."""
    data = [text.encode("utf-8", "replace") for text in texts]
    joined = b"".join(data)
    ends = np.cumsum([len(one) for one in data], dtype=np.int64)
    found = np.empty((joined.count(b"\n") + len(texts), 4), dtype=np.int64)
    found = found[: _split(np.frombuffer(joined, dtype=np.uint8), ends, by_paragraph, found)]
    pieces = [joined[start:stop].decode() for _, start, stop, _ in found.tolist()]
    normal, piece_ends = normalised_bytes(pieces)
    words = _words(normal, piece_ends, character_classes()[WORDS])
    out = np.empty(len(found), dtype=SPAN_DTYPE)
    out["row"] = np.asarray(rows, dtype=np.uint32)[found[:, 0]]
    out["start"] = found[:, 1] - np.r_[0, ends][found[:, 0]]
    out["length"] = found[:, 2] - found[:, 1]
    view = memoryview(cast(Any, normal))
    places = itertools.pairwise([0, *piece_ends.tolist()])
    out["hash"] = [xxhash.xxh3_64_intdigest(view[start:stop], salt) for start, stop in places]
    out["hash"][(words < min_words) | (found[:, 3] > 0)] = NEVER
    return out


@jit
def _split(data: Any, ends: Any, by_paragraph: bool, found: Any) -> int:
    """Write (text, start, stop, guarded) of every span; return how many."""
    count = 0
    start = np.int64(0)
    for text in range(ends.shape[0]):
        stop = ends[text]
        fence = 0  # the character that opened a fenced block
        in_formula = False
        was_blank = True
        while start < stop:
            end = start
            while end < stop and data[end] != 10:
                end += 1
            first = start
            while first < end and (data[first] == 32 or data[first] == 9):
                first += 1
            blank = first == end
            guarded = fence > 0 or in_formula or (not blank and data[first] == 124)
            mark = 0
            if first + 2 < end and data[first] == data[first + 1] and data[first] == data[first + 2]:
                mark = data[first] if data[first] == 96 or data[first] == 126 else 0
            if mark > 0 and (fence == 0 or fence == mark):
                fence = mark if fence == 0 else 0
                guarded = True
            for k in range(first, end - 1):
                if fence == 0 and data[k] == 36 and data[k + 1] == 36:
                    in_formula = not in_formula
                    guarded = True
            if not blank:
                if by_paragraph and not was_blank:
                    found[count - 1, 2] = end
                    found[count - 1, 3] |= guarded
                else:
                    found[count, 0], found[count, 1], found[count, 2] = text, start, end
                    found[count, 3] = guarded
                    count += 1
            was_blank = blank
            start = end + 1
        start = stop
    return count


@jit
def _words(data: Any, ends: Any, classes: Any) -> Any:
    out = np.zeros(ends.shape[0], dtype=np.int64)
    place = np.int64(0)
    for row in range(ends.shape[0]):
        in_word = False
        while place < ends[row]:
            point, length = np.int64(data[place]), 1
            if point >= 0x80:
                point, length = decoded(data, place, point)
            kind = classes[point]
            out[row] += kind == 2 or (kind == 1 and not in_word)
            in_word = kind == 1
            place += length
    return out


def keep_order(rows: Rows, wave: int, config: DedupConfig) -> NDArray[np.uint64]:
    """Return a number for each signature row: of two holders the lower one keeps a span.

    Earlier waves first, then the keys of `survivor_order`: bytes up to 16 MB, dates by month.
    """
    month = rows["date"] // _MONTH
    months = np.maximum(month // np.uint64(100), _FIRST_YEAR) - _FIRST_YEAR
    months = np.minimum(months * np.uint64(12) + month % np.uint64(100), _LAST_MONTH)
    is_dated = rows["date"] != np.uint64(UNKNOWN_DATE)
    values: dict[OrderKey, NDArray[np.uint64]] = {
        "completeness": _MOST_BYTES - np.minimum(rows["n_bytes"], _MOST_BYTES),
        "origin": (rows["origin"] // np.uint64(64)) * np.uint64(32) + rows["origin"] % np.uint64(32),
        "date": np.where(is_dated, months, _LAST_MONTH + np.uint64(1)),
    }
    for name in ("licence", "quality", "surroundings"):
        values[name] = rows[name].astype(np.uint64)
    out = np.full(len(rows), min(wave, _MOST_WAVES), dtype=np.uint64)
    for name in config.survivor_order:
        out = (out << np.uint64(_WIDTHS[name])) | values[name]
    return out


def holders(spans: Rows, rows: Rows, order: NDArray[np.uint64], first_ref: int) -> Rows:
    """Return which documents hold which spans, each once; `rows` are the part's signature rows."""
    held = spans[spans["hash"] != np.uint64(NEVER)]
    held = held[np.lexsort((held["row"], held["hash"]))]
    again = (held["hash"][1:] == held["hash"][:-1]) & (held["row"][1:] == held["row"][:-1])
    held = held[~np.concatenate([np.zeros(min(1, len(held)), dtype=bool), again])]
    out = np.empty(len(held), dtype=HOLDER_DTYPE)
    out["hash"], out["order"] = held["hash"], order[held["row"]]
    out["doc"], out["ref"] = rows["doc"][held["row"], 0], held["row"].astype(np.uint64) + np.uint64(first_ref)
    return out


def doomed(held: Rows, config: RepeatsConfig) -> Rows:
    """Return what is cut, `DOOMED_DTYPE`: the spans of more than `max_documents`.

    `held` are all holders of some spans, in any order.
    """
    held = held[_in_order(held)]
    bounds = bounds_of(held["hash"])
    goes = np.repeat(np.diff(bounds) > config.max_documents, np.diff(bounds))
    if config.keep == "first":
        goes[bounds[:-1]] = False
    out = np.empty(int(goes.sum()), dtype=DOOMED_DTYPE)
    out["ref"], out["hash"] = held["ref"][goes], held["hash"][goes]
    return out


def doomed_of(pieces: Iterable[bytes], config: RepeatsConfig, buffer: int = BUFFER_HOLDERS) -> Iterator[Rows]:
    """Yield what is cut, as `doomed` does; `pieces` (packed `HOLDER_DTYPE`) may be gone through twice.

    What is held is one buffer and a record for each distinct hash, however many documents hold it.
    """
    firsts, counts = np.empty(0, dtype=HOLDER_DTYPE), np.empty(0, dtype=np.int64)
    for number, held in enumerate(buffered(pieces, HOLDER_DTYPE, buffer)):
        if number == 0 and len(held) < buffer:
            yield doomed(held, config)
            return
        both = np.concatenate([firsts, held])
        weights = np.r_[counts, np.ones(len(held), np.int64)]
        order = _in_order(both)
        bounds = bounds_of(both["hash"][order])
        firsts = both[order][bounds[:-1]]
        counts = np.add.reduceat(weights[order], bounds[:-1])
    firsts = firsts[counts > config.max_documents]
    for held in buffered(pieces, HOLDER_DTYPE, buffer) if len(firsts) else ():
        place = np.minimum(np.searchsorted(firsts["hash"], held["hash"]), len(firsts) - 1)
        goes = firsts["hash"][place] == held["hash"]
        if config.keep == "first":
            goes &= firsts["ref"][place] != held["ref"]
        out = np.empty(int(goes.sum()), dtype=DOOMED_DTYPE)
        out["ref"], out["hash"] = held["ref"][goes], held["hash"][goes]
        yield out


def _in_order(held: Rows) -> NDArray[np.intp]:
    return np.lexsort((held["ref"], held["doc"], held["order"], held["hash"]))


def cut_ranges(spans: Rows, refs: Refs, cut: Rows) -> Rows:
    """Return the byte ranges to cut, `RANGE_DTYPE`, in order; `refs` are those of the spans.

    A span goes with what stands between it and the span before; at the start of a document,
    with what stands between it and the next.
    """
    goes = np.zeros(len(spans), dtype=bool)
    cut = np.sort(cut, order=["ref", "hash"])
    _mark(refs, spans["hash"], cut["ref"], cut["hash"], goes)
    bounds = bounds_of(refs)
    first = np.repeat(bounds[:-1], np.diff(bounds))
    stays_before = np.cumsum(~goes) - ~goes
    leading = stays_before == stays_before[first] if len(spans) else goes
    starts = spans["start"].astype(np.int64)
    ends = starts + spans["length"]
    is_last = np.zeros(len(spans), dtype=bool)
    is_last[bounds[1:] - 1] = True
    begin = np.where(leading, starts, np.roll(ends, 1))
    end = np.where(leading & ~is_last, np.roll(starts, -1), ends)
    out = np.empty(int(goes.sum()), dtype=RANGE_DTYPE)
    out["row"], out["start"], out["length"] = spans["row"][goes], begin[goes], (end - begin)[goes]
    return out


@jit
def _mark(refs: Any, hashes: Any, cut_refs: Any, cut_hashes: Any, goes: Any) -> None:
    """Mark the spans that stand among what is cut; `refs` and the pairs of what is cut are sorted."""
    first = last = 0
    for place in range(refs.shape[0]):
        if place == 0 or refs[place] != refs[place - 1]:
            while first < cut_refs.shape[0] and cut_refs[first] < refs[place]:
                first += 1
            last = first
            while last < cut_refs.shape[0] and cut_refs[last] == refs[place]:
                last += 1
        low, high = first, last
        while low < high:
            middle = (low + high) // 2
            if cut_hashes[middle] < hashes[place]:
                low = middle + 1
            else:
                high = middle
        goes[place] = low < last and cut_hashes[low] == hashes[place]


def cut_text(text: str, ranges: Rows) -> str:
    """Return a text without its ranges, which are in order."""
    data = text.encode("utf-8", "replace")
    pieces: list[bytes] = []
    place = 0
    for start, length in ranges[["start", "length"]].tolist():
        pieces.append(data[place:start])
        place = start + length
    return b"".join([*pieces, data[place:]]).decode()
