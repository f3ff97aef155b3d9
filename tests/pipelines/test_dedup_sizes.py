"""Dedup at sizes that do not fit: the bounds forced down, and the graph at a million parts."""

from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow.parquet as pq
import pytest
from apache_beam.portability.api import beam_runner_api_pb2 as api

from corpusforge.config import load_config
from corpusforge.dedup.sizes import sizes_of
from corpusforge.parts.clustered import ClusterRound
from corpusforge.parts.compared import DEDUP, LEAKAGE, DedupRun
from corpusforge.parts.plan import Plan, SourceParts
from corpusforge.parts.repeated import RepeatsRun
from corpusforge.parts.waves import GoneRows, waves
from corpusforge.sealed import read_json, read_sealed
from corpusforge_pipelines.build import build
from corpusforge_pipelines.clusters import add_clusters
from corpusforge_pipelines.edges import add_edges
from corpusforge_pipelines.repeats import add_repeats
from corpusforge_pipelines.stars import add_stars
from tests.pipelines.conftest import article
from tests.pipelines.test_dedup import SOURCES, again, clusters_of, near, settings, write_config, write_notes


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A configuration whose parts are made; 90 pages of one template and some others."""
    folder = tmp_path_factory.mktemp("sizes")
    for number in range(5):
        texts = [near("template", f"{number}-{n}" + " and so on" * (n % 7)) for n in range(18)]
        texts += [article("same")] * 6 + [article(f"{number}-{n}") for n in range(3)]
        write_notes(folder / "dumps" / f"ready-{number}.jsonl", texts)
    path = write_config(folder, folder / "corpus")
    path.write_text(path.read_text().split("[[sources]]")[0] + SOURCES)
    config = load_config(str(path))
    build(config, until="dedup")
    return config


def decided(output):
    """({document: (cluster, keep)}, rows that go, leakage) of a build's dedup."""
    rows, gone = {}, []
    for path in sorted(Path(output).glob("clusters/*/*/clusters.parquet")):
        for row in pq.read_table(path).to_pylist():
            assert row["doc_id"] not in rows
            rows[row["doc_id"]] = (row["cluster_id"], row["keep"], row["exact"])
    for path in sorted(Path(output).glob("clusters/*/*/gone.u64")):
        gone += np.frombuffer(read_sealed(str(path)), "<u8").tolist()
    (leakage,) = Path(output).glob("clusters/*/leakage.json")
    (summary,) = Path(output).glob("clusters/*/summary.json")
    assert not list(Path(output).glob("clusters/*/work*"))
    return rows, gone, read_json(str(leakage)), read_json(str(summary))


@pytest.mark.parametrize("partitions", [1, 17])
def test_the_number_of_partitions_leaves_no_trace(prepared, tmp_path, partitions):
    config = settings(prepared, prepared.output, partitions=partitions)
    assert again(config, tmp_path / "corpus") == clusters_of(prepared.output)


@pytest.mark.parametrize("changes", [{}, {"clustering": "stars"}], ids=str)
def test_buckets_and_clusters_past_their_bounds_end_in_the_same_documents(
    prepared, tmp_path, monkeypatch, changes
):
    whole = decided(prepared.output)
    assert max(len([1 for c, *_ in whole[0].values() if c == one]) for one, *_ in whole[0].values()) == 90
    monkeypatch.setattr("corpusforge.dedup.sizes.TASK_ROWS", 16)
    again(settings(prepared, prepared.output, **changes), tmp_path / "corpus")
    cut = decided(tmp_path / "corpus")
    assert len(list((tmp_path / "corpus").glob("clusters/*/*/clusters.parquet"))) > 5
    assert cut[:3] == whole[:3]
    for name in ("clusters", "removed", "removed_by_source_and_domain", "pairs_between"):
        assert cut[3][name] == whole[3][name]
    assert [(row["cluster_id"], row["documents"]) for row in cut[3]["largest"]] == [
        (row["cluster_id"], row["documents"]) for row in whole[3]["largest"]
    ]


def test_shingles_come_with_the_rows_to_every_piece(prepared, tmp_path, monkeypatch):
    config = settings(prepared, prepared.output, check="jaccard")
    again(config, tmp_path / "whole")
    monkeypatch.setattr("corpusforge.dedup.sizes.TASK_ROWS", 16)
    monkeypatch.setattr("corpusforge.dedup.sizes.SHINGLED_TASK_ROWS", 8)
    again(config, tmp_path / "cut")
    assert decided(tmp_path / "cut")[:3] == decided(tmp_path / "whole")[:3]


def huge(config, n_parts):
    sources = tuple(
        SourceParts(name=f"s{n}", first=n * n_parts // 10, count=n_parts // 10, size_bytes=1, digest="d" * 64)
        for n in range(10)
    )
    return Plan(folder="gs://corpus/plan/p", plan_id="p", n_parts=n_parts, n_shared=0, sources=sources)


def graph_bytes(wire):
    pipeline = beam.Pipeline()
    wire(pipeline)
    proto = pipeline.to_runner_api()
    assert isinstance(proto, api.Pipeline)
    return len(proto.SerializeToString())


def test_no_graph_grows_with_parts_or_documents(prepared):
    config = prepared.model_copy(update={"output": "gs://corpus/c"})
    found = {}
    for n_parts in (100, 1_000_000):
        plan = huge(config, n_parts)
        (wave,) = waves(plan, config)
        sizes = sizes_of(n_parts * 3000, n_parts, config.dedup)
        run = DedupRun(config=config, plan=plan, wave=wave, sizes=sizes, kinds=(DEDUP, LEAKAGE))
        one = ClusterRound(run=run, kind=DEDUP, step=2, are_stars=True, tasks=9000, has_giants=True)
        repeats = RepeatsRun(config=config, plan=plan, sizes=sizes, folder="gs://corpus/c/repeats/r")
        wires = {
            "edges": lambda p, run=run: add_edges(p, replace(run, sizes=replace(run.sizes, levels=3))),
            "stars": lambda p, n=sizes.edge_partitions: add_stars(p, "gs://corpus/c/work", 0, n, 4),
            "clusters": lambda p, one=one: add_clusters(p, one),
            "repeats": lambda p, repeats=repeats: add_repeats(p, repeats),
        }
        found[n_parts] = {name: graph_bytes(wire) for name, wire in wires.items()}
    for name, n_bytes in found[1_000_000].items():
        assert n_bytes <= 200_000, name
        assert n_bytes <= found[100][name] + 1000, name  # longer numbers


def test_where_a_part_s_result_lies_is_told_by_its_number_alone(prepared):
    import pickle

    config = prepared.model_copy(update={"dedup": prepared.dedup.model_copy(update={"earliest_wins": True})})
    plan = huge(config, 1_000_000)
    gone = pickle.loads(pickle.dumps(GoneRows(plan, config)))
    assert [gone.wave(part) for part in (0, 99_999, 100_000, 999_999)] == [0, 0, 1, 9]
    assert len(pickle.dumps(gone)) < 4000
    assert [wave.first_new for wave in waves(plan, config)] == [n * 100_000 for n in range(10)]
