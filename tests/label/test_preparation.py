"""Text preparation: what carries over stays, what tells a source goes; training and serving agree byte for byte."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label import LabelConfig, grams, scaffold
from corpusforge.label.grams import N_SLOTS, Linear
from corpusforge.label.layers import inputs
from corpusforge.label.preparation import FIXED, prepare, spellings, token_line, unknown_words, word_table
from corpusforge.label.scaffold import ScaffoldModel, passage_scores, scaffold_score
from corpusforge.label.structure import SHAPES
from corpusforge_classifiers import linear, train_scaffold

WORDS = word_table(["polynomial", "integer"])


def tokens(text: str) -> list[str]:
    return token_line(prepare(text, WORDS), WORDS).split(" ")


def counted(text: str) -> dict[str, float]:
    found = prepare(text, WORDS)
    return {name: value for name, value in zip(WORDS.counted, found.counts.tolist(), strict=True) if value}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$x \\leq 3$", "\\(y ≤ 17\\)"),
        ("\\[a = \\frac{b}{2}\\]", "$$c = \\dfrac{d}{7.5}$$"),
        ("hence α = 1", "因此 β = 2"),
        ("Donc x → y", "so a \\to b"),
        ("**Answer:** 96\n#### 96", "**Answer:** 12\n12"),
        ("\\boxed{5}", "5"),
    ],
)
def test_spellings_of_one_thing_are_one(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


def test_words_of_few_sources_are_hidden() -> None:
    assert tokens("the polynomial of Frobnitz") == ["the", "polynomial", "of", "w", "¶0"]
    assert tokens("群的定义") == ["z", "的", "@define", "¶0"]
    assert unknown_words("the polynomial \\Frob of Frobnitz 群 §", WORDS) == {"\\frob", "frobnitz", "群", "§"}


def test_chinese_is_matched_by_its_longest_step_word() -> None:
    assert tokens("由题意可得x=3") == ["@since", "z", "z", "@get", "v", "=", "0", "¶1"]


def test_lines_tell_their_relations_and_shapes() -> None:
    text = "Let x = 1.\n= 2 = 3 = 4 = 5\nWhy?\n1. Find y\n3 + 4 = 7"
    assert [token for token in tokens(text) if token.startswith("¶")] == ["¶1", "¶3", "¶0", "¶0", "¶1"]
    found = counted(text)
    assert found["n_lines"] == 5 and found["chained_lines"] == 1 and found["question_lines"] == 1
    assert found["most_relations"] == 4 and found["operations"] == 1 and found["imperative_lines"] == 2


def test_columns_are_named_once() -> None:
    assert len(set(WORDS.counted)) == len(WORDS.counted) and WORDS.counted[-len(SHAPES) :] == SHAPES
    assert len(set(WORDS.names)) == len(WORDS.names) and WORDS.names[: len(FIXED)] == FIXED
    assert {token for token in spellings().values() if token.startswith("@")} <= set(WORDS.counted)


def test_counts_do_not_depend_on_the_vocabulary() -> None:
    text = "Suppose the integer polynomial p. Then p(2) = 4, hence p = 4."
    bare = word_table(())
    assert bare.counted == WORDS.counted
    ignoring = [i for i, name in enumerate(bare.counted) if name not in ("w", "n_kinds")]
    np.testing.assert_array_equal(prepare(text, bare).counts[ignoring], prepare(text, WORDS).counts[ignoring])


def test_training_and_serving_prepare_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same functions, by identity; and the bytes that the layers are shown are those they would learn from."""
    assert train_scaffold.prepare is scaffold.prepare is prepare
    assert linear.features is grams.features
    shown: list[np.ndarray] = []

    def probabilities(values: np.ndarray, layers: object) -> np.ndarray:
        shown.append(values)
        return np.full(len(values), 0.5)

    monkeypatch.setattr(scaffold, "probabilities", probabilities)
    texts = ["Let $x=1$.\nThen x", "所以 x=3。", "", "É ∑ 1,234.5\r\n\tso"]
    weights = np.random.default_rng(1).integers(-127, 128, N_SLOTS).astype(np.int8)
    model = ScaffoldModel(WORDS, Linear(weights, 0.02, -0.5), None)  # type: ignore[arg-type]
    for text in texts:
        scaffold_score(text, model, LabelConfig())
    taught = [prepare(text, WORDS) for text in texts]
    table = linear.feature_table(taught, WORDS)
    margins = linear.table_margins(table, np.arange(len(texts)), model.linear)
    n_tokens = WORDS.counted.index("n_tokens")
    for passage, margin, values in zip(taught, margins, shown, strict=True):
        counts = passage.counts[None, :]
        assert values.tobytes() == inputs(counts, np.array([margin]), counts[:, n_tokens]).tobytes()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_one_line_of_known_tokens(text: str) -> None:
    found = prepare(text, WORDS)
    line = token_line(found, WORDS)
    assert len(f"{line}\n".splitlines()) <= 1 or "\n" not in line
    assert set(line.split(" ")) <= {*WORDS.names}
    assert np.isfinite(found.counts).all() and (found.counts >= 0).all()
    assert tokens(text) == line.split(" ")


def test_scores_of_many_and_of_one_agree() -> None:
    from corpusforge.label.model import read_pin
    from corpusforge.label.scaffold_model import load_scaffold

    pin = read_pin("scaffold")
    model = load_scaffold(pin.path, pin.sha256)
    texts = ["Let x = 1. Then x + 1 = 2, hence x = 1.", "A graph is a pair of sets.", ""]
    prepared = [prepare(text, model.words) for text in texts]
    together = passage_scores(prepared, model)
    alone = [float(passage_scores([passage], model)[0]) for passage in prepared]
    np.testing.assert_allclose(together, alone, atol=1e-6)
