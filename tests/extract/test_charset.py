"""Bytes in any charset become the right text, and a repair is told."""

from __future__ import annotations

import encodings.aliases
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.encoding.charset import decode_html, decode_plain, decode_text
from corpusforge.extract.encoding.mojibake import repaired

RUSSIAN = "Съешь ещё этих мягких французских булок, да выпей же чаю. " * 4
JAPANESE = "日本語の文章をここに書いておきます。漢字とかなを使います。" * 4


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (RUSSIAN, "windows-1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R"),
        (JAPANESE, "shift_jis", "Shift_JIS"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (JAPANESE, "utf-8", "iso-8859-1"),
        (JAPANESE, "utf-16", None),
        ("Ça coûte 5 € – déjà vu", "cp1252", "iso-8859-1"),
    ],
)
def test_header_charset_or_better(text: str, charset: str, declared: str | None) -> None:
    assert decode_html(text.encode(charset), declared)[0].lstrip("\ufeff") == text


def test_meta_charset_is_used_without_a_header() -> None:
    page = f'<html><head><meta charset="windows-1251"></head><body>{RUSSIAN}</body></html>'
    assert decode_html(page.encode("windows-1251"), None) == (page, [])


def test_a_wrong_declaration_is_found_out_and_noted() -> None:
    text, notes = decode_html(RUSSIAN.encode("windows-1251"), "utf-8")
    assert text == RUSSIAN
    assert notes and "by detection" in notes[0]


def test_mojibake_is_undone_only_when_all_of_it_round_trips() -> None:
    broken = "Ã©tÃ© Ã  la mer, dÃ©jÃ  vu"
    assert decode_html(broken.replace("Ã\xa0", "Ã\xa0").encode(), None)[0] in (
        broken,
        "été à la mer, déjà vu",
    )
    mixed = "The letters Ã© Ã¨ Ãª show mojibake; 日本"
    assert decode_html(mixed.encode(), None) == (mixed, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"\x7fELF\x02\x01\0\0\0",
        bytes(range(32)) * 40,
        b"PK\x03\x04\0\0\x08\0",
        b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF",
        b"AT&TFORM and more",
        b"{\\rtf1\\ansi Text}",
    ],
)
def test_binary_source_is_dropped(make, raw: bytes) -> None:
    result = extract_document(make(raw, Markup.SOURCE), ExtractConfig())
    assert isinstance(result, Drop) and result.reason is DropReason.BINARY


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_source_is_decoded(make, charset: str) -> None:
    source = "# größe\ndef f():\n\treturn 'é'\n" * 5
    result = extract_document(make(source.encode(charset), Markup.SOURCE), ExtractConfig())
    assert isinstance(result, Document)
    assert result.text == source


def test_latin1_source_notes_the_guess() -> None:
    decoded = decode_plain("naïve café\n".encode("latin-1") * 20)
    assert decoded is not None and "naïve café" in decoded[0] and decoded[1]


POLISH = "Każdy człowiek ma prawo do wolności poglądów i swobodnego ich wyrażania; prawo to obejmuje. " * 3
KOREAN = "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. " * 3
FRENCH = "Tous les êtres humains naissent libres et égaux en dignité, doués de raison. " * 3


@pytest.mark.parametrize(
    "text, charset", [(RUSSIAN, "koi8-r"), (POLISH, "iso-8859-2"), (KOREAN, "cp949"), (JAPANESE, "euc-jp")]
)
@pytest.mark.parametrize("lie", ["windows-1252", "windows-1251", "gbk", "utf-8", "no-such-charset", "hex"])
def test_a_header_that_lies_loses_against_what_the_page_says_and_shows(
    text: str, charset: str, lie: str
) -> None:
    if (charset, lie) == ("cp949", "gbk"):
        pytest.skip("every syllable of Korean is a common character of Chinese: the header decides")
    page = f'<html><head><meta charset="{charset}"></head><body>{text}</body></html>'
    assert decode_html(page.encode(charset), lie)[0] == page
    wrong_meta = f'<html><head><meta charset="{lie}"></head><body>{text}</body></html>'
    assert decode_html(wrong_meta.encode(charset), charset)[0] == wrong_meta


@pytest.mark.parametrize(
    "text, charset",
    [(RUSSIAN, "windows-1251"), (KOREAN, "cp949"), (FRENCH, "cp1252"), (JAPANESE, "shift_jis")],
)
def test_without_any_label_the_letters_tell(text: str, charset: str) -> None:
    assert decode_html(text.encode(charset), None)[0] == text
    assert decode_text(text.encode(charset), None)[0] == text


def test_utf8_with_a_broken_place_stays_utf8_whatever_the_header_says() -> None:
    raw = POLISH.encode()
    for broken in (raw[: raw.rindex("ą".encode()) + 1], raw[:300] + b"\xc5" + raw[300:]):
        text, notes = decode_html(broken, "iso-8859-1")
        assert text.count("\ufffd") == 1 and "człowiek" in text
        assert notes == ["invalid UTF-8 replaced, 1 places"]


def test_utf16_without_a_mark_is_seen_by_its_zeros() -> None:
    page = f"<html><body>{FRENCH}</body></html>"
    assert decode_html(page.encode("utf-16-be"), "iso-8859-1")[0] == page


@pytest.mark.parametrize(
    "text, misread",
    [(FRENCH, "cp1252"), (RUSSIAN, "cp1251"), (RUSSIAN, "latin-1"), (POLISH, "cp437"), (JAPANESE, "latin-1")],
)
def test_mojibake_of_a_whole_page_is_undone(text: str, misread: str) -> None:
    broken = f"<p>{text.encode().decode(misread)}</p>\n<p>plain words</p>"
    mended, notes = repaired(broken)
    assert mended == f"<p>{text}</p>\n<p>plain words</p>"
    name = "cp1252" if misread == "latin-1" else misread
    assert notes == [f"UTF-8 that had been read as {name} undone, 1 places"]


def test_mojibake_of_mojibake_is_undone_too() -> None:
    twice = FRENCH.encode().decode("cp1252").encode().decode("latin-1")
    assert repaired(twice)[0] == FRENCH


def test_a_page_on_mojibake_keeps_its_examples() -> None:
    page = "<p>déjà vu, été, où</p><code>dÃ©jÃ  vu</code><code>Ã©tÃ©</code><p>naïve café élève</p>"
    assert repaired(page) == (page, [])
    quotes = "Il dit « VOILÀ », puis « CAFÉ» et “Spaß“. ÎLE… Ő“"
    assert repaired(quotes) == (quotes, [])


@given(st.text(max_size=200))
def test_nothing_but_mojibake_is_changed(text: str) -> None:
    mended, notes = repaired(text)
    assert (mended == text) or notes


@given(
    st.binary(max_size=300), st.sampled_from([None, "gbk", "utf-16", "x-user-defined", "shift_jis", "zlib"])
)
def test_any_bytes_under_any_label_are_text(raw: bytes, label: str | None) -> None:
    decode_html(raw, label)
    decode_text(raw, label)
    decode_plain(raw, label)


def test_a_page_of_nothing_but_high_bytes_takes_no_time() -> None:
    for raw in (b"\xc3" * 2_000_000, b"\xe9 " * 1_000_000, "Ã©".encode() * 500_000, "Р".encode() * 1_000_000):
        decode_html(raw, None)


PYTHONS_OWN = [
    *("idna", "punycode", "undefined", "unicode_escape", "unicode-escape", "raw_unicode_escape"),
    *("charmap", "mbcs", "oem", "rot13", "rot_13", "base64", "hex", "zlib", "bz2", "uu", "quopri"),
    *("latin-1\0", "\ud800", "", " ", "x" * 10_000),
]


@pytest.mark.parametrize("label", PYTHONS_OWN)
def test_what_only_python_calls_an_encoding_is_no_label(label: str) -> None:
    raw = "Grüße aus \\u0041\\x41 xn--bcher-kva und Köln, schöne Grüße".encode("latin-1")
    expected = raw.decode("latin-1")
    assert decode_html(raw, label)[0] == decode_text(raw, label)[0] == expected
    page = b"<meta charset=" + label.encode("ascii", "replace")[:40] + b"><p>" + raw
    assert decode_html(page, None)[0].endswith(expected)
    assert decode_plain(raw, label) == decode_plain(raw)


def test_every_label_that_python_knows_decodes_what_it_may() -> None:
    raw = bytes(range(1, 256)) * 3
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)} | set(
        encodings.aliases.aliases
    )
    assert len(names) > 300
    for name in names:
        decode_html(raw, name)
        decode_text(raw, name)
