"""Whether a document is mathematics: countable evidence and a few pinned weights.

The evidence is formula density, mathematical signs, relations and vocabulary, and what
speaks against: code, tables of numbers, money, talk of people and firms. A logistic
regression, fitted by the workshop (`classifiers`), weighs it; the weights are a small
TOML file. So prices, CSV and score sheets are not mathematics however many digits and
operators they hold, and mathematics without LaTeX is.
"""

from __future__ import annotations

import math
import re

from corpusforge.label.config import LabelConfig
from corpusforge.label.model import MathWeights
from corpusforge.label.reading import Reading, windows

EVIDENCE = (
    "formula_share", "formulas", "signs", "strong_words", "strong_kinds", "weak_words", "cjk", "relations",
    "notation", "code_marks", "number_rows", "money", "people",
)  # fmt: skip
"""The names of the evidence, in the order of `evidence()`."""

# Words that are rare outside mathematics, and words that are common in it.
_STRONG = frozenset(
    """
theorem theorems lemma lemmas corollary proposition axiom axioms conjecture qed polynomial polynomials
quadratic cubic integral integrals integrand derivative derivatives differentiable differentiate
antiderivative logarithm logarithmic exponent exponents trigonometric cosine sine tangent hypotenuse
eigenvalue eigenvalues eigenvector eigenvectors determinant matrix matrices vector vectors scalar subspace
bijection bijective injective surjective homomorphism isomorphism isomorphic homeomorphism automorphism
endomorphism morphism morphisms functor abelian monoid subgroup subgroups coset cosets quotient modulo
congruent congruence divisor divisors divisible coprime prime primes factorization factorial permutation
permutations combinatorial binomial coefficient coefficients denominator numerator fraction fractions
integer integers rational irrational reals cardinality countable uncountable subset subsets superset
infimum supremum convergent converges convergence divergent asymptote asymptotic continuous
topology topological metric manifold manifolds compactness hausdorff holomorphic meromorphic
cauchy riemann lebesgue banach hilbert euler euclidean gaussian fourier laplace jacobian hessian gradient
equation equations inequality inequalities simplify parabola ellipse hyperbola perimeter circumference radius
triangle triangles polygon perpendicular orthogonal orthonormal linear nonlinear variance bijections
infinitesimal parametric tangents secant cotangent radicand radical radicals monomial trinomial
satz beweis gleichung théorème démonstration équation teorema ecuación demostración dimostrazione
equazione teorema теорема лемма доказательство уравнение многочлен матрица интеграл
""".split()
)
_WEAK = frozenset(
    """
proof prove proves proven let suppose assume hence thus therefore denote denotes denoted define defined
definition follows implies function functions variable variables value values number numbers set sets element
elements sum product square root equal equals solve solution solutions solving graph slope multiply
multiplication divide division subtract subtraction addition angle angles length area volume probability
finite infinite arbitrary unique exists satisfying algebra algebraic geometry calculus arithmetic
mathematics mathematical expression theory operator operators group groups ring field space sequence series
limit limits domain range inverse identity zero positive negative real complex formula exercise
""".split()
)
_PEOPLE = frozenset(
    """
he she his her him said says mr mrs minister government police company companies firm firms market markets
price prices sales profit profits investors economy economic consumers workers players season match team
league president election war film music court city users user install server file files http https
""".split()
)
_STRONG_CJK = re.compile(r"定理|引理|推论|证明|方程|函数|矩阵|向量|导数|积分|多项式|整数|素数|质数|集合|映射|"
                         r"收敛|极限|几何|代数|三角形|不等式|行列式|特征值|微分|概率|级数|"
                         r"同余|模意义|组合数|線形|関数|行列|積分|微分|증명|함수|행렬")  # fmt: skip

_KIND = {
    **dict.fromkeys(_PEOPLE, "people"),
    **dict.fromkeys(_WEAK, "weak"),
    **dict.fromkeys(_STRONG, "strong"),
    **dict.fromkeys(("million", "billion", "usd", "eur", "gbp", "percent", "dollars", "euros"), "money"),
}

# Every pattern starts with the sign it looks for and looks behind from there, or is a plain count: several
# times faster than one that starts with a letter.
_WORDS = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile(r"[぀-ヿ㐀-鿿가-힣]+")
_SIGNS = re.compile(r"[∀-⋿⟨⟩⟶⟹ℂℕℚℝℤ→⇒⇔↦×÷±√≤≥≠≈′²³ⁿ₀-₉Δα-ωΓΘΛΞΠΣΦΨΩ]")
_GREEK_TEXT = re.compile(r"[ά-ώα-ω]{4,}")
_RELATION = re.compile(
    r"[=<>≤≥≠≈≡∈⊂⊆→]"
    r"(?:(?<=\W[A-Za-z].)|(?<=\W[A-Za-z] .)|(?<=\d[A-Za-z] .)|(?<=[)\]\d²³′'] .)|(?<=[)\]\d²³′'].))"
    r" ?-?(?:[\w(√∑∫|{[]|\\[A-Za-z])",
    re.S,
)
_NOTATION = re.compile(
    r"\^(?<=[\w)} ]\^)\s?[\d({A-Za-z-]"  # x^2
    r"|_(?<=\W[A-Za-z]_)[\dijkn{]"  # a_n
    r"|\((?:(?<=\W[fghFGPφ]\()[a-z0-9]\)|(?<=sqrt\())"  # f(x), sqrt(
    r"|[+−-](?:(?<=[\W\d][xyzn].)|(?<=[\W\d][xyzn] .)) ?\d"  # 3x + 2
    r"|\\(?:frac|sum|int|sqrt|alpha|beta|lambda|mathbb|mathcal|cdot|leq|geq|infty|partial|begin)\b"
)
_CODE_START = re.compile(r"\s*(?:(?:def|class|import|from|return|if|for|while|public|private|"
                         r"let|fn|sudo|echo|export|elif|else|package|use|var|const|static|@\w+)\b"
                         r"(?!.*[a-z] [a-z]+ [a-z]+ )|[}#]|//|/\*|\* |--? )")  # fmt: skip
_CODE_SIGNS = ("::", "self.", "=> ", "-> ", "==", "&&", "{{", "`", "();", "||", "</", "/>")
_PRICE = re.compile(r"[$€£¥]\s?\d")
_NUMBER = re.compile(r"[-+]?[\d.,:%]+$|-$|n/a$", re.I)
_CELL_BREAK = re.compile(r"[,;|\t]+|\s{2,}")
_SCORE = re.compile(r"[-–:](?<=\d.) ?\d|[-–:](?<=\d .) ?\d")
_WITHOUT_DIGITS = dict.fromkeys(map(ord, "0123456789"))


def evidence(reading: Reading) -> list[float]:
    """Return the evidence about a reading, named by `EVIDENCE`: densities, log-scaled, all >= 0."""
    prose, bare = reading.prose, reading.bare
    n_chars = max(1, len(prose))
    lines = [line for line in bare.splitlines() if line and not line.isspace()]
    n_lines = max(1, len(lines))
    densities = _vocabulary(bare)
    per_char = 1000 / n_chars
    n_signs = 0 if bare.isascii() or _GREEK_TEXT.search(bare) else len(_SIGNS.findall(bare))
    n_code_marks = sum(map(_starts_like_code, lines)) + sum(map(bare.count, _CODE_SIGNS))
    n_money = len(_PRICE.findall(bare)) + bare.count("%")
    return [
        math.sqrt(reading.n_formula_chars / n_chars),
        math.log1p(reading.n_formulas * per_char),
        math.log1p(n_signs * per_char),
        *densities[:4],
        math.log1p(len(_RELATION.findall(prose)) * per_char),
        math.log1p(len(_NOTATION.findall(prose)) * per_char),
        math.log1p(20 * n_code_marks / n_lines),
        sum(map(_is_number_row, lines)) / n_lines,
        math.log1p(n_money * per_char) + densities[5],
        densities[4],
    ]


def _vocabulary(bare: str) -> tuple[float, float, float, float, float, float]:
    """Return the evidence of words: strong, kinds of strong, weak, weak of CJK, people, money."""
    words = _WORDS.findall(bare.lower())
    found = [word for word in words if word in _KIND]
    kinds = [_KIND[word] for word in found]
    strong = [word for word in found if _KIND[word] == "strong"]
    n_cjk = 0
    if not bare.isascii():
        strong += _STRONG_CJK.findall(bare)
        n_cjk = sum(map(len, _CJK.findall(bare)))
    per_word = 1000 / max(20, len(words) + n_cjk // 2)
    return (
        math.log1p(len(strong) * per_word),
        math.log1p(len(set(strong))),
        math.log1p(kinds.count("weak") * per_word),
        min(1.0, 2 * n_cjk / (len(bare) + 1)),
        math.log1p(kinds.count("people") * per_word),
        math.log1p(kinds.count("money") * per_word),
    )


def _starts_like_code(line: str) -> bool:
    return line[-1] in ";{" or _CODE_START.match(line) is not None


def _is_number_row(line: str) -> bool:
    """Return whether a line is a row of a table of figures or a result of a match."""
    n_digits = len(line) - len(line.translate(_WITHOUT_DIGITS))
    if n_digits < 2 or n_digits * 12 < len(line) or "=" in line:
        return False
    cells = [cell.strip() for cell in _CELL_BREAK.split(line) if cell and not cell.isspace()]
    if len(cells) >= 3 and sum(_NUMBER.match(cell) is not None for cell in cells) * 2 >= len(cells):
        return True
    tokens = line.split()
    n_figures = sum(_NUMBER.match(token) is not None for token in tokens)
    return (len(tokens) >= 4 and n_figures * 2 >= len(tokens)) or _SCORE.search(line) is not None


def sampled(text: str, config: LabelConfig) -> str:
    """Return the part of a text that the tagger reads: all of it, or evenly spaced windows."""
    return "\n".join(windows(text, config.math_windows, config.math_window_chars))


def math_score(reading: Reading, weights: MathWeights) -> float:
    """Return the probability, 0-1, that a reading is mathematics."""
    total = weights.bias
    for value, weight in zip(evidence(reading), weights.weights, strict=True):
        total += value * weight
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))
