"""The same pipelines on other runners: Dataflow's job graph, and the portable protocol."""

import json
import os
import subprocess
import sys

import pytest

from corpusforge.config import load_config
from corpusforge.parts.planning import plan_parts
from pipelines.build import build
from pipelines.options import make_options
from tests.pipelines.conftest import corpus_bytes, write_config

IMAGE = "europe-docker.pkg.dev/our-project/images/corpusforge:0.1.0"
DATAFLOW = [
    "--project=our-project",
    "--region=europe-west1",
    "--temp_location=gs://our-bucket/temp",
    "--staging_location=gs://our-bucket/staging",
    f"--sdk_container_image={IMAGE}",
    "--sdk_location=container",
    "--dry_run=True",
    "--no_auth",
]

BUILD_GRAPHS = """
import base64, json, socket, sys
def refused(*a, **k): raise AssertionError("a socket was opened")
socket.socket.connect = refused
import apache_beam as beam
from apache_beam.portability.api import beam_runner_api_pb2 as api
from apache_beam.runners.dataflow.internal import apiclient
from corpusforge.config import load_config
from corpusforge.dedup.sizes import sizes_of
from corpusforge.parts.clustered import ClusterRound
from corpusforge.parts.compared import DEDUP, LEAKAGE, DedupRun
from corpusforge.parts.waves import waves
from pipelines.clusters import add_clusters
from pipelines.edges import add_edges
from corpusforge.parts.plan import write_plan
from corpusforge.parts.planning import plan_parts
from pipelines.options import make_options
from pipelines.plan import add_plan
from pipelines.prepare import add_prepare
from corpusforge.shards.index import Sums
from corpusforge.shards.levels import DISK, choose_shape
from corpusforge.shards.spill import Count
from corpusforge.shards.writer import plan_shards
from pipelines.shard import add_shards, add_spills, shard_work
from pipelines.stars import add_stars
config = load_config(sys.argv[1])
specs = plan_parts(config)
plan = write_plan(config.output, [source.name for source in config.ordered_sources()], specs)
wave = waves(plan, config)[0]
run = DedupRun(config=config, plan=plan, wave=wave, sizes=sizes_of(1000, plan.n_parts, config.dedup),
               kinds=(DEDUP, LEAKAGE))
round_ = ClusterRound(run=run, kind=DEDUP, step=0, are_stars=True, tasks=2, has_giants=True)
work = shard_work(plan, config)
count = Count(source="s", domain="web", subset="all", documents=9, tokens=9, bytes=9)
sums = Sums(dtype="<u4", n_spills=9, n_runs=9, n_blocks=9, n_bytes=9, counts=(count,))
shape = choose_shape(sums, plan_shards(sums.by_group(), 1), DISK, n_levels=2)
wires = {
    "plan": lambda p: add_plan(p, config, config.output + "/plan/new"),
    "prepare": lambda p: add_prepare(p, plan, config),
    "edges": lambda p: add_edges(p, run),
    "stars": lambda p: add_stars(p, wave.folder, 0, 8, 4),
    "clusters": lambda p: add_clusters(p, round_),
    "tokenise": lambda p: add_spills(p, plan, config, work),
    "shard": lambda p: add_shards(p, work, shape, sums),
}
found = {}
for name, wire in wires.items():
    pipeline = beam.Pipeline(options=make_options("DataflowRunner", sys.argv[2:]))
    wire(pipeline)
    result = pipeline.run()
    graph = result.job.proto_pipeline
    payloads = []
    for transform in graph.components.transforms.values():
        if transform.spec.urn == "beam:transform:pardo:v1":
            payload = api.ParDoPayload.FromString(transform.spec.payload)
            if payload.do_fn.urn == "beam:dofn:pickled_python_info:v1":  # others are Beam's own
                payloads.append(base64.b64encode(payload.do_fn.payload).decode())
    environment = apiclient.Environment(
        proto_pipeline_staged_url="gs://our-bucket/staging/pipeline.pb",
        packages=[],
        options=result.job.options,
        environment_version=apiclient._FNAPI_ENVIRONMENT_MAJOR_VERSION,
        proto_pipeline=graph,
        pipeline_proto_hash="",
    ).proto
    images = [
        image.containerImage if hasattr(image, "containerImage") else image.container_image
        for pool in getattr(environment, "workerPools", None) or environment.worker_pools
        for image in getattr(pool, "sdkHarnessContainerImages", None) or pool.sdk_harness_container_images
    ]
    found[name] = {"payloads": payloads, "images": images}
print(json.dumps(found))
"""

UNPICKLE = """
import base64, json, sys
from apache_beam.internal import pickler
for payload in json.load(sys.stdin):
    function = pickler.loads(base64.b64decode(payload))
    assert function is not None
assert "tests" not in sys.modules and "pytest" not in sys.modules
print("ok")
"""


def test_dataflow_gets_a_valid_job_graph_without_a_network(tiny, tmp_path):
    pytest.importorskip("apitools", reason="the extra `gcp` is not installed")
    done = subprocess.run(
        [sys.executable, "-c", BUILD_GRAPHS, str(tiny), *DATAFLOW],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == {"plan", "prepare", "edges", "stars", "clusters", "tokenise", "shard"}
    for name, graph in found.items():
        assert graph["images"] == [IMAGE], name
        assert graph["payloads"], name
        # From a folder of its own: only what is installed may be needed to load a DoFn.
        clean = subprocess.run(
            [sys.executable, "-c", UNPICKLE],
            input=json.dumps(graph["payloads"]),
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
        )
        assert clean.stdout.strip() == "ok", clean.stderr[-3000:]


def test_the_portable_runner_gives_the_same_bytes(tiny, tmp_path, job_service):
    build(load_config(str(tiny)))
    config = load_config(str(write_config(tmp_path, tmp_path / "portable")))
    build(config, runner="PortableRunner", beam_flags=job_service)
    assert corpus_bytes(tmp_path / "corpus") == corpus_bytes(tmp_path / "portable")


def test_a_local_run_never_asks_for_another_runner():
    assert make_options("DirectRunner").get_all_options()["runner"] == "FnApiRunner"


def test_a_runner_that_loses_data_is_refused():
    with pytest.raises(ValueError, match="drops the output"):
        make_options("DaskRunner")


def test_part_ids_do_not_depend_on_where_things_lie(tiny, tmp_path):
    ids = [spec.part_id for spec in plan_parts(load_config(str(tiny)))]
    os.rename(tmp_path / "dumps", tmp_path / "moved")
    os.symlink(tmp_path / "moved", tmp_path / "dumps")
    assert [spec.part_id for spec in plan_parts(load_config(str(tiny)))] == ids
