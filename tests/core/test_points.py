"""Code points in lower case are those of the text in lower case."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.points import lower_points_of, points_of


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12) | st.text("aA\u03a3\u0130\u212a\u1e9eÉé\U00010400\U0001e900\ud83d", max_size=8))
def test_lower_case(text: str) -> None:
    assert lower_points_of(text).tolist() == list(map(ord, text.lower()))


def test_each_character() -> None:
    for point in range(0x80, 0x30000):
        if not 0xD800 <= point < 0xE000 and len(chr(point).lower()) == 1:
            text = f"{chr(point)}a"
            assert int(lower_points_of(text)[0]) == ord(text.lower()[0]), hex(point)


def test_bytes_where_all_is_ascii() -> None:
    assert points_of("Ab").itemsize == lower_points_of("Ab").itemsize == 1
    assert points_of("Äb").itemsize == lower_points_of("Äb").itemsize == 4
