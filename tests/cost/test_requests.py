"""What a dry run tells of the requests that a build in a bucket will make, against what the service was asked."""

import json

import pytest

from corpusforge import files
from corpusforge.config import load_config
from corpusforge.cost.amount import Cost, cost_here
from corpusforge.files.rehearsal import rehearsed
from corpusforge.files.streams import AheadReader, requests_in_order
from corpusforge.parts.planning import plan_parts
from corpusforge_pipelines.build import build
from corpusforge_pipelines.prediction import predict
from tests.object_server import running_s3
from tests.pipelines.conftest import article

CONFIG = """name = "far"
output = "s3://our-bucket/corpus"
[[sources]]
name = "notes"
paths = ["s3://our-bucket/dumps/*.jsonl"]
"""


class Bytes:
    """A source of nothing that counts how often it is asked."""

    path, is_seekable = "nothing", True

    def __init__(self, size_bytes):
        self.size_bytes, self.asked = size_bytes, 0

    def read(self, start, stop):
        self.asked += 1
        return bytes(min(stop, self.size_bytes) - start)

    def close(self):
        pass


@pytest.mark.parametrize("n_bytes", [1, 64 << 10, 65537, 400_000, 3 << 20, (21 << 20) + 5])
def test_a_stream_asks_as_often_as_is_told(n_bytes):
    source = Bytes(n_bytes)
    with AheadReader(source) as stream:
        while stream.read(1 << 16):
            pass
    assert source.asked == requests_in_order(n_bytes)


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_a_rehearsal_holds_what_a_bucket_does_and_asks_no_service(scheme, tmp_path):
    with rehearsed(f"{scheme}://meant/corpus", str(tmp_path)) as root:
        files.write_bytes(f"{root}/a/one.txt", b"one")
        (tmp_path / "local").write_bytes(b"two" * 5)
        files.publish(str(tmp_path / "local"), f"{root}/a/two.txt")
        assert files.list_files(f"{root}/a") == [f"{root}/a/one.txt", f"{root}/a/two.txt"]
        assert files.read_range(f"{root}/a/two.txt", 3, 6) == b"two"
        assert files.swap(f"{root}/CURRENT", b"1", None) and not files.swap(f"{root}/CURRENT", b"2", None)
        before = files.version_of(f"{root}/CURRENT")
        assert files.swap(f"{root}/CURRENT", b"2", before)
        with pytest.raises(files.StorageMissing):
            files.read_bytes(f"{root}/a/three.txt")
        assert files.remove_tree(f"{root}/a") == 2 and not files.exists(f"{root}/a/one.txt")


def test_the_requests_of_a_build_in_a_bucket_are_told_before(tmp_path):
    with running_s3() as server:
        for number in range(12):
            rows = [{"id": str(n), "text": article(f"{number}-{n}")} for n in range(6)]
            text = "".join(json.dumps(row) + "\n" for row in rows)
            files.write_bytes(f"s3://our-bucket/dumps/{number}.jsonl", text.encode())
        (tmp_path / "c.toml").write_text(CONFIG)
        config = load_config(str(tmp_path / "c.toml"))
        server.forget()
        before = cost_here()
        specs = plan_parts(config)
        planned = cost_here() - before
        server.forget()
        told = predict(
            config,
            specs,
            [False] * len(specs),
            seconds=0.5,
            workers=1,
            started=Cost(),
            planned=planned,
            finish=lambda corpus, snapshot: None,
        )
        assert not files.list_files("s3://our-bucket/corpus")
        assert not server.meter.requests["write"]
        server.forget()
        receipt = build(config).receipt
        spent = receipt.spent()
        asked = {**server.meter.requests}
    asked["delete"] = asked.pop("delete", 0) + asked.pop("batch", 0)
    requests = sum(told.stages.values(), Cost()).requests
    for n in told.stages:
        print(n, dict(told.stages[n].requests), dict(receipt.stages().get(n, Cost()).requests))
    print(dict(requests), dict(spent.requests), asked)
    for operation in ("read", "write", "stat", "list"):
        assert requests.get(operation, 0) == pytest.approx(spent.requests.get(operation, 0), rel=0.15, abs=3)
    assert told.totals["requests"][1] == pytest.approx(sum(asked.values()), rel=0.15)
