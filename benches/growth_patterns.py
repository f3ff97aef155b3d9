"""How the cost of every regular expression of the package grows with a text made against it.

    python benches/growth_patterns.py [--only MODULE] [--bytes 4096]

From each expression with an unbounded repetition texts are made of its own pieces: what comes before the
repetition once or again and again, what is repeated, a line at a time or without end, and never what ends it.
All matches are sought at 1x and 4x in a child that is killed where it takes too long; printed is what costs
over twice its share, worst first. A row is no fault by itself: many an expression only ever sees one line or
the head of a file. Harmless: the texts are repeated marks.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import pkgutil
import re
import resource
import sys
import time
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import corpusforge
from corpusforge.lazy_re import Compiled

compiler: Any = importlib.import_module("re._compiler")  # the only parser of Python's own expressions
ops: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

FOLD = 4
MAX_RATIO = 2.0
MIN_S = 0.004
DEADLINE_S = 2
UNBOUNDED = 32
"""A repetition that may go on for longer than this is tried."""
_SIGNS = "a1 \n\t-_.,;:(){}[]<>/\\\"'`$%*#=+&@!?~^|Aé\x1b“0\r"


def patterns(only: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield each expression of the package once, with the place that holds it."""
    seen: set[tuple[object, int]] = set()
    for module in pkgutil.walk_packages(corpusforge.__path__, "corpusforge."):
        if module.name.endswith("__main__") or only not in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for place, pattern in _inside(f"{module.name}.{name}", value, 3):
                if (key := (pattern.pattern, pattern.flags)) not in seen:
                    seen.add(key)
                    yield place, pattern


def _inside(place: str, value: Any, depth: int) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern | Compiled):
        yield place, re.compile(value.pattern, value.flags)
    elif depth and isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(place, key, depth - 1)
            yield from _inside(f"{place}[{key!r:.20}]", one, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for i, one in enumerate(value):
            yield from _inside(f"{place}[{i}]", one, depth - 1)
    elif depth and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for field in value.__dataclass_fields__:
            yield from _inside(f"{place}.{field}", getattr(value, field, None), depth - 1)


class _Samples:
    """Texts that match a piece of a parsed expression."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._flags = pattern.flags & ~re.DEBUG
        self.tree = parser.parse(pattern.pattern, self._flags)
        self._groups: dict[int, str] = {}
        self._is_bytes = isinstance(pattern.pattern, bytes)

    def of(self, tree: Any) -> list[str]:
        """Return up to three texts of a sequence."""
        found = [""]
        for node in tree:
            found = [one + more for one, more in zip(found * 3, self._node(node) * 3, strict=False)][:3]
        return list(dict.fromkeys(found))

    def _node(self, node: Any) -> list[str]:
        op, value = node
        if op is ops.LITERAL:
            return [chr(value)] * 3
        if op in (ops.IN, ops.ANY, ops.NOT_LITERAL, ops.CATEGORY):
            one = compiler.compile(parser.SubPattern(self.tree.state, [node]), self._flags)
            signs = [s for s in _SIGNS if one.match(s.encode("latin-1", "ignore") if self._is_bytes else s)]
            return [signs[0], signs[len(signs) // 2], signs[-1]] if signs else ["a"] * 3
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            low, _, body = value
            return [one * max(low, min(1, value[1])) for one in _three(self.of(body))]
        if op is ops.SUBPATTERN:
            found = _three(self.of(value[3]))
            if value[0]:
                self._groups[value[0]] = found[0]
            return found
        if op is ops.BRANCH:
            return _three([one for branch in value[1] for one in self.of(branch)[:1]])
        if op is ops.ATOMIC_GROUP:
            return _three(self.of(value))
        return [self._groups.get(value, "")] * 3 if op is ops.GROUPREF else [""] * 3

    def pumps(self, tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
        """Yield what comes before each long repetition, and what may be repeated."""
        for node in tree:
            op, value = node
            if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
                if value[1] > UNBOUNDED:
                    yield from ((before, one) for one in self.of(value[2]) if one)
                yield from self.pumps(value[2], before)
            elif op is ops.SUBPATTERN:
                yield from self.pumps(value[3], before)
            elif op is ops.BRANCH:
                for branch in value[1]:
                    yield from self.pumps(branch, before)
            elif op in (ops.ASSERT, ops.ASSERT_NOT):
                yield from self.pumps(value[1], before)
            elif op is ops.ATOMIC_GROUP:
                yield from self.pumps(value, before)
            before += self._node(node)[0]


def _three(found: list[str]) -> list[str]:
    return (found * 3)[:3] if found else [""] * 3


def texts(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """Return `(once, again and again, at last)`: the texts against an expression."""
    samples = _Samples(pattern)
    found: dict[tuple[str, str, str], None] = {}
    for before, pump in samples.pumps(samples.tree):
        for once, again in ((before, pump), ("", before + pump), ("", before), (before, pump + "\n"),
                            ("", before + pump + "\n"), ("", pump + before)):  # fmt: skip
            if again:
                found[once, again, "\x00"] = None
    return list(found)


def worst(pattern: re.Pattern[Any], n_bytes: int) -> tuple[float, float, str]:
    """Return the largest ratio of an expression, its seconds at 4x and the text, as a child found them."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_tried, args=(pattern, n_bytes, theirs))
    child.start()
    theirs.close()
    text = ""
    try:
        while isinstance(found := ours.recv(), str):
            text = found
    except EOFError:
        found = (float("inf"), float(DEADLINE_S), text)
    child.join()
    return found


def _tried(pattern: re.Pattern[Any], n_bytes: int, pipe: Connection) -> None:
    found = (0.0, 0.0, "")
    for once, again, last in texts(pattern):
        limit = int(time.process_time()) + DEADLINE_S
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        name = f"{once[:60]!r} {again[:60]!r}"
        pipe.send(name)
        one, more = (
            _seconds(pattern, once + again * (n // len(again) + 1) + last) for n in (n_bytes, FOLD * n_bytes)
        )
        if more > MIN_S:
            found = max(found, (more / FOLD / max(one, 1e-6), more, name))
    pipe.send(found)


def _seconds(pattern: re.Pattern[Any], text: str) -> float:
    subject = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        for _match in pattern.finditer(subject):
            pass
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Print what grows faster than its text."""
    parser_of_options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser_of_options.add_argument("--only", default="", help="modules whose name holds this")
    parser_of_options.add_argument("--bytes", type=int, default=4096, help="bytes at 1x (default: 4096)")
    options = parser_of_options.parse_args()
    warnings.simplefilter("ignore")
    chosen = list(patterns(options.only))
    rows: list[tuple[float, float, str, str]] = []
    for place, pattern in chosen:
        rows.append((*worst(pattern, options.bytes), place))
        if rows[-1][0] > MAX_RATIO:
            print(*rows[-1], file=sys.stderr, flush=True)
    grown = sorted((row for row in rows if row[0] > MAX_RATIO), reverse=True)
    for ratio, seconds, text, place in grown:
        print(f"{ratio:8.2f} {seconds:8.4f} s  {place:60} {text}")
    print(f"{len(chosen)} expressions; {len(grown)} over {MAX_RATIO} times their share")


if __name__ == "__main__":
    main()
