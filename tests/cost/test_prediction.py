"""The prediction: what is told from a part of the whole, as pure functions; a dry run that writes nothing."""

import json
import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.config import load_config
from corpusforge.cost.extrapolation import Estimate, next_stratum, on_line, stands_for, total_of
from corpusforge.ingest import IngestConfig
from corpusforge.parts.planning import plan_parts
from corpusforge.parts.windows import in_order, n_windows, strata_of, windows_of
from corpusforge.report.receipt import QUANTITIES
from tests.pipelines.conftest import write_config, write_dumps

SIZES = st.floats(1, 1e9)
PAIRS = st.lists(st.tuples(SIZES, SIZES), min_size=2, max_size=20)


@given(PAIRS)
def test_all_that_was_seen_is_told_exactly(seen):
    whole = sum(x for x, _ in seen)
    told = total_of(seen, whole)
    assert told.value == pytest.approx(sum(y for _, y in seen))
    assert told.error <= 1e-4 * told.value


@given(st.floats(0.001, 1000), st.lists(SIZES, min_size=2, max_size=20), st.floats(1, 1e6))
def test_one_rate_is_told_without_doubt(rate, sizes, times):
    whole = sum(sizes) * times
    told = total_of([(x, rate * x) for x in sizes], whole)
    assert told.value == pytest.approx(rate * whole)
    assert told.error <= 1e-6 * told.value


@given(PAIRS, st.floats(1, 1e6))
def test_of_more_nothing_falls_and_doubt_grows_with_what_is_unseen(seen, times):
    whole = sum(x for x, _ in seen)
    few, many = total_of(seen, whole), total_of(seen, whole * times)
    assert many.value >= few.value * 0.999999 and many.error >= few.error * 0.999999 - 1e-6
    low, value, high = many.between(0.05)
    assert 0 <= low <= 0.95 * value * 1.000001 and high >= 1.05 * value * 0.999999


def test_what_is_told_of_a_sample_holds_as_often_as_it_says():
    rng = random.Random(7)
    windows = [(1.0, rng.lognormvariate(0, 0.8)) for _ in range(400)]
    whole = sum(y for _, y in windows)
    held = 0
    for _ in range(300):
        low, _, high = total_of(rng.sample(windows, 40), 400.0).between()
        held += low <= whole <= high
    assert held >= 0.88 * 300  # 95 of 100 were errors normal; these have a long tail


@given(SIZES, SIZES, SIZES)
def test_a_line_goes_through_both_builds_and_does_not_fall(fixed, seen, units):
    assert on_line(fixed, 1, fixed + seen, 11, 11) == pytest.approx(fixed + seen)
    assert on_line(fixed, 1, fixed + seen, 11, 1) == pytest.approx(fixed, rel=1e-6, abs=1e-5)
    assert on_line(fixed, 1, fixed + seen, 11, 11 + units) >= fixed + seen
    assert on_line(fixed, 1, 0.0, 11, 11 + units) == fixed  # noise: less work never takes more


@given(st.dictionaries(st.integers(1, 20), st.integers(1, 1000), min_size=1), st.integers(20, 100))
@settings(max_examples=60)
def test_a_cluster_stands_for_itself_at_least_and_for_its_share_at_most(seen_times, n_units):
    told = stands_for(seen_times, 20, n_units)
    assert set(told) == set(seen_times)
    assert all(0.999 <= times <= n_units / 20 * 1.001 for times in told.values())
    assert set(stands_for(seen_times, 20, 20).values()) == {1.0}


@pytest.mark.parametrize("share", [0.5, 0.3, 0.2])
@pytest.mark.parametrize("copies", [2, 6])
def test_duplicates_that_a_sample_meets_seldom_are_told_of_the_whole(share, copies):
    """3,000 documents, 600 of them in more than one place, in 64 windows: how many is told from some."""
    rng = random.Random(11)
    documents = [number for number in range(3000) for _ in range(copies if number % 5 == 0 else 1)]
    windows = [(document, rng.randrange(64)) for document in documents]
    taken = set(rng.sample(range(64), round(64 * share)))
    seen = [(document, window) for document, window in windows if window in taken]
    times = Counter(Counter(document for document, _ in set(seen)).values())
    stand = stands_for(times, len(taken), 64)
    told = sum(stand[k] * count for k, count in times.items())
    assert told == pytest.approx(3000, rel=0.1)
    by_share = len({document for document, _ in seen}) / share
    assert by_share > 3000 * 1.08  # as the share of the sample would have it


def test_what_comes_twice_within_a_window_does_so_no_more_often_in_the_whole():
    """Each page stands in its window twice: half of all documents stay, however few windows are seen."""
    stand = stands_for({1: 500}, 16, 64)
    assert stand[1] * 500 == pytest.approx(2000, rel=0.01)


@given(st.integers(1, 3000))
def test_windows_are_taken_each_once_and_evenly(count):
    order = in_order(count)
    assert sorted(order) == list(range(count))
    first = sorted(order[: max(1, count // 4)])
    gaps = [b - a for a, b in pairwise(first)]
    assert not gaps or max(gaps) <= 4 * (count / len(first)) + 1


@given(st.integers(1, 1 << 50))
def test_windows_are_neither_too_many_nor_too_small(n_bytes):
    count = n_windows(n_bytes)
    assert 1 <= count <= 1024 and (count == 1 or n_bytes / count >= 16 << 10)


def test_the_next_stratum_is_one_seen_little_then_the_one_in_most_doubt():
    assert next_stratum([(3, 1.0, 1.0), (1, 0.0, 1.0)], [True, True]) == 1
    assert next_stratum([(3, 1.0, 1.0), (3, 5.0, 1.0)], [True, True]) == 1
    assert next_stratum([(3, 1.0, 1.0), (3, 5.0, 1.0)], [True, False]) == 0
    assert next_stratum([(9, 1.0, 1.0)], [False]) is None


def test_estimates_add_as_errors_do():
    total = Estimate(3.0, 3.0) + Estimate(4.0, 4.0)
    assert (total.value, total.error) == (7.0, 5.0)
    assert total.times(2).between() == (0.0, 14.0, 34.0)


def test_every_byte_of_the_dumps_is_in_one_window(tmp_path):
    write_dumps(tmp_path / "dumps", scale=60)
    specs = plan_parts(load_config(str(write_config(tmp_path, tmp_path / "corpus"))))
    for stratum in strata_of(specs):
        windows = list(windows_of(stratum, IngestConfig()))
        assert sum(window.n_bytes for window in windows) == pytest.approx(stratum.n_bytes, rel=0.01)
        pieces = sorted((spec.path, start) for window in windows for spec, start, _ in window.pieces)
        assert len(pieces) == len(set(pieces))
        assert {path for path, _ in pieces} == {spec.path for spec in stratum.specs}


def test_a_dry_run_tells_the_cost_and_the_build_that_is_given_it_tells_both(tmp_path, capsys, monkeypatch):
    from corpusforge.cli import main
    from corpusforge.report.html import size

    def said(*arguments):
        with suppress(SystemExit):
            main(["build", str(config), *map(str, arguments)])
        return capsys.readouterr().out

    monkeypatch.setenv("COLUMNS", "200")
    write_dumps(tmp_path / "dumps")
    config = write_config(tmp_path, tmp_path / "corpus")
    tables = config.read_text().split("[[sources]]")
    config.write_text("[[sources]]".join(tables[:3]))  # rows and pages
    told = tmp_path / "told.json"
    out = said("--dry-run", "--sample-seconds", 0.2, "--prediction", told)
    assert "The build will take, 1 worker" in out and "most likely between" in out
    assert not (tmp_path / "corpus").exists()
    predicted = json.loads(told.read_text())
    assert "as predicted, and as it was" in said("--prediction", told).lower()
    snapshot = (tmp_path / "corpus" / "CURRENT").read_text().strip()
    card = (tmp_path / "corpus" / "snapshots" / snapshot / "card.md").read_text()
    assert "predicted : measured" in card
    receipt = json.loads((tmp_path / "corpus" / "snapshots" / snapshot / "receipt.json").read_text())
    assert receipt["predicted"]["cpu_s"] == predicted["cpu_s"]
    low, _, high = predicted["tokens"]
    assert low * 0.8 <= receipt["tokens"] <= high * 1.2
    # What is written before report and card are made leaves them out, of what was predicted too.
    whole, finish = predicted["read_bytes"][1], predicted["finish"]["read_bytes"]
    assert 0 < finish < whole
    line = next(line for line in card.splitlines() if line.startswith("| `bytes read` |"))
    assert line.split("|")[2].strip() == size(whole - finish)
    with suppress(SystemExit):
        main(["inspect", str(tmp_path / "corpus")])
    shown = capsys.readouterr().out.lower()
    assert f"bytes read {size(whole)}".lower() in " ".join(shown.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("no JSON", "not what `corpusforge build --dry-run --prediction FILE` writes"),
        ("{}", "not what `corpusforge build --dry-run --prediction FILE` writes"),
        (
            json.dumps(
                {name: [1, 2, 3] for name in
                 QUANTITIES}
                | {"configuration": "0", "finish": dict.fromkeys(QUANTITIES, 0)}
            ),
            "it was made with another configuration",
        ),
        (None, "told.json"),
    ],
)  # fmt: skip
def test_a_prediction_that_is_none_is_one_line_before_anything_is_built(text, line, tmp_path, capsys):
    from corpusforge.cli import main

    (tmp_path / "in.jsonl").write_text('{"text": "Hi."}\n')
    config = tmp_path / "c.toml"
    config.write_text('name = "x"\noutput = "o"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n')
    told = tmp_path / "told.json"
    if text is not None:
        told.write_text(text)
    with pytest.raises(SystemExit) as end:
        main(["build", str(config), "--prediction", str(told)])
    error = capsys.readouterr().err
    assert end.value.code == 2 and line in error and len(error.strip().splitlines()) == 1
    assert not Path(tmp_path, "o").exists()


@pytest.mark.parametrize("place", ["o/told.json", "none/told.json"])
def test_a_prediction_goes_nowhere_into_the_corpus(place, tmp_path, capsys):
    from corpusforge.cli import main

    (tmp_path / "in.jsonl").write_text('{"text": "Hi."}\n')
    config = tmp_path / "c.toml"
    config.write_text('name = "x"\noutput = "o"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n')
    with pytest.raises(SystemExit) as end:
        main(["build", str(config), "--dry-run", "--prediction", str(tmp_path / place)])
    assert end.value.code == 2 and "--prediction" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
