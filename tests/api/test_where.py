"""Conditions over the columns of a table: what they take, and what is said of those that are none."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.where import WhereError, parse_where

TABLE = pa.table(
    {
        "doc_id": ["a", "b", "c"],
        "score": pa.array([0.5, 0.8, None], pa.float32()),
        "language": ["en", "de-AT", None],
        "signals": pa.array([[("q", 1.0)], [], None], pa.map_(pa.string(), pa.float64())),
        "n": [1, 2, 3],
        "is_new": [True, False, None],
        "notes": [["x"], [], None],
        "it's": ["'", "%", "_"],
    }
)


def _taken(where):
    return "".join(TABLE.filter(parse_where(where, TABLE.schema).expression)["doc_id"].to_pylist())


@pytest.mark.parametrize(
    ("where", "taken"),
    [
        ("score > 0.6", "b"),
        ("score>=.5 AND language='en'", "a"),
        ("not score > 0.6", "a"),
        ("0.6 < score", "b"),
        ("n = 1 or n = 2 and is_new", "a"),
        ("(n = 1 or n = 2) and not is_new", "b"),
        ("n <> 1 and n != 3", "b"),
        ("n == 3e0", "c"),
        ("n > -1", "abc"),
        ("language in ('en', 'fr') or language is null", "ac"),
        ("language not in ('en')", "b"),
        ("language like 'de%'", "b"),
        ("language not like 'de%'", "a"),
        ("language is not null", "ab"),
        ("is_new", "a"),
        ("not is_new", "b"),
        ("is_new = false", "b"),
        ("signals.q > 0", "a"),
        ("signals is null", "c"),
        ("notes is null", "c"),
        ("id = 'c'", "c"),
        ("\"it's\" = ''''", "a"),
        ("\"it's\" = '%'", "b"),
    ],
)
def test_a_condition_takes_its_rows(where, taken):
    assert _taken(where) == taken


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("", "at character 0 (the end): expected a column or a value"),
        ("score >", "at character 7 (the end): expected a column or a value"),
        ("colour = 1", "at character 0 (colour): no column 'colour'; there are: doc_id, score, language"),
        ("score = 'a'", "at character 11 (the end): score is float, and is compared with the text 'a'"),
        ("language > 1", "at character 12 (the end): language is string, and is compared with the number 1"),
        ("(n > 1", "at character 6 (the end): expected ')'"),
        ("n > 1 2", "at character 6 (2): expected `and`, `or` or the end"),
        ("n > 1; drop", "at character 5 (; drop): not understood"),
        ("1 = 1", "at character 5 (the end): two values are compared, and no column"),
        (
            "signals > 1",
            "at character 8 (>): signals is map<string, double>, and does not compare; a value of it: ",
        ),
        ("n.x = 1", "at character 4 (=): n is int64, and has no 'x'"),
        ("n = language", "at character 12 (the end): n (int64) and language (string) do not compare"),
        ("language like 3", "at character 14 (3): like compares a column of text"),
        ("language", "at character 8 (the end): expected = != < <= > >=, in (…), like '…' or is null"),
        (
            "(" * 200 + "n = 1" + ")" * 200,
            "at character 101 ((): more than 100 parentheses within each other",
        ),
        ("not " * 200 + "is_new", "at character 408 (not): more than 100 times `not`"),
    ],
)
def test_what_is_no_condition_is_one_line_with_its_place(where, line):
    with pytest.raises(WhereError) as error:
        parse_where(where, TABLE.schema)
    assert str(error.value).startswith(f"where: {line}")
    assert "\n" not in str(error.value)


@given(
    st.lists(
        st.sampled_from("n id score ( ) and or not = < in is null like 'a' 1 0.5 , signals.q true".split())
    )
)
def test_any_row_of_words_is_a_condition_or_a_usage_error(words):
    try:
        condition = parse_where(" ".join(words), TABLE.schema)
    except WhereError:
        return
    TABLE.filter(condition.expression)
