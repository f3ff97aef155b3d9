"""Markup put together from parts by a seed: what holds the lines, what numbers them, what else stands about.

No program writes all of these. They ask whether code is told by what it is: each has at least one sign that
it is code (an element, a name, a font, numbers that count up), whatever its other names say.
"""

from __future__ import annotations

import random

from tests.extract.code_markup import Markup

_TOKENS = (
    '<span class="k">{t}</span>', '<span style="color:#00f">{t}</span>', "<b>{t}</b>", "<em>{t}</em>", '<font color="#0000ff">{t}</font>',
    '<span class="_x9"><span class="_y">{t}</span></span>', "<c- k>{t}</c->", '<a class="ref" href="/s?q={t}">{t}</a>', "{t}",
)  # fmt: skip
_TOOLS = (
    "", '<button type="button">Copy</button>', '<div class="q1"><span>python</span><button aria-label="Copy"><svg></svg></button></div>',
    '<a class="raw" href="/raw/1">view raw</a>', '<div role="toolbar"><a href="javascript:void(0)">Select all</a></div>',
)  # fmt: skip
_MARKS = (
    "", "", "", '<span role="tooltip">This was changed in March, when the reader was made anew.</span>', "<button>+</button>",
    '<span class="fold-icon" style="user-select:none">▾</span>', '<div class="popover" hidden>A note on this line.</div>',
)  # fmt: skip
_NUMBERS = (
    "<span{k}>{n}</span>", '<a{k} href="#L{n}">{n}</a>', '<a{k} id="l{n}" href="#l{n}">{n}.</a>', "<i{k}>{n}</i>", "<b{k}>{n}:</b>",
    '<span{k} data-line="{n}"></span>', '<span{k} aria-hidden="true">{n}</span>', "<div{k}>{n}</div>", "<sup{k}>{n}</sup>", "<small{k}>{n:3d} </small>",
)  # fmt: skip
_ROWS = (
    ("div", "div"), ("ol", "li"), ("ul", "li"), ("section", "p"), ("div", "span"), ("div", "p"), ("figure", "div"), ("my-view", "my-row"),
)  # fmt: skip
_NAMED = ("code-view", "source-lines", "codeBlock", "listing-body", "syntax-box", "snippet")
_UNNAMED = ("_a1", "box x7", "css-1q2w3e", "content-b", "sc-kdf jsx")
_FONT = "font-family:Consolas,'Courier New',monospace"


def made(seed: int) -> Markup:
    """Return the markup of a seed."""
    mix = random.Random(seed)
    kind = mix.choice(("pre", "pre", "rows", "rows", "table", "table", "breaks", "column"))
    token, tools, mark = mix.choice(_TOKENS), mix.choice(_TOOLS), mix.choice(_MARKS)
    return {
        "pre": _in_pre,
        "rows": _in_rows,
        "table": _in_table,
        "breaks": _in_breaks,
        "column": _beside_column,
    }[kind](mix, token, tools, mark)


def _name(mix: random.Random, named: bool) -> str:
    return f' class="{mix.choice(_NAMED if named else _UNNAMED)}"'


def _number(mix: random.Random) -> str:
    name = mix.choice(("", ' class="ln"', ' class="_n"', ' class="line-number"', ' style="user-select:none"'))
    return mix.choice(_NUMBERS).replace("{k}", name)


def _in_pre(mix: random.Random, token: str, tools: str, mark: str) -> Markup:
    inner = mix.choice(("", "<code>", "<code><span>", "<div>"))
    closing = "".join(f"</{tag}>" for tag in reversed(inner.replace("<", "").split(">")) if tag)
    line, between = mix.choice((
        ("{c}", "\n"), ("<span>{c}</span>", "\n"), ('<span class="line">{c}</span>', "\n"), ("<div>{c}</div>", ""),
        ('<div class="_r">{c}</div>', ""), ("{c}", "<br>"), ("{c}", "<br>\n"), ("<code>{c}</code>", "\n"), ('<span style="display:block">{c}</span>', ""),
        ("<span>{c}\n</span>", ""),
    ))  # fmt: skip
    if mix.random() < 0.5:
        line = line.replace("{c}", _number(mix).replace("div", "span") + mix.choice(("", " ")) + "{c}")
    if mark and "\n" not in line:
        line = line.replace("{c}", "{c}{x}")
    outside = mix.random() < 0.5
    return Markup(
        before=f"<div>{tools if outside else ''}<pre{_name(mix, mix.random() < 0.5)}>{'' if outside else tools}{inner}", line=line, between=between,
        blank=mix.choice(("", " ", "&#8203;")) if between or "\n" in line else mix.choice(("\n", "<br>", " ")), after=f"{closing}</pre></div>", token=token, mark=mark,
    )  # fmt: skip


def _in_rows(mix: random.Random, token: str, tools: str, mark: str) -> Markup:
    around, row = mix.choice(_ROWS)
    numbered = mix.random() < 0.7
    sign = mix.choice(
        ("name", "code", "font", "row name") if not numbered else ("name", "code", "font", "none")
    )
    code = {"code": "<code>{c}</code>", "font": f'<span style="{_FONT}">{{c}}</span>'}.get(
        sign, "<span>{c}</span>" if numbered else "{c}"
    )
    keeps = mix.random() < 0.3
    style = ";white-space:pre" if keeps else ""
    code = code if keeps else code.replace("{c}", "{nb}")
    name = _name(mix, sign == "name")
    if keeps:
        name += f' style="{style[1:]}"'
    row_name = ' class="code-line"' if sign == "row name" else _name(mix, False)
    if row == "span":
        row_name += ' style="display:block"'
    between = "" if keeps else mix.choice(("", "\n", "\n    "))
    line = f"<{row}{row_name}>{_number(mix) if numbered else ''}{code}{{x}}</{row}>"
    return Markup(
        before=f"<div>{tools}<{around}{name}>", line=line, between=between, blank=mix.choice(("&nbsp;", "<br>", "", "&#8203;")), after=f"</{around}></div>",
        token=token, mark=mark,
    )  # fmt: skip


def _in_table(mix: random.Random, token: str, tools: str, mark: str) -> Markup:
    code = mix.choice(
        (
            "{nb}",
            "<code>{nb}</code>",
            "<pre>{c}</pre>",
            "<span>{nb}</span>",
            "<div>{nb}</div>",
            "{nbsp}",
            "<tt>{nb}</tt>",
        )
    )
    number = mix.choice(
        (
            "{n}",
            '<a href="#L{n}">{n}</a>',
            '<span id="L{n}">{n}</span>',
            '<div data-n="{n}"></div>',
            "{n}.",
            "<code>{n}</code>",
        )
    )
    others = mix.choice(
        ("", "", "<td></td>", "<td>ada</td>", "<td>&nbsp;</td>", "<td><button>+</button></td>")
    )
    behind = mix.choice(("", "", "", "<td></td>", "<td>7x</td>"))
    cell = mix.choice(("td", "td", "th"))
    head = mix.choice(("", "", "<thead><tr><th>a.c</th></tr></thead>"))
    token = token if "nbsp" not in code or "href" not in token else "{t}"
    return Markup(
        before=f"<div>{tools}<table{_name(mix, mix.random() < 0.4)}>{head}<tbody>", line=f"<tr>{others}<{cell}>{number}</{cell}><td{_name(mix, False)}>{code}{{x}}</td>{behind}</tr>",
        between=mix.choice(("", "\n")), blank=mix.choice(("&nbsp;", "<br>", "")), after="</tbody></table></div>", token=token, mark=mark,
    )  # fmt: skip


def _in_breaks(mix: random.Random, token: str, tools: str, mark: str) -> Markup:
    opening, closing = mix.choice((
        (f'<div style="{_FONT}">', "</div>"), ("<code>", "</code>"), ("<p><tt>", "</tt></p>"), (f'<blockquote><p style="{_FONT}">', "</p></blockquote>"),
        ('<div class="code">', "</div>"), ('<p><font face="Courier New" size="2">', "</font></p>"), ("<p><code>", "</code></p>"), ('<td-box class="source-code">', "</td-box>"),
    ))  # fmt: skip
    line = mix.choice(("{nb}", "{alternating}", "{nbsp}", "<span>{nb}</span>"))
    token = token if "nbsp" not in line or "href" not in token else "{t}"
    numbered = mix.random() < 0.3
    return Markup(
        before=tools + opening, line=(_number(mix).replace("div", "span") + "&nbsp;" if numbered else "") + line, between=mix.choice(("<br>", "<br />\n", "\n<br/>")), after=closing, token=token,
    )  # fmt: skip


def _beside_column(mix: random.Random, token: str, tools: str, mark: str) -> Markup:
    number, apart = mix.choice(
        (
            ("{n}", "\n"),
            ("<span>{n}</span>", "\n"),
            ("<div>{n}</div>", ""),
            ("{n}.", "<br>"),
            ('<a href="#n{n}">{n}</a>', "\n"),
            ("<li>{n}</li>", ""),
        )
    )
    line, between = mix.choice(
        (("{c}", "\n"), ("<div>{c}</div>", ""), ("<span>{c}\n</span>", ""), ("<p>{nb}</p>", ""))
    )
    column = "ol" if number.startswith("<li") else mix.choice(("div", "pre", "span"))
    keeps = "{nb}" not in line
    body = mix.choice(("pre", "pre", "div")) if keeps else "div"
    style = ' style="white-space:pre"' if keeps and body == "div" else ""
    if line.startswith("<p"):
        body = "div"
    behind = mix.random() < 0.2
    numbers = f"<{column}{_name(mix, False)}>{{numbers}}</{column}>"
    code = f"<{body}{_name(mix, mix.random() < 0.5)}{style}>", f"</{body}>"
    return Markup(
        before=f"<div>{tools}{'' if behind else numbers}{code[0]}", number=number, numbers_between=apart, line=line, between=between, blank=mix.choice(("<br>", "\n") if line[1:4] in ("div", "p>{") else ("", " ")),
        after=f"{code[1]}{numbers if behind else ''}</div>", token=token,
    )  # fmt: skip
