"""Words of other languages with the name of theirs: `{{lang-ru|Москва}}` is `Russian: Москва`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from corpusforge.extract.wiki.countries import language_names
from corpusforge.extract.wiki.templates import Use

_FORMS = {
    "en": "{name}: {text}",
    "simple": "{name}: {text}",
    "es": "en {name}: {text}",
    "pt": "em {name}: {text}",
    "sv": "{name}: {text}",
    "ja": "{name}: {text}",
    "zh": "{name}：{text}",
    "de": "{name} {text}",
}
"""How the wikis whose templates of languages are named alike write them."""
_GERMAN = re.compile(r"([a-z]{2,3})S")
"""`{{enS|…}}`, `{{ruS|…}}` of the German wiki."""
_LATIN = re.compile(r"[^\w]*[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_NO_CODE = {"none", "-", "no"}


def names_language(written: str, key: str, language: str | None) -> bool:
    """Return whether a template of a wiki shows a language's name before its argument."""
    if language == "de":
        return _GERMAN.fullmatch(written) is not None
    return key.startswith(("lang-", "langx")) and (language or "en") in _FORMS


def with_language(use: Use, language: str | None) -> str:
    """Return a word with its language before it and, in English, its transliteration behind it.

    The names are CLDR's; "" where CLDR has none.
    """
    values = [value.strip() for value in use.values]
    german = _GERMAN.fullmatch(use.written) if language == "de" else None
    code = german[1] if german else use.name.removeprefix("lang-")
    if use.name == "langx" and values:
        code = values.pop(0)
    text = (values[0] if values else "") or use.named.get("text", "")
    if not text:
        return ""
    label = use.named.get("label") or language_names(language).get(code, "")
    if label in _NO_CODE:
        return text
    if not label:
        return ""
    if language == "de":
        label = "lateinisch" if code == "la" else label.lower()
    shown = _FORMS[language or "en"].format(name=label, text=text)
    return shown + _explained(text, values, use.named) if language in (None, "en") else shown


def _explained(text: str, values: list[str], named: Mapping[str, str]) -> str:
    """Return what stands behind an English wiki's word: how it is written in Latin letters, its meaning."""
    second = values[1] if len(values) > 1 else ""
    third = values[2] if len(values) > 2 else ""
    is_latin = _LATIN.match(text) is not None
    romanized = named.get("translit") or ("" if is_latin else second)
    meaning = named.get("lit") or (second if is_latin else third)
    return (f", romanized: {romanized}" if romanized and romanized not in _NO_CODE else "") + (
        f", lit. '{meaning}'" if meaning else ""
    )
