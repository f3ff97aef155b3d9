"""Numbers as a wiki writes them: `{{formatnum:12345.6}}` is 12.345,6 in a German one.

Where the decimal sign is a point they stay as they are: a comma among thousands would be a decimal sign to
the readers of an export whose header names English for another language.
"""

from __future__ import annotations

import re

_SIGNS: dict[str, tuple[str, str, int]] = {
    language: (group, point, n_digits)
    for languages, group, point, n_digits in (
        ("de nl da id tr el ro hr sr bs sh sl gl eu vi is mk sq", ".", ",", 4),
        ("ca", ".", ",", 5),
        ("fr nb no nn fi cs sk hu et lv lt eo hy ka kk", " ", ",", 4),
        ("es it pl pt ru uk be bg sv", " ", ",", 5),
    )
    for language in languages.split()
}
"""(sign of thousands, decimal sign, digits from which on there are groups) by language, as in
`separatorTransformTable` and `minimumGroupingDigits` of MediaWiki 1.43 (languages/messages); blanks
that do not break are blanks. Only those whose decimal sign is a comma."""
_NUMBER = re.compile(r"(?<![\w.,])(\d+)(?:\.(\d+))?(?![\w.]|,\d)")
_OPEN_NUMBER = re.compile(r"(?<![\w.,])(\d+)(?:[.,](\d+))?(?![\w.,])")
_BLANKS = re.compile(r"&nbsp;|\s")
_IN_TAGS = re.compile(r"(<[^<>]*>)")


def formatted(text: str, language: str | None) -> str:
    """Return text with its numbers, written with a point, as a language's wiki writes them.

    >>> formatted("12345.6 km", "de"), formatted("1990", "es"), formatted("12345.6", None)
    ('12.345,6 km', '1990', '12345.6')
    """
    return _with_signs(text, language, _NUMBER)


def localised(quantity: str, language: str | None) -> str:
    """Return a quantity as `formatted` does; its decimal sign may be a comma already."""
    return _with_signs(quantity, language, _OPEN_NUMBER)


def unformatted(text: str, language: str | None) -> str:
    """Return a number of a wiki as programs write it.

    >>> unformatted("12.345,6", "de")
    '12345.6'
    """
    group, point, _ = _SIGNS.get(language or "", (",", ".", 4))
    return _BLANKS.sub("", text).replace(group, "").replace(point, ".")


def ordinal(number: str) -> str:
    """Return a whole number with its English ending.

    >>> ordinal("21"), ordinal("112")
    ('21st', '112th')
    """
    is_teen = number[-2:-1] == "1"
    return number + ("th" if is_teen else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1:], "th"))


def _thousands(digits: str) -> list[str]:
    """Return digits in threes from their end; `int` refuses more than 4300 of them."""
    first = len(digits) % 3
    threes = [digits[k : k + 3] for k in range(first, len(digits), 3)]
    return [digits[:first], *threes] if first else threes


def _with_signs(text: str, language: str | None, numbers: re.Pattern[str]) -> str:
    signs = _SIGNS.get(language or "")
    if signs is None:
        return text
    group, point, n_digits = signs

    def written(found: re.Match[str]) -> str:
        whole, parts = found[1], found[2]
        if len(whole) >= n_digits:
            whole = group.join(_thousands(whole)) if whole[0] != "0" else whole
        return whole if parts is None else f"{whole}{point}{parts}"

    pieces = _IN_TAGS.split(text)
    pieces[::2] = [numbers.sub(written, piece) for piece in pieces[::2]]
    return "".join(pieces)
