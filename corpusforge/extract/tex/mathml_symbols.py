"""Unicode to TeX: the symbols, accents, functions and letter styles of MathML.

The pairs are those of LaTeX, amssymb and unicode-math (the standard command of each
character); text that is not listed stays as it is.
"""

from __future__ import annotations

from corpusforge import unicode

_PAIRS = r"""
α\alpha β\beta γ\gamma δ\delta ϵ\epsilon ε\varepsilon ζ\zeta η\eta θ\theta ϑ\vartheta ι\iota κ\kappa
ϰ\varkappa λ\lambda μ\mu ν\nu ξ\xi π\pi ϖ\varpi ρ\rho ϱ\varrho σ\sigma ς\varsigma τ\tau υ\upsilon
ϕ\phi φ\varphi χ\chi ψ\psi ω\omega Γ\Gamma Δ\Delta Θ\Theta Λ\Lambda Ξ\Xi Π\Pi Σ\Sigma Υ\Upsilon
Φ\Phi Ψ\Psi Ω\Omega ∂\partial ∇\nabla ∞\infty ℏ\hbar ℓ\ell ℜ\Re ℑ\Im ℘\wp ℵ\aleph ℶ\beth ∅\emptyset
⌀\varnothing ı\imath ȷ\jmath µ\mu ∀\forall ∃\exists ∄\nexists ¬\neg ⊤\top ⊥\bot ∠\angle △\triangle
▵\triangle ▽\triangledown □\square ■\blacksquare ◻\square ◊\lozenge ★\bigstar ♠\spadesuit ♣\clubsuit
♡\heartsuit ♢\diamondsuit ♭\flat ♮\natural ♯\sharp ♮\natural †\dagger ‡\ddagger §\S ¶\P ©\copyright
×\times ÷\div ±\pm ∓\mp ⋅\cdot ·\cdot ∘\circ ∙\bullet •\bullet ∗\ast ⋆\star ⊕\oplus ⊖\ominus ⊗\otimes
⊘\oslash ⊙\odot ∧\wedge ∨\vee ∩\cap ∪\cup ⊎\uplus ⊓\sqcap ⊔\sqcup ≀\wr ⨿\amalg ∖\setminus ⋄\diamond
⊲\triangleleft ⊳\triangleright ◃\triangleleft ▹\triangleright ⋉\ltimes ⋊\rtimes ⊠\boxtimes ⊞\boxplus
⊟\boxminus ⊡\boxdot ⋀\bigwedge ⋁\bigvee ⋂\bigcap ⋃\bigcup ⨁\bigoplus ⨂\bigotimes ⨀\bigodot ⨆\bigsqcup
⨄\biguplus ∑\sum ∏\prod ∐\coprod ∫\int ∬\iint ∭\iiint ∮\oint √\surd
≤\leq ≥\geq ≦\leqq ≧\geqq ⩽\leqslant ⩾\geqslant ≪\ll ≫\gg ⋘\lll ⋙\ggg ≠\neq ≡\equiv ≢\not\equiv ∼\sim
≃\simeq ≈\approx ≅\cong ≆\ncong ≍\asymp ≐\doteq ∝\propto ≺\prec ≻\succ ⪯\preceq ⪰\succeq ≼\preccurlyeq
≽\succcurlyeq ⊂\subset ⊃\supset ⊆\subseteq ⊇\supseteq ⊊\subsetneq ⊋\supsetneq ⊄\not\subset ⊈\nsubseteq
⊏\sqsubset ⊐\sqsupset ⊑\sqsubseteq ⊒\sqsupseteq ∈\in ∉\notin ∋\ni ∌\not\ni ⊢\vdash ⊣\dashv ⊨\models
⊩\Vdash ⊬\nvdash ⊭\nvDash ∣\mid ∤\nmid ∥\parallel ∦\nparallel ⟂\perp ≜\triangleq ≔\coloneqq ≕\eqqcolon
≲\lesssim ≳\gtrsim ≶\lessgtr ≮\nless ≯\ngtr ≰\nleq ≱\ngeq ⊴\trianglelefteq ⊵\trianglerighteq ⋈\bowtie
⌢\frown ⌣\smile ∵\because ∴\therefore ∎\blacksquare
←\leftarrow →\to ↑\uparrow ↓\downarrow ↔\leftrightarrow ↕\updownarrow ⇐\Leftarrow ⇒\Rightarrow ⇑\Uparrow
⇓\Downarrow ⇔\Leftrightarrow ⇕\Updownarrow ⟵\longleftarrow ⟶\longrightarrow ⟷\longleftrightarrow
⟸\Longleftarrow ⟹\Longrightarrow ⟺\iff ↦\mapsto ⟼\longmapsto ↪\hookrightarrow ↩\hookleftarrow
↗\nearrow ↘\searrow ↙\swarrow ↖\nwarrow ⇀\rightharpoonup ↼\leftharpoonup ⇌\rightleftharpoons
⇋\leftrightharpoons ⇝\rightsquigarrow ↠\twoheadrightarrow ↣\rightarrowtail ⇉\rightrightarrows
↛\nrightarrow ⇏\nRightarrow ↺\circlearrowleft ↻\circlearrowright ↑\uparrow
…\ldots ⋯\cdots ⋮\vdots ⋱\ddots ′' ″'' ‴''' ⁗'''' −- ‖\| ∥\parallel ⟨\langle ⟩\rangle 〈\langle 〉\rangle
⌊\lfloor ⌋\rfloor ⌈\lceil ⌉\rceil ⟦\llbracket ⟧\rrbracket ⌜\ulcorner ⌝\urcorner ⌞\llcorner ⌟\lrcorner
{\{ }\} %\% #\# &\& $\$ _\_ °^{\circ} ∁\complement ð\eth £\pounds ⅁\Game ℧\mho ⟮( ⟯) ∶: ⁄/ ∕/
"""
SYMBOLS: dict[str, str] = {
    **{pair[0]: pair[1:] for pair in _PAIRS.split()},
    "\\": r"\backslash",
    "^": r"\text{\textasciicircum}",
    "~": r"\sim",
    "\U0001d6a4": r"\imath",
    "\U0001d6a5": r"\jmath",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u2003": r"\quad ",
    "\u2005": r"\:",
    # Invisible operators (function application, times, separator, plus) and zero width marks.
    **dict.fromkeys("\u2061\u2062\u2063\u2064\u200b\u200c\u200d\u2060\ufeff\ufe00", ""),
}

ACCENTS_OVER = {
    "^": r"\hat", "ˆ": r"\hat", "̂": r"\hat", "~": r"\tilde", "˜": r"\tilde", "∼": r"\tilde", "̃": r"\tilde",
    "¯": r"\bar", "‾": r"\overline", "―": r"\overline", "_": r"\overline", "̅": r"\overline", "ˉ": r"\bar",
    "→": r"\vec", "⃗": r"\vec", "⇀": r"\vec", "˙": r"\dot", ".": r"\dot", "̇": r"\dot", "¨": r"\ddot",
    "̈": r"\ddot", "⃛": r"\dddot", "´": r"\acute", "`": r"\grave", "ˇ": r"\check", "˘": r"\breve",
    "˚": r"\mathring", "⏞": r"\overbrace", "⏜": r"\overgroup", "←": r"\overleftarrow", "−": r"\bar",
    "↔": r"\overleftrightarrow", "¨̇": r"\dddot", "…": r"\dddot", "̆": r"\breve", "̌": r"\check",
}  # fmt: skip
ACCENTS_UNDER = {
    "_": r"\underline", "¯": r"\underline", "‾": r"\underline", "̲": r"\underline", "⏟": r"\underbrace",
    "―": r"\underline", "̱": r"\underline", "⏝": r"\undergroup", "→": r"\underrightarrow",
}  # fmt: skip

FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln "
    "log max min Pr sec sin sinh sup tan tanh".split()
)
BIG_OPERATORS = frozenset("∑∏∐⋂⋃⋀⋁⨁⨂⨀⨄⨆") | {
    "lim", "max", "min", "sup", "inf", "lim sup", "lim inf", "limsup", "liminf", "det", "gcd", "Pr",
    "argmax", "argmin",
}  # fmt: skip

VARIANTS = {
    "bold": r"\mathbf", "normal": r"\mathrm", "double-struck": r"\mathbb", "script": r"\mathcal",
    "fraktur": r"\mathfrak", "sans-serif": r"\mathsf", "monospace": r"\mathtt", "bold-italic": r"\boldsymbol",
    "bold-fraktur": r"\mathfrak", "bold-script": r"\mathcal", "bold-sans-serif": r"\mathsf",
}  # fmt: skip
ENCLOSED = {"radical": r"\sqrt", "top": r"\overline", "actuarial": r"\overline", "bottom": r"\underline"}
"""Lines around what `<menclose>` holds, by a word of its `notation`."""
_STYLES = (
    ("DOUBLE-STRUCK", r"\mathbb"), ("FRAKTUR", r"\mathfrak"), ("BLACK-LETTER", r"\mathfrak"),
    ("SCRIPT", r"\mathcal"), ("SANS-SERIF", r"\mathsf"), ("MONOSPACE", r"\mathtt"),
    ("BOLD ITALIC", r"\boldsymbol"), ("BOLD", r"\mathbf"), ("ITALIC", ""),
)  # fmt: skip


def letter_style(character: str) -> tuple[str, str]:
    """Return (TeX style command, plain letter) of a mathematical alphanumeric, else ("", it)."""
    if ord(character) < 0x2100:
        return "", character
    name = unicode.name(character, "")
    plain = unicode.normalize("NFKC", character)
    if len(plain) != 1 or plain == character or not (plain.isalnum()):
        return "", character
    for mark, command in _STYLES:
        if mark in name:
            return command, plain
    return "", character


def is_word(letters: str) -> bool:
    """Return whether letters are of a language, none a symbol or a letter in a style of mathematics."""
    return not any(c in SYMBOLS or letter_style(c)[0] for c in letters)
