"""A header that is searched for a field tells the same as one that is parsed as a whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.ingest.web.fields import _SOUGHT, all_first, all_joined, usual_fields  # pyright: ignore[reportPrivateUsage]
from corpusforge.ingest.web.http import parse_response

_NAMES = ("warc-type", "content-type", "content-length", "x", "content-usage", "warc-refers-to-target-uri")
_LINE = (
    st.tuples(
        st.sampled_from(
            ("WARC-Type", "warc-type", "Content-Type", "Content-Length", "X", "Y", "", " X", "X ")
        )
        | st.sampled_from(("Content-Usage", "Content-Usages", "WARC-Refers-To-Target-URI", "WARC-Type\x7f")),
        st.sampled_from([":", ": ", ":\t", " :", ""]),
        st.sampled_from(["", "response", "text/html; a : b", "12", "X: y", "caf\xe9", "a\rX: b"]),
        st.sampled_from(["\r\n", "\n", " \r\n"]),
    )
    .map("".join)
    .filter(lambda line: line.strip("\r\n") != "")
)  # an empty line ends a header


@settings(deadline=None)  # the first call may compile
@given(lines=st.lists(_LINE, max_size=6), joins=st.booleans())
def test_a_field_is_what_the_whole_header_says(lines: list[str], joins: bool) -> None:
    header = "\n" + "".join(lines)
    found = usual_fields((header + "\r\nbody").encode("latin-1"), 0, 1 << 20, joins=joins)
    if found is None:
        return
    fields, end = found
    whole = (all_joined if joins else all_first)(header)
    assert {name: fields.get(name) for name in _NAMES} == {name: whole.get(name) for name in _NAMES}
    assert [name for name in _NAMES if name in fields] == [name for name in _NAMES if name in whole]
    assert (dict(fields), len(fields)) == (whole, len(whole))
    assert (header + "\r\nbody")[end:] == "body"


@pytest.mark.parametrize("joins", [False, True])
def test_every_name_is_found_by_its_own_hash(joins: bool) -> None:
    names = [*_SOUGHT, "link", "age"]
    header = "\r\n".join(f"{name.title()}:  {name} 1 \t" for name in names)
    found = usual_fields(f"\n{header}\r\n\r\n".encode(), 0, 1 << 20, joins=joins)
    assert found is not None
    assert {name: found[0].get(name) for name in names} == {name: f"{name} 1" for name in names}


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    found = usual_fields(b"\nA: b\r\n\r\n", 0, 9, joins=False)
    assert found is not None
    assert found[0]["a"] == "b"
    with pytest.raises(KeyError):
        found[0]["b"]


@pytest.mark.parametrize(
    "head",
    [
        "A: b\r\n c\r\nA: d\r\n",
        "A : b c\r\nA: d\r\n",
        "A: b c, d\r\n",
        "A: b c\r\na: d\r\n",
        "\tX: y\r\nA: b c, d\r\n",
    ],
)
def test_folded_repeated_and_spaced_fields_of_a_response(head: str) -> None:
    data = f"??HTTP/1.1 200 OK\r\n{head}\r\nbody??".encode()
    response = parse_response(data, 2, len(data) - 2)
    assert response is not None
    assert (response.status, response.headers.get("a"), data[response.body_start : -2]) == (
        200,
        "b c, d",
        b"body",
    )
