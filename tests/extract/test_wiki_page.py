"""Templates of a page are read piece by piece: as if all of them were read through a tree, in linear time."""

from __future__ import annotations

import random
import time

import pytest

from corpusforge.extract.wiki import page
from corpusforge.extract.wiki.preprocessor import STRIDE, pieces_of
from corpusforge.extract.wiki.wikitext import read_wikitext

_OWN = {"Own": "* {{{1|none}}}\n", "Lua": "{{#invoke:a|b}}", "Say": "{{#if:{{{1|}}}|{{{1}}}|:no}}{{{x|}}}"}
_NAMES = "t t+ l own lua say flagicon icon e lang-ru IPA Berlin cite wikidata #if:a lc:AB".split(" ")
_VALUES = (
    "fr de zh-min mots mot m слово Іта́лія いぬ 12 3.5 P31 a.ogg x² ½½ ²² km two_words |  \x20 é tr=so sc= 1=one "
    "a=b=c date=May <i>so</i> d'un".split(" ")
)
_AROUND = (
    "* French: ", "\n", "\n# ", "| ", " || ", "\n{|\n", "\n|}", "[[a]]", "[[File:x.jpg|", "]]", "[[de:", "{{", "}}", "{{{1|",
    "}}}", "-{", "}-", "{{own|", "{{t|", "It is ", "(", ", ", "'''", " " * 3, "A" * 190,
)  # fmt: skip


def _drawn(chance: random.Random) -> str:
    pieces: list[str] = []
    for _ in range(chance.randint(1, 12)):
        if chance.random() < 0.5:
            pieces.append(chance.choice(_AROUND))
            continue
        values = chance.choices(_VALUES, k=chance.choice((0, 1, 2, 2, 3, 4, 6)))
        pieces.append("{{" + "|".join([chance.choice(_NAMES), *values]).replace("_", " ") + "}}")
    return "".join(pieces)


def _without_names(source: str) -> list[str | None]:
    """Return pieces that tell the name and words of no template: each is read through its tree."""
    return [piece if place % STRIDE < 2 else None for place, piece in enumerate(pieces_of(source))]


def test_what_one_look_finds_is_what_a_tree_says(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(11)
    sources = [_drawn(chance) for _ in range(400)]
    languages = [chance.choice(("en", "fr", "zh", None)) for _ in sources]
    found = [read_wikitext(*each, _OWN) for each in zip(sources, sources, languages, strict=True)]
    monkeypatch.setattr(page, "pieces_of", _without_names)
    for source, language, seen in zip(sources, languages, found, strict=True):
        assert read_wikitext(source, source, language, _OWN) == seen, repr(source)


def test_templates_speak_by_their_line() -> None:
    shown = read_wikitext(
        "* French: {{t|fr|deux mots|m}}, {{t+|fr|mot}}\n{{t|fr|seul}}\n* {{t|fr|item}}", "T"
    ).text
    assert shown == "- French: deux mots, mot"


def test_a_word_of_three_letters_may_be_a_code() -> None:
    assert read_wikitext("In {{t|fr|mot}} and {{t|fr|été|f}}", "T").text == "In mot and été"


@pytest.mark.parametrize(
    "piece", ["{{nl}}", "{{nl}}{{t|{{a}}}}\n", "{{t|a|b=c", "{{t|", "{{t|mots|", "x {{t|aaaa|" + "|" * 300]
)
def test_many_pieces_take_linear_time(piece: str) -> None:
    start = time.process_time()
    read_wikitext(piece * (200_000 // len(piece)), "T", "en", {"Nl": "x\n"})
    assert time.process_time() - start < 20  # more, where each piece looks at all that follow
