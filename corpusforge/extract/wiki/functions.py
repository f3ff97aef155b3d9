"""Parser functions and variables of wikitext: `{{#if:…}}`, `{{lc:…}}`, `{{PAGENAME}}`.

What depends on the time of reading, on other pages, on Wikidata or on Lua is not understood, and says so.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from corpusforge.extract.wiki.countries import language_names
from corpusforge.extract.wiki.expressions import ExpressionError, evaluated
from corpusforge.extract.wiki.names import months, template_prefixes
from corpusforge.extract.wiki.numbers import formatted, unformatted

_ERROR = '<strong class="error">'
_NUMBER = re.compile(r"\s*[-−+]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)\s*")
_DATE_FORMATS = (
    "%Y-%m-%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y-%m",
    "%B %Y",
)
_TIME_CODE = re.compile(r'xg|"[^"]*"|\\.|.', re.S)
_MAX_PADDING = 500


class NotUnderstood(Exception):
    """A use that cannot be read from the dump alone: nothing of it may be shown."""


class Arguments(Protocol):
    """The arguments of a parser function, each expanded when it is asked for."""

    language: str | None
    """The wiki's."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __call__(self, place: int) -> str:
        """Return an argument without blanks around it, "" where there is none."""
        ...

    def named(self, name: str) -> str:
        """Return an argument of the template around, "" where it was not given."""
        ...

    def pair(self, place: int) -> tuple[str, Callable[[], str]] | None:
        """Return (name, its value when asked for) of `name=value`, or None."""
        ...


def _if(a: Arguments) -> str:
    return a(1) if a(0) else a(2)


def _ifeq(a: Arguments) -> str:
    return a(2) if _same(a(0), a(1)) else a(3)


def _ifexpr(a: Arguments) -> str:
    try:
        value = evaluated(a(0))
    except ExpressionError:
        return f"{_ERROR}</strong>"
    return a(1) if value not in ("", "0") else a(2)


def _iferror(a: Arguments) -> str:
    text = a(0)
    if 'class="error"' in text:
        return a(1)
    return a(2) if len(a) > 2 else text


def _expr(a: Arguments) -> str:
    try:
        return evaluated(a(0))
    except ExpressionError:
        return f"{_ERROR}Expression error</strong>"


def _switch(a: Arguments) -> str:
    wanted = a(0)
    has_fallen = False
    default: Callable[[], str] | None = None
    for place in range(1, len(a)):
        pair = a.pair(place)
        if pair is None:
            value = a(place)
            if _same(value, wanted):
                has_fallen = True
            elif value == "#default":
                default = str
            elif place == len(a) - 1:
                return value  # a last argument without a name is the default
            if has_fallen and place == len(a) - 1:
                return value
            continue
        name, shown = pair
        if has_fallen or _same(name, wanted):
            return shown()
        if name == "#default":
            default = shown
    return default() if default else ""


def _same(a: str, b: str) -> bool:
    if a == b:
        return True
    if _NUMBER.fullmatch(a) and _NUMBER.fullmatch(b) and "," not in a + b:
        return float(a.replace("−", "-")) == float(b.replace("−", "-"))
    return False


def _pad(a: Arguments, left: bool) -> str:
    text, width, fill = a(0), a(1), a(2) or "0"
    n = min(int(width), _MAX_PADDING) - len(text) if width.isdecimal() else 0
    padding = (fill * max(0, n))[: max(0, n)]
    return padding + text if left else text + padding


def _formatnum(a: Arguments) -> str:
    form = a(1).upper()
    if form == "R":
        return unformatted(a(0), a.language)
    return a(0) if form == "NOSEP" else formatted(a(0), a.language)


def _plural(a: Arguments) -> str:
    number = a(0).lstrip("-−")
    return a(1) if number in ("1", "1.0") or len(a) < 3 else a(2)


def _title_parts(a: Arguments) -> str:
    parts = a(0).split("/")
    first = max(0, int(a(2)) - 1) if a(2).isdecimal() else 0
    count = int(a(1)) if re.fullmatch(r"-?\d{1,3}", a(1)) else 0
    chosen = parts[first:]
    return "/".join(chosen[:count] if count else chosen)


def _tag(a: Arguments) -> str:
    name = a(0).lower()
    if not re.fullmatch(r"[a-z]{1,20}", name):
        return ""
    attributes = ""
    for place in range(2, len(a)):
        if pair := a.pair(place):
            attributes += f' {pair[0]}="{pair[1]()}"'
    return f"<{name}{attributes}>{a(1)}</{name}>"


def _time(a: Arguments) -> str:
    """Return a date that is stated, in a format; that of the reading is not known."""
    date = parsed_date(a(1))
    if date is None:
        raise NotUnderstood("#time")
    names = months("en")
    out: list[str] = []
    for code in (found[0] for found in _TIME_CODE.finditer(a(0))):
        values = {
            "Y": f"{date.year:04}",
            "y": f"{date.year % 100:02}",
            "n": str(date.month),
            "m": f"{date.month:02}",
            "F": names[date.month - 1],
            "M": names[date.month - 1][:3],
            "xg": names[date.month - 1],
            "j": str(date.day),
            "d": f"{date.day:02}",
            "U": str(int((date - datetime(1970, 1, 1)).total_seconds())),
            "z": str(date.timetuple().tm_yday - 1),
        }
        if code.isalpha() and code not in values:
            raise NotUnderstood("#time")
        out.append(values.get(code, code.strip('"').removeprefix("\\")))
    return "".join(out)


def parsed_date(text: str) -> datetime | None:
    """Return the date that a text states in one of the usual ways, or None."""
    text = " ".join(text.split())
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


_FUNCTIONS: dict[str, Callable[[Arguments], str]] = {
    "#if": _if,
    "#ifeq": _ifeq,
    "#iferror": _iferror,
    "#ifexpr": _ifexpr,
    "#ifexist": lambda a: a(1),
    "#switch": _switch,
    "#expr": _expr,
    "#time": _time,
    "#timel": _time,
    "#tag": _tag,
    "#titleparts": _title_parts,
    "#dateformat": lambda a: a(0),
    "formatdate": lambda a: a(0),
    "#len": lambda a: str(len(a(0))),
    "#rel2abs": lambda a: a(0),
    "lc": lambda a: a(0).lower(),
    "uc": lambda a: a(0).upper(),
    "lcfirst": lambda a: a(0)[:1].lower() + a(0)[1:],
    "ucfirst": lambda a: a(0)[:1].upper() + a(0)[1:],
    "padleft": lambda a: _pad(a, True),
    "padright": lambda a: _pad(a, False),
    "formatnum": _formatnum,
    "plural": _plural,
    "gender": lambda a: a(1),
    "urlencode": lambda a: urllib.parse.quote_plus(a(0)),
    "anchorencode": lambda a: a(0).replace(" ", "_"),
    "fullurl": lambda a: "",
    "localurl": lambda a: "",
    "canonicalurl": lambda a: "",
    "filepath": lambda a: "",
    "ns": lambda a: a(0) if not a(0).lstrip("-").isdecimal() else "",
    "nse": lambda a: "",
    "defaultsort": lambda a: "",
    "displaytitle": lambda a: "",
    "#language": lambda a: language_names(a(1) or a(0)).get(a(0), a(0)),
    "nowiki": lambda a: a(0),
    "protectionlevel": lambda a: "",
    "#coordinates": lambda a: "",
    "#seo": lambda a: "",
}
_ALIASES = {
    "si": "#if",
    "#si": "#if",
    "#wenn": "#if",
    "#ifgleich": "#ifeq",
    "#wenngleich": "#ifeq",
    "#wechsel": "#switch",
    "#sinon": "#if",
    "defaultsortkey": "defaultsort",
    "defaultcategorysort": "defaultsort",
    "sortierung": "defaultsort",
    "seitentitel": "displaytitle",
    "ordena": "defaultsort",
    "clédetri": "defaultsort",
}
_TITLE = frozenset(
    "pagename pagenamee basepagename basepagenamee subpagename subpagenamee rootpagename fullpagename"
    " fullpagenamee subjectpagename articlepagename seitenname nompage nombredepagina nombredepágina"
    " nomedapagina nomedapágina nomepagina paginanaam имястраницы naampagina nazwastrony"
    " ページ名 頁名 页名".split()
)
_SILENT_VARIABLES = frozenset(
    "namespace namespacee namespacenumber talkspace subjectspace articlespace notoc toc noindex revisionid"
    " revisionuser server servername scriptpath stylepath currentversion directionmark dirmark talkpagename"
    " talkpagenamee".split()
)
_VOLATILE = re.compile(
    r"(?:current|local|revision|numberof|numberin|pagesin|pagesize|cascadingsources|aktuell|jour|jahr|año)[a-z0-9]*"
)
_SUBST = re.compile(r"(?:subst|safesubst|подст|msg|msgnw|raw)\s*:\s*", re.I)


def variable(name: str, title: str) -> str | None:
    """Return what a variable stands for, None where the name is none.

    Raises NotUnderstood for what depends on the time of reading or on the wiki around.
    """
    key = name.lower().replace("_", "").replace(" ", "")
    if key in _TITLE:
        is_part = key.startswith(("basepage", "rootpage", "subpage"))
        return title if not is_part else title.rpartition("/")[2 if key.startswith("subpage") else 0] or title
    if key in _SILENT_VARIABLES:
        return ""
    if key == "sitename":
        return "Wikipedia"
    if name.isupper() and _VOLATILE.fullmatch(key):
        raise NotUnderstood(name)
    return None


def without_prefixes(name: str) -> str:
    """Return a template's name without `subst:`, `Template:` and their like."""
    name = _SUBST.sub("", name.strip())
    prefix, colon, rest = name.partition(":")
    if colon and prefix.strip().lower() in template_prefixes():
        return rest.strip()
    return name.lstrip(":").strip() if name.startswith(":") else name


def parser_function(name: str) -> tuple[str, Callable[[Arguments], str]] | None:
    """Return (the first argument, the function) of `name:argument`, None where the name is no function's.

    Raises NotUnderstood for a function that needs more than the dump.
    """
    function, colon, rest = name.partition(":")
    key = function.strip().lower()
    key = _ALIASES.get(key, key)
    if not colon:
        return None
    if found := _FUNCTIONS.get(key):
        return rest, found
    if key.startswith("#") or key in ("int", "special", "pagesincategory", "pagesize", "numberofarticles"):
        raise NotUnderstood(key)
    if _VOLATILE.fullmatch(key) and function.isupper():
        raise NotUnderstood(key)
    return None
