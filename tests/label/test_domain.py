"""Every document gets one domain, by the first rule that holds, and the rule says so."""

from dataclasses import replace

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.label import LabelConfig, Models, label_document, load_models

PROSE = (
    "The old harbour was rebuilt after the storm, and the fishing boats came back one by one. "
    "People who had moved inland returned to their houses, opened the shops again and painted the doors. "
) * 3
MATH = """Theorem. Let $f: [a,b] \\to \\mathbb{R}$ be continuous. Then $f$ is bounded.

Proof. Suppose not. Then for every integer $n$ there is $x_n \\in [a,b]$ with $|f(x_n)| > n$. The sequence
$(x_n)$ has a convergent subsequence $x_{n_k} \\to x$, hence $f(x_{n_k}) \\to f(x)$ by continuity,
a contradiction, since $|f(x_{n_k})| > n_k \\geq k$ is unbounded.
"""
PLAIN_MATH = """Solve the equation x^2 - 5x + 6 = 0.

We factor the polynomial: x^2 - 5x + 6 = (x - 2)(x - 3). A product is zero when one of its factors is zero,
so x - 2 = 0 or x - 3 = 0. Hence x = 2 or x = 3. Substituting x = 2 gives 4 - 10 + 6 = 0, and x = 3
gives 9 - 15 + 6 = 0, so both solutions satisfy the quadratic equation.
"""
TUTORIAL = f"""{PROSE}

```python
def area(width, height):
    if width < 0 or height < 0:
        raise ValueError("negative side")
    return width * height
```

{PROSE[:200]}

```python
print(area(3, 4))
```
"""


@pytest.fixture(scope="module")
def config() -> LabelConfig:
    return LabelConfig()


@pytest.fixture(scope="module")
def models(config: LabelConfig) -> Models:
    return load_models(config)


def page(text: str, **values: object) -> Document:
    base = Document(doc_id="0" * 32, source="s", source_kind=SourceKind.WARC, locator="l", text=text)
    return replace(base, **values)  # type: ignore[arg-type]


def label(document: Document, config: LabelConfig, models: Models) -> Document:
    result = label_document(document, config, models)
    assert isinstance(result, Document)
    return result


def test_english_prose_is_web(config: LabelConfig, models: Models) -> None:
    result = label(page(PROSE), config, models)
    assert (result.domain, result.subset, result.language) == ("web", "all", "en")
    assert result.math_score is not None and result.math_score < 0.1
    assert result.scaffold_score is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der alte Hafen wurde nach dem Sturm wieder aufgebaut, und die Boote kamen eines nach dem anderen zurück.", "de"),
        ("Старый порт восстановили после шторма, и рыбацкие лодки возвращались одна за другой к своим причалам.", "ru"),
        ("风暴过后，旧港口得到了重建，渔船一艘接一艘地回来了，人们重新开了商店。", "zh-Hans"),
        ("嵐のあと、古い港は再建され、漁船が一隻ずつ戻ってきました。人々は店を開けました。", "ja"),
        ("Το παλιό λιμάνι ξαναχτίστηκε μετά την καταιγίδα και οι βάρκες γύρισαν μία μία στο μόλο.", "el"),
    ],
)  # fmt: skip
def test_other_languages_are_multilingual(
    text: str, language: str, config: LabelConfig, models: Models
) -> None:
    result = label(page(text), config, models)
    assert (result.domain, result.language) == ("multilingual", language)
    assert language in (result.domain_reason or "")


def test_mathematics_with_and_without_latex(config: LabelConfig, models: Models) -> None:
    for text in (MATH, PLAIN_MATH):
        result = label(page(text), config, models)
        assert result.domain == "math", result.domain_reason
        assert result.subset == "scaffold", result.domain_reason
        assert result.scaffold_score is not None
        assert "math_score" in (result.domain_reason or "") and "scaffold_score" in (
            result.domain_reason or ""
        )


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"region {i},{i * 37},{i * 1.5:.2f},{i * i},{i + 0.25:.3f}" for i in range(40)),
        "\n".join(f"Northport {i % 5} - {i % 3} Eastham ({i % 2} - 0)" for i in range(40)),
        "\n".join(
            f"Garden chair ${i}.99 was ${i + 5}.49, save {i}% on orders over $50" for i in range(1, 40)
        ),
        "#!/bin/sh\n"
        + "\n".join(f'export PATH="$HOME/bin{i}:$PATH"\necho $USER > $TMPDIR/log' for i in range(20)),
    ],
    ids=["csv", "scores", "prices", "shell"],
)
def test_digits_and_dollars_are_not_mathematics(text: str, config: LabelConfig, models: Models) -> None:
    result = label(page(text), config, models)
    assert result.domain != "math", result.domain_reason


def test_code_blocks_with_prose_are_code_nl(config: LabelConfig, models: Models) -> None:
    result = label(page(TUTORIAL), config, models)
    assert result.domain == "code_nl"
    assert "2 code blocks" in (result.domain_reason or "")
    assert result.language == "en"


def test_a_code_step_decision_stays(config: LabelConfig, models: Models) -> None:
    source = "def area(width, height):\n    return width * height\n"
    document = page(source, domain="code", domain_reason="python program", programming_language="Python",
                    path="a.py", markup=Markup.SOURCE)  # fmt: skip
    result = label(document, config, models)
    assert (result.domain, result.subset, result.domain_reason) == ("code", "all", "python program")
    assert result.math_score is None


def test_dumps_decide_before_content(config: LabelConfig, models: Models) -> None:
    article = label(page(MATH, source_kind=SourceKind.MEDIAWIKI, language="fr"), config, models)
    assert (article.domain, article.language) == ("wikipedia", "fr")
    book = label(page(MATH, source_kind=SourceKind.BOOKS), config, models)
    assert book.domain == "books"
    counted = LabelConfig(math_articles=True, math_books=True)
    assert label(page(MATH, source_kind=SourceKind.MEDIAWIKI), counted, models).domain == "math"
    assert label(page(PROSE, source_kind=SourceKind.BOOKS), counted, models).domain == "books"


def test_formal_proofs(config: LabelConfig, models: Models) -> None:
    lean = page("theorem add_zero (n : Nat) : n + 0 = n := by\n  rfl\n" * 4, path="src/Basic.lean")
    result = label(lean, config, models)
    assert result.domain == "math" and result.signals["formal"] == 1.0
    assert result.math_score is not None and result.scaffold_score is not None
    assert label(lean, LabelConfig(formal_proofs="code"), models).domain == "code"
    verilog = page("module counter(input clk);\n  reg [3:0] q;\nendmodule\n", path="c.v", domain="code")
    assert label(verilog, config, models).domain == "code"


def test_unwanted_languages_drop_with_a_reason(models: Models) -> None:
    german = page("Der alte Hafen wurde nach dem Sturm wieder aufgebaut, und die Boote kamen zurück.")
    result = label_document(german, LabelConfig(languages=("en",)), models)
    assert isinstance(result, Drop)
    assert result.reason is DropReason.LANGUAGE and "de" in result.detail


def test_empty_and_signs_only_texts_are_labelled(config: LabelConfig, models: Models) -> None:
    for text in ("", "\n\n", "!!! --- ???", "12 34 56", "a"):
        result = label(page(text), config, models)
        assert (result.domain, result.language) == ("web", "und")
