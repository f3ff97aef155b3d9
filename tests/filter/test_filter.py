"""What the filter step keeps, drops with figures, and leaves in the text."""

from dataclasses import replace

import pytest

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.filter import FilterConfig, filter_document
from corpusforge.filter.quality.signals import RULESET_NAMES, quality_signals, read_ruleset

PROSE = """The old harbour was rebuilt after the storm, and the fishing boats came back one by one.
People who had moved inland returned to their houses, opened the shops again and painted the doors.

In the spring a market opened near the church. Farmers sold vegetables there, and a baker brought bread.
By the summer nobody spoke of leaving any more, and the school had to hire a teacher.
"""


def page(text: str, **values: object) -> Document:
    base = Document(doc_id="0" * 32, source="s", source_kind=SourceKind.WARC, locator="l", text=text,
                    domain="web", subset="all", language="en")  # fmt: skip
    return replace(base, **values)  # type: ignore[arg-type]


def test_good_prose_is_kept_with_its_signals() -> None:
    for name in RULESET_NAMES:
        result = filter_document(page(PROSE), FilterConfig(quality=name), None)
        assert isinstance(result, Document), result
        assert result.text == PROSE and not result.redactions
        assert result.signals["stop_word_kinds"] >= 5 and list(result.signals) == sorted(result.signals)


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("word " * 5, DropReason.TOO_SHORT, "25 characters, under 50"),
        ("Click here to win a prize today.\n" * 60, DropReason.REPETITION, "gopher_duplicate_lines"),
        (
            "\n".join(f"- the item of shelf {chr(97 + i % 26) * 4} and the number {i}" for i in range(80)),
            DropReason.QUALITY,
            "gopher_bullet_lines",
        ),
        ("#harbour town news of today " * 30 + PROSE, DropReason.QUALITY, "gopher_hashes"),
        ("lorem ipsum dolor sit amet " + PROSE, DropReason.QUALITY, "c4_lorem_ipsum"),
    ],
)
def test_poor_pages_drop_with_rule_and_figure(text: str, reason: DropReason, words: str) -> None:
    result = filter_document(page(text), FilterConfig(), None)
    assert isinstance(result, Drop)
    assert result.reason is reason and words in result.detail
    assert any(character.isdigit() for character in result.detail)


def test_code_is_not_judged_by_prose_rules() -> None:
    source = "\n".join(f"    x[{i}] = {{'a': {i}}}  # {i}" for i in range(60))
    for domain in ("code", "books"):
        assert isinstance(
            filter_document(page(source, domain=domain), FilterConfig(quality="strict"), None), Document
        )
    assert isinstance(filter_document(page(source), FilterConfig(quality="strict"), None), Drop)


def test_off_drops_nothing_but_measures() -> None:
    result = filter_document(page("Win. " * 400), FilterConfig(quality="off"), None)
    assert isinstance(result, Document) and result.signals["duplicate_10gram_char_share"] > 0.9


def test_repetition_signals_are_exact_on_a_known_text() -> None:
    once = " ".join(f"w{i:03d}" for i in range(100))
    assert quality_signals(once, None)["duplicate_5gram_char_share"] == 0
    signals = quality_signals(f"{once} {once}", None)
    assert signals["duplicate_10gram_char_share"] == pytest.approx(0.5)
    assert signals["top_2gram_char_share"] == pytest.approx(4 / 200)
    assert quality_signals("a b c\na b c\nd", None)["duplicate_line_share"] == pytest.approx(1 / 3)


def test_chinese_counts_characters_as_words() -> None:
    signals = quality_signals("今天的天气很好，我们去公园里散步。", "zh")
    assert signals["n_words"] > 10 and signals["stop_word_kinds"] >= 2


def test_rulesets_and_their_fingerprints() -> None:
    for name in RULESET_NAMES:
        for rule in read_ruleset(name).rule:
            assert rule.min is not None or rule.max is not None
            assert rule.signal in quality_signals("some words of the text", "en"), rule
    assert FilterConfig().fingerprint() != FilterConfig(quality="strict").fingerprint()
    with pytest.raises(ValueError, match="off, default, strict"):
        FilterConfig(quality="harsh")


LONG = "x = 1\n" * 20


@pytest.mark.parametrize(
    ("header", "licence"),
    [
        ("# SPDX-License-Identifier: MIT\n", "MIT"),
        ("// SPDX-License-Identifier: (GPL-2.0-only OR BSD-3-Clause)\n", "(GPL-2.0-only OR BSD-3-Clause)"),
        ("/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */\n", "GPL-2.0 WITH Linux-syscall-note"),
        ("# Licensed under the Apache License, Version 2.0\n# (the \"License\")\n", "Apache-2.0"),
        (" * This program is free software under the GNU General Public License as\n * published, version 3\n", "GPL-3.0"),
        ("# Permission is hereby granted, free of charge,\n# to any person obtaining a copy\n", "MIT"),
        ("// GNU Lesser General Public License as published, either\n// version 2.1 of the License, or any later version.\n", "LGPL-2.1-or-later"),
        ("const mark = '// SPDX-License-Identifier: .' + id\n", None),
        ("# just a comment about licensing questions\n", None),
    ],
)  # fmt: skip
def test_licences_are_read_from_headers(header: str, licence: str | None) -> None:
    document = page(header + LONG, repo="o/r", path="a.py", domain="code")
    result = filter_document(document, FilterConfig(), None)
    assert isinstance(result, Document)
    assert result.licence == licence and result.licence_source == ("header" if licence else None)


@pytest.mark.parametrize(
    ("licence", "policy", "kept"),
    [
        ("MIT", "permissive", True), ("GPL-3.0", "permissive", False), ("MIT OR GPL-2.0", "permissive", True),
        ("MIT AND GPL-2.0", "permissive", False), ("(MIT OR GPL-2.0) AND ISC", "permissive", True),
        ("Apache-2.0 WITH LLVM-exception", "permissive", True), ("(MIT", "permissive", False),
        (None, "permissive", False), ("GPL-3.0-only", "custom", True), ("MIT", "custom", False), (None, "all", True),
    ],
)  # fmt: skip
def test_licence_policies(licence: str | None, policy: str, kept: bool) -> None:
    config = FilterConfig(licence_policy=policy, licences=("GPL-3.0",))  # type: ignore[arg-type]
    document = page(
        LONG, repo="o/r", path="a.py", domain="code", licence=licence, licence_source="repository"
    )
    result = filter_document(document, config, None)
    assert isinstance(result, Document) is kept
    if isinstance(result, Drop):
        assert result.reason is DropReason.LICENCE
    assert isinstance(filter_document(page(PROSE), config, None), Document), "a web page states no licence"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอนหรือวรรณยุกต์เช่นเดียวกับภาษาจีน" * 8, "th"),
        ("ພາສາລາວເປັນພາສາທາງການຂອງສາທາລະນະລັດປະຊາທິປະໄຕປະຊາຊົນລາວ" * 8, "lo"),
        ("ភាសាខ្មែរជាភាសាកំណើតរបស់ជនជាតិខ្មែរនិងជាភាសាផ្លូវការ" * 8, "km"),
        ("မြန်မာဘာသာစကားသည်မြန်မာနိုင်ငံ၏ရုံးသုံးဘာသာစကားဖြစ်သည်" * 8, "my"),
        ("བོད་ཡིག་ནི་བོད་ཀྱི་སྐད་ཡིག་ཡིན་པས་རྒྱ་ཆེ་བའི་མི་རྣམས་ཀྱིས་བེད་སྤྱོད་བྱེད།" * 8, "bo"),
    ],
)
def test_scripts_without_blanks_are_counted_by_segments(text: str, language: str) -> None:
    figures = quality_signals(text, language)
    assert 50 <= figures["n_words"] <= len(text) / 3
    assert 3 <= figures["mean_word_chars"] <= 10
