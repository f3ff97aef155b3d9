"""Project Gutenberg's wrapping around a book: header, licence, credits, hard-wrapped lines.

The marks are those of the project's own editions: `*** START OF …` since 2000, the
`SMALL PRINT` block with `*END*` before that, and `End of Project Gutenberg's …`.
"""

from __future__ import annotations

import re

_START = re.compile(
    r"^[ \t]*(?:<\w+[^>\n]*>)?\*{2,3} ?START OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)[^\n]*"
    r"(?:\n[^\n*]{1,90}\*{3})?",
    re.M | re.I,
)
_END = re.compile(
    r"^[ \t]*(?:<\w+[^>\n]*>)?\*{2,3} ?END OF (?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)", re.M | re.I
)
_CHARSET = re.compile(rb"^Character set encoding:[ \t]*([A-Za-z0-9_-]{3,20})", re.M | re.I)
_OLD_START = re.compile(
    r"^\*+ ?END ?\*+ ?THE SMALL PRINT[^\n]*|^\*END\*[ \t]*THE SMALL PRINT[^\n]*"
    r"|^\*{3} ?END ?\*{2} ?THE SMALL PRINT[^\n]*"
    r"|^[^\n]{0,20}\*END THE SMALL PRINT![^\n]*",
    re.M | re.I,
)
_OLD_END = re.compile(
    r"^[ \t*]*(?:End of (?:The |this )?(?:Project Gutenberg|PG)['’]?s?\b"
    r"|The End of (?:the )?Project Gutenberg|End of this Etext"
    r"|\*{3}START\*{2}THE SMALL PRINT|\*\*\*START: FULL LICENSE)",
    re.M | re.I,
)
_CREDITS = re.compile(
    r"\A\s*(?:#{1,6} )?(?:(?:E-?text |This e-?text was |(?:Text|HTML) file )?"
    r"(?:Produced|Prepared|Transcribed|Scanned)(?: and \w+)? by"
    r"|E-text prepared by"
    r"|Note:\s+Project Gutenberg also has|This (?:file|e-?text|e-?book) was (?:produced|prepared)"
    r"|HTML version by|\[?Transcriber['’]s note"
    r"|\(?This file was produced from images)[^\n]*(?:\n[^\n]+)*\n\s*\n",
    re.I,
)
_FIELD = re.compile(
    r"^(?:<p>)?(Title|Author|Language|Release Date|Posting Date|Date|First Posted"
    r"|Character set encoding):[ \t]*([^\n<]+)",
    re.M,
)
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_FURNITURE = re.compile(
    r"^[ \t]*(?:\[(?:Pg|Page|p\.) ?[\divxlc]+\]|\{(?:Pg )?[\divxlc]+\}|\[Illustration\]"
    r"|-+ ?\d{1,4} ?-+)[ \t]*$",
    re.M | re.I,
)
_INLINE_PAGE = re.compile(r"[ \t]?(?:\[(?:Pg|Page) ?\d{1,4}\]|\{(?:Pg )?\d{1,4}\})")
_GAPS = re.compile(r"\S {3,}\S")
_HEAD_CHARS = 20_000
_MIN_WRAPPED_CHARS, _MAX_WRAPPED_CHARS, _MAX_INDENT = 40, 95, 3
_LAST_WORD = re.compile(r"(\w+)-$")
_FIRST_WORD = re.compile(r"\w+")


def unwrapped(text: str) -> tuple[str, dict[str, str], list[str]]:
    """Return (book, header fields, notes) of a text that may be a Project Gutenberg file."""
    start = _START.search(text) or _OLD_START.search(text)
    end = _END.search(text, start.end() if start else 0)
    early = _OLD_END.search(text, start.end() if start else 0)
    if start is None and (early is None or "gutenberg" not in text[:_HEAD_CHARS].lower()) and end is None:
        return text, {}, []
    head = text[: start.start()] if start else ""
    fields = {name: value.strip() for name, value in _FIELD.findall(head[:_HEAD_CHARS])}
    first = start.end() if start else 0
    ends = [match.start() for match in (end, early) if match is not None]
    last = min((at for at in ends if at > first + (len(text) - first) // 2), default=len(text))
    body = text[first:last].strip("\n") + "\n"
    body = without_credits(body)
    return body, fields, [f"Project Gutenberg header and licence removed: {len(text) - len(body)} characters"]


def without_credits(text: str) -> str:
    """Return text without the credits it begins with: who produced it, from what."""
    for _ in range(3):  # credits, transcriber's note, credits again
        text = _CREDITS.sub("", text.lstrip("\n"), count=1)
    return text


def named_charset(raw: bytes) -> str | None:
    """Return the charset that a Project Gutenberg header names."""
    match = _CHARSET.search(raw[:_HEAD_CHARS])
    return match[1].decode("ascii") if match else None


def year_of(fields: dict[str, str]) -> str | None:
    """Return the year of release that the header names."""
    match = _YEAR.search(fields.get("Release Date", "") or fields.get("Posting Date", ""))
    return match[1] if match else None


def without_furniture(text: str) -> str:
    """Return text without page numbers and empty picture marks."""
    return _INLINE_PAGE.sub("", _FURNITURE.sub("", text))


def joined_lines(text: str) -> str:
    """Return text with hard-wrapped paragraphs as one line each.

    A paragraph is wrapped when all lines but its last are 40 to 95 characters long and
    none is indented or has gaps: verse, tables and title pages keep their lines.
    """
    known = set(_FIRST_WORD.findall(text.lower()))
    paragraphs = re.split(r"\n[ \t]*\n", text)
    return "\n\n".join(_joined(paragraph.strip("\n"), known) for paragraph in paragraphs)


def _joined(paragraph: str, known: set[str]) -> str:
    lines = [line.rstrip() for line in paragraph.split("\n")]
    if len(lines) < 2 or not _is_wrapped(lines):
        return "\n".join(lines)
    out = lines[0].strip()
    for line in lines[1:]:
        line = line.strip()
        broken, word = _LAST_WORD.search(out), _FIRST_WORD.match(line)
        if broken and word and word[0][:1].islower() and not out.endswith("--"):
            whole = broken[1] + word[0]
            # The hyphen is the printer's only if the book writes the word without it elsewhere.
            out = out[:-1] + line if whole.lower() in known else out + line
        elif out.endswith("--") or out.endswith("—"):
            out += line
        else:
            out += " " + line
    return out


def _is_wrapped(lines: list[str]) -> bool:
    body = lines[:-1]
    if any(not _MIN_WRAPPED_CHARS <= len(line) <= _MAX_WRAPPED_CHARS for line in body):
        return False
    if any(len(line) - len(line.lstrip()) > _MAX_INDENT for line in lines[1:]):
        return False
    return not any(_GAPS.search(line.strip()) for line in lines)
