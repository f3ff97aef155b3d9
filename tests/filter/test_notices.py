"""Headers are read as by the plain expressions: signs and lines that are passed over hold nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.filter.rights import notices
from corpusforge.filter.rights.licence import licence_in_header

ROWS = [row for table in notices.read_rows().values() for row in table if row["id"] != "CC"]
"""All rules but one: the signs of Creative Commons ask for more than its pattern does (`cc attribution`)."""
_COMMENT = re.compile(r"[\s*#/;%'\"<>!(){}\[\]`|-]+")
_PIECES = (
    "MIT License", "licence", "LİCENSE", "lıcense", " header", "|", "•", " -", "\n", "\r\n", " ", "\u3000", "\x1c",
    "the ", "Apache", "# License:\n", "=", '"', "©", "GNU General Public ", "*/", "-->", "\x00", "\udc80", "x",
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['id']} {row['signs'][0]}")
def test_one_sign_of_a_rule_stands_in_all_that_its_pattern_matches(row: dict[str, Any]) -> None:
    pattern = re.compile(row["pattern"], re.S)

    @settings(max_examples=30, deadline=None, database=None, derandomize=True)
    @given(st.from_regex(pattern, alphabet=st.characters(codec="ascii")))
    def holds(text: str) -> None:
        match = pattern.search(text)
        assert match is None or any(sign in match[0] for sign in row["signs"])

    holds()


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_a_header_becomes_what_the_expressions_over_all_of_it_make(header: str) -> None:
    whole = notices._TITLE.sub(lambda match: notices._TITLE_MARK + match[0], header)
    whole = notices._TITLE_BETWEEN.sub(notices._TITLE_MARK, whole)
    assert "\n".join(map(notices._with_titles, header.split("\n"))) == whole
    assert notices._plain(header) == _COMMENT.sub(" ", header).lower().replace("licence", "license")


def test_a_quotation_is_cut_out_of_its_line_alone() -> None:
    header = "// Released under the MIT License\n// it says 'distributed under the GPLv3' elsewhere\n"
    assert licence_in_header(header, 4000) == "MIT"
