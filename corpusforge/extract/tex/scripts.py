"""What is set high or low, as text: `10<sup>6</sup>` reads `10^6`, never `106`.

One function for all routes. Exponents follow `^`, indices `_`; ordinals and abbreviations are
written on; a mark of a note is its number in brackets. No digit ever joins another number.
"""

from __future__ import annotations

import html
import re
from typing import Literal

Kind = Literal["sup", "sub"]

_MAX_CHARS = 24  # what is longer is small print, not a script
_TAG = re.compile(r"<[^<>]{0,400}>")
_SCRIPT = re.compile(
    r"<(?P<kind>sup|sub)\b[^<>]{0,400}>(?P<inner>(?:(?!<su[bp]\b).){0,400}?)</(?P=kind)\s*>", re.I | re.S
)
_OPENING = re.compile(r"<su[bp]\b[^<>]{0,400}>", re.I)
_LINK = re.compile(r"<a\b|<ref\b|class\s*=\s*[\"'][^\"']{0,80}(?:footnote|reference|noteref)", re.I)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W_]+")
_PLAIN_WORD = re.compile(r"[^\W\d_]{4,}")
_BASE = re.compile(r"[^\W\d_]+$")
_MARKS = re.compile(r"[*†‡§¶‖#′″'’®™℠©°ºª]+")
_LISTED = re.compile(
    r"\(?(?:\d{1,3}|[a-z])\)?[*†‡§¶#]*(?:\s*[,;–-]\s*(?:(?:\d{1,3}|[a-z])[*†‡§¶#]*|[*†‡§¶#]+))*", re.I
)
_BRACKETED = re.compile(r"\[[^\[\]]{1,12}\]|\([^()]{1,4}\)")
_ROMAN = re.compile(r"[IVXLCDM]+$|(?<![^\W_])[ivxlcdm]+$")
_DECIMAL_END = re.compile(r"\d[.,]\d+$")
_DIGIT_END = re.compile(r"\d$")
_GROUPED_END = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+$")
_RECKONED_BEFORE = re.compile(r"[+*·×÷√^]\s?[\d.,]+$")
_RECKONED_BEHIND = re.compile(r"\s?[=+·×÷≈^]")
_YEAR_END = re.compile(r"[^\W\d_]{2,}[,.]?\s(?:1[5-9]|20)\d\d$")  # of a sentence, no term
_DECADE_END = re.compile(r"(?<!\d)(?:1[5-9]|20)\d0s$")
_LETTERS = re.compile(r"[a-h](?:\s?[,;]\s?[a-h])*")
_LIST = re.compile(r"[,;]")
_TEN_APART = re.compile(r"(?<![\d.,])10\s$")  # 10 <sup>5</sup>
_UNIT_APART = re.compile(r"\d\s?([^\W\d_]{1,3})\s$")  # 25 km <sup>2</sup>
_DOT_END = re.compile(r"\d\.$")
_DECIMALS = re.compile(r"[.,]\d{1,2}")
_IDEOGRAPHS = "\u2e80"  # from here on a letter is a word
_OPERATOR_BEFORE = re.compile(r"[=+*·×−]\s?$")
_AMOUNT = re.compile(r"(?P<sign>[$€£¥₹]\s?)?(?<![\d.,])\d{1,3}(?:[.,]?\d{3})*[.,]?$")
_CURRENCY_BEHIND = re.compile(r"\s?(?:[€£₽₴]|zł\b|Kč\b|USD\b|EUR\b|GBP\b)")
_FRACTION_BAR = re.compile(r"[/⁄∕]")
_UPPER_HALF = re.compile(r"[/⁄∕](?!\w|\s\d)")  # the lower half is not part of what stands behind
_SIGNS = str.maketrans({"−": "-", "–": "-", "‑": "-", "\u00a0": " ", "＋": "+"})
_ORDINALS = frozenset(
    "st nd rd th e er ère ere re ème eme ième ieme es ers nde ste de o a os as ter bis º ª ᵉ".split()
)
_ABBREVIATIONS = frozenset(
    "mme mmes mlle mlles mgr dr drs st ste sts stes no nos vve cie pr prof me mr mrs ms jr sr mt fr bros co "
    "nth ith jth kth mth xth".split()
)
_TRADE = {"tm": "™", "sm": "℠", "(r)": "®", "(c)": "©"}
_UNITS = frozenset(
    "m km cm mm dm nm µm μm um pm ft in mi yd s sec ms ns h hr min hz khz mhz kg g mg v a k j w n pa mol l "
    "ml rad sr px deg ha yr yd pc kpc mpc gpc au ly ev kev mev gev tev lb lbs oz gal acre acres day days fm "
    "м км см мм дм с сек ч г кг hm dam nmi bar hpa kpa mpa gpa kn mn kw mw ma mv ghz thz "
    "mile miles foot feet inch inches metre metres meter meters yard yards second seconds "
    "mètre mètres metro metros meter quadratmeter".split()
)
_FUNCTIONS = frozenset("sin cos tan cot sec csc sinh cosh tanh log ln exp det lim min max".split())
_ELEMENTS = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr "
    "Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta "
    "W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr D T".split()
)
_OF_ELEMENTS = re.compile("(?:" + "|".join(sorted(_ELEMENTS, key=len, reverse=True)) + ")+")
_ELEMENT_BEHIND = re.compile(r"[A-Z][a-z]?(?![a-z])")
_DEGREE_SIGNS = ("o", "0", "°", "º")
_DEGREES_BEHIND = re.compile(r"\s?[CFK](?![^\W_])")


def script_text(kind: Kind, inner: str, before: str = "", after: str = "", is_reference: bool = False) -> str:
    """Return what stands in running text for a raised or lowered piece of it.

    `before` and `after` are the texts around (a few characters of the same line are enough);
    `is_reference`: the page marks the piece as a link to a note. Where two such pieces follow each
    other, `before` is to hold what this function gave for the first.

    >>> script_text("sup", "6", before="10"), script_text("sub", "i", before="x")
    ('^6', '_i')
    """
    text = " ".join(inner.translate(_SIGNS).split())
    if not text or len(text) > _MAX_CHARS or text.count(" ") > 2:
        return text
    gap = " " if inner[-1].isspace() and after[:1].isalnum() else ""
    end = text[-1] if text[-1] in ".,;:" and text[:-1].isalnum() else ""  # the sentence's, not the script's
    text, after = (text[:-1], end + after) if end else (text, gap + after)
    if kind == "sub":
        return _lowered(text, before, after) + end + gap
    return (_note(text) if is_reference else _raised(text, before, after)) + end + gap


def scripts_in_markup(source: str) -> str:
    """Return markup whose `<sup>` and `<sub>` elements, tags inside them too, are replaced by text.

    For routes that read a file as text; nested ones are read from within.
    """
    lowered = source.lower()
    if "<sup" not in lowered and "<sub" not in lowered:
        return source
    for _ in range(3):
        parts, end = list[str](), 0
        for match in _SCRIPT.finditer(source):
            parts.append(source[end : match.start()])
            before = _shown(_OPENING.split("".join(parts[-4:])[-160:])[-1])[-32:]
            kind: Kind = "sup" if match["kind"].lower() == "sup" else "sub"
            after = _shown(_SCRIPT.sub("", source[match.end() : match.end() + 160]))[:32]
            inner = _shown(match["inner"])
            parts.append(script_text(kind, inner, before, after, bool(_LINK.search(match[0]))))
            end = match.end()
        if not end:
            break
        source = "".join(parts) + source[end:]
    return source


def _shown(markup: str) -> str:
    """Return what a reader sees of inline markup: no tags, no entities."""
    text = _TAG.sub("", markup)
    return html.unescape(text) if "&" in text else text


def _lowered(text: str, before: str, after: str) -> str:
    if _FRACTION_BAR.search(before[-1:]) and text[0].isdigit() and not after[:1].isalnum():
        return text  # the lower half of a fraction
    if not before.strip() or before[-1:].isspace():
        return f"_{_braced(text, after)}" if text[0].isdigit() and after[:1].isalnum() else text
    return "_" + _braced(text, after)


def _raised(text: str, before: str, after: str) -> str:
    low, joined = text.lower(), bool(before) and not before[-1].isspace()
    word = _BASE.search(before)
    base = word[0] if word else ""
    if low in _TRADE:
        return _TRADE[low]
    if _BRACKETED.fullmatch(text) and text[0] == "(" and len(base) == 1 and base < _IDEOGRAPHS:
        return f"^{{{text}}}"  # f<sup>(2)</sup>(x)
    if _MARKS.fullmatch(text) or _BRACKETED.fullmatch(text) or (joined and _goes_on(text, low, before)):
        return text
    if (
        not joined
        and low in _DEGREE_SIGNS
        and _DEGREES_BEHIND.match(after)
        and _DIGIT_END.search(before[:-1])
    ):
        return "°"
    if text[0].isdigit() and _UPPER_HALF.match(after) and not base and not before.endswith(")"):
        return f" {text}" if _DIGIT_END.search(before) else text  # the upper half of a fraction
    if text.isdigit() and len(text) == 2 and _is_price(before, after):
        return text if before[-1] in ".," else f".{text}"
    if joined and _DIGIT_END.search(before):
        return _after_number(text, low, before, after)
    if base and _is_written_on(base, low):
        return text
    if text[0].isdigit() and (not joined or not base) and _is_element(after):
        return "^" + text  # an isotope
    if _is_quantity(base, before, text) if joined else _is_apart(before, text):
        return "^" + _braced(text, after)
    if _LISTED.fullmatch(text):
        return _note(text)
    if joined:
        return "^" + _braced(text, after)
    return text


def _goes_on(text: str, low: str, before: str) -> bool:
    """Return whether a piece is written on: `3.<sup>er</sup>`, `19<sup>.99</sup>`, the 6 of `10^-6`."""
    if before.endswith(("^-", "^+")):
        return text.isdigit()
    return bool(
        (_DOT_END.search(before) and low in _ORDINALS)
        or (_DIGIT_END.search(before) and _DECIMALS.fullmatch(text))
    )


def _after_number(text: str, low: str, before: str, after: str) -> str:
    """Return what is raised behind a digit: degrees, an ordinal's ending, cents, a note, or an exponent."""
    if low in _DEGREE_SIGNS and _DEGREES_BEHIND.match(after):
        return "°"
    if low in _ORDINALS and not (len(low) == 1 and _DECIMAL_END.search(before)):
        return text
    if text == "00":
        return ".00"
    return _note(text) if _is_note_of_number(text, before, after) else "^" + _braced(text, after)


def _is_note_of_number(text: str, before: str, after: str) -> bool:
    """Return whether a mark behind a number is no exponent: of a year, of thousands, a letter, a list.

    A number that is reckoned with has exponents, and the letters of notes are the first ones.
    """
    if not _LISTED.fullmatch(text):
        return False
    is_letter = _LETTERS.fullmatch(text) is not None
    is_whole = _GROUPED_END.search(before) or _YEAR_END.search(before)
    if is_whole and text.isalpha() and not is_letter:
        return False
    if is_whole and text.isdigit() and (_RECKONED_BEFORE.search(before) or _RECKONED_BEHIND.match(after)):
        return False
    is_letter = is_letter and _DECIMAL_END.search(before) is not None
    return bool(is_letter or is_whole or (_LIST.search(text) and not _NUMBER.fullmatch(text)))


def _is_price(before: str, after: str) -> bool:
    """Return whether two raised digits are the cents of an amount: $3<sup>99</sup>, 3,<sup>99</sup> €."""
    if found := _AMOUNT.search(before):
        return bool(found["sign"] or _CURRENCY_BEHIND.match(after))
    return False


def _is_written_on(base: str, low: str) -> bool:
    """Return whether letters end a word: `M<sup>me</sup>`, `XIX<sup>e</sup>`."""
    return (base.lower() + low) in _ABBREVIATIONS or (low in _ORDINALS and bool(_ROMAN.fullmatch(base)))


def _is_apart(before: str, text: str) -> bool:
    """Return whether an exponent stands behind a blank: after ten, or a unit of a number."""
    unit = _UNIT_APART.search(before)
    is_power = text in ("2", "3") and unit is not None and unit[1].lower() in _UNITS
    return is_power or bool(_TEN_APART.search(before) and _NUMBER.fullmatch(text))


def _is_quantity(base: str, before: str, text: str) -> bool:
    """Return whether what stands before can be raised to a power: a letter, a unit, a bracket."""
    if not base:
        if before[-1] == ")":
            return not _is_aside(before)
        return before[-1] in "]}|‖∥⟩⌉⌋'′_^"
    if base[0] >= _IDEOGRAPHS or (base == "s" and _DECADE_END.search(before)):
        return False
    if len(base) <= 3 and _OPERATOR_BEFORE.search(before[: -len(base)]):
        return True  # E = mc<sup>2</sup>
    if len(base) == 1 or base.lower() in _UNITS or base.lower() in _FUNCTIONS or base in _ELEMENTS:
        return True
    is_formula = len(base) <= 4 and base[1:] != base[1:].lower()  # CO, NaCl, SO
    return is_formula and (not text.isdigit() or len(base) < 3 or _is_of_elements(base))


def _is_of_elements(base: str) -> bool:
    return len(base) == 3 and _OF_ELEMENTS.fullmatch(base) is not None


def _is_aside(before: str) -> bool:
    """Return whether a closing bracket ends words and no term of a formula."""
    inside = before[:-1].rpartition("(")[2]
    return (len(_WORD.findall(inside)) > 1 or _PLAIN_WORD.fullmatch(inside) is not None) and not re.search(
        r"[-+*/=^_]", inside
    )


def _is_element(after: str) -> bool:
    match = _ELEMENT_BEHIND.match(after)
    return bool(match and match[0] in _ELEMENTS)


def _note(text: str) -> str:
    return text if text[0] in "[(*†‡§¶#" else f"[{text}]"


def _braced(text: str, after: str) -> str:
    """Return a script that no following letter or digit can join; in braces where it is a term."""
    simple = _NUMBER.fullmatch(text) or _WORD.fullmatch(text) or text in "+-*"
    joins = after[:1].isdigit() if text[-1].isdigit() else after[:1].isalnum()
    return text if simple and not joins else "{" + text + "}"
