"""Documents without a name: prose, Markdown, reST, TeX, literate programs, transcripts."""

from __future__ import annotations

import re
from collections.abc import Sequence

HEAD_CHARS = 16_384
"""Head of a text whose shape is read."""

# A heading stands alone; a line after it that begins with # too is a comment of several lines.
_HEADING = re.compile(r"^#{1,6} \S.*\n(?!#)", re.M)
_LINK = re.compile(r"\[[^\]\n]+\](?:\([^)\s]+\)|\[[^\]\n]*\])")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,6}(?!~))([^`\n]*)$", re.M)
_MARKDOWN = (
    _HEADING,
    _FENCE,
    _LINK,
    re.compile(r"^[*+-] +\S|^\d+\. +\S", re.M),
    re.compile(r"\*\*[^*\n]+\*\*"),
    re.compile(r"(?<!`)`[^`\n]+`(?!`)"),
    re.compile(r"^[=-]{3,}$", re.M),
    re.compile(r"^\|.*\|$", re.M),
)
_REST = (
    re.compile(r"^\.\. [\w-]+::", re.M),
    re.compile(r"^\S.*\n([=\-~^\"'*+#])\1{3,}$", re.M),
    re.compile(r":\w+:`[^`\n]+`"),
    re.compile(r"``[^`\n]+``"),
    re.compile(r"^\.\. _[\w -]+:", re.M),
    re.compile(r"\S::$", re.M),
    re.compile(r"`[^`\n]+ <https?://\S+>`_"),
)
_LATEX = (
    re.compile(r"^\\documentclass|^\\usepackage", re.M),
    re.compile(r"\\begin\{(?!code\}|verbatim)\w+"),
    re.compile(r"\\(?:section|chapter|subsection|label|cite|ref|emph|textbf|item)\b"),
)
_LATEX_START = re.compile(
    r"(?:[ \t]*(?:%.*)?\n)*[ \t]*\\(?:documentclass|documentstyle|usepackage|input\b|chapter|section"
    r"|begin\{|NeedsTeXFormat"
    r"|ProvidesPackage|ProvidesClass|PassOptionsTo|newcommand|RequirePackage)"
)
_CHUNK = re.compile(r"^<<.*>>=[ \t]*$", re.M)
_LHS_CODE = re.compile(r"^\\begin\{code\}", re.M)
_LHS = re.compile(r"^\\begin\{code\}|^> \w+.*(?:=|::|where)|^> (?:import|module) ", re.M)
_BIRD_TRACK = re.compile(
    r"^> ?(?:module|import|data|type|newtype|class|instance|infix[lr]?) \w|^> ?\w+ +::", re.M
)
_RMD_CHUNK = re.compile(r"^```\{\w+", re.M)
_ORG = re.compile(r"^#\+(?:title|begin_src|author|options):?\s", re.I | re.M)
_ADOC = re.compile(r"\A(?::[\w-]+:.*\n|//.*\n|[ \t]*\n)*={1,2} \S.*\n")
_ADOC_BLOCK = re.compile(r"^(?:-{4,}[ \t]*$|\[source\b|:[\w-]+:|link:|xref:|={2,} \S)", re.M)
_FRONT_LINE = re.compile(r"[\w.\"'-]+[ \t]*:|[ \t]|- |#|$")
_FRONT_LINES = 80
_FRONT_KEY = re.compile(
    r"^(?:title|layout|output|author|jupyter|jupytext|description|date|tags|permalink|sidebar\w*|slug"
    r"|id|categories"
    r"|name|toc)[ \t]*:",
    re.M | re.I,
)
_SENTENCE = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}[,;:]? [^\W\d_]+[,;:]? [^\W\d_]+[,;:]? [^\W\d_]+")
_SYMBOL_LINE = re.compile(r"[;{}][ \t]*$|[=(){}\[\]<>]{2}|\w\(|\w = |[$@]\w|->|=>|:=|::(?=\S)|;\s*//")
_WORD = re.compile(r"(?<!\S)[^\W\d_]{2,}[,;:.]?(?!\S)")
_PROMPT = re.compile(r"^ {0,8}>>> \S", re.M)
_MIN_PROMPTS = 3
_MANY_WORDS = 14
_SESSION_LINES = 15
"""A transcript has a prompt or a remark at least every so many lines."""
_SHELL_COMMENT = re.compile(r"^# \w", re.M)
_SHELL_PROMPT = re.compile(r"^\$ \S", re.M)
_COMMENT_STARTS = ("#", "//", "*", "--", "%", ";")
_STRINGS = (
    ('"""', '"""'),
    ("'''", "'''"),
    ("/*", "*/"),
    ("{-", "-}"),
    ("#=", "=#"),
    ("(*", "*)"),
    ("--[[", "]]"),
    ("--[=", "=]"),
    ("#|", "|#"),
    ("<#", "#>"),
    ("/+", "+/"),
    ("<!--", "-->"),
    ("#[", "]#"),
    ("\n=begin", "\n=end"),
    ("%{", "%}"),
)


def inside_string(before: str) -> bool:
    """Return whether a text ends inside a long string or block comment that it opened."""
    for start, end in _STRINGS:
        if start == end:
            if before.count(start) % 2:
                return True
        elif f"\n{before}".rfind(start) > f"\n{before}".rfind(end):
            return True
    return False


def exact_document(text: str) -> tuple[str, str] | None:
    """Return (family, name) of a document whose form leaves no doubt, or None."""
    head = text[:HEAD_CHARS]
    if _LATEX_START.match(head):
        if _LHS_CODE.search(text):
            return "literate", "literate haskell"
        return "prose", "literate" if _CHUNK.search(text) else "latex"
    if (rest := _after_front_matter(head)) is not None:
        if _HEADING.search(rest) or _FENCE.search(rest) or prose_line_share(rest) >= 0.3:
            return "prose", "literate" if _RMD_CHUNK.search(text) else "markdown"
    if (_LHS_CODE.search(text) and "\\end{code}" in text) or len(_BIRD_TRACK.findall(text)) >= 2:
        return "literate", "literate haskell"
    if _ORG.search(head) and (head.lstrip().startswith(("#+", "*")) or re.search(r"^\*+ \S", head, re.M)):
        return "prose", "literate"
    if _ADOC.match(head) and _ADOC_BLOCK.search(head):
        return "prose", "literate"
    prompts = list(_PROMPT.finditer(head))
    if len(prompts) >= _MIN_PROMPTS and not inside_string(head[: prompts[0].start()]):
        return "prose", "restructuredtext"
    if _is_fenced(head):
        if re.search(r"^\.\. [\w-]+::", head, re.M) and not _HEADING.search(head):
            return "prose", "restructuredtext"
        return "prose", "literate" if _RMD_CHUNK.search(text) else "markdown"
    return None


def _after_front_matter(head: str) -> str | None:
    """Return what follows the settings between two `---` at the head of a document, or None."""
    if not head.startswith("---"):
        return None
    lines = head.split("\n")
    for number, line in enumerate(lines[1:_FRONT_LINES], start=1):
        if line.rstrip() in ("---", "..."):
            named = _FRONT_KEY.search("\n".join(lines[1:number])) is not None
            return "\n".join(lines[number + 1 :]) if named else None
        if _FRONT_LINE.match(line) is None:
            return None
    return None


def _is_fenced(head: str) -> bool:
    """Return whether a text holds fenced blocks of its own, not such in a string or comment."""
    fences = list(_FENCE.finditer(head))
    if not fences or inside_string(head[: fences[0].start()]):
        return False
    before = [line for line in head[: fences[0].start()].split("\n") if line.strip()]
    statements = sum(line.rstrip().endswith((";", "{", "}")) for line in before)
    named = any(re.match(r"\s*\{?\.?[A-Za-z][\w+#-]*", fence[1]) for fence in fences)
    return (len(fences) >= 2 or named) and statements <= 0.2 * len(before)


def document_shape(text: str) -> tuple[str, float] | None:
    """Return (format, score) of a document with markup of its own, or None."""
    head = text[:HEAD_CHARS]
    if _CHUNK.search(head):
        return "literate", 90.0
    if len(_LHS.findall(head)) >= 2:
        return "literate haskell", 20.0
    scores = {
        # Rules and lists are in any plain text.
        "markdown": _count_marks(_MARKDOWN, head) if _HEADING.search(head) or _LINK.search(head) else 0.0,
        "restructuredtext": _count_marks(_REST, head) * 1.5,
        "latex": _count_marks(_LATEX, head) * 1.5,
    }
    name = max(scores, key=lambda key: scores[key])
    lines = [line for line in head.split("\n") if line.strip()]
    comments = sum(line.lstrip().startswith(_COMMENT_STARTS) and not line.startswith("##") for line in lines)
    if scores[name] < 2.0 or comments > 0.6 * len(lines):
        return None
    prose = prose_line_share(head)
    if name == "restructuredtext" and _is_rest(head):
        return name, scores[name] * 3
    return (name, scores[name] * (0.5 + 2 * prose)) if prose > 0.12 else None


def _is_rest(head: str) -> bool:
    return re.search(r"^\.\. [\w-]+::", head, re.M) is not None and not re.match(
        r"\s*[ru]?\"\"\"|\s*#", head, re.I
    )


def _count_marks(marks: Sequence[re.Pattern[str]], head: str) -> float:
    score = 0.0
    for mark in marks:
        count = min(5, sum(1 for _ in mark.finditer(head)))
        score += 0.75 + 0.25 * count if count else 0.0
    return score


def prose_line_share(text: str) -> float:
    """Return the share of filled lines that read as prose: four words in a row, few symbols."""
    lines = [line[:400] for line in text.split("\n") if line.strip()]
    return sum(map(_is_prose_line, lines)) / max(1, len(lines))


def _is_prose_line(line: str) -> bool:
    if _SENTENCE.search(line) is None:
        return False
    # A long line of words is prose though it names a function.
    return not _SYMBOL_LINE.search(line) or len(_WORD.findall(line)) >= _MANY_WORDS


def is_symbol_line(line: str) -> bool:
    """Return whether a line holds symbols as code does, not prose."""
    return _SYMBOL_LINE.search(line) is not None


def is_prose(text: str) -> bool:
    """Return whether at least half of a text's lines read as prose."""
    return prose_line_share(text[:HEAD_CHARS]) >= 0.5


def is_loose_prose(text: str) -> bool:
    """Return whether a quarter of a text's lines read as prose and hardly one ends as a statement does."""
    head = text[:HEAD_CHARS]
    lines = [line.rstrip() for line in head.split("\n") if line.strip()]
    statements = sum(line.endswith((";", "{", "}")) for line in lines)
    return prose_line_share(head) >= 0.25 and statements <= 0.05 * len(lines)


def is_shell_session(text: str) -> bool:
    """Return whether a text is a transcript: prompts, output, and words that explain them."""
    if not (text.startswith("$ ") or "\n$ " in text) or "```" in text or "\n## " in text:
        return False
    prompts = len(_SHELL_PROMPT.findall(text))
    comments = len(_SHELL_COMMENT.findall(text))
    return prompts >= 1 and comments >= 1 and text.count("\n") < _SESSION_LINES * (prompts + comments)
