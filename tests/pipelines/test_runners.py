"""The same pipelines on other runners: Dataflow's job graph, and the portable protocol."""

import json
import os
import subprocess
import sys

import pytest

from corpusforge.config import load_config
from corpusforge.parts.planning import plan_parts
from corpusforge_pipelines.build import build
from corpusforge_pipelines.options import make_options
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
from apache_beam.runners.dataflow.internal import apiclient
from corpusforge.config import load_config
from tests.pipelines.graphs import functions_of, graph_of, synthetic_plan, wires
config = load_config(sys.argv[1])
found = {}
for n_inputs in (100, 100_000):
    for name, wire in wires(config, synthetic_plan(config, n_inputs)).items():
        graph, job = graph_of(wire, sys.argv[2:])
        environment = apiclient.Environment(
            proto_pipeline_staged_url="gs://our-bucket/staging/pipeline.pb",
            packages=[],
            options=job.options,
            environment_version=apiclient._FNAPI_ENVIRONMENT_MAJOR_VERSION,
            proto_pipeline=graph,
            pipeline_proto_hash="",
        ).proto
        images = [
            image.containerImage if hasattr(image, "containerImage") else image.container_image
            for pool in getattr(environment, "workerPools", None) or environment.worker_pools
            for image in getattr(pool, "sdkHarnessContainerImages", None) or pool.sdk_harness_container_images
        ]
        one = found.setdefault(name, {"bytes": []})
        one["bytes"].append(graph.ByteSize())
        one["images"] = images
        one["payloads"] = [base64.b64encode(payload).decode() for payload in functions_of(graph)]
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


GRAPH_BYTES = 200_000
"""The bar of every pipeline's graph, whatever is read."""


def test_dataflow_gets_a_valid_job_graph_of_100_000_inputs_without_a_network(tiny, tmp_path):
    pytest.importorskip("apitools", reason="the extra `gcp` is not installed")
    done = subprocess.run(
        [sys.executable, "-c", BUILD_GRAPHS, str(tiny), *DATAFLOW],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert {"plan", "survey", "prepare", "edges", "stars", "clusters", "tokenise", "shard"} <= set(found)
    for name, graph in found.items():
        few, many = graph["bytes"]
        assert many <= GRAPH_BYTES, name
        assert many < 1.5 * few, name  # no element a part, no function that holds one: a few levels more
        assert graph["images"] == [IMAGE], name
        assert graph["payloads"], name
    # From a folder of its own: only what is installed may be needed to load a DoFn.
    clean = subprocess.run(
        [sys.executable, "-c", UNPICKLE],
        input=json.dumps([payload for graph in found.values() for payload in graph["payloads"]]),
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
