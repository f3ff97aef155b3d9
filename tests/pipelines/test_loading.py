"""A command's own run on this machine loads less of Beam; any other run loads all of it."""

import json
import subprocess
import sys

import pytest

LOADED = """
import json, sys
from corpusforge.forked_server import own_process
{own}
from corpusforge_pipelines.loading import load_beam
load_beam({runner!r}, {flags!r})
import apache_beam as beam
from apache_beam.internal import pickler
told = {{name: name in sys.modules for name in ("apache_beam.io.gcp.bigquery", "pymongo", "httplib2")}}
told["round"] = pickler.loads(pickler.dumps([1, "two"]))
told["pickle"] = len(pickler.dumps("a" * 10_000))
import bson, pymongo, httplib2
told["later"] = [bson.SON.__name__, pymongo.MongoClient.__name__, httplib2.Http.__name__]
with beam.Pipeline(runner="FnApiRunner") as pipeline:
    _ = pipeline | beam.Create([1, 2]) | beam.Reshuffle() | beam.Map(lambda number: number + 1)
print(json.dumps(told))
"""


def loaded(runner="DirectRunner", flags=(), own="own_process()"):
    program = LOADED.format(runner=runner, flags=list(flags), own=own)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not ran.stderr
    return json.loads(ran.stdout)


def test_a_run_in_the_commands_own_process_loads_no_connector():
    told = loaded()
    assert not told["apache_beam.io.gcp.bigquery"]
    assert not told["pymongo"]
    assert told["pickle"] > 10_000  # it is sent nowhere: not compressed
    assert told["round"] == [1, "two"]
    assert told["later"] == ["SON", "MongoClient", "Http"]  # as they ever are, for who imports them


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"own": ""},
        {"flags": ["--temp_location=gs://bucket/tmp"]},
        {"flags": ["--direct_num_workers=2", "--direct_running_mode", "multi_processing"]},
    ],
    ids=["a library in the process of another", "an address", "workers that load Beam as it is"],
)
def test_any_other_run_loads_all_of_beam(elsewhere):
    told = loaded(**elsewhere)
    assert told["pymongo"]
    assert told["httplib2"]
    assert told["pickle"] < 1_000
    assert told["later"] == ["SON", "MongoClient", "Http"]
