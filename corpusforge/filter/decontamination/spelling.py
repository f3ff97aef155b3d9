r"""Which spellings are one: the tables that `normal_words` reads, by character and by LaTeX command.

character   -> what its compatibility decomposition says, case folded, accents gone
\dfrac      -> as \frac: no word at all       \le, &le;, ≤ -> one operator
\mathrm{kg} -> kg                              \alpha, &alpha;, α -> one letter
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpusforge import unicode

SEPARATOR, LETTER, DIGIT, ALONE, OPERATOR, IGNORED, LETTERS, SEVERAL, MARK, RAISED, LOWERED = range(11)
"""What a character is. ALONE: a word of its own; LETTERS, SEVERAL: an index of expansions, letters only
(ﬁ, a Korean syllable) or others too (½); MARK: looked at closer;
RAISED, LOWERED: a digit of an exponent, of an index."""
PASS, DROP, DROP_WITH_ARGUMENT, AS_CHARACTER, FRACTION = range(5)
"""What a command is. PASS: its name, from its character `code` on, is a word, as that of \\sin."""
CLASS_SHIFT = 24
CODE_MASK = (1 << CLASS_SHIFT) - 1
LAST_CODE = 0x32000
"""Letters above are private use or unassigned: separators."""

_OPERATORS = "+-=<>÷±∓≤≥≠≈≡∼≅∝√∑∏∫∬∮∂∇∞∈∉∋⊂⊆⊃⊇∪∩∅∀∃¬∧∨→←↔⇒⇐⇔↦°∠△⊥∥⌊⌋⌈⌉⊕⊗∁∣∤"
_SAME_CHARACTER = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "∘": "°", "º": "°", "⟶": "→", "⟹": "⇒", "⟺": "⇔",
    "⩽": "≤", "⩾": "≥", "∆": "Δ", "∖": " ", "ϵ": "ε", "ϕ": "φ", "ϑ": "θ", "ς": "σ", "ϱ": "ρ", "µ": "μ",
}  # fmt: skip
_SHIFTED = {"<super>": RAISED, "<sub>": LOWERED}
_MARKS = "\\&<["
_UNSPACED = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Burmese
    (0x1780, 0x1800),  # Khmer
    (0x3040, 0x3100),  # kana
    (0x3400, 0xA000),  # Han
    (0xF900, 0xFB00),
    (0x20000, LAST_CODE),
)
_GREEK = (0x0370, 0x0400)
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2F800))

_CHARACTERS = {
    "≤": "le leq leqslant leqq", "≥": "ge geq geqslant geqq", "≠": "ne neq", "<": "lt", ">": "gt",
    "÷": "div divide", "±": "pm plusmn", "∓": "mp", "≈": "approx asymp", "≡": "equiv",
    "∼": "sim", "≅": "cong", "∝": "propto prop", "√": "sqrt radic", "∑": "sum", "∏": "prod", "∫": "int",
    "∬": "iint", "∮": "oint", "∂": "partial part", "∇": "nabla", "∞": "infty infin", "∈": "in isin",
    "∉": "notin", "∋": "ni", "⊂": "subset sub", "⊆": "subseteq sube", "⊃": "supset sup",
    "⊇": "supseteq supe", "∪": "cup bigcup", "∩": "cap bigcap", "∅": "emptyset varnothing empty",
    "∀": "forall", "∃": "exists exist", "¬": "neg lnot not", "∧": "wedge land", "∨": "vee lor",
    "→": "to rightarrow longrightarrow rarr", "←": "leftarrow gets larr", "↔": "leftrightarrow harr",
    "⇒": "implies", "⇔": "iff", "↦": "mapsto", "°": "circ degree",
    "∠": "angle ang", "△": "triangle", "⊥": "perp bot", "∥": "parallel", "⌊": "lfloor", "⌋": "rfloor",
    "⌈": "lceil", "⌉": "rceil", "⊕": "oplus", "⊗": "otimes", "∁": "binom dbinom tbinom",
    "∣": "mid", "∤": "nmid", "-": "minus",
    "l": "ell",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu micro", "ν": "nu",
    "ξ": "xi", "π": "pi varpi", "ρ": "rho varrho", "σ": "sigma varsigma", "τ": "tau", "υ": "upsilon",
    "φ": "phi varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_DROPPED = """
left right big bigg bigl bigr biggl biggr bigm middle displaystyle textstyle scriptstyle limits nolimits
quad qquad text textbf textit textrm textsf texttt textnormal textup textsc mathrm mathbf mathit mathsf
mathtt mathcal mathbb mathfrak mathscr mathop mathord boldsymbol bm pmb bold mbox hbox fbox boxed emph
underline operatorname
rm bf it tt sf cal cdot times ast star bullet cdots ldots dots dotsc dotsb dotsm vdots ddots
hellip middot sdot prime overline bar vec overrightarrow hat widehat tilde widetilde dot ddot overbrace
underbrace overset underset stackrel substack hline cline item noindent par nonumber notag smallskip
medskip bigskip newline linebreak centering allowbreak strut mathstrut null thinspace enspace
lvert rvert vert lbrace rbrace lbrack rbrack langle rangle colon setminus backslash
nbsp ensp emsp thinsp amp quot apos lsquo rsquo ldquo rdquo ndash mdash shy zwnj zwj
choose over atop cr tag
"""
_FRACTIONS = "frac dfrac tfrac cfrac"
_WITH_ARGUMENT = "begin end hspace vspace label color textcolor phantom hphantom vphantom includegraphics"
_MODULO = "pmod bmod"
"""As `mod`: their first letter is passed over."""
_WORDS = "tan tanh rank ref root norm top not nexists ncong"
"""Words beginning like the \\n, \\r and \\t of JSON, which are passed over before other names."""
TAGS = (
    "a abbr b big blockquote br center code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre s"
    " small span strong sub sup table tbody td th thead tr tt u ul var"
)
FNV_BASIS = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
_U64 = (1 << 64) - 1
SLOTS = 2048
STARTS = LAST_CODE
_EXPANSIONS = STARTS + (1 << 14)
NAMES = _EXPANSIONS + (1 << 16)
ACTIONS = NAMES + SLOTS
CODES = ACTIONS + SLOTS


@lru_cache(maxsize=1)
def spelling() -> NDArray[np.int64]:
    """Return the tables as one array, made once a process in a fifth of a second.

    From 0: of each character below `LAST_CODE` class << 24 | code. From `STARTS` on: of index i of
    LETTERS and SEVERAL, where its characters start and, next to it, end; they are written like
    classes. From `NAMES`, `ACTIONS` and `CODES` on, `SLOTS` of each: open addressing by the hash of a
    command's name, 0 where empty. One array, since compiled code counts references to each it is given.
    """
    table = np.zeros(CODES + SLOTS, dtype=np.int64)
    for first, last in _HAN:
        table[first:last] = (ALONE << CLASS_SHIFT) | np.arange(first, last)
    index, end = 0, _EXPANSIONS
    for code in range(LAST_CODE):
        if table[code]:
            continue
        folded = [_class_of(ord(c)) for c in _folded(chr(code))]
        folded = [entry for entry in folded if entry >> CLASS_SHIFT != IGNORED] or folded[:1]
        if code > 0x7F:  # a full-width backslash begins no command
            folded = [_class_of_sign(entry) for entry in folded]
        if len(folded) == 1:
            kind = _SHIFTED.get(unicode.decomposition(chr(code)).partition(" ")[0])
            if kind is not None and folded[0] >> CLASS_SHIFT == DIGIT:
                table[code] = (kind << CLASS_SHIFT) | (folded[0] & CODE_MASK)
            else:
                table[code] = folded[0]
        elif any(entry >> CLASS_SHIFT != SEPARATOR for entry in folded):
            is_letters = all(entry >> CLASS_SHIFT == LETTER for entry in folded)
            table[code] = ((LETTERS if is_letters else SEVERAL) << CLASS_SHIFT) | index
            table[STARTS + index] = end
            table[end : end + len(folded)] = folded
            index, end = index + 1, end + len(folded)
            table[STARTS + index] = end
    if STARTS + index >= _EXPANSIONS or end > NAMES:
        raise AssertionError("this Unicode version has more compatibility characters: widen the table")
    _put_commands(table)
    return table


def _put_commands(table: NDArray[np.int64]) -> None:
    for name, action, code in _commands():
        hashed = name_hash(name)
        slot = hashed % SLOTS
        key = np.uint64(hashed).astype(np.int64)
        while table[NAMES + slot] and table[NAMES + slot] != key:
            slot = (slot + 1) % SLOTS
        table[NAMES + slot], table[ACTIONS + slot], table[CODES + slot] = key, action, code


def name_hash(name: str) -> int:
    """Return the hash of a word, u64, as the compiled code makes it: FNV-1a over its characters."""
    value = FNV_BASIS
    for character in name:
        value = ((value ^ ord(character)) * FNV_PRIME) & _U64
    return value


def _folded(character: str) -> str:
    character = _SAME_CHARACTER.get(character, character)
    if character in _OPERATORS:  # ≠ would come apart into = and a stroke
        return character
    folded = unicode.normalize("NFKD", unicode.normalize("NFKD", character).casefold())
    return "".join(_SAME_CHARACTER.get(c, c) for c in folded)


def _class_of(code: int) -> int:
    """Return class << 24 | code of one folded character."""
    character = chr(code)
    category = unicode.category(character)
    kind = SEPARATOR
    if character in _OPERATORS and character not in _MARKS:
        kind = OPERATOR
    elif character in _MARKS:
        kind = MARK
    elif category[0] == "M" or category == "Cf":
        kind = IGNORED
    elif category == "Nd":
        kind, code = DIGIT, ord("0") + unicode.digit(character)
    elif category[0] in "LN":
        ranges = (*_UNSPACED, _GREEK)
        kind = ALONE if any(first <= code < last for first, last in ranges) else LETTER
    return (kind << CLASS_SHIFT) | code


def _class_of_sign(entry: int) -> int:
    if entry >> CLASS_SHIFT != MARK:
        return entry
    code = entry & CODE_MASK
    return ((OPERATOR if code == ord("<") else SEPARATOR) << CLASS_SHIFT) | code


def _commands() -> Iterator[tuple[str, int, int]]:
    """Return (name, action, class << 24 | code) of every command that is no ordinary word."""
    for character, names in _CHARACTERS.items():
        for name in names.lower().split():
            yield name, AS_CHARACTER, _class_of(ord(character))
    for action, names in (
        (DROP, _DROPPED),
        (FRACTION, _FRACTIONS),
        (DROP_WITH_ARGUMENT, _WITH_ARGUMENT),
        (PASS, _MODULO),
    ):
        for name in names.split():
            yield name, action, int(action == PASS)
    for name in _WORDS.split():
        yield name, PASS, 0
    for name in TAGS.split():
        yield f"<{name}", DROP, 0
