"""Connectives and structural tokens are counted alike in mathematics and code."""

from __future__ import annotations

import pytest

from corpusforge.document import Document, SourceKind
from corpusforge.label import LabelConfig, label_document, load_models
from corpusforge.label.densities import densities


@pytest.mark.parametrize(
    ("text", "connectives", "structure"),
    [
        ("", 0, 0),
        ("apples and pears", 0, 0),
        ("Hence apples, therefore PEARS", 500, 0),
        ("it is substituted and we obtained it", 2000 / 7, 0),  # stems
        ("因此苹果所以", 1000 * 2 / 3, 0),  # six Han characters are three words
        ("a (b) [c]", 0, 4000 / 7),  # four brackets of three words and four signs
        ("x == y", 0, 1000 / 3),  # a run of relations is one
        (r"\frac a", 0, 500),
        ("if a:\n", 0, 1000 / 3),
        ("see a: b", 0, 0),
        ("- one\n2. two\n# three\n```\n", 0, 400),
    ],
)
def test_densities_are_counts_over_words_and_signs(text: str, connectives: float, structure: float) -> None:
    found = densities(text)
    assert found["connective_density"] == pytest.approx(connectives)
    assert found["structure_density"] == pytest.approx(structure)


def test_documents_of_mathematics_and_code_carry_them_and_prose_does_not() -> None:
    config, names = LabelConfig(), {"connective_density", "structure_density"}
    models = load_models(config)

    def label(text: str, domain: str | None = None) -> Document:
        document = Document(
            doc_id="0" * 32, source="s", source_kind=SourceKind.JSONL, locator="l", text=text, domain=domain
        )
        found = label_document(document, config, models)
        assert isinstance(found, Document)
        return found

    theorem = (
        r"Theorem. Let $f(x) = x^2$. Then $f'(x) = 2x$, hence $f$ is convex. Proof. $\lim_{h \to 0} f$." * 4
    )
    mathematics, program = label(theorem), label("def f(x):\n    return x\n", "code")
    assert mathematics.domain == "math" and names <= set(mathematics.signals)
    assert program.domain == "code" and program.signals["structure_density"] > 0
    assert not names & set(label("It rained all day, and the market was empty. " * 20).signals)
