"""The demo's web crawl: WARC files as a crawler writes them, whole and damaged."""

from __future__ import annotations

import html
import uuid
import zlib
from pathlib import Path
from random import Random

import languages
import maths
import programs
import prose
import surveys

_NAVIGATION = '<nav><ul><li><a href="/">Home</a></li><li><a href="/archive">Archive</a></li><li><a href="/about">About</a></li></ul></nav>'
_FOOTER = '<footer><p>All pages of this site are invented. <a href="/imprint">Imprint</a> | <a href="/rss">RSS</a></p></footer>'


def page(title: str, body: str, *, language: str = "en", charset: str = "utf-8") -> bytes:
    """Return an HTML page with the furniture that pages have."""
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="{charset}"><title>{html.escape(title)}</title>'
        f"<script>window.dataLayer = [];</script></head><body>{_NAVIGATION}"
        f"<main><article><h1>{html.escape(title)}</h1>\n{body}\n</article></main>"
        f'<aside><h3>Recent entries</h3><ul><li><a href="/1">One</a></li></ul></aside>{_FOOTER}</body></html>\n'
    )
    return text.encode(charset, "xmlcharrefreplace")


def paragraphs(texts: list[str]) -> str:
    """Return texts as HTML paragraphs."""
    return "\n".join(f"<p>{html.escape(text)}</p>" for text in texts)


def lesson_page(random: Random, style: str) -> tuple[str, bytes]:
    """Return the title and the bytes of a page of mathematics."""
    title, passages = maths.lesson(random)
    return title, page(title, maths.as_html(passages, style))


def survey_page(random: Random, style: str) -> tuple[str, bytes]:
    """Return the title and the bytes of a page about mathematics."""
    title, passages = surveys.survey(random)
    return title, page(title, maths.as_html(passages, style))


def tutorial_page(random: Random) -> tuple[str, bytes]:
    """Return the title and the bytes of a page that explains a program."""
    title, sections = programs.tutorial(random)
    parts = [
        f'<p>{html.escape(text)}</p>\n<pre><code class="language-python">{html.escape(code)}</code></pre>'
        for text, code in sections
    ]
    return title, page(title, "\n".join(parts))


class Crawl:
    """Records of a WARC file, each a gzip member, in the order in which they are added."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.members: list[bytes] = []
        self._add(
            "warcinfo",
            {"Content-Type": "application/warc-fields"},
            b"software: demo\r\nformat: WARC File Format 1.0\r\n",
        )

    def _add(self, kind: str, fields: dict[str, str], block: bytes) -> None:
        identity = uuid.UUID(int=self._random.getrandbits(128), version=4)
        lines = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{identity}>",
            "WARC-Date": f"2026-03-{1 + len(self.members) % 28:02d}T08:00:00Z",
            **fields,
            "Content-Length": str(len(block)),
        }
        head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        self.members.append(zlib.compress(head.encode() + block + b"\r\n\r\n", 9, wbits=31))

    def response(self, url: str, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """Add a response with its HTTP head."""
        fields = {
            "Content-Type": "text/html; charset=utf-8",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        head = (
            f"HTTP/1.1 {status}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            + "\r\n"
        )
        self._add(
            "response",
            {"WARC-Target-URI": url, "Content-Type": "application/http; msgtype=response"},
            head.encode() + body,
        )

    def request(self, url: str) -> None:
        """Add the request that a crawler keeps beside the response."""
        block = f"GET / HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n".encode()
        self._add(
            "request", {"WARC-Target-URI": url, "Content-Type": "application/http; msgtype=request"}, block
        )

    def revisit(self, url: str) -> None:
        """Add a record that says: the same as before."""
        profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
        self._add("revisit", {"WARC-Target-URI": url, "WARC-Profile": profile}, b"HTTP/1.1 200 OK\r\n\r\n")

    def write(self, path: Path, damage: int | None = None) -> None:
        """Write the file; `damage` overwrites the middle of that member."""
        members = list(self.members)
        if damage is not None:
            whole = members[damage]
            middle = len(whole) // 2
            members[damage] = whole[:middle] + b"\xff" * 24 + whole[middle + 24 :]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(members))


def _chunked(body: bytes) -> bytes:
    out = [
        b"%x\r\n%s\r\n" % (len(body[at : at + 512]), body[at : at + 512]) for at in range(0, len(body), 512)
    ]
    return b"".join(out) + b"0\r\n\r\n"


def _articles(random: Random, crawl: Crawl, count: int) -> list[tuple[str, list[str]]]:
    written = []
    for number in range(count):
        title, texts = prose.article(random, random.randint(4, 7))
        if number % 10 == 0:
            # A number of the range that is kept for fiction: the privacy filter has something to do.
            texts[-1] += f" Questions go to +44 20 7946 0{number:03d} before the end of the month."
        url = f"http://journal{number % 7}.example.org/{number:04d}"
        crawl.request(url)
        crawl.response(url, page(title, paragraphs(texts)))
        written.append((title, texts))
    return written


def _repeated(random: Random, crawl: Crawl, written: list[tuple[str, list[str]]]) -> None:
    """Add exact copies under other addresses, and copies with a sentence more."""
    for number, (title, texts) in enumerate(random.sample(written, 12)):
        if number % 2:
            texts = [*texts, "Reprinted here with small corrections."]
        crawl.response(f"http://mirror{number}.example.net/copy", page(title, paragraphs(texts)))


def _transport(random: Random, crawl: Crawl) -> None:
    """Add bodies as they come over the wire, and answers that hold no document."""
    title, texts = prose.article(random)
    body = page(title, paragraphs(texts))
    crawl.response("http://wire.example.org/gzip", zlib.compress(body, 9, wbits=31), Content_Encoding="gzip")
    title, texts = prose.article(random)
    body = page(title, paragraphs(texts))
    crawl.response("http://wire.example.org/chunked", _chunked(body), Transfer_Encoding="chunked")
    title, texts = languages.article(random, "fr")
    body = page(title, paragraphs(texts), language="fr", charset="iso-8859-1")
    crawl.response("http://wire.example.org/latin1", body, Content_Type="text/html; charset=iso-8859-1")
    crawl.response(
        "http://wire.example.org/moved", b"", "301 Moved Permanently", Location="http://wire.example.org/gzip"
    )
    crawl.response(
        "http://wire.example.org/missing", page("Not found", "<p>There is nothing here.</p>"), "404 Not Found"
    )
    crawl.response("http://wire.example.org/dot.gif", b"GIF89a" + bytes(30), Content_Type="image/gif")
    crawl.response("http://wire.example.org/short", page("Soon", "<p>Coming soon.</p>"))
    crawl.revisit("http://journal0.example.org/0000")


def write_web(folder: Path, random: Random, scale: int) -> None:
    """Write the crawl: one sound file and one with a damaged record."""
    crawl = Crawl(random)
    written = _articles(random, crawl, 60 * scale)
    _repeated(random, crawl, written)
    for number in range(24 * scale):
        _, body = lesson_page(random, maths.STYLES[number % len(maths.STYLES)])
        crawl.response(f"http://mathematics.example.edu/lesson/{number}", body)
    for number in range(12 * scale):
        _, body = survey_page(random, maths.STYLES[number % len(maths.STYLES)])
        crawl.response(f"http://mathematics.example.edu/survey/{number}", body)
    for number in range(16 * scale):
        _, body = tutorial_page(random)
        crawl.response(f"http://learn.example.dev/{number}", body)
    for language in languages.LANGUAGES:
        for number in range(4 * scale):
            title, texts = languages.article(random, language)
            crawl.response(
                f"http://{language}.example.org/{number}", page(title, paragraphs(texts), language=language)
            )
    _transport(random, crawl)
    crawl.write(folder / "demo-00000.warc.gz")

    damaged = Crawl(random)
    _articles(random, damaged, 6)
    damaged.write(folder / "demo-00001.warc.gz", damage=6)
