"""Marks counted with literals looked for first: the same counts as by the expressions alone."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from corpusforge.code.grammars import foreign_syntax, known_languages, languages
from corpusforge.code.needles import Needle, Sample
from tests.code.samples import SAMPLES

TEXTS = [sample[1] for sample in SAMPLES.values()]
ODD = [
    "",
    "\n",
    "a\n\n\nb\n",
    "İF x\nif ſet\nEND\n",
    "def f():\n    pass\n" * 9,
    "x = 1\r\ny := 2\r\n",
    "\x0cproc f {\n}\n",
]


def test_counts_of_all_marks_are_those_of_the_expressions() -> None:
    rows = (*languages().values(), *known_languages().values())
    patterns = [mark for row in rows for mark in row.marks] + list(foreign_syntax().values())
    needles = [Needle(pattern) for pattern in patterns]
    for text in (*TEXTS[::6], *ODD):
        plain, prepared = Sample(text[:3000]), Sample(text[:3000])
        prepared.prepare()
        for pattern, needle in zip(patterns, needles, strict=True):
            wanted = sum(1 for _ in islice(pattern.finditer(plain.text), 5))
            assert needle.count(plain, 5) == needle.count(prepared, 5) == wanted, (pattern.pattern, text)
            assert needle.is_in(prepared) == (wanted > 0)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^a\s*$", "a\n\na\na"),
        (r"^(?:a|b)\s*|c", "a\nb\nc a"),
        (r"(?i)^kelvin|set", "\u212aelvin\nſet\nSET"),
        (r"[\]|]x|\||\\|y", "]x |x \\ y |"),
        (r"\bfor .*:$|in\b", "for x in y:\nfor z in w:\nin"),
        (r"(?<=\n)x|^x", "x\nx"),
        (r"[^a]b", "\nb ab\nb"),
        (r"x\Z", "x\nx"),
    ],
)
def test_counts_of_odd_expressions(pattern: str, text: str) -> None:
    compiled = re.compile(pattern, re.MULTILINE)
    sample = Sample(text)
    sample.prepare()
    assert Needle(compiled).count(sample, 99) == len(list(compiled.finditer(text)))


def test_mark_that_may_match_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="matches nothing"):
        Needle(re.compile("a*"))
