"""The public transforms in a pipeline of one's own: what a build does, record for record."""

import subprocess
import sys

import apache_beam as beam
import pytest

import corpusforge
from corpusforge.beam import Deduplicate, Document, Process, ReadDumps, WriteShards
from corpusforge.config import ConfigError, load_config
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from corpusforge_pipelines.options import make_options
from tests.pipelines.conftest import article
from tests.pipelines.test_own_steps import add_steps


def run(wire, *, runner="DirectRunner", flags=()):
    with beam.Pipeline(options=make_options(runner, flags)) as pipeline:
        wire(pipeline)


def write_snapshot(config, output, patterns=None):
    def wire(pipeline):
        ends = pipeline | ReadDumps(patterns, config=config) | Process(config)
        unique = ends.kept | Deduplicate(config)
        everything = (unique.kept, unique.dropped, ends.dropped, ends.quarantined) | beam.Flatten()
        _ = everything | WriteShards(output, config)
        assert pipeline.to_runner_api().ByteSize() < 200_000  # whatever is read

    return wire


def test_dumps_processed_deduplicated_and_written_are_the_shards_of_a_build(tiny, tmp_path, job_service):
    """With a step of one's own, and on the portable runner: its workers import and call it too."""
    config = add_steps(tiny)
    built = build(load_config(config), workers=2)
    run(write_snapshot(config, str(tmp_path / "own")), runner="PortableRunner", flags=job_service)
    expected, found = read_index(str(tmp_path / "corpus"), None), read_index(str(tmp_path / "own"), None)
    assert {row.id for row in found.rows} == {row.id for row in expected.rows}
    texts = [
        sorted(row["id"] for row in corpusforge.open_corpus(str(tmp_path / name)).documents(columns=["id"]))
        for name in ("corpus", "own")
    ]
    assert texts[0] == texts[1] and len(texts[0]) > 20
    sources = found.header["conservation"]["sources"]
    for name, source in built.totals["sources"].items():
        own = sources[name]
        assert own["records_in"] == source["records_in"]
        assert own["records_in"] == own["kept"] + sum(own["dropped"].values()) + own["quarantined"]
        gone = source["exact_duplicates"] + source["near_duplicates"]
        assert own["kept"] == source["kept"] - gone
        duplicates = own["dropped"].get("exact_duplicate", 0) + own["dropped"].get("near_duplicate", 0)
        assert duplicates == gone
    assert not (tmp_path / "own" / "spills").exists() or not any((tmp_path / "own" / "spills").iterdir())


def test_rows_that_are_dicts_end_in_one_place_each(tmp_path):
    rows = [{"id": f"r{n}", "text": article(f"d{n}")} for n in range(5)]
    rows += [{"id": "empty", "text": " "}, {"text": "short", "url": "https://example.org/"}]
    found = {name: tmp_path / name for name in ("kept", "dropped", "quarantined")}

    def wire(pipeline):
        ends = pipeline | beam.Create(rows) | Process()
        for name, path in found.items():
            _ = (
                getattr(ends, name)
                | name >> beam.Map(told)
                | f"Write {name}" >> beam.io.WriteToText(str(path))
            )

    run(wire)
    lines = {
        name: sorted(line for path in tmp_path.glob(f"{name}-*") for line in path.read_text().splitlines())
        for name in found
    }
    kept = [line.partition("&")[0] for line in lines["kept"]]
    assert kept == [f"rows#id=r{n}" for n in range(5)]
    assert [line.rpartition(" ")[2] for line in lines["dropped"]] == ["empty", "too_short"]
    assert lines["quarantined"] == []


def test_rows_that_come_again_and_copies_are_duplicates(tiny, tmp_path):
    config = str(tiny)
    rows = [{"text": article(f"d{n}"), "source": "mine"} for n in range(6)]
    rows += [dict(rows[0]), dict(rows[0]), {"id": "copy", **rows[1]}]

    def wire(pipeline):
        ends = pipeline | beam.Create(rows) | Process(config)
        unique = ends.kept | Deduplicate(config)
        everything = (unique.kept, unique.dropped, ends.dropped, ends.quarantined) | beam.Flatten()
        _ = everything | "First" >> WriteShards(str(tmp_path / "one"), config)
        _ = ends.kept | "Second" >> WriteShards(str(tmp_path / "two"), config, id_digits=0)

    run(wire)
    figures = [
        read_index(str(tmp_path / name), None).header["conservation"]["sources"]["mine"]
        for name in ("one", "two")
    ]
    assert [(one["records_in"], one["kept"], one["dropped"]) for one in figures] == [
        (9, 6, {"exact_duplicate": 3}),
        (9, 7, {"exact_duplicate": 2}),
    ]


def told(record):
    return f"{record.locator} {record.domain if isinstance(record, Document) else record.reason.value}"


def test_what_cannot_be_wired_is_one_clear_line(tiny):
    with pytest.raises(ConfigError, match="give patterns, or a configuration with sources"):
        ReadDumps()
    with pytest.raises(ConfigError, match="needs the configuration of a build"):
        WriteShards("out", None)
    text = tiny.read_text()
    tiny.write_text(text.replace("[shards]", '[dedup]\ncheck = "jaccard"\n[shards]'))
    with pytest.raises(ConfigError, match=r"dedup\.check"):
        Deduplicate(str(tiny))


def test_without_beam_the_module_says_what_to_install():
    program = "import sys; sys.modules['apache_beam'] = None\nimport corpusforge.beam"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines()[-1].endswith(
        "apache_beam is not installed: pip install 'corpusforge[beam]'"
    )
