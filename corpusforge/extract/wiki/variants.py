"""MediaWiki's LanguageConverter: what `-{…}-` shows a reader who chose no variant.

-{text}-                            text, not converted
-{zh-hans:a; zh-hant:b}-            the default variant's, or the nearest to it
-{H|zh-cn:a; zh-tw:b}-              a rule for the page: nothing (A shows, T is the title, - ends a rule)
-{zh-hans;zh-hant|text}-            text
"""

from __future__ import annotations

import re

_FALLBACKS: dict[str, tuple[str, ...]] = {
    "zh": ("zh", "zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh-sg", "zh-mo", "zh-my"),
    "sr": ("sr", "sr-ec", "sr-cyrl", "sr-el", "sr-latn"),
    "sh": ("sh", "sh-latn", "sh-cyrl"),
    "kk": ("kk", "kk-cyrl", "kk-latn", "kk-arab", "kk-kz", "kk-tr", "kk-cn"),
    "ku": ("ku", "ku-latn", "ku-arab"),
    "uz": ("uz", "uz-latn", "uz-cyrl"),
    "tg": ("tg", "tg-cyrl", "tg-latn"),
    "crh": ("crh", "crh-latn", "crh-cyrl"),
    "gan": ("gan", "gan-hans", "gan-hant"),
    "iu": ("iu", "ike-cans", "ike-latn"),
    "shi": ("shi", "shi-latn", "shi-tfng"),
    "tly": ("tly", "tly-cyrl"),
    "ban": ("ban", "ban-bali"),
    "zgh": ("zgh", "zgh-latn"),
    "mni": ("mni", "mni-beng"),
    "wuu": ("wuu", "wuu-hans", "wuu-hant"),
    "lzh": ("zh-hant", "zh-hans"),
}
"""Languages with variants, and which text is taken for the reader's own, the first that is there
(includes/language/converters of MediaWiki 1.43: main code, then its fallbacks)."""
_CODE = r"(?:zh|sr|sh|kk|ku|uz|tg|crh|gan|ike|iu|shi|tly|ban|zgh|mni|wuu)(?:-[a-z]{2,4})?"
_INNERMOST = re.compile(r"-\{((?:(?!-\{|\}-).)*?)\}-", re.S)
_FLAGS = re.compile(
    rf"\s*+((?:[AaTtRrDdHhNnSs+-]|{_CODE})(?:\s*;\s*(?:[AaTtRrDdHhNnSs+-]|{_CODE}))*|)\s*+\|", re.S
)
_NEXT_RULE = re.compile(rf";\s*+(?=(?:[^;]*?=>\s*)?{_CODE}\s*:)|;\s*\Z", re.S | re.I)
_RULE = re.compile(rf"\s*+(?:(?P<source>.*?)=>\s*)?(?P<code>{_CODE})\s*:(?P<text>.*)", re.S | re.I)
_MAX_DEPTH = 10


def has_variants(language: str | None) -> bool:
    """Return whether `-{…}-` is markup in a wiki's language; where that is not known it is taken so."""
    return language is None or language.lower().partition("-")[0] in _FALLBACKS


def converted(text: str, language: str | None) -> tuple[str, str | None]:
    """Return (text as the reader's default variant shows it, the title that the page sets or None)."""
    titles: list[str] = []
    if "-{" in text and has_variants(language):
        fallbacks = _FALLBACKS.get((language or "").lower().partition("-")[0], ())
        for _ in range(_MAX_DEPTH):
            text, n_found = _INNERMOST.subn(lambda found: _shown(found[1], fallbacks, titles), text)
            if not n_found:
                break
    return text, titles[-1] if titles else None


def _shown(inner: str, fallbacks: tuple[str, ...], titles: list[str]) -> str:
    flags, rules = "", inner
    if found := _FLAGS.match(inner):
        flags, rules = found[1].upper(), inner[found.end() :]
    kinds = {flag.strip() for flag in flags.split(";")}
    if "R" in kinds:
        return rules
    text = _chosen(rules, fallbacks)
    if "T" in kinds:
        titles.append(text.strip())
    return "" if kinds & {"H", "T", "-"} else text


def _chosen(rules: str, fallbacks: tuple[str, ...]) -> str:
    """Return the text for the reader's variant of `code:text; …`, or what is no such list as it is."""
    texts: dict[str, str] = {}
    for piece in _NEXT_RULE.split(rules):
        found = _RULE.fullmatch(piece)
        if found is None:
            if piece.strip():
                return rules
            continue
        shown = found["text"] if found["source"] is None else found["source"]
        texts.setdefault(found["code"].lower(), shown.strip())
    if not texts:
        return rules
    return next((texts[code] for code in fallbacks if code in texts), next(iter(texts.values())))
