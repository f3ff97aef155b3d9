"""Figures are exact, confounds are shown, and sources left out are left out."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge_classifiers import evaluate
from corpusforge_classifiers.confounds import fit_surface, length_quartile, matched, sources_left_out
from corpusforge_classifiers.figures import (
    Floats,
    Scored,
    auc,
    best_threshold,
    calibration_curve,
    calibration_error,
    confident_errors,
    figures,
    grouped,
    operating_points,
)  # fmt: skip
from corpusforge_classifiers.rows import Row


def test_figures_on_a_known_case() -> None:
    labels, scores = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.6, 0.1])
    result = figures(labels, scores, 0.5)
    assert (result["accuracy"], result["precision"], result["recall"], result["fpr"]) == (0.5, 0.5, 0.5, 0.5)
    assert result["auc"] == 0.75


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.1, 0.4, 0.7, 1.0])), min_size=2, max_size=40
    )
)
def test_auc_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    if labels.all() or not labels.any():
        assert np.isnan(auc(labels, scores))
        return
    wins = [(a > b) + (a == b) / 2 for a in scores[labels] for b in scores[~labels]]
    assert auc(labels, scores) == pytest.approx(np.mean(wins))


def test_calibration_of_an_honest_and_a_boastful_classifier() -> None:
    labels = np.arange(1000) % 10 < 7
    assert calibration_error(labels, np.full(1000, 0.7)) == pytest.approx(0)
    assert calibration_error(labels, np.full(1000, 0.99)) == pytest.approx(0.29)
    curve = calibration_curve(labels, np.where(labels, 0.95, 0.05))
    assert [(low, share, n) for low, _, share, n in curve] == [(0.0, 0.0, 300), (0.9, 1.0, 700)]


def scored(n: int = 200) -> Scored:
    rows = [
        Row(
            "word " * (5 + i % 40) + ("$x^2$ $y$" if i % 4 == 0 else ""),
            i % 2 == 0,
            f"s{i % 5}",
            "MIT",
            "k",
            "en",
        )
        for i in range(n)
    ]
    return Scored(rows, np.array([0.8 if i % 2 == 0 else 0.2 for i in range(n)]) + np.arange(n) / 2000)


def test_operating_points_keep_what_they_promise() -> None:
    labels = [i % 3 == 0 or i > 80 for i in range(100)]
    made = Scored([Row("t", label, "s", "MIT") for label in labels], np.arange(100) / 100)
    points = operating_points(made, 0.5)
    assert len(points) == 3 and points["default"] == 0.5
    assert figures(made.labels, made.scores, points["recall 0.99"])["recall"] >= 0.99
    assert figures(made.labels, made.scores, points["precision 0.99"])["precision"] >= 0.99
    assert best_threshold([scored()]) == pytest.approx(0.5, abs=0.2)


def test_groups_show_the_source_that_fails() -> None:
    made = scored()
    broken = np.array([row.source == "s3" for row in made.rows])
    groups = grouped(Scored(made.rows, np.where(broken, 0.0, made.scores)), 0.5, lambda row: row.source)
    assert groups["s3"]["recall"] == 0 and groups["s2"]["recall"] == 1
    assert evaluate.summary(groups, 10)["worst_recall"] == 0


def test_matching_takes_length_and_markup_away() -> None:
    rows = [Row("a " * (10 if i % 2 else 400), i % 2 == 0, "s", "MIT") for i in range(100)]
    rows += [Row("b " * 400 + str(i), False, "s", "MIT") for i in range(10)]
    by_length = Scored(rows, np.array([min(1.0, len(row.text) / 800) for row in rows]))
    assert figures(by_length.labels, by_length.scores, 0.5)["accuracy"] > 0.9
    alike = matched(by_length)
    assert alike.labels.mean() == 0.5
    assert figures(alike.labels, alike.scores, 0.5)["accuracy"] == pytest.approx(0.5)


def test_the_surface_baseline_learns_length_but_no_words() -> None:
    rows = [
        Row(("long text " * 60 if i % 2 else "short") + f" {i}", i % 2 == 0, f"s{i % 4}", "MIT")
        for i in range(80)
    ]
    found = sources_left_out(rows, fit_surface)
    assert figures(found.labels, found.scores, 0.5)["accuracy"] == 1
    words = [
        Row(("proof of" if i % 2 else "price of") + " a thing", i % 2 == 0, f"s{i % 4}", "MIT")
        for i in range(80)
    ]
    blind = sources_left_out(words, fit_surface)
    assert blind.scores == pytest.approx(0.5)


def test_no_fit_sees_the_source_it_judges() -> None:
    rows = scored().rows
    seen: list[tuple[set[str], set[str]]] = []

    def fit(rest: Sequence[Row]) -> Callable[[Sequence[Row]], Floats]:
        def score(held: Sequence[Row]) -> Floats:
            seen.append(({row.source for row in rest}, {row.source for row in held}))
            return np.zeros(len(held))

        return score

    assert len(sources_left_out(rows, fit).rows) == len(rows)
    assert len(seen) == 5 and all(not learned & judged and len(judged) == 1 for learned, judged in seen)
    assert len(sources_left_out(rows, fit, 2).rows) == len(rows) and len(seen) == 7


def test_confident_errors_come_worst_first() -> None:
    negatives, positives = confident_errors(scored(), 3)
    assert [score for score, _ in negatives] == sorted((score for score, _ in negatives), reverse=True)
    assert all(not row.is_positive for _, row in negatives) and all(row.is_positive for _, row in positives)


def test_quartiles_split_rows_in_four() -> None:
    rows = scored(400).rows
    name = length_quartile(rows)
    counts = [sum(name(row) == group for row in rows) for group in sorted({name(row) for row in rows})]
    assert len(counts) == 4 and min(counts) > 50


def test_the_command_reports_everything_as_json_and_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = "Let x = {} and y = 2x. Then x + y = 3x, hence the integer x divides the sum. Proof complete."
    story = "The market opened at noon and {} people walked down to the harbour to see the boats come in."
    rows = [
        {"text": (proof if i % 2 else story).format(i), "label": "math" if i % 2 else "not_math",
         "source": f"s{i % 6}", "licence": "MIT", "lang": "en"}
        for i in range(60)
    ]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    assert evaluate.main(["--task", "math", "--data", str(path), "--markdown", str(tmp_path / "r.md")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["all"]["f1"] > 0.9 and report["all"]["n"] == 60
    assert len(report["operating_points"]) == 3 and report["surface_baseline"]["n"] == 60
    page = (tmp_path / "r.md").read_text()
    for heading in (
        "Operating points",
        "Calibration",
        "By source",
        "By language",
        "By kind",
        "By length",
        "By markup",
    ):
        assert f"## {heading}" in page
    assert "surface features alone" in page and "matched by length" in page


def test_missing_and_broken_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "no label"}\n')
    for name in ("absent.jsonl", "bad.jsonl"):
        assert evaluate.main(["--task", "math", "--data", str(tmp_path / name)]) == 2
        error = capsys.readouterr().err
        assert name in error and error.count("\n") == 1
