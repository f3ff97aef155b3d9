"""Bytes in any charset become the right text, and a repair is told."""

from __future__ import annotations

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.charset import decode_html, decode_plain

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


@pytest.mark.parametrize("raw", [b"\x7fELF\x02\x01\0\0\0", bytes(range(32)) * 40, b"PK\x03\x04\0\0\x08\0"])
def test_binary_source_is_dropped(make, raw: bytes) -> None:
    result = extract_document(make(raw, Markup.SOURCE), ExtractConfig())
    assert isinstance(result, Drop) and result.reason is DropReason.BINARY


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_source_is_decoded(make, charset: str) -> None:
    source = "# größe\ndef f():\n\treturn 'é'\n" * 5
    result = extract_document(make(source.encode(charset), Markup.SOURCE), ExtractConfig())
    assert isinstance(result, Document)
    assert result.text == source.strip("\n")


def test_latin1_source_notes_the_guess() -> None:
    decoded = decode_plain("naïve café\n".encode("latin-1") * 20)
    assert decoded is not None and "naïve café" in decoded[0] and decoded[1]
