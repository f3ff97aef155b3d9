"""Small pieces of the pages: the frame, links, form fields, facts. Whatever is shown is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape as escape_plain
from urllib.parse import quote, urlencode

from corpusforge.printable import visible
from corpusforge.report.html import count, escape, size, table, tile
from corpusforge.report.plots import colour_class

__all__ = [
    "block", "chip", "count", "escape", "facts", "field", "figure", "link", "message", "page", "path_of",
    "select", "size", "table", "tile",
]  # fmt: skip

VIEWS = (
    ("/", "Overview"),
    ("/documents", "Documents"),
    ("/drops", "Drops"),
    ("/quarantine", "Quarantine"),
    ("/clusters", "Clusters"),
    ("/plans", "Plans"),
    ("/snapshots", "Snapshots"),
    ("/reading", "Reading"),
)


def page(title: str, body: str, *, active: str, corpus: str, snapshot: str) -> str:
    """Return a whole page; `active` is the path of the view that it belongs to."""
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == active else ""}>{name}</a>' for path, name in VIEWS
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {escape(corpus)}</title>"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/static/view.css"><script src="/static/view.js" defer></script></head>'
        f'<body data-view="{active}"><a class="skip" href="#main">Skip to the page</a>'
        f'<header class="top"><div><a class="name" href="/">{escape(corpus)}</a>'
        f'<span class="soft" title="snapshot {escape(snapshot)}">snapshot <code>{escape(snapshot[:8])}</code></span>'
        f'</div><nav aria-label="Views">{links}<a href="/help" class="keys" title="Help and keys: ?">?</a></nav>'
        f'</header>\n<main id="main">{body}</main></body></html>\n'
    )


def path_of(*pieces: str) -> str:
    """Return a path of this server; every piece is quoted."""
    return "/" + "/".join(quote(piece, safe="") for piece in pieces)


def link(path: str, label: str, pairs: Sequence[tuple[str, str]] = (), attributes: str = "") -> str:
    """Return a link to a path of this server, with the pairs of its address."""
    address = path + ("?" + urlencode(pairs) if pairs else "")
    return f'<a href="{escape_plain(address)}"{" " + attributes if attributes else ""}>{escape(label)}</a>'


def chip(key: str) -> str:
    """Return the name of a domain (`math/scaffold`) beside its colour."""
    return f'<span class="chip"><svg width="9" height="9" aria-hidden="true"><rect class="{colour_class(key)}" width="9" height="9" rx="2"/></svg> {escape(key)}</span>'


def block(text: str) -> str:
    """Return a text as it is, line by line, what hides in it written out."""
    return f'<pre class="raw">{escape_plain(visible(text, keep=chr(10) + chr(9)))}</pre>'


def facts(pairs: Mapping[str, str]) -> str:
    """Return names with values that are HTML already, one below the other; empty values are left out."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs.items() if value)
    return f'<dl class="facts">{rows}</dl>'


def figure(value: object) -> str:
    """Return a number in few digits, empty for None."""
    if value is None:
        return ""
    return (
        f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)
    )


def field(
    name: str, label: str, value: str, *, kind: str = "text", options: Iterable[str] = (), more: str = ""
) -> str:
    """Return a labelled input; `options` are suggested as one types."""
    names = list(options)
    listed = f' list="of-{name}"' if names else ""
    suggestions = "".join(f'<option value="{escape(one)}"></option>' for one in names)
    data = f'<datalist id="of-{name}">{suggestions}</datalist>' if names else ""
    numeric = ' inputmode="decimal"' if kind == "number" else ""
    return (
        f'<label for="f-{name}">{escape(label)}</label><input id="f-{name}" name="{name}" type="'
        f'{"search" if kind == "search" else "text"}" value="{escape(value)}"{numeric}{listed} '
        f'autocomplete="off" spellcheck="false"{" " + more if more else ""}>{data}'
    )


def select(name: str, label: str, value: str, options: Sequence[tuple[str, str]]) -> str:
    """Return a labelled choice among (value, shown)."""
    rows = "".join(
        f'<option value="{escape(one)}"{" selected" if one == value else ""}>{escape(shown)}</option>'
        for one, shown in options
    )
    return f'<label for="f-{name}">{escape(label)}</label><select id="f-{name}" name="{name}">{rows}</select>'


def message(text: str, kind: str = "note") -> str:
    """Return a line for the reader: a note, or a fault."""
    role = ' role="alert"' if kind == "fault" else ""
    return f'<p class="{kind}"{role}>{escape(text)}</p>'
