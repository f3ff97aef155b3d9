"""How structured a mathematical passage is: the scaffold classifier as it is served.

`prepare` is the one function that turns text into what fastText sees; the workshop
trains on it and this module serves with it, so the two cannot drift apart.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from corpusforge.label.config import LabelConfig
from corpusforge.label.model import TextClassifier
from corpusforge.label.reading import windows

SCAFFOLD_LABEL = "__label__scaffold"
OTHER_LABEL = "__label__other"

_TOKEN = re.compile(
    r"\\[a-z]+|\\[()\[\],;:!]|<=|>=|!=|=>|->|[a-zÀ-ɏͰ-ӿ]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)*|\n|[^\s\d]"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

# Spellings of one thing become one token: the training set writes mathematics at random as TeX or Unicode.
_SPELLINGS = {
    "<=": r"\le \leq \leqslant ≤ ⩽",
    ">=": r"\ge \geq \geqslant ≥ ⩾",
    "!=": r"\ne \neq ≠",
    "=>": r"\implies \iff \longrightarrow ⇒ ⟹ ⇔ ⟺ ∴",
    "->": r"\to \rightarrow \mapsto → ↦ ⟶",
    "*": r"\cdot \times \ast × · ⋅ ∗",
    "≡": r"\equiv \cong \sim \simeq \approx ≅ ∼ ≃ ≈",
    "∈": r"\in",
    "⊂": r"\subset \subseteq ⊆",
    "√": r"\sqrt sqrt",
    "∑": r"\sum",
    "∫": r"\int",
    "∞": r"\infty",
    "-": "− –",
    "": r"$ & ~ { } \ ` \left \right \big \bigg \displaystyle \mathrm \mathbf \text \textbf \emph"
    r" \operatorname \quad \qquad \( \) \[ \] \, \; \: \! \begin \end align aligned equation array"
    r" cases gather split eqnarray center itemize enumerate \item",
}
_CANONICAL = {spelling: token for token, group in _SPELLINGS.items() for spelling in group.split()}
_RELATIONS = frozenset(("=", "<", ">", "<=", ">=", "!=", "=>", "≡", "∈", "⊂"))
_CHAIN_STARTS = frozenset(("=", "<=", ">=", "≡", "=>", "<"))
_CONNECTIVES = frozenset(
    """
so hence thus therefore since because then let suppose assume consider implies substitute substituting
substitution now first next finally similarly contradiction conversely follows obtain get gives means
consequently moreover notice note recall observe claim 因 故 即 则 设 令 解 得 证 综
""".split()
)


def prepare(text: str) -> str:
    """Return text as the scaffold classifier sees it: one line of tokens, no line feed.

    Mathematics loses its delimiters and spelling variants, numbers become `0`, single letters
    `v`, CJK characters stand alone. Structure becomes tokens: each line ends in `¶` and how many
    relations it held (`¶0` to `¶3`), and the text closes with the densities of connectives,
    relations and chained lines per 1,000 tokens in log steps (`conn4 rel5 chain2`).
    """
    tokens: list[str] = []
    n_connectives = n_relations = n_chains = 0
    for line in _NUMBER.sub("0", text.lower()).splitlines():
        found: list[str] = _TOKEN.findall(line)
        shown = [token for token in map(_canonical, found) if token]
        if not shown:
            continue
        count = len(list(filter(_RELATIONS.__contains__, shown)))
        n_relations += count
        n_connectives += len(list(filter(_CONNECTIVES.__contains__, shown)))
        n_chains += count >= 2 or shown[0] in _CHAIN_STARTS
        tokens += shown
        tokens.append(f"¶{min(3, count)}")
    per_token = 1000 / max(20, len(tokens))
    steps = (_step(count * per_token) for count in (n_connectives, n_relations, n_chains))
    tokens += map("{}{}".format, ("conn", "rel", "chain"), steps)
    return " ".join(tokens)


@lru_cache(maxsize=1 << 16)
def _canonical(word: str) -> str:
    """Return the token of one word: its one spelling, `v` for a single ASCII letter, or nothing."""
    token = _CANONICAL.get(word, word)
    return "v" if len(token) == 1 and "a" <= token <= "z" else token


def _step(density: float) -> int:
    """Return a density as a whole number of half octaves, at most 12."""
    return min(12, round(2 * math.log2(1 + density)))


def scaffold_score(text: str, classifier: TextClassifier, config: LabelConfig) -> float:
    """Return how much a mathematical text is a scaffold, 0-1.

    A text longer than a training passage is judged by up to `scaffold_windows` evenly spaced
    windows of `scaffold_window_chars`, and their scores are averaged.
    """
    scores = [passage_score(piece, classifier) for piece in passages(text, config)]
    return sum(scores) / len(scores)


def passages(text: str, config: LabelConfig) -> list[str]:
    """Return the windows of a text that are scored: at least one, about as long as training passages."""
    n_needed = math.ceil(len(text) / config.scaffold_window_chars)
    if n_needed <= 1:
        return [text]
    if n_needed > config.scaffold_windows:
        return windows(text, config.scaffold_windows, config.scaffold_window_chars)
    size = math.ceil(len(text) / n_needed)
    return [text[start : start + size] for start in range(0, len(text), size)]


def passage_score(passage: str, classifier: TextClassifier) -> float:
    """Return the probability of the scaffold class for one passage, 0-1."""
    for probability, label in classifier.predict(prepare(passage) + "\n", 2, 0.0, "strict"):
        if label == SCAFFOLD_LABEL:
            return min(1.0, max(0.0, probability))
    return 0.0
