"""Hostile and damaged inputs cost themselves: the rest of the file is read, the build goes on."""

import io
import json
import tarfile
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.config import load_config
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, program, run_command

NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": article("notebook")},
            {
                "cell_type": "code",
                "metadata": {},
                "source": program("n"),
                "outputs": [],
                "execution_count": 1,
            },
        ],
    }
)
# A corner of the Python grammar: minutes of work in 300 kB, or the end of the parser's stack before.
KILLER = "".join(f".. a{number}::\n" for number in range(40_000))


def write_hostile_dumps(folder):
    """Write dumps in which good files stand beside every sort of bad one."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "snapshot.zip", "w", zipfile.ZIP_DEFLATED) as handle:
        handle.writestr("repo/before.py", program("before"))
        handle.writestr("repo/bomb.py", b"a" * (300 << 20))
        handle.writestr("../../etc/cron.d/evil.py", program("evil"))
        handle.writestr("/abs/evil.py", program("evil2"))
        handle.writestr("repo/random.py", bytes(range(256)) * 40)
        handle.writestr("repo/killer.py", KILLER)
        handle.writestr("repo/after.py", program("after"))
    table = pa.table(
        {
            "repo_name": ["o/r"] * 4,
            "revision_id": ["c" * 40] * 4,
            "path": [f"tool_{i}.py" for i in range(4)],
            "content": [program(f"p{i}").encode() for i in range(4)],
        }
    )
    pq.write_table(table, folder / "whole.parquet")
    (folder / "cut.parquet").write_bytes((folder / "whole.parquet").read_bytes()[:-40])
    with tarfile.open(folder / "notebooks.tar.gz", "w:gz") as handle:
        for name, body in {
            "o/r/good.ipynb": NOTEBOOK.encode(),
            "o/r/cut.ipynb": NOTEBOOK.encode()[: len(NOTEBOOK) // 3],
            "o/r/html.ipynb": b"<!DOCTYPE html><html><body>404</body></html>",
            "o/r/lfs.ipynb": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "o/r/empty.ipynb": b"",
            "o/r/deep.ipynb": b"[" * 100_000,
            "o/r/bytes.ipynb": bytes(range(256)),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            handle.addfile(member, io.BytesIO(body))
    rows = [json.dumps({"id": str(i), "text": article(f"h{i}")}) for i in range(5)]
    bad = ["{not json", '{"id": 1}', '{"id": "x", "text": 7}', "[]", "\x00\xff"]
    (folder / "ready.jsonl").write_text(
        "\n".join(line for pair in zip(rows, bad, strict=True) for line in pair)
    )
    (folder / "not.warc.gz").write_bytes(b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>")
    (folder / "cut.xml.gz").write_bytes(
        zlib.compress(b"<mediawiki><siteinfo></siteinfo><page><title>A</title>", wbits=31)[:-4]
    )


def write_config(folder, **settings):
    sources = {
        "zip": ("github", "snapshot.zip"),
        "parquet": ("github", "*.parquet"),
        "notebooks": ("notebooks", "notebooks.tar.gz"),
        "ready": ("jsonl", "ready.jsonl"),
        "web": ("warc", "not.warc.gz"),
        "wiki": ("mediawiki", "cut.xml.gz"),
    }
    lines = [
        'name = "hostile"',
        'output = "corpus"',
        *(f"{key} = {value}" for key, value in settings.items()),
    ]
    for name, (kind, pattern) in sources.items():
        lines += ["[[sources]]", f'name = "{name}"', f'kind = "{kind}"', f'paths = ["dumps/{pattern}"]']
    path = folder / "hostile.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def hostile(tmp_path):
    write_hostile_dumps(tmp_path / "dumps")
    return lambda **settings: write_config(tmp_path, **settings)


def test_the_good_files_are_kept_and_every_bad_one_has_a_reason(hostile, tmp_path):
    # two of its sources are one file each, of which nothing can be read
    path = hostile(max_quarantine_fraction=0.2, max_unread_fraction=1, **{"sandbox.deadline_s": 2.0})
    result = build(load_config(str(path)))
    sources = result.totals["sources"]
    assert sources["zip"]["kept"] == 2  # before.py and after.py
    assert sources["zip"]["quarantined"] == 1  # killer.py
    assert sources["zip"]["dropped"]["unsafe_name"] == 2
    assert sources["zip"]["dropped"].get("bomb", 0) + sources["zip"]["dropped"].get("too_large", 0) == 1
    assert sources["parquet"]["kept"] == 4
    assert sources["parquet"]["dropped"] == {"unreadable": 1}
    assert sources["notebooks"]["kept"] >= 1
    assert sources["notebooks"]["records_in"] == 7
    assert sources["ready"]["kept"] == 5
    assert sum(sources["ready"]["dropped"].values()) == 5
    assert sources["web"]["dropped"] == {"unreadable": 1}
    assert sources["wiki"]["kept"] == 0
    assert sum(sources["wiki"]["dropped"].values()) >= 1
    quarantined = [
        json.loads(line)
        for name in (tmp_path / "corpus" / "quarantine").iterdir()
        for line in name.read_text().splitlines()
    ]
    assert [row["locator"] for row in quarantined] == ["zip/snapshot.zip!repo/killer.py"]
    assert quarantined[0]["error"].startswith(("killed", "crashed"))  # by the deadline, or of itself
    assert not list(tmp_path.rglob("evil*"))


def test_over_the_limit_the_command_says_where_and_exits_1(hostile, tmp_path):
    path = hostile(max_quarantine_fraction=0.0, **{"sandbox.deadline_s": 2.0})
    done = run_command("build", path, check=False)
    assert done.returncode == 1
    assert "max_quarantine_fraction" in done.stderr
    assert "snapshot.zip" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "corpus" / "CURRENT").exists()


def test_real_damaged_dumps_are_read_as_far_as_they_go(shared_data, tmp_path):
    path = tmp_path / "damaged.toml"
    path.write_text(
        f'name = "damaged"\noutput = "corpus"\ndedup.max_removed_share = 1.0\n'
        f'[[sources]]\nname = "web"\nkind = "warc"\npaths = ["{shared_data}/web/broken/*.warc*"]\n'
        f'[[sources]]\nname = "wiki"\nkind = "mediawiki"\npaths = ["{shared_data}/wiki/edge/trunc*"]\n'
    )
    sources = build(load_config(str(path))).totals["sources"]
    expected = json.loads((shared_data / "web" / "broken" / "expected.json").read_text())
    assert sources["web"]["quarantined"] == sources["wiki"]["quarantined"] == 0
    # All but the single-purpose files hold most of the source's records.
    assert sources["web"]["records_in"] >= 5 * expected["records_in_source_prefix"]
    assert sources["web"]["dropped"]["unreadable"] >= 2
    assert sources["wiki"]["kept"] > 100
    assert sources["wiki"]["dropped"]["unreadable"] >= 2


def test_a_build_that_keeps_nothing_fails_and_says_why(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(b"<Error><Code>NoSuchKey</Code></Error>")
    path = tmp_path / "empty.toml"
    path.write_text(
        'name = "e"\noutput = "o"\n[[sources]]\nname = "a"\nkind = "warc"\npaths = ["a.warc.gz"]\n'
    )
    done = run_command("build", path, check=False)
    assert done.returncode == 1
    assert "source 'a': nothing of it could be read" in done.stderr
    assert "a/a.warc.gz#offset=0: unreadable: no record begins here" in done.stderr
    assert not (tmp_path / "o" / "CURRENT").exists()
