"""Benchmark-like items, made here: a prompt, and the answer on which a model is measured.

Five kinds after those of the study's benchmarks: solved mathematics, word problems, functions to
complete, the output of a program, a sentence to end. An item whose end stands in a document of the corpus
is left out, as a decontamination would have left out the document.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "demo"))
import maths
import prose

_END_WORDS = 12
_NAMES = ("rivers", "parcels", "scores", "loaves", "tickets", "lamps", "seeds", "wheels")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a kind."""

    kind: str
    prompt: str
    answer: str

    @property
    def end(self) -> tuple[str, ...]:
        """The last words of prompt and answer, which no document of the corpus may hold."""
        return tuple((self.prompt + self.answer).split()[-_END_WORDS:])


def _solved(random: Random) -> tuple[str, str]:
    kind = random.choice([one for one in maths.KINDS if one is not maths.induction])
    text = maths.as_markdown([kind(random)])
    head, _, tail = text.strip().rpartition("\n\n")
    return head + "\n\n", tail


def _word_problem(random: Random) -> tuple[str, str]:
    who, thing = (
        random.choice(("Ada", "Bela", "Chen", "Dina", "Emil")),
        random.choice(("pears", "nails", "books")),
    )
    boxes, each, gone = random.randint(3, 19), random.randint(4, 25), random.randint(2, 11)
    left = boxes * each - gone
    question = (
        f"{who} has {boxes} boxes with {each} {thing} in each, and gives away {gone} {thing}. "
        f"How many {thing} are left?\n\n"
    )
    return (
        question,
        f"There are ${boxes} \\cdot {each} = {boxes * each}$ {thing}, and ${boxes * each} - {gone} = {left}$.",
    )


def _function(random: Random) -> tuple[str, str]:
    name, over, rest = random.choice(_NAMES), random.randint(2, 9), random.randint(0, 1)
    factor, start = random.randint(2, 12), random.randint(0, 20)
    head = (
        f"def total_{name}(values):\n"
        f'    """Start at {start}; add {factor} times each value that leaves {rest} when divided by {over}."""\n'
    )
    body = (
        f"    total = {start}\n    for value in values:\n        if value % {over} == {rest}:\n"
        f"            total += {factor} * value\n    return total\n"
    )
    return head, body


def _output(random: Random) -> tuple[str, str]:
    values = [random.randint(1, 60) for _ in range(random.randint(3, 6))]
    call, result = random.choice((
        ("sorted(values)", sorted(values)), ("sum(values)", sum(values)), ("max(values)", max(values)),
        ("values[::-1]", values[::-1]), ("[n * 2 for n in values]", [n * 2 for n in values]),
    ))  # fmt: skip
    return f"values = {values}\nprint({call})\n\nThe program prints:\n\n", str(result)


def _sentence(random: Random) -> tuple[str, str]:
    topic = random.choice(prose.TOPICS)
    before, words = prose.sentence(random, topic), prose.sentence(random, topic).split()
    cut = max(2, len(words) // 2)
    return f"{before} {' '.join(words[:cut])}", " " + " ".join(words[cut:])


KINDS: dict[str, Callable[[Random], tuple[str, str]]] = {
    "solved mathematics": _solved,
    "word problems": _word_problem,
    "functions to complete": _function,
    "output of a program": _output,
    "sentences to end": _sentence,
}
"""The kinds, in the order of the page."""


def made_items(per_kind: int, seed: int) -> list[Item]:
    """Return so many different items of each kind; the same seed gives the same."""
    items: list[Item] = []
    for name, make in KINDS.items():
        random = Random(f"{seed}/items/{name}")
        found: dict[Item, None] = {}
        for _ in range(20 * per_kind):
            if len(found) < per_kind:
                found[Item(name, *make(random))] = None
        items += found
    return items


def unseen(items: list[Item], texts: Iterable[str]) -> tuple[list[Item], Counter[str]]:
    """Return (items whose end no text holds, how many of each kind were left out)."""
    ends = {item.end for item in items}
    lengths = sorted({len(end) for end in ends})
    seen: set[tuple[str, ...]] = set()
    for text in texts:
        words = text.split()
        for length in lengths:
            grams = zip(*(words[start:] for start in range(length)), strict=False)
            seen.update(ends.intersection(grams))
    return [item for item in items if item.end not in seen], Counter(
        item.kind for item in items if item.end in seen
    )
