"""Project Gutenberg's wrapping around a book: header, licence, credits, hard-wrapped lines.

The marks are those of the project's own editions: `*** START OF …` since 2000, the
`SMALL PRINT` block with `*END*` before that, and `End of Project Gutenberg's …`.
"""

from __future__ import annotations

import re
from itertools import pairwise

_START = re.compile(
    r"^[ \t]*(?:<\w+[^>\n]*>)?\*{2,3} ?START OF (?:THE |THIS )?(?:COPYRIGHTED )?PROJECT GUTENBERG"
    r" E-?(?:BOOK|TEXT)[^\n]*(?:\n[^\n*]{1,90}\*{3})?"
    r"|^Beginning of this Project Gutenberg[^\n]*",
    re.M | re.I,
)
_END = re.compile(
    r"^[ \t]*(?:<\w+[^>\n]*>)?\*{2,3} ?END OF (?:THE |THIS )?(?:COPYRIGHTED )?"
    r"PROJECT GUTENBERG E-?(?:BOOK|TEXT)",
    re.M | re.I,
)
_CHARSET = re.compile(rb"^Character set encoding:[ \t]*([A-Za-z0-9_-]{3,20})", re.M | re.I)
_OLD_START = re.compile(
    r"^\*+ ?END ?\*+ ?THE SMALL PRINT[^\n]*|^\*END\*[ \t]*THE SMALL PRINT[^\n]*"
    r"|^\*{3} ?END ?\*{2} ?THE SMALL PRINT[^\n]*"
    r"|^[^\n]{0,20}\*END THE SMALL PRINT![^\n]*"
    r"|^[^\n]{0,40}\[\"Small Print\" V\.[^\n]*"
    r"|^SERVICE THAT CHARGES FOR DOWNLOAD[^\n]*",
    re.M | re.I,
)
_OLD_END = re.compile(
    r"^[ \t*]*(?:End of (?:The |this )?(?:COPYRIGHTED )?(?:Project Gutenberg|PG)['’]?s?\b"
    r"|The End of (?:the )?Project Gutenberg|End of this (?:COPYRIGHTED )?E-?text"
    r"|End of this is COPYRIGHTED|This is a COPYRIGHTED Project Gutenberg E-?text, Details Above"
    r"|Ende? (?:dieses|diese|of this) (?:Project Gutenberg|Projekt Gutenberg|E-?textes)"
    r"|Fin (?:de|du) (?:ce |cet )?(?:Project Gutenberg|Projet Gutenberg|E-?text)"
    r"|Fine del Project Gutenberg|Fin del Project Gutenberg|Einde van dit Project Gutenberg"
    r"|More information about this book is at the top of this file"
    r"|\*{2}The Legal Small Print\*{2}|\*{3}START\*{2}THE SMALL PRINT|\*\*\*START: FULL LICENSE)",
    re.M | re.I,
)
_HEAD_LINE = re.compile(
    r"^(?:\*+ ?(?:These|This) E-?(?:texts?|books?) (?:are|were|was|is) prepared by[^\n]*"
    r"|(?:Title|Author|Translator|Release Date|Edition|Language|Character set encoding):[^\n]*"
    r"|The Project Gutenberg E-?(?:text|book) of [^\n]*|\*{3,}This file should be named [^\n]*"
    r"|Corrected EDITIONS of our[^\n]*|VERSIONS based on separate sources get new[^\n]*"
    r"|\[(?:This file was|Most recently updated|Date last updated|Yes, we are|E-?(?:book|text) #)[^\n]*)$",
    re.M | re.I,
)
_CREDITS = re.compile(
    r"\A\s*(?:#{1,6} )?(?:(?:E-?text |This e-?text (?:was |has been )?|(?:Text|HTML) file )?"
    r"(?:Produced|Prepared|Transcribed|Scanned|Created|Digitized|Proofed)(?: and \w+)? by"
    r"|E-text prepared by"
    r"|Note:\s+Project Gutenberg also has|This (?:file|e-?text|e-?book) was (?:produced|prepared)"
    r"|This Project Gutenberg e-?text was|Cette? (?:version|édition) électronique"
    r"|Ce document fut présenté en lecture|Dieser (?:Text|E-?text) wurde|(?:Die|Diese) Datei wurde"
    r"|HTML version by|(?:and )?the (?:Project Gutenberg )?Online Distributed Proofreading Team"
    r"|\(?This file was produced from images)[^\n]*(?:\n[^\n]+)*(?:\n\s*\n|\s*\Z)",
    re.I,
)
_NOTE_HEAD = re.compile(
    r"^[ \t]{0,60}(?:#{1,6} |> )?[\[*_=]{0,4}[ \t]{0,9}"
    r"(?:(?:A )?Transcriber(?:['’]?s['’]?|s)?(?:['’])? (?:end)?notes?\b"
    r"|Transcription notes?\b|Notes? (?:by|of|from) (?:the )?transcribers?\b"
    r"|(?:Errata|Errors|Corrections)(?: and \w+)? \(?(?:noted|made|corrected) by (?:the )?transcribers?\b"
    r"|Errata\.?$"
    r"|(?:Typographical|Printing|Printer['’]?s['’]?) errors?(?: corrected| noted)?\b"
    r"|(?:Errors|Errata) (?:and|in) (?:the )?(?:inconsistencies|text)\b"
    r"|Notes? (?:de (?:la )?transcription|du transcripteur|sur la transcription)|Au lecteur\b"
    r"|(?:Anmerkung(?:en)?|Hinweise?) (?:zur|des|der) (?:Transkription|Transkriptors?|Bearbeit\w+)"
    r"|(?:Opmerking(?:en)?|Aantekening(?:en)?) van de (?:bewerkers?|transcribers?|transcribent\w*)"
    r"|Notas? d[eo]l? (?:la )?transcri(?:ptor|pción|tor|ção)|Nota (?:del|di) trascri(?:ttore|zione))",
    re.I | re.M,
)
"""How notes of those who made the electronic text begin; they tell of it, not of the book."""
_NOTE_WORDS = re.compile(
    r"trans[ck]ri|trascri|\be-?(?:text|book)s?\b|utf-8|unicode|file encoding|text reader|your browser"
    r"|proofread|lilypond"
    r"|typographical|in the original|printed book|dans l['’]original|texte original|im original|corrected"
    r"|as printed|punctuation|invisible|corrigé|korrigiert|gecorrigeerd|project gutenberg|html version",
    re.I,
)
_SISTER_HEAD = re.compile(
    r"(?:[^\n]*\n){0,9}?[ \t*]*A Project Gutenberg of Australia eBook[ *]*\n(?:[^\n]*\n){1,60}?-{20,}\n"
    r"(?:\s*A Project Gutenberg of Australia eBook\s*\n(?:\s*(?:Title|Author):[^\n]*\n)*)?"
    r"|\s*\* A (?:Distributed Proofreaders Canada|Project Gutenberg Canada) e-?book \*\n(?:[^\n]*\n){1,60}?"
    r"(?=\n(?:[ \t]*\n){2})",
    re.I,
)
"""Headers of the projects in Australia (a line of dashes ends them) and Canada (three empty lines do)."""
_SISTER_END = re.compile(
    r"^(?:\[End of [^\n]{1,200}\]\s*\Z|This site is full of FREE ebooks|Project Gutenberg Australia\s*\Z)",
    re.M,
)
_SISTER_FIELD = re.compile(r"^[ \t_]*(Title|Author|Language):[_ \t]*([^\n]+)", re.M)
_BOOK_CHARS = 40  # less behind small print is no book
_BARE_HEAD_CHARS = 6_000
_NOTE_CHARS = 8_000  # at the beginning
_MAX_NOTE_SHARE = 0.1  # at the end
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
_RAGGED = 4  # characters that a typist's lines stay below the width
_SOFT_HYPHEN = "\u00ad"
_LAST_WORD = re.compile(r"(\w+)-$")
_TAIL_CHARS = 200  # of what was joined: more than the last word of a line, and its first part before
_FIRST_WORD = re.compile(r"\w+")


def unwrapped(text: str) -> tuple[str, dict[str, str], list[str]]:
    """Return (book, header fields, notes) of a text that may be a Project Gutenberg file."""
    start, is_behind = _START.search(text), False
    has_marks = start is not None
    if start is None:
        start, is_behind = _small_print(text)
    if start is None and (start := _SISTER_HEAD.match(text)) is not None:
        end = _SISTER_END.search(text, start.end())
        body = text[start.end() : end.start() if end else len(text)].strip("\n") + "\n"
        fields = {name: value.strip() for name, value in _SISTER_FIELD.findall(start[0])}
        return body, fields, [f"header of a sister project removed: {len(text) - len(body)} characters"]
    first = start.end() if start else _bare_head(text) if is_behind else 0
    end = _END.search(text, start.end() if start else 0)
    early = _OLD_END.search(text, start.end() if start else 0)
    if start is None and (early is None or "gutenberg" not in text[:_HEAD_CHARS].lower()) and end is None:
        return text, {}, []
    head = text[: start.start()] if start else text[:first]
    fields = {name: value.strip() for name, value in _FIELD.findall(head[:_HEAD_CHARS])}
    ends = [match.start() for match in (end, early) if match is not None]
    nearest = first if is_behind else first + (len(text) - first) // 2
    if has_marks and end is not None:  # its own pair of marks, however short the book
        nearest = min(nearest, end.start() - 1)
        ends = [at for at in ends if at >= end.start() or at > first + (len(text) - first) // 2]
    last = min((at for at in ends if at > nearest), default=len(text))
    body = text[first:last].strip("\n") + "\n"
    body = without_credits(body)
    return body, fields, [f"Project Gutenberg header and licence removed: {len(text) - len(body)} characters"]


def _small_print(text: str) -> tuple[re.Match[str] | None, bool]:
    """Return (the end of the small print that a book begins with, whether one stands at its end instead).

    Editions of 2001 to 2003 have it behind the book: next to nothing follows its last line.
    """
    found = None
    for found in _OLD_START.finditer(text):
        if len(text[found.end() :].strip()) >= _BOOK_CHARS:
            return found, False
    return None, found is not None


def _bare_head(text: str) -> int:
    """Return where the last line of a header ends that no line of asterisks parts from the book."""
    if "gutenberg" not in text[:1000].lower():
        return 0
    return max((found.end() for found in _HEAD_LINE.finditer(text, 0, _BARE_HEAD_CHARS)), default=0)


def without_credits(text: str) -> str:
    """Return text without what its makers say of it: credits and notes before, notes behind."""
    before = None
    while text != before:  # credits, transcriber's note, credits again
        before = text
        text = _CREDITS.sub("", text.lstrip("\n"), count=1)
        text = text[_note_end(text) :]
    before = None
    while text != before:
        before = text
        text = _without_last_note(text)
        # Rows of asterisks parted the note from the book.
        last = text.find("\n", len(text.rstrip("* \t\n")))
        text = text[:last] + "\n" if last >= 0 else text
    return text


def _note_end(text: str) -> int:
    """Return where the note ends that a text begins with, 0 where it begins with none."""
    head = text[:_NOTE_CHARS]
    start = len(head) - len(head.lstrip())
    if head[start : start + 1] == "[":
        end = head.find("]\n", start)
        return end + 2 if end > 0 and _NOTE_WORDS.search(head[start:end]) else 0
    paragraph = head.find("\n\n", start)
    if _NOTE_HEAD.match(head, head.rfind("\n", 0, start) + 1):
        end = head.find("\n\n\n", start)
        end = end if end > 0 else paragraph
        is_note = _NOTE_WORDS.search(head[start : max(end, 0)]) is not None
        return end if end > 0 and is_note else 0
    is_on_encoding = re.match(r"(?:This|The) (?:text|file|e-?text|HTML version)\b", head[start:], re.I)
    if paragraph > 0 and is_on_encoding and _NOTE_WORDS.search(head[start:paragraph]):
        return paragraph
    return 0


def _without_last_note(text: str) -> str:
    """Return text without a note at its end: from its heading on where little follows, or its brackets."""
    first = len(text) - max(int(len(text) * _MAX_NOTE_SHARE), min(len(text) // 2, 3_000))
    for head in _NOTE_HEAD.finditer(text, max(first, 0)):
        start = head.start()
        if text[max(0, start - 2) : start] != "\n\n" or not _NOTE_WORDS.search(text, start):
            continue
        end = text.find("]\n", start) if "[" in head[0] else -1
        after = text[end + 2 :] if end > 0 else ""
        return text[:start].rstrip() + "\n" + (f"\n\n{after}" if after.strip() else "")
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

    A paragraph is wrapped when all lines but its last are 40 to 95 characters long, none is
    indented or has gaps, and lines ended where the next word had no place: verse, tables and
    title pages keep their lines.
    """
    known = set(_FIRST_WORD.findall(text.lower()))
    width = _wrap_width(text)
    paragraphs = re.split(r"\n[ \t]*\n", text)
    return "\n\n".join(_joined(paragraph.strip("\n"), known, width) for paragraph in paragraphs)


def _wrap_width(text: str) -> int:
    """Return the width that a text is wrapped to: nine of ten long lines are not longer."""
    lengths = sorted(len(line) for line in text.split("\n") if len(line) >= _MIN_WRAPPED_CHARS)
    return lengths[len(lengths) * 9 // 10] if lengths else _MAX_WRAPPED_CHARS


def _joined(paragraph: str, known: set[str], width: int) -> str:
    lines = [line.rstrip() for line in paragraph.split("\n")]
    if len(lines) < 2 or not _is_wrapped(lines) or _is_verse(lines, width):
        return "\n".join(lines)
    out = [lines[0].strip()]
    tail = out[0]
    for line in lines[1:]:
        line = line.strip()
        broken = _LAST_WORD.search(tail) if tail.endswith("-") else None
        word = _FIRST_WORD.match(line) if broken else None
        if tail.endswith(_SOFT_HYPHEN):
            out[-1] = out[-1][:-1]
        elif broken and word and word[0][:1].islower() and not tail.endswith("--"):
            whole = broken[1] + word[0]
            # The hyphen is the printer's only if the book writes the word without it elsewhere.
            if whole.lower() in known:
                out[-1] = out[-1][:-1]
        elif not tail.endswith(("--", "—")):
            line = " " + line
        out.append(line)
        tail = (tail + line)[-_TAIL_CHARS:]
    return "".join(out)


def _is_wrapped(lines: list[str]) -> bool:
    body = lines[:-1]
    if any(not _MIN_WRAPPED_CHARS <= len(line) <= _MAX_WRAPPED_CHARS for line in body):
        return False
    if any(len(line) - len(line.lstrip()) > _MAX_INDENT for line in lines[1:]):
        return False
    return not any(_GAPS.search(line.strip()) for line in lines)


def _is_verse(lines: list[str], width: int) -> bool:
    """Return whether lines begin like verses and end before they are full."""
    if not all(line.lstrip(" \"'“‘_«(*")[:1].isupper() for line in lines):
        return False
    early = sum(
        len(line) + 1 + len(after.split(" ", 1)[0]) <= width - _RAGGED for line, after in pairwise(lines)
    )
    return early * 2 > len(lines) - 1
