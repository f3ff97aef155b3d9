r"""Recall of decontamination on ways of writing that no rule or threshold was chosen by, as JSON.

    python benches/decontamination_held_out.py --data ../shared/data [--items 300]

The ways of `filter/decontamination/injection.py` were looked at while the rules were made; those below were
written after, and what is missed by them was left so, but for those in `REPAIRED`. An item counts
as found only where it is the one that was put in. The same documents as in `decontamination.py`
receive the items.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from decontamination import clean_documents

from corpusforge import unicode
from corpusforge.filter import FilterConfig, load_tables
from corpusforge.filter.decontamination.audit import hosts, sampled
from corpusforge.filter.decontamination.benchmarks import read_items
from corpusforge.filter.decontamination.contamination import leaks
from corpusforge.filter.decontamination.injection import inject

FRENCH = str.maketrans({"'": "’", '"': "”", "-": "–"})


def _drawn(text: str) -> random.Random:
    return random.Random(text)


def _some_words(text: str, share: float, change: Callable[[str, random.Random], str]) -> str:
    drawn = _drawn(text)
    pieces = re.split(r"(\s+)", text)
    return "".join(
        change(piece, drawn) if piece.strip() and drawn.random() < share else piece for piece in pieces
    )


def _typo(word: str, drawn: random.Random) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    place = drawn.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _broken(text: str) -> str:
    """Return the text in lines of 60 characters, words hyphenated at their ends as in print."""
    words, lines, line = text.split(), list[str](), ""
    for word in words:
        if line and len(line) + len(word) >= 60:
            if word.isalpha() and len(word) > 7:
                lines.append(f"{line} {word[:4]}-")
                line = word[4:]
                continue
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def _numbered(text: str, form: str) -> str:
    """Return the lines of a text as a listing shows them: `form` of their number and words."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    return "\n".join(form.format(number, line) for number, line in enumerate(lines, 1))


FORMS: Mapping[str, Callable[[str], str]] = {
    "typographic quotes and dashes": lambda text: text.translate(FRENCH),
    "no-break and thin spaces": lambda text: text.replace(" ", "\u00a0").replace(",\u00a0", ",\u2009"),
    "zero-width spaces": lambda text: _some_words(text, 0.3, lambda word, _: word[:2] + "\u200b" + word[2:]),
    "soft hyphens": lambda text: re.sub(r"([A-Za-z]{4})(?=[A-Za-z]{3})", "\\1\u00ad", text),
    "hyphenated at line ends": _broken,
    "decomposed accents": lambda text: unicode.normalize("NFD", text),
    "bold words": lambda text: _some_words(text, 0.15, lambda word, _: f"**{word}**"),
    "numbered list": lambda text: "17. " + text.replace("\n", "\n    "),
    "bullet a sentence": lambda text: re.sub(r"(?<=[.!?。？！])\s+", "\n- ", f"- {text}"),
    "chat": lambda text: f"User: {text}\nAssistant: Let us think step by step.",
    "HTML paragraphs": lambda text: "<p>" + text.replace("\n", "</p>\n<p>") + "</p>",
    "line numbers": lambda text: _numbered(text, "{:>3}  {}"),
    "line numbers and bars": lambda text: _numbered(text, "{:>3} | {}"),
    "line numbers and colons": lambda text: _numbered(text, "{}: {}"),
    "line numbers in brackets": lambda text: _numbered(text, "[{}] {}"),
    "prompts of a notebook": lambda text: _numbered(text, "In [{}]: {}"),
    "prompts of Python": lambda text: re.sub(r"^(?=.)", ">>> ", text, flags=re.M),
    "double dollars": lambda text: re.sub(r"(?<!\$)\$(?!\$)", "$$", text),
}
"""The same words, otherwise written; a way that leaves an item as it is says nothing of it."""

REPAIRED = (
    "zero-width spaces", "soft hyphens", "hyphenated at line ends", "line numbers", "line numbers and bars",
    "line numbers and colons", "line numbers in brackets", "prompts of a notebook", "prompts of Python",
)  # fmt: skip
"""No longer held out: rules were changed for them or, for soft hyphens, touch them."""

CHANGES: Mapping[str, Callable[[str], str]] = {
    "3 % of words misspelt": lambda text: _some_words(text, 0.03, _typo),
    "3 % of words left out": lambda text: _some_words(text, 0.03, lambda word, _: ""),
    "first 80 %": lambda text: text[: int(len(text) * 0.8)],
    "two remarks put in": lambda text: re.sub(
        r"(?<=[.!?。？！])\s+", " [see the note below] ", text, count=2
    ),
}
"""Not the same words: how much of an item may be lost."""


def main() -> None:
    """Print recall by form and by benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--items", type=int, default=300, help="items of each benchmark; 0: all")
    options = parser.parse_args()
    benchmarks = str(options.data / "benchmarks")
    config = FilterConfig(benchmarks=benchmarks)
    tables = load_tables(config)
    assert tables is not None
    clean = hosts((text for _, text in clean_documents(options.data, 400)), tables, config)
    rates: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for number, item in enumerate(sampled(read_items(benchmarks), options.items)):
        host, inline = clean[number % len(clean)], number % 2 == 1
        for what, forms in (("written", FORMS), ("changed", CHANGES)):
            for name, form in forms.items():
                text = form(item.text)
                if text == item.text:
                    continue
                found = leaks(inject(text, host, inline=inline), tables, config)
                hit = any((leak.benchmark, leak.name) == (item.benchmark, item.name) for leak in found)
                for counts in (rates[f"{what}_by_form"][name], rates[f"{what}_by_benchmark"][item.benchmark]):
                    counts[0] += hit
                    counts[1] += 1
    shown = {
        what: {name: f"{found / tried:.4f} of {tried}" for name, (found, tried) in of.items()}
        for what, of in rates.items()
    }
    shown["no longer held out"] = {name: shown["written_by_form"][name] for name in REPAIRED}
    print(json.dumps(shown, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
