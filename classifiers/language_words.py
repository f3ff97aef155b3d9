"""The words that tell close languages apart, from word lists with their frequencies.

Indonesian and Malay, or Danish and Norwegian, share most of their n-grams; how much more often one of them
uses a word is known from the lists that the language model's words are drawn from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from corpusforge_classifiers.language_corpus import LanguageRecipe, Material


def close_words(material: dict[str, Material], recipe: LanguageRecipe) -> dict[str, dict[str, str]]:
    """Return, for each group of close languages, the words of each row of values, as the model holds them.

    A value is ten times the difference of a word's log probability to the highest in the group.
    """
    return {" ".join(group): _telling(group, material, recipe) for group in recipe.close}


def _telling(group: Sequence[str], material: dict[str, Material], recipe: LanguageRecipe) -> dict[str, str]:
    listed = [log_probabilities(material[language].words) for language in group]
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(set[str]().union(*listed)):
        values = [known.get(word, recipe.close_unknown_log_probability) for known in listed]
        best = max(values)
        below = [max(value - best, -recipe.close_most) for value in values]
        if best >= recipe.close_min_log_probability and min(below) <= -recipe.close_least:
            found[" ".join(f"{round(10 * value)}" for value in below)].append(word)
    return {values: " ".join(words) for values, words in sorted(found.items())}


def log_probabilities(words: str) -> dict[str, float]:
    """Return word -> log probability of a list as the packages hold it: a comment, then a word a line."""
    rows = (line.rpartition(" ") for line in words.splitlines()[1:])
    return {word: float(value) for word, _, value in rows if word}
