"""A page's visible words without a tree, roughly: enough to guess its language before it is parsed."""

from __future__ import annotations

import html
import re

from corpusforge.document import Document, Markup
from corpusforge.extract.encoding.charset import decode_html

_BYTES = 48 << 10
_HEAD_BYTES = 1024
_END_OF_HEAD = b"--></script></style></title></head>"
_UNSEEN = re.compile(
    r"<(script|style|head|nav|header|footer|pre|code|math|svg|noscript|template|select)\b.*?(?:</\1\s*>|\Z)"
    r"|<!--.*?(?:-->|\Z)",
    re.I | re.S,
)
_TAG = re.compile(r"<[^<>]{0,4000}>")
_PARAGRAPH = re.compile(r"<(?:p|li|td|blockquote|h[1-6]|div)\b[^<>]{0,4000}>", re.I)
_MIN_PARAGRAPH_CHARS = 60


def preview(document: Document) -> str:
    """Return the words of a web page's longer paragraphs, "" where it shows none.

    The first 48 KiB from <body> on are looked at; what is cut there does not count.
    """
    raw = document.raw or b""
    if document.markup is not Markup.HTML:
        return ""
    start = max(0, raw.find(b"<body"), raw.find(b"<BODY"))
    # A page's head names its charset; the piece from its body on shows the letters.
    piece = raw[:_HEAD_BYTES] + _END_OF_HEAD + raw[start : start + _BYTES]
    text, _ = decode_html(piece, document.charset)
    text = _UNSEEN.sub(" ", text)
    blocks = (" ".join(_TAG.sub(" ", block).split()) for block in _PARAGRAPH.split(text))
    return "\n".join(html.unescape(block) for block in blocks if len(block) >= _MIN_PARAGRAPH_CHARS)
