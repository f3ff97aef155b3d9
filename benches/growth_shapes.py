"""Shapes of text that have made parsers slow, at any size, and the records and files that carry them.

Harmless: repeated marks, deep nesting, unclosed anything. Each shape is a pure function of its size.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from corpusforge.document import Document, Markup, SourceKind

_TAGS = (
    "a b p div span sup sub li ul ol table tr td pre code blockquote h1 math mrow mi msup svg script".split()
)
_TAGS += "style font dl dt dd details form nav section article button select option template noscript".split()
PAIRS: tuple[tuple[str, str], ...] = (
    *((f"<{tag}>", f"</{tag}>") for tag in _TAGS),
    ("<ref>", "</ref>"), ("<nowiki>", "</nowiki>"), ("<!--", "-->"), ("<![CDATA[", "]]>"), ("[[", "]]"),
    ("{{", "}}"), ("{{{", "}}}"), ("{|\n|", "\n|}"), ("[", "]"), ("(", ")"), ("{", "}"), ("{{a|b=", "}}"),
    ("{{#if:x|", "}}"), ("[[File:a.png|", "]]"), ("[http://a.b ", "]"), ("![", "](a)"), ("[x](", ")"),
    ("''", "''"), ("'''", "'''"), ("*", "*"), ("**", "**"), ("_", "_"), ("~~", "~~"), ("$", "$"),
    ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\\begin{a}", "\\end{a}"),
    ("\\begin{equation}", "\\end{equation}"), ("\\frac{", "}"), ("\\left(", "\\right)"), ("x^{", "}"),
    ("`", "`"), ("``", "``"), ("```\n", "\n```\n"), ("~~~\n", "\n~~~\n"), ("“", "”"), ("/*", "*/"),
    ('"""', '"""'), ("-LANG{", "}-"),
)  # fmt: skip
"""What opens and what closes it."""

TOKENS: tuple[str, ...] = (
    "*** START OF THE PROJECT GUTENBERG EBOOK A ***", "*** END OF THE PROJECT GUTENBERG EBOOK A ***",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS", "End of Project Gutenberg's A", "Title: A",
    "Produced by A B", "Transcriber's Note: corrected", "[Transcriber's Note: in the original]", "[Pg 12]",
    "{12}", "- 12 -", "CHAPTER I", "[Illustration]", "* * *", "&amp;", "&nbsp;", "&#x41;", "&", "<", ">",
    "</", "<a ", '<a href="', "<a b=c", "< ", "> ", "> > ", "# ", "## A", "A\n=", "A\n-", "- ", "- [ ] ",
    "* ", "** ", "*** ", "1. ", ": ", ":: ", "; ", "| ", "|-", "||", "| a | b |", "|---|", "!! ", "|}",
    "{|", "---", "***", "___", "===", "== A ==", "= = ", "[1] ", "[^1]", "[^1]: a", "[a]: http://b.c",
    "[a][b]", "![a](b.png)", "[a](b)", "[!", "![", "](", "]:", "](http://", "[[a|b", "[[Category:A]]",
    "[[:a:b", "{{a|", "{{cite web|url=a|title=b}}", "{{{1|", "<ref name=a />", "<references/>", "__TOC__",
    "http://a.b/c ", "http://", "www.", "a@b.c ", "a@", "@", "@a.", "1.2.3.4 ", "+1 (555) 010-0199 ",
    "555-0199 ", "4111 ", "1-", "DE", "AKIA", "-----BEGIN RSA PRIVATE KEY-----", "password=", "token: ",
    "eyJ", "0123456789abcdef", "data:image/png;base64,iVBORw0KGgo=", "![a](data:image/png;base64,AAAA)",
    "$x$ ", "$ ", "\\$", "\\", "\\\\", "\\a", "\\a{b}", "\\begin{", "\\end{", "\\frac", "\\(", "\\[", "^",
    "_", "x_", "x^", "^{", "_{", "%", "%a\n", "\\item a", "\\section{A}", "&=", "\\\\ &", "{", "}", "(",
    ")", "[", "]", '"', "'", "''", "'''", "`", "``", "```", "`a` ", "``a`` ", "~~~", "*a* ", "*a", "**a",
    "_a_ ", "~", "\x1b[31m", "\x1b]0;", "50%|####  | 1/2 [00:01<00:01]\r", "Epoch 1/2\r", "a\r", "\r",
    "\r\n", "\t", "\x0b", "\x0c", "\xa0", "\u200b", "\u2028", "\xad", "\ufeff", "\x00", "é", "́", "é ",
    "Ã©", "â€™", "ï¿½", "中", "中文，", "あ", "한국어 ", "ا", "ก", "x", "A", "7", "ab ", "The cat sat. ",
    "the the ", "A. ", "a.b.", "a-b-", "a/b/", "a\\b\\", "a:b ", "a,b\t", "a=b;", "x+", "!", "?", ".",
    "...", ",", ";", ":", "::", "-", "--", "_ ", "/", "//", "/* ", "*/", "# a", "#", "#!", "#if 1\n",
    "// a", '"a" ', "'a' ", '"""', "'''", "if x:\n ", "def f():\n ", "{}", "();", "=>", "->", "<<A\n",
    "=begin\n", ".. a::", ".. code::\n\n a\n", "   .. note:: a", ":a:`b`", "`a`_", "|a|", ".. [1] a",
    ".. _a: b", "`a <b>`__", "a\n~", "In [1]: a", ">>> a", "$ a", "<br>", "<br/>", "<hr>", "<img src=a>",
    '<img alt="a">', "<p>a", "<li>a", "<td>a", "<input>", "<a href=b>a</a>", "<p>a</p>", "<b>a</b> ",
    "<sup>2</sup>", "<sub>2</sub>", "<i>x</i><sup>2</sup>", "<math><mi>x</mi></math>", "<code>a</code>",
    "<pre>a</pre>", "<pre><code>a</code></pre>", "<table><tr><td>a</td></tr></table>", "<!-- a -->",
    "<!-- ", "<!", "<?", "<![CDATA[", "<script>", "<style>", "<textarea>", "<title>", "<plaintext",
    "<frameset>", '<meta charset="a">', '<span class="math">x</span>',
    '<div class="highlight"><pre>a</pre></div>', "<svg><g/></svg>",
    '<annotation encoding="application/x-tex">x</annotation>', "<mfrac><mi>a</mi><mi>b</mi></mfrac>",
    "<mtable><mtr/>", "[tex]", "[/tex]", "[math]x[/math]", "[code]", "[latex]", "All rights reserved",
    "Copyright (c) 2020", "lorem ipsum", "javascript", "cookie", "License", "Theorem 1. ", "Proof. ",
    "Q.E.D.", "import a", "#include <a>", "\n", "\n\n", "\n\n\n", " ", "  \n", " \n", "a\n", "a \\\n",
    "ab-\n", "a\n\n", "A\n\n", "    a\n", "\ta\n", "12\n", "12\n\n", "I\n\n", "a\x0c\n",
)  # fmt: skip
"""What is repeated: with nothing between, and one a line."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A text of about any number of bytes."""

    name: str
    make: Callable[[int], str]


def _n(size: int, piece: str) -> int:
    return max(1, size // max(1, len(piece.encode())))


def shapes() -> list[Shape]:
    """Return all shapes, in order."""
    found: list[Shape] = []
    for piece in TOKENS:
        found.append(Shape(f"{piece!r} run", lambda size, p=piece: p * _n(size, p)))
        if not piece.endswith("\n"):
            found.append(Shape(f"{piece!r} lines", lambda size, p=piece: f"{p}\n" * _n(size, f"{p}\n")))
    for piece in ("&amp;", "\\", "`", "[", "{{", "<b>", "$", "*", "\r", "[[a", "<!--", "http://a.b "):
        found.append(
            Shape(f"{piece!r} paragraphs", lambda size, p=piece: f"{p} a b\n\n" * _n(size, f"{p} a b\n\n"))
        )
    for opening, closing in PAIRS:
        found.append(Shape(f"{opening!r} nested", lambda size, o=opening, c=closing: _nested(size, o, c)))
        found.append(Shape(f"{opening!r} unclosed", lambda size, o=opening: f"{o}a " * _n(size, f"{o}a ")))
        found.append(Shape(f"{closing!r} unopened", lambda size, c=closing: f"a{c}" * _n(size, f"a{c}")))
        found.append(
            Shape(
                f"{opening!r} one, never closed", lambda size, o=opening: o + "word \n" * _n(size, "word \n")
            )
        )
        found.append(
            Shape(f"{opening!r} side by side", lambda size, o=opening, c=closing: _pairs(size, o, c))
        )
    found += [
        Shape("huge attribute", lambda size: f'<p class="{"a " * (size // 2)}">text</p>'),
        Shape(
            "many attributes",
            lambda size: "<p " + " ".join(f"a{i}=b" for i in range(size // 8)) + ">text</p>",
        ),
        Shape("different words", lambda size: " ".join(f"w{i}" for i in range(size // 7))),
        Shape("different lines", lambda size: "\n".join(f"line {i} of text" for i in range(size // 18))),
        Shape("different headings", lambda size: "\n".join(f"## h{i}\n" for i in range(size // 9))),
        Shape(
            "different footnotes", lambda size: "\n".join(f"a[^{i}]\n\n[^{i}]: b" for i in range(size // 22))
        ),
        Shape("different links", lambda size: "\n".join(f"[a][{i}]\n\n[{i}]: b" for i in range(size // 22))),
        Shape("different ids", lambda size: "".join(f"<p id=a{i}>a</p>" for i in range(size // 20))),
        Shape(
            "growing indent", lambda size: "\n".join(" " * i + "- a" for i in range(int((2 * size) ** 0.5)))
        ),
        Shape(
            "growing quotes", lambda size: "\n".join(">" * i + " a" for i in range(int((2 * size) ** 0.5)))
        ),
        Shape("growing backticks", lambda size: " ".join("`" * i for i in range(int((2 * size) ** 0.5)))),
        Shape(
            "growing list marks",
            lambda size: "\n".join("*" * i + " a" for i in range(int((2 * size) ** 0.5))),
        ),
    ]
    return found


def _nested(size: int, opening: str, closing: str) -> str:
    depth = _n(size, opening + closing)
    return opening * depth + "a" + closing * depth


def _pairs(size: int, opening: str, closing: str) -> str:
    piece = f"{opening}a{closing} "
    return piece * _n(size, piece)


# --- what carries a shape to an extractor


def _document(markup: Markup, raw: str | bytes, **fields: object) -> Document:
    fields = {"source_kind": SourceKind.GITHUB, **fields}
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    return Document(doc_id="0" * 32, source="s", locator="l", markup=markup, raw=data, **fields)  # type: ignore[arg-type]


def _notebook(*cells: dict[str, object]) -> Document:
    value = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"language": "python"}},
        "cells": cells,
    }
    return _document(Markup.NOTEBOOK, json.dumps(value), source_kind=SourceKind.NOTEBOOKS, path="a.ipynb")


def _output(**output: object) -> Document:
    return _notebook({"cell_type": "code", "source": "f()", "metadata": {}, "outputs": [output]})


def _epub(text: str) -> Document:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="p.opf"/></container>')
        archive.writestr(
            "p.opf",
            '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        )
        archive.writestr("a.xhtml", f"<html><body>{text}</body></html>")
    return _document(Markup.EPUB, data.getvalue(), source_kind=SourceKind.BOOKS)


def _file(path: str) -> Callable[[str], Document]:
    return lambda text: _document(Markup.SOURCE, text, path=path, repo="a/b")


CARRIERS: dict[str, Callable[[str], Document]] = {
    "page": lambda text: _document(
        Markup.HTML, f"<html><body><p>Some words.</p>{text}</body></html>", source_kind=SourceKind.WARC
    ),
    "page, escaped": lambda text: _document(
        Markup.HTML, f"<html><body><p>{escape(text)}</p></body></html>", source_kind=SourceKind.WARC
    ),
    "page, in pre": lambda text: _document(
        Markup.HTML, f"<html><body><pre>{escape(text)}</pre></body></html>", source_kind=SourceKind.WARC
    ),
    "page, in formulas": lambda text: _document(
        Markup.HTML,
        "<body><math><semantics><mi>x</mi><annotation encoding='application/x-tex'>"
        f"{escape(text)}</annotation></semantics></math>"
        f"<script type='math/tex'>{text}</script><math>{text}</math></body>",
        source_kind=SourceKind.WARC,
    ),
    "page as text": lambda text: _document(Markup.TEXT, text, source_kind=SourceKind.WARC),
    "wiki page": lambda text: _document(Markup.WIKITEXT, text, source_kind=SourceKind.MEDIAWIKI),
    "wiki HTML": lambda text: _document(Markup.HTML, text, source_kind=SourceKind.MEDIAWIKI),
    "question": lambda text: _document(
        Markup.QA,
        json.dumps({"title": text, "question": {"html": text}, "answers": [{"html": escape(text)}]}),
    ),
    "book text": lambda text: _document(Markup.BOOK_TEXT, text, source_kind=SourceKind.BOOKS),
    "Gutenberg text": lambda text: _document(
        Markup.BOOK_TEXT,
        f"The Project Gutenberg EBook of A\n\nTitle: A\n\n{text}",
        source_kind=SourceKind.BOOKS,
    ),
    "book page": lambda text: _document(
        Markup.XHTML_BOOK, f"<html><body>{text}</body></html>", source_kind=SourceKind.BOOKS
    ),
    "EPUB": _epub,
    "notebook text": lambda text: _notebook({"cell_type": "markdown", "source": text, "metadata": {}}),
    "notebook code": lambda text: _notebook(
        {"cell_type": "code", "source": text, "outputs": [], "metadata": {}}
    ),
    "notebook stream": lambda text: _output(output_type="stream", name="stdout", text=text),
    "notebook HTML": lambda text: _output(output_type="display_data", data={"text/html": text}),
    "notebook table": lambda text: _output(
        output_type="display_data",
        data={"text/html": f"<table><tr><td>{text}</td></tr></table>", "text/plain": text},
    ),
    "notebook traceback": lambda text: _output(output_type="error", ename="E", evalue=text, traceback=[text]),
    "damaged notebook": lambda text: _document(
        Markup.NOTEBOOK, '{"cells": [' + text, source_kind=SourceKind.NOTEBOOKS, path="a.ipynb"
    ),
    "Markdown": _file("a.md"),
    "Quarto": _file("a.qmd"),
    "reST": _file("a.rst"),
    "TeX": _file("a.tex"),
    "text file": _file("a.txt"),
    "unknown file": _file("a"),
    "Python": _file("a.py"),
    "percent script": lambda text: _file("a.py")(f"# %% [markdown]\n# a\n# %%\nx = 1\n{text}"),
    "C": _file("a.c"),
    "text of any kind": lambda text: _document(Markup.TEXT, text, source_kind=SourceKind.JSONL),
}

# --- what carries a shape to a reader


def _warc(text: str) -> bytes:
    body = text.encode("utf-8", "replace")
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.b/\r\nContent-Length: {len(http)}"
    return head.encode() + b"\r\n\r\n" + http + b"\r\n\r\n"


def _warc_head(text: str) -> bytes:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.b/\r\n"
    return head + text.encode("utf-8", "replace") + b"\r\n\r\n" + _warc("x" * 100)


def _wiki(text: str) -> bytes:
    page = (
        f"<page><title>A</title><ns>0</ns><id>1</id><revision><id>1</id><text>{text}</text></revision></page>"
    )
    return f"<mediawiki><siteinfo><base>http://a.b/wiki/A</base></siteinfo>{page}</mediawiki>".encode(
        "utf-8", "replace"
    )


def _posts(text: str) -> bytes:
    row = f'<row Id="1" PostTypeId="1" Body="{escape(text, True)}" Title="A" Tags="&lt;a&gt;" />'
    return f'<?xml version="1.0"?>\n<posts>\n{row}\n</posts>\n'.encode("utf-8", "replace")


def _tar(text: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name in ("a/LICENSE", "a/README.md", "a/b.py"):
            info = tarfile.TarInfo(name)
            body = text.encode("utf-8", "replace")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return data.getvalue()


def _zip(text: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("a/LICENSE", "a/README.md", "a/b.py"):
            archive.writestr(name, text)
    return data.getvalue()


def _json(text: str) -> bytes:
    return json.dumps(text).encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


_MHTML = b"From: <a>\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
_NOTEBOOKS = SourceKind.NOTEBOOKS
_STACK = SourceKind.STACKEXCHANGE
FILES: dict[str, tuple[SourceKind, str, Callable[[str], bytes]]] = {
    "WARC": (SourceKind.WARC, "a.warc", _warc),
    "WARC, header": (SourceKind.WARC, "a.warc", _warc_head),
    "WARC, gzip": (SourceKind.WARC, "a.warc.gz", lambda text: gzip.compress(_warc(text))),
    "WARC, damaged": (SourceKind.WARC, "a.warc", lambda text: _warc("x" * 100) + _bytes(text)),
    "MHTML": (SourceKind.WARC, "a.mhtml", lambda text: _MHTML + _bytes(text) + b"\n--b--\n"),
    "MediaWiki": (SourceKind.MEDIAWIKI, "a.xml", _wiki),
    "MediaWiki, raw": (SourceKind.MEDIAWIKI, "a.xml", lambda text: b"<mediawiki><page>" + _bytes(text)),
    "MediaWiki, bzip2": (SourceKind.MEDIAWIKI, "a.xml.bz2", lambda text: bz2.compress(_wiki(text))),
    "Stack Exchange": (SourceKind.STACKEXCHANGE, "Posts.xml", _posts),
    "Stack Exchange, raw": (_STACK, "Posts.xml", lambda text: b"<posts>\n <row " + _bytes(text)),
    "JSONL": (SourceKind.JSONL, "a.jsonl", lambda text: b'{"text": ' + json.dumps(text).encode() + b"}\n"),
    "JSONL, raw": (SourceKind.JSONL, "a.jsonl", lambda text: b'{"text": "a b"}\n' + _bytes(text)),
    "notebooks": (_NOTEBOOKS, "a.ipynb", lambda text: b'{"cells": [{"source": %b}]}' % _json(text)),
    "notebook lines": (SourceKind.NOTEBOOKS, "a.jsonl", lambda text: b'{"cells": []}\n' + _bytes(text)),
    "book": (SourceKind.BOOKS, "a.txt", _bytes),
    "book page": (SourceKind.BOOKS, "a.html", lambda text: b"<html><body>" + _bytes(text)),
    "repository tar": (SourceKind.GITHUB, "a.tar", _tar),
    "repository zip": (SourceKind.GITHUB, "a.zip", _zip),
    "file of any kind": (SourceKind.GITHUB, "a.md", _bytes),
}  # fmt: skip
