"""A build plants known duplicates: it fails where its dedup misses them, and nothing of them is left."""

import json
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest

import corpusforge_pipelines.clusters
import corpusforge_pipelines.dedup
import corpusforge_pipelines.edges
import corpusforge_pipelines.transforms
from corpusforge.dedup import canary
from corpusforge.dedup.bands import PAIR_DTYPE
from corpusforge.dedup.comparison import EXACT
from corpusforge.parts.compared import DedupRun, flagged_keys
from corpusforge.parts.streamed import planted_signatures
from corpusforge.sealed import read_sealed
from corpusforge_pipelines.build import BuildError, build
from corpusforge_pipelines.transforms import Deduplicate
from tests.pipelines.test_dedup import again, clusters_of, made_in, settings
from tests.pipelines.test_dedup_sizes import decided
from tests.pipelines.test_transforms import run


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("canary"))


def keys_of_a_worker(one, span):
    """`flagged_keys` of workers that share nothing: what one knows, no other looks up."""
    for number, packed in flagged_keys(one, span):
        pairs = np.frombuffer(packed, dtype=PAIR_DTYPE).copy()
        pairs["key"] ^= np.uint64((span + 1) << 40)
        yield number, pairs.tobytes()


def keys_without_bands(one, span):
    """`flagged_keys` that loses every band."""
    for number, packed in flagged_keys(one, span):
        pairs = np.frombuffer(packed, dtype=PAIR_DTYPE)
        yield number, pairs[(pairs["key"] & EXACT) != 0].tobytes()


@pytest.mark.parametrize(
    ("place", "name", "fault", "missed"),
    [
        ("edges", "flagged_keys", keys_of_a_worker, 11),  # three readers: some copies lie with one
        ("edges", "flagged_keys", keys_without_bands, 7),
    ],
    ids=["a set a worker", "no bands"],
)
def test_a_dedup_that_misses_what_is_planted_fails_the_build(
    prepared,
    tmp_path,
    monkeypatch,
    place,
    name,
    fault,
    missed,
):
    monkeypatch.setattr(getattr(corpusforge_pipelines, place), name, fault)
    with pytest.raises(BuildError, match=f"dedup missed {missed} of the 14 duplicates planted") as told:
        again(prepared, tmp_path / "corpus")
    assert "\n" not in str(told.value)
    assert not list((tmp_path / "corpus").glob("clusters/*/summary.json"))  # nothing is committed


def test_what_a_dedup_left_that_missed_is_made_good_by_the_next(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(corpusforge_pipelines.clusters, "roots", lambda one, number: iter(()))
    with pytest.raises(BuildError, match="dedup missed 14 of the 14"):
        again(prepared, tmp_path / "corpus")
    monkeypatch.undo()
    build(prepared.model_copy(update={"output": str(tmp_path / "corpus")}), until="dedup")
    assert clusters_of(tmp_path / "corpus") == clusters_of(prepared.output)


def nothing_planted(one):
    return canary.plant(one.config.dedup, "", ())


@pytest.mark.parametrize("changes", [{}, {"clustering": "stars", "check": "jaccard"}], ids=str)
def test_no_byte_is_another_for_what_is_planted(prepared, tmp_path, monkeypatch, changes):
    config, with_canary = settings(prepared, prepared.output, **changes), Path(prepared.output)
    if changes:  # else it is what lies there
        with_canary = tmp_path / "with"
        again(config, with_canary)
    monkeypatch.setattr(DedupRun, "planted", nothing_planted)
    assert again(config, tmp_path / "without") == clusters_of(with_canary)
    assert decided(tmp_path / "without") == decided(with_canary)  # leakage and counts too
    for path in with_canary.glob("clusters/*/*/gone.u64"):
        assert not canary.is_planted(np.frombuffer(read_sealed(str(path)), "<u8")).any()


def planted_by_one(part, config, salt):
    """`_plant` of a runner that brings one task the rows of one worker."""
    return planted_signatures(config, salt, part) if part == 0 else iter(())


def test_rows_that_do_not_come_to_one_task_fail_a_pipeline_of_one_s_own(prepared, monkeypatch):
    monkeypatch.setattr(corpusforge_pipelines.transforms, "_plant", planted_by_one)

    def wire(pipeline):
        return pipeline | beam.Create([]) | Deduplicate(prepared)

    with pytest.raises(Exception, match="21 of 28 rows planted among the documents did not come"):
        run(wire)
    monkeypatch.undo()
    run(wire)


def test_the_summary_counts_no_planted_row(prepared):
    (summary,) = Path(prepared.output).glob("clusters/*/summary.json")
    told = json.loads(summary.read_text())
    assert set(told["removed_by_source_and_domain"]) == {"ready/web"}
    assert sum(told["decided_by"].values()) == told["removed"]
