"""What the compiled pass counts is what plain Python counts."""

from __future__ import annotations

import re
from collections import Counter
from itertools import compress, pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge.filter.quality.signals import quality_signals
from corpusforge.signs import sign_finder

PIECES = st.sampled_from(
    ["a", "the", "The", "THE", "lorem", "Ipsum", " ", "  ", "\n", "\n\n", "\t", "\u2028", "-", "* ", "…", "...", ".",
     "!", "é", "字", "な", "豈", "한국", "1", "42", "#", "{", "$", "$$", "`", "```", "\\", "'", ")", "[3]", "\u00a0",
     "Javascript", "use", "cookies", "privacy", "Policy", "of ", "x" * 1001]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join)


def share(repeated: list[str]) -> tuple[float, float]:
    seen: set[str] = set()
    again = [piece for piece in repeated if piece in seen or seen.add(piece)]
    return len(again) / max(1, len(repeated)), sum(map(len, again)) / max(1, sum(map(len, repeated)))


def plain(text: str) -> dict[str, float]:
    words = re.sub(f"({LONE})", r" \1 ", text).split()
    n = max(1, len(words))
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    paragraphs = [stripped for block in text.split("\n\n") if (stripped := block.strip())]
    stops = Counter(words)
    return {
        "n_words": len(words),
        "mean_word_chars": sum(map(len, words)) / n,
        "unique_word_share": len(set(words)) / n,
        "alphabetic_word_share": sum(any(map(str.isalpha, word)) for word in words) / n,
        "hash_word_ratio": text.count("#") / n,
        "ellipsis_word_ratio": sum(map(text.count, ("...", "…"))) / n,
        "digit_share": len(re.findall("[0-9]", text)) / max(1, len(text)),
        "n_prose_braces": prose_braces(text),
        "lorem_ipsum": float("lorem ipsum" in text.lower()),
        "gopher_stop_word_kinds": len({"the", "of"} & set(words)),
        "stop_word_kinds": len({"a", "the", "of"} & set(map(str.lower, words))),
        "stop_word_share": sum(stops[word] for word in ("a", "the", "The", "THE", "of")) / n,
        "n_lines": len(lines),
        "bullet_line_share": sum(line.startswith(("-", "*")) for line in lines) / max(1, len(lines)),
        "ellipsis_line_share": sum(line.endswith(("...", "…")) for line in lines) / max(1, len(lines)),
        "terminal_line_share": sum(line.endswith((".", "!")) for line in lines) / max(1, len(lines)),
        **c4(lines),
        "short_line_share": sum(len(line) <= 30 for line in lines) / max(1, len(lines)),
        "newline_word_ratio": text.count("\n") / n,
        "duplicate_line_share": share(lines)[0],
        "duplicate_line_char_share": share(lines)[1],
        "duplicate_paragraph_share": share(paragraphs)[0],
        "duplicate_paragraph_char_share": share(paragraphs)[1],
        **ngrams(words),
    }


def prose_braces(text: str) -> int:
    """Count the opening braces outside formulas and code, as signs open and close those."""
    found, opened = 0, ""
    for sign in re.findall(r"\\\$+|\$+|`+|\{|\s+", text):
        if sign.isspace():
            opened = opened if opened.startswith("```") or "\n\n" not in sign else ""
        elif sign == "{":
            found += not opened
        elif not sign.startswith("\\"):
            opened = sign if not opened else "" if opened == sign else opened
    return found


NOTICES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4(lines: list[str]) -> dict[str, float]:
    script = ["javascript" in line.lower() for line in lines]
    notice = [any(words in line.lower() for words in NOTICES) for line in lines]
    words = [re.sub(f"({LONE})", r" \1 ", line).split() for line in lines]
    few = [len(each) < 3 for each in words]
    sentences = [
        1 + len([0 for one, two in pairwise(each) if ends_sentence(one) and not two[0].islower()])
        for each in words
    ]
    kept = [
        not (a or b or c) and max(map(len, each)) <= 1000 and bool(C4_END.search(line))
        for a, b, c, each, line in zip(script, notice, few, words, lines, strict=True)
    ]
    n = max(1, len(lines))
    return {
        "n_c4_sentences": sum(compress(sentences, kept)),
        "c4_line_share": sum(kept) / n,
        "few_word_line_share": sum(few) / n,
        "javascript_line_share": sum(script) / n,
        "policy_line_share": sum(notice) / n,
    }


LONE = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
C4_END = re.compile(r"(?:(?<!\.\.)\.|[!?\"'])(?<!^\.)(?:\[\d*\])*$")


def ends_sentence(word: str) -> bool:
    inner = word[0] + word[1:].rstrip("\"')]*_”’»")
    return inner[-1] in ".!?。" and not re.fullmatch(r"[^\W\d_]\.", inner)


def ngrams(words: list[str]) -> dict[str, float]:
    total, found = max(1, sum(map(len, words))), dict[str, float]()
    for n in range(2, 11):
        grams = [tuple(words[k : k + n]) for k in range(len(words) - n + 1)]
        times, seen, covered = Counter(grams), set[tuple[str, ...]](), set[int]()
        top = max((sum(map(len, gram)) * k for gram, k in times.items() if k > 1), default=0)
        for place, gram in enumerate(grams):
            covered.update(range(place, place + n) if gram in seen else ())
            seen.add(gram)
        if n < 5:
            found[f"top_{n}gram_char_share"] = min(1.0, top / total)
        else:
            found[f"duplicate_{n}gram_char_share"] = sum(len(words[k]) for k in covered) / total
    return found


@settings(max_examples=150, deadline=None)
@example("lorem ipsum\n\n...\n\n...")
@example("字字字字字字字字字字字字")
@example("a the a the a the a the a the a the a the")
@given(TEXTS)
def test_signals_are_those_of_plain_counting(text: str) -> None:
    found, wanted = quality_signals(text, "en"), plain(text)
    if not wanted["n_words"]:
        assert found == {"n_words": 0}
        return
    assert found == pytest.approx(wanted)


def test_korean_words_stand_between_blanks() -> None:
    signals = quality_signals("한국의 수도는 서울이다.", "ko")
    assert signals["n_words"] == 3 and signals["mean_word_chars"] == pytest.approx(11 / 3)
    assert quality_signals("豈更車", "zh")["n_words"] == 3  # compatibility Han


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("We met Dr. J. Smith there. He left!", 3),  # an abbreviation counts, an initial does not
        ("It rose by 3.5 % (e.g. in May). Then it fell.[12]", 2),
        ("No end of a line", 0),
        ("It goes on and on...", 0),
        ("Too short.", 0),
        ("Please enable JavaScript to read this page.", 0),
        ("This site uses cookies to know you.", 0),
        ("One line is kept. Here.\nAnd this one is not", 2),
    ],
)
def test_sentences_that_c4_keeps(text: str, sentences: int) -> None:
    assert quality_signals(text, "en")["n_c4_sentences"] == sentences


@pytest.mark.parametrize(
    ("text", "braces"),
    [
        ("if (a) { b(); }", 1),
        ("the sum $\\sum_{i}$ of $$x_{1}\n= {y}$$ and `{}`", 0),
        ("```js\nf = {\n\n}\n``` and {", 1),
        ("from $5 on\n\na { b", 1),  # a price ends with its paragraph
        (r"it costs \$5 { and \$6", 1),
    ],
)
def test_braces_of_formulas_and_code_are_none_of_a_script(text: str, braces: int) -> None:
    assert quality_signals(text, "en")["n_prose_braces"] == braces


SIGNS = ("ghp_", "hp_", "@", ":AA", "p_x", "_")


@settings(deadline=None)
@given(st.lists(st.sampled_from([*SIGNS, "g", "h", "p", ":", "A", "é", " "]), max_size=12).map("".join))
def test_signs_are_found_wherever_they_stand(text: str) -> None:
    bits = sign_finder(SIGNS).bits(text)
    assert [bool(bits >> place & 1) for place in range(len(SIGNS))] == [sign in text for sign in SIGNS]
