"""The shipped pipeline: a bucket's dumps to a Parquet table of scaffold mathematics, on the portable runner."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

import corpusforge
from corpusforge import files
from tests.pipelines.conftest import job_service  # noqa: F401

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_bucket_of_dumps_becomes_a_table_of_scaffolds_on_the_portable_runner(
    bucket,
    job_service,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    monkeypatch.syspath_prepend(str(EXAMPLES / "demo"))
    from web_dump import write_web

    write_web(tmp_path / "web", Random("17/web"), 1)
    for path in (tmp_path / "web").iterdir():
        files.write_bytes(f"{bucket}/crawl/{path.name}", path.read_bytes())
    script = [sys.executable, EXAMPLES / "beam" / "math_scaffold.py", f"{bucket}/crawl/*.warc.gz"]
    flags = ["--runner=PortableRunner", *job_service]
    done = subprocess.run([*script, tmp_path / "math", *flags], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    tables = [pq.read_table(path) for path in sorted(tmp_path.glob("math-*.parquet"))]
    rows = [row for table in tables for row in table.to_pylist()]
    assert len(rows) > 5
    assert len({row["id"] for row in rows}) == len(rows)
    told = corpusforge.label_texts([{"text": row["text"], "url": row["url"]} for row in rows[:5]])
    assert [one.subset for one in told] == ["scaffold"] * 5
    assert {row["locator"].partition("#")[0] for row in rows} <= {
        "dumps/demo-00000.warc.gz",
        "dumps/demo-00001.warc.gz",
    }
