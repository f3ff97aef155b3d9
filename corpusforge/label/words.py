"""What the language model reads of a text: lower-case words, without figures and signs."""

from __future__ import annotations

import re

from corpusforge import unicode

# Everything in the common blocks that is no letter; the apostrophe stays, for it stands inside words.
_SIGNS = re.compile(
    "[\x00-&(-@\\[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf×÷\u02c2-\u02ff\u2000-\u206f\u2190-\u2bff"
    "\u3000-\u3004\u3008-\u303f\ufe00-\ufe0f\uff00-\uff20]+"
)
_ASCII_WORDS = "".join(_SIGNS.sub(" ", chr(point).lower()) for point in range(128)).encode() + bytes(128)
"""Of each byte of ASCII: a small letter or apostrophe, a blank for all others."""


def spread(words: str, max_chars: int) -> str:
    """Return every n-th word of a text of words, n the least that brings it near `max_chars`."""
    step = -(-len(words) // max_chars)
    return words if step <= 1 else " ".join(words.split(" ")[::step])


def words_only(text: str) -> str:
    """Return the words of a text in lower case, one space between them; NFC, one line."""
    text = text.replace("\u2019", "'")
    if text.isascii():
        text = text.encode().translate(_ASCII_WORDS).decode()
    else:
        text = _SIGNS.sub(" ", unicode.normalize("NFC", text).lower())
    return " ".join(text.replace("' ", " ").replace(" '", " ").split())
