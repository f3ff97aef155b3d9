"""Worked examples of school and undergraduate mathematics, each with fresh numbers.

A passage is a list of pieces, either prose or a formula in LaTeX; a formula is shown inline or
as a display. `as_html` writes the pieces the ways web pages do: MathJax, KaTeX, MathML, script.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from math import comb, gcd
from random import Random


@dataclass(frozen=True)
class Formula:
    """A formula: LaTeX, and whether it stands on a line of its own."""

    tex: str
    display: bool = False


Piece = str | Formula
Passage = tuple[str, list[list[Piece]]]
"""A title, and paragraphs of pieces."""


def _signed(value: int, tail: str = "") -> str:
    return f"{'+' if value >= 0 else '-'} {abs(value)}{tail}"


def quadratic(random: Random) -> Passage:
    """Return a quadratic equation solved by its discriminant."""
    p, q = random.sample([n for n in range(-14, 15) if n], 2)
    b, c = -(p + q), p * q
    return "Solving a quadratic equation by its discriminant", [
        ["We are asked for the real numbers ", Formula("x"), " that satisfy ", Formula(f"x^2 {_signed(b, 'x')} {_signed(c)} = 0", True)],
        ["Step 1. Read off the coefficients: ", Formula(f"a = 1,\\ b = {b},\\ c = {c}"), ". Step 2. The discriminant is ", Formula(f"D = b^2 - 4ac = {b * b} - 4\\cdot({c}) = {b * b - 4 * c}", True)],
        ["Step 3. It is positive, since ", Formula(f"\\sqrt{{D}} = {abs(p - q)}"), ", and therefore there are two solutions: ", Formula(f"x_{{1,2}} = \\frac{{{-b} \\pm {abs(p - q)}}}{{2}}", True)],
        ["Step 4. Hence ", Formula(f"x_1 = {max(p, q)}"), " and ", Formula(f"x_2 = {min(p, q)}"), ". A check by Vieta: the sum is ", Formula(f"{p + q} = -b"), " and the product is ", Formula(f"{p * q} = c"), ", as it must be."],
    ]  # fmt: skip


def series(random: Random) -> Passage:
    """Return the sum of an arithmetic progression."""
    first, step, n = random.randint(2, 40), random.randint(3, 17), random.randint(12, 90)
    last, total = first + (n - 1) * step, n * (2 * first + (n - 1) * step) // 2
    return "The sum of an arithmetic progression", [
        ["Let ", Formula(f"a_1 = {first}"), " and let every term exceed the one before it by ", Formula(f"d = {step}"), ". What is the sum of the first ", Formula(f"{n}"), " terms?"],
        ["First we find the last term: ", Formula(f"a_{{{n}}} = a_1 + (n-1)d = {first} + {n - 1}\\cdot {step} = {last}", True)],
        ["Next we write the sum twice, once forwards and once backwards, and add the two lines. Each column gives ", Formula(f"{first} + {last} = {first + last}"), ", and there are ", Formula(f"{n}"), " columns."],
        ["Therefore ", Formula(f"S_{{{n}}} = \\sum_{{k=1}}^{{{n}}} a_k = \\frac{{{n}\\cdot {first + last}}}{{2}} = {total}", True), "which completes the computation."],
    ]  # fmt: skip


def derivative(random: Random) -> Passage:
    """Return an extremum found by the derivative of a cubic."""
    r = random.choice([2, 3, 4, 5, 6])
    c = random.randint(-30, 30)
    value_low, value_high = 2 * r**3 - 6 * r**3 + c, -2 * r**3 + 6 * r**3 + c
    return "Finding local extrema of a cubic polynomial", [
        ["Consider the function ", Formula(f"f(x) = 2x^3 - {6 * r * r}x {_signed(c)}"), ". We look for its local maximum and its local minimum."],
        ["Differentiate term by term. Since ", Formula("\\frac{d}{dx} x^n = n x^{n-1}"), ", we obtain ", Formula(f"f'(x) = 6x^2 - {6 * r * r} = 6(x - {r})(x + {r})", True)],
        ["The critical points are the roots of ", Formula("f'"), ", namely ", Formula(f"x = {r}"), " and ", Formula(f"x = -{r}"), ". The second derivative ", Formula("f''(x) = 12x"), " decides between them."],
        ["Because ", Formula(f"f''({r}) = {12 * r} > 0"), ", the point is a minimum with ", Formula(f"f({r}) = {value_low}"), ". Because ", Formula(f"f''(-{r}) = {-12 * r} < 0"), ", the other is a maximum with ", Formula(f"f(-{r}) = {value_high}"), "."],
    ]  # fmt: skip


def integral(random: Random) -> Passage:
    """Return an integral by parts."""
    k = random.randint(2, 9)
    return "Integration by parts with an exponential", [
        ["We compute the indefinite integral ", Formula(f"\\int x e^{{{k}x}} \\, dx", True)],
        ["Choose ", Formula("u = x"), " and ", Formula(f"dv = e^{{{k}x}} dx"), ", so that ", Formula("du = dx"), " and ", Formula(f"v = \\frac{{1}}{{{k}}} e^{{{k}x}}"), "."],
        ["The rule ", Formula("\\int u \\, dv = uv - \\int v \\, du"), " gives ", Formula(f"\\int x e^{{{k}x}} dx = \\frac{{x}}{{{k}}} e^{{{k}x}} - \\frac{{1}}{{{k}}} \\int e^{{{k}x}} dx = \\frac{{{k}x - 1}}{{{k * k}}} e^{{{k}x}} + C", True)],
        ["To verify the answer, differentiate it by the product rule; the two terms with ", Formula(f"\\frac{{1}}{{{k}}} e^{{{k}x}}"), " cancel and the integrand remains."],
    ]  # fmt: skip


def euclid(random: Random) -> Passage:
    """Return a greatest common divisor by Euclid's algorithm."""
    g = random.randint(3, 19)
    a, b = g * random.randint(60, 200), g * random.randint(15, 55)
    start, lines = (a, b), []
    while b:
        lines.append(f"{a} &= {a // b} \\cdot {b} + {a % b}")
        a, b = b, a % b
    body = "\\begin{aligned} " + " \\\\ ".join(lines) + " \\end{aligned}"
    return "Euclid's algorithm, step by step", [
        ["To find ", Formula(f"\\gcd({start[0]}, {start[1]})"), " we divide with remainder, again and again, until the remainder vanishes."],
        ["The key lemma says that ", Formula("\\gcd(a, b) = \\gcd(b, a \\bmod b)"), ": every common divisor of the one pair divides the other pair too."],
        ["Carrying this out yields ", Formula(body, True), f"after {len(lines)} divisions."],
        ["The last remainder different from zero is ", Formula(f"{a}"), ", hence ", Formula(f"\\gcd({start[0]}, {start[1]}) = {gcd(*start)}"), " and the claim is proved."],
    ]  # fmt: skip


def induction(random: Random) -> Passage:
    """Return a proof by induction of a sum formula."""
    k, r = random.randint(2, 9), random.randint(1, 12)
    return "A proof by induction", [
        ["Theorem. For every natural number ", Formula("n \\ge 1"), " we have ", Formula(f"\\sum_{{i=1}}^{{n}} ({2 * k} i + {r}) = {k} n^2 + {k + r} n", True)],
        ["Base case. For ", Formula("n = 1"), " the left side is ", Formula(f"{2 * k} + {r} = {2 * k + r}"), " and the right side is ", Formula(f"{k} + {k + r} = {2 * k + r}"), ", so both agree."],
        ["Induction step. Assume the statement for some ", Formula("n"), ". Adding the next summand ", Formula(f"{2 * k}(n+1) + {r}"), " to both sides we get ", Formula(f"{k}n^2 + {k + r}n + {2 * k}n + {2 * k + r} = {k}(n+1)^2 + {k + r}(n+1)", True)],
        ["This is the statement for ", Formula("n + 1"), ". By the principle of induction the formula holds for all ", Formula("n"), ". ", Formula("\\blacksquare")],
    ]  # fmt: skip


def counting(random: Random) -> Passage:
    """Return a probability by counting subsets."""
    red, blue, draw = random.randint(4, 12), random.randint(5, 14), random.randint(2, 4)
    good, every = comb(red, draw), comb(red + blue, draw)
    return "Drawing without replacement", [
        [f"An urn holds {red} red and {blue} blue balls. We draw {draw} of them without replacement and ask for the probability that all are red."],
        ["There are ", Formula(f"\\binom{{{red + blue}}}{{{draw}}} = {every}"), " equally likely subsets, and of these ", Formula(f"\\binom{{{red}}}{{{draw}}} = {good}"), " hold red balls only."],
        ["Therefore the probability is the quotient ", Formula(f"P = \\frac{{\\binom{{{red}}}{{{draw}}}}}{{\\binom{{{red + blue}}}{{{draw}}}}} = \\frac{{{good}}}{{{every}}} \\approx {good / every:.4f}", True)],
        ["The same number results from multiplying conditional probabilities, ", Formula(" \\cdot ".join(f"\\frac{{{red - i}}}{{{red + blue - i}}}" for i in range(draw))), ", which is a useful check."],
    ]  # fmt: skip


def linear_system(random: Random) -> Passage:
    """Return a system of two linear equations solved by elimination."""
    x, y = random.randint(-9, 9), random.randint(-9, 9)
    a, b = random.randint(2, 9), random.randint(2, 9)
    c, d = a + random.randint(1, 5), b + random.randint(6, 11)
    e, f = a * x + b * y, c * x + d * y
    det = a * d - b * c
    if det == 0:
        return linear_system(random)
    return "Elimination in a system of two equations", [
        ["Solve the linear system ", Formula(f"\\begin{{cases}} {a}x + {b}y = {e} \\\\ {c}x + {d}y = {f} \\end{{cases}}", True)],
        ["Its determinant is ", Formula(f"\\Delta = {a}\\cdot {d} - {b}\\cdot {c} = {det}"), ", which is not zero, so exactly one solution exists."],
        ["Multiply the first equation by ", Formula(f"{d}"), " and the second by ", Formula(f"{b}"), ", and subtract. The unknown ", Formula("y"), " disappears and ", Formula(f"{det} x = {e * d - f * b}", True), "remains."],
        ["Thus ", Formula(f"x = {x}"), ". Substituting into the first equation gives ", Formula(f"{b} y = {e} {_signed(-a * x)} = {e - a * x}"), " and finally ", Formula(f"y = {y}"), "."],
    ]  # fmt: skip


KINDS = (quadratic, series, derivative, integral, euclid, induction, counting, linear_system)

_INTROS = (
    "The examples on this page are meant to be read with a pencil in the hand.",
    "Each of the following problems is solved in full, and no step is left out.",
    "These notes belong to the second week of the course; the exercises follow at the end.",
    "Before reading on, try to find the answer yourself and compare your steps with ours.",
    "What follows is a small collection of problems that came up in the tutorial.",
    "The method matters more than the result, and so we write down every intermediate line.",
)


def lesson(random: Random, examples: int = 3) -> tuple[str, list[Passage]]:
    """Return a title and several passages of different kinds."""
    passages = [kind(random) for kind in random.sample(KINDS, examples)]
    title = passages[0][0]
    intro: list[Piece] = [" ".join(random.sample(_INTROS, 2))]
    return title, [(passages[0][0], [intro, *passages[0][1]]), *passages[1:]]


def as_markdown(passages: list[Passage]) -> str:
    """Return passages as Markdown with dollar signs."""
    out = []
    for title, paragraphs in passages:
        out.append(f"## {title}")
        for pieces in paragraphs:
            out.append("".join(_dollars(piece) for piece in pieces))
    return "\n\n".join(out) + "\n"


def _dollars(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    return f"\n\n$${piece.tex}$$\n\n" if piece.display else f"${piece.tex}$"


STYLES = ("mathjax", "katex", "mathml", "script")


def as_html(passages: list[Passage], style: str) -> str:
    """Return passages as HTML, formulas in one of `STYLES`."""
    out = []
    for title, paragraphs in passages:
        out.append(f"<h2>{html.escape(title)}</h2>")
        for pieces in paragraphs:
            body = "".join(html.escape(p) if isinstance(p, str) else _html_formula(p, style) for p in pieces)
            out.append(f"<p>{body}</p>")
    return "\n".join(out)


def _html_formula(formula: Formula, style: str) -> str:
    tex = html.escape(formula.tex)
    mode = "; mode=display" if formula.display else ""
    block = ' display="block"' if formula.display else ""
    annotated = (
        f'<math xmlns="http://www.w3.org/1998/Math/MathML"{block}><semantics><mrow><mtext>formula</mtext></mrow>'
        f'<annotation encoding="application/x-tex">{tex}</annotation></semantics></math>'
    )
    if style == "mathjax":
        return f"\\[{tex}\\]" if formula.display else f"\\({tex}\\)"
    if style == "script":
        return f'<script type="math/tex{mode}">{formula.tex}</script>'
    if style == "mathml":
        return annotated
    inner = f'<span class="katex"><span class="katex-mathml">{annotated}</span><span class="katex-html" aria-hidden="true"><span class="mord">…</span></span></span>'
    return f'<span class="katex-display">{inner}</span>' if formula.display else inner
