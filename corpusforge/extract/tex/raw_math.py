r"""Raw delimiters in extracted text: `\( \)`, `\[ \]` and environments become `$`, `$$`."""

from __future__ import annotations

import re

_ENVIRONMENTS = "equation|align|eqnarray|gather|multline|displaymath|flalign|alignat|aligned|math"
# A formula ends before the next opening mark, so an unclosed one cannot swallow the page.
_RAW = re.compile(
    r"(?P<single>(?<![\\$])\$(?!\$)(?:(?!\n\s*\n)[^$]){0,300}?\\begin\{(?:(?!\n\s*\n)[^$]){1,6000}(?<!\\)\$(?!\$))"
    r"|(?P<dollars>\$\$(?:(?!\$\$).){1,6000}?\$\$)"
    r"|\\\((?P<inline>(?:(?!\\\(|\n\s*\n).){1,6000}?)\\\)"
    r"|\\\[(?P<display>(?:(?!\\\[|\n\s*\n\s*\n).){1,6000}?)(?<!\\)\\\]"
    rf"|(?P<environment>\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}(?:(?!\\begin\{{(?P=name)\}}).){{1,6000}}?"
    r"\\end\{(?P=name)\})",
    re.DOTALL,
)
_BEGIN, _END = re.compile(r"\\begin\{"), re.compile(r"\\end\{")
_SENTENCE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}[,.]? [A-Za-z]{2,}[,.]? ")
_ALIGNED = re.compile(r"\\begin\{(?!aligned|math\})(?:" + _ENVIRONMENTS + r")\*?\}")
_BLANK_LINES = re.compile(r"\n\s*\n")
_TEX = re.compile(r"\\[A-Za-z]|[\^_=<>+|\d]|^\s*[A-Za-z](?:[\s,;()'*/-]*[A-Za-z]){0,4}\s*$|\\[{},;!]")
_BLANK_AT_END = re.compile(r"(?<!\\)((?:\\\\)*)\\[ \t]*(?:\n[ \t]*|\Z)")


def with_blanks_told(tex: str) -> str:
    r"""Return TeX without blanks around it, each `\` at the end of a line as the blank it is, lines joined.

    Blanks at the ends of lines go from every text; at the end of a formula `\` would escape its mark.
    """
    if "\\\n" in tex or "\\ " in tex or "\\\t" in tex or tex.endswith("\\"):
        tex = _BLANK_AT_END.sub(lambda match: match[1] + (r"\ " if match.end() < len(tex) else ""), tex)
    return tex.strip()


def raw_delimiters(text: str) -> str:
    r"""Return text in which raw TeX stands between `$` (inline) or `$$` (display).

    `\(` without TeX between is not touched. Code must be in slots, as everywhere here.
    """
    if "\\(" not in text and "\\[" not in text and "\\begin{" not in text:
        return text
    return _RAW.sub(_rewritten, text)


def _rewritten(match: re.Match[str]) -> str:
    whole = match[0]
    if match["dollars"]:
        return whole
    if match["single"]:
        return _of_single_dollars(whole)
    inner = match["inline"] or match["display"] or match["environment"]
    tex = with_blanks_told(_BLANK_LINES.sub("\n", inner))
    if not tex or not _TEX.search(tex):
        return whole
    if match["inline"]:
        return whole if "$" in tex and r"\text" not in tex else f"${tex}$"
    return f"$${tex}$$"


def _of_single_dollars(whole: str) -> str:
    """Return `$…$` around an environment as one formula; where it is none, its pieces as they are."""
    tex = whole[1:-1].strip()
    before = tex.partition(r"\begin{")[0]
    if _SENTENCE.search(before) or len(_BEGIN.findall(tex)) != len(_END.findall(tex)):
        return "$" + raw_delimiters(whole[1:])
    return f"$${tex}$$" if _ALIGNED.match(tex) else f"${tex}$"
