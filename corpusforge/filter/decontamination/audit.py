"""How well contamination is found: recall by injection, false positives, and an independent search.

items x variants --into clean documents--> found?      clean documents --as they are--> found? really there?

The independent search knows nothing of words, hashes or LaTeX: it compares letters and digits.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpusforge import unicode
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.decontamination.benchmarks import Item
from corpusforge.filter.decontamination.contamination import Leak, leaks
from corpusforge.filter.decontamination.injection import VARIANTS, inject
from corpusforge.filter.decontamination.ngram_table import Tables

HOST_CHARS = 4000
_MIN_HOST_CHARS = 300
_KEY_CHARS = 24
_WINDOW_CHARS = 32
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_COMMAND = re.compile(r"\\[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    found: int
    tried: int

    @property
    def share(self) -> float:
        """The quotient, 1 of nothing."""
        return self.found / self.tried if self.tried else 1.0


def sampled(items: Iterable[Item], per_benchmark: int) -> list[Item]:
    """Return up to so many items of each benchmark (0: all), chosen by the hash of their text."""
    by_benchmark: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_benchmark[item.benchmark].append(item)
    return [
        item
        for _, of_one in sorted(by_benchmark.items())
        for item in sorted(of_one, key=_place)[: per_benchmark or len(of_one)]
    ]


def _place(item: Item) -> bytes:
    return hashlib.sha256(item.text.encode("utf-8", "replace")).digest()


def hosts(texts: Iterable[str], tables: Tables, config: FilterConfig) -> list[str]:
    """Return the beginnings of texts, up to `HOST_CHARS` characters, in which no item is found."""
    cut = (text[:HOST_CHARS] for text in texts if len(text) >= _MIN_HOST_CHARS)
    return [text for text in cut if not leaks(text, tables, config)]


def recall(
    items: Sequence[Item],
    clean: Sequence[str],
    tables: Tables,
    config: FilterConfig,
    variants: Mapping[str, Callable[[str], str]] = VARIANTS,
) -> dict[str, dict[str, Rate]]:
    """Return by benchmark and variant how many injected items were found.

    Every item goes into one clean document, every other one within a line. A variant that leaves
    an item as it is was tried under `verbatim`.
    """
    counts: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for number, item in enumerate(items):
        for name, variant in variants.items():
            text = variant(item.text)
            if text == item.text and name != "verbatim":
                continue
            page = inject(text, clean[number % len(clean)], inline=number % 2 == 1)
            count = counts[item.benchmark].setdefault(name, [0, 0])
            count[0] += bool(leaks(page, tables, config))
            count[1] += 1
    return {
        benchmark: {name: Rate(*of_variant[name]) for name in variants if name in of_variant}
        for benchmark, of_variant in sorted(counts.items())
    }


@dataclass(frozen=True, slots=True)
class Flag:
    """A document, unchanged, in which an item was found; `copied`: the share of the item that is there.

    `copied` is of the independent search: 1 means every letter and digit of the item, in order.
    """

    doc_id: str
    leak: Leak
    span: str
    copied: float


def flags(
    documents: Iterable[tuple[str, str]],
    items: Mapping[tuple[str, str], str],
    tables: Tables,
    config: FilterConfig,
) -> list[Flag]:
    """Return a flag for each (id, text) in which an item is found: the leak of the greatest copied share."""
    found: list[Flag] = []
    for doc_id, text in documents:
        here = [
            Flag(
                doc_id,
                leak,
                text[leak.start : leak.stop],
                copied_share(items[leak.benchmark, leak.name], text),
            )
            for leak in leaks(text, tables, config)
        ]
        if here:
            found.append(max(here, key=lambda flag: (flag.copied, flag.leak.share)))
    return found


def letters_and_digits(text: str) -> str:
    """Return what the independent search compares: NFKC, case folded, command names and all else gone.

    A bar stands between two numbers: 11-3 is not 113.
    """
    folded = unicode.normalize("NFKC", _COMMAND.sub(" ", text)).casefold().replace("|", " ")
    marked = _BETWEEN_NUMBERS.sub("|", folded)
    return "".join(character for character in marked if character.isalnum() or character == "|")


def copied_share(item: str, text: str) -> float:
    """Return the share of an item's letters and digits, in windows of 32, that occur in a text."""
    wanted, there = letters_and_digits(item), letters_and_digits(text)
    if wanted in there:
        return 1.0
    starts = range(0, max(1, len(wanted) - _WINDOW_CHARS + 1), 4)
    return sum(wanted[start : start + _WINDOW_CHARS] in there for start in starts) / len(starts)


def exact_copies(documents: Iterable[tuple[str, str]], items: Iterable[Item]) -> dict[str, list[Item]]:
    """Return by document id the items of which it holds every letter and digit, in order.

    Items of fewer than 24 letters and digits are not searched for.
    """
    by_key: defaultdict[str, list[tuple[str, Item]]] = defaultdict(list)
    for item in items:
        wanted = letters_and_digits(item.text)
        if len(wanted) >= _KEY_CHARS:
            by_key[wanted[:_KEY_CHARS]].append((wanted, item))
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for doc_id, text in documents:
        there = letters_and_digits(text)
        windows = {there[at : at + _KEY_CHARS] for at in range(len(there) - _KEY_CHARS + 1)}
        for key in sorted(windows & by_key.keys()):
            found[doc_id] += [item for wanted, item in by_key[key] if wanted in there]
    return {doc_id: here for doc_id, here in found.items() if here}
