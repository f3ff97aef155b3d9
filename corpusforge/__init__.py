"""Raw dumps in, a domain-classified pre-training corpus out; as a library, its parts for one's own texts.

    import corpusforge

    corpusforge.extract_text(html)                     # a page as Markdown
    corpusforge.label_text(text, path="walk.py")       # its domain, scores and the reason
    corpusforge.deduplicate(texts)                     # which of them stay
    corpus = corpusforge.open_corpus("CORPUS")
    corpus.documents(domain="math", where="scaffold_score > 0.8")

Importing the package loads nothing else; each name loads its module at its first use, and none
loads Beam. The names in `__all__` are stable; anything else may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpusforge.lazy import at_first_use

if TYPE_CHECKING:
    from corpusforge.api.corpus import Corpus, open_corpus
    from corpusforge.api.deduplicating import deduplicate
    from corpusforge.api.errors import UsageError, WrongType
    from corpusforge.api.extracting import extract_text, extract_texts
    from corpusforge.api.labelling import Label, label_text, label_texts
    from corpusforge.extras import MissingLibrary
    from corpusforge.mixture.plan import make_plan, write_plan
    from corpusforge.mixture.planfile import Plan
    from corpusforge.mixture.recipe import Recipe, load_recipe
    from corpusforge.reader import PlanReader, Sample, open_plan
    from corpusforge.step import StepDocument, StepDrop

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "extract_text",
    "extract_texts",
    "label_text",
    "label_texts",
    "Label",
    "StepDocument",
    "StepDrop",
    "deduplicate",
    "open_corpus",
    "Corpus",
    "load_recipe",
    "Recipe",
    "make_plan",
    "write_plan",
    "Plan",
    "open_plan",
    "PlanReader",
    "Sample",
    "UsageError",
    "WrongType",
    "MissingLibrary",
]

__getattr__, __dir__ = at_first_use(
    __name__,
    {
        "extract_text": "api.extracting",
        "extract_texts": "api.extracting",
        "label_text": "api.labelling",
        "label_texts": "api.labelling",
        "Label": "api.labelling",
        "StepDocument": "step",
        "StepDrop": "step",
        "deduplicate": "api.deduplicating",
        "open_corpus": "api.corpus",
        "Corpus": "api.corpus",
        "load_recipe": "mixture.recipe",
        "Recipe": "mixture.recipe",
        "make_plan": "mixture.plan",
        "write_plan": "mixture.plan",
        "Plan": "mixture.planfile",
        "open_plan": "reader",
        "PlanReader": "reader",
        "Sample": "reader",
        "UsageError": "api.errors",
        "WrongType": "api.errors",
        "MissingLibrary": "extras",
    },
)
