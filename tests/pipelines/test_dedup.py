"""Dedup as a pipeline: one result, whatever the runner, the way to it, and what was there before."""

import json
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.config import load_config
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.format import STATS_KEY
from corpusforge_pipelines.build import BuildError, build
from tests.pipelines.conftest import article, write_config


def write_notes(path, texts):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)]
    path.write_text("".join(rows))


def near(seed, tail):
    return f"{article(seed)}\n\nA tail that nobody else has, number {tail}."


def notes(folder):
    """Three files: exact copies, near copies, a chain, within and across files."""
    steps = [article("c", 30).split(" "), article("d", 30).split(" ")]
    chain = [" ".join(steps[0][: 200 - n] + steps[1][:n]) for n in range(0, 160, 10)]
    for number in range(3):
        texts = [article(f"{number}-{n}") for n in range(6)]
        texts += [article("same"), near("near", number), near("near", number + 10), *chain[number::3]]
        write_notes(folder / f"ready-{number}.jsonl", texts)


def settings(config, folder, **dedup):
    return config.model_copy(update={"output": str(folder), "dedup": config.dedup.model_copy(update=dedup)})


def clusters_of(folder):
    """The bytes of every file that dedup leaves, by its path."""
    root = Path(folder) / "clusters"
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "leakage.json"  # of the whole build, beside its last run
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("dedup"))


def made_in(folder):
    """A configuration whose parts are made, and its dedup run the plain way."""
    notes(folder / "dumps")
    path = write_config(folder, folder / "corpus")
    path.write_text(path.read_text().split("[[sources]]")[0] + "[dedup]\npartitions = 3\n" + SOURCES)
    config = load_config(str(path))
    build(config, until="dedup")
    return config


SOURCES = '[[sources]]\nname = "ready"\npaths = ["dumps/ready-*.jsonl"]\n'


def again(config, folder, **options):
    """Run dedup anew over the same parts; return its files."""
    shutil.copytree(Path(config.output).parent / "corpus" / "parts", folder / "parts")
    build(config.model_copy(update={"output": str(folder)}), until="dedup", **options)
    return clusters_of(folder)


def test_there_is_something_to_find(prepared):
    (path,) = Path(prepared.output).glob("clusters/*/00000/clusters.parquet")
    rows = pq.read_table(path).to_pylist()
    assert sum(not row["keep"] for row in rows) >= 8
    assert {row["exact"] for row in rows if not row["keep"]} == {True, False}
    assert not list(Path(prepared.output).glob("clusters/*/work"))


@pytest.mark.parametrize(
    ("clustering", "star_rounds", "options"),
    [
        ("stars", 1, {"workers": 1}),
        ("stars", 4, {"workers": 2}),
        ("stars", 4, {"beam_flags": ["--direct_runner_bundle_repeat=3"]}),
        ("union_find", 4, {"beam_flags": ["--direct_runner_bundle_repeat=3"]}),
    ],
    ids=["stars", "stars, two workers", "stars, bundles repeated", "bundles repeated"],
)
def test_clusters_are_the_same_bytes(prepared, tmp_path, clustering, star_rounds, options):
    config = settings(prepared, prepared.output, clustering=clustering, star_rounds=star_rounds)
    assert again(config, tmp_path / "corpus", **options) == clusters_of(prepared.output)


def test_stars_on_the_portable_runner_are_the_same_bytes(prepared, tmp_path, job_service):
    config = settings(prepared, prepared.output, clustering="stars")
    found = again(config, tmp_path / "corpus", runner="PortableRunner", beam_flags=job_service)
    assert found == clusters_of(prepared.output)


def test_auto_takes_the_stars_when_memory_is_short(prepared, tmp_path, monkeypatch):
    import corpusforge_pipelines.dedup

    ran = []
    monkeypatch.setattr(
        corpusforge_pipelines.dedup,
        "run_stars",
        lambda *given, real=corpusforge_pipelines.dedup.run_stars: ran.append(1) or real(*given),
    )
    config = settings(prepared, prepared.output, union_find_bytes=100)
    assert again(config, tmp_path / "corpus") == clusters_of(prepared.output)
    assert ran


def test_other_settings_need_no_text(prepared, tmp_path):
    shutil.copytree(Path(prepared.output) / "parts", tmp_path / "parts")
    for path in (tmp_path / "parts").glob("*.documents.parquet"):
        with pq.ParquetFile(path) as file:  # the counts stay, and no text
            schema, stats = file.schema_arrow, file.metadata.metadata[STATS_KEY.encode()].decode()
        with SealedParquetWriter(str(path), schema) as writer:
            writer.add_key_value_metadata({STATS_KEY: stats})
    config = settings(prepared, tmp_path, threshold=0.9, bands=8, rows=16)
    assert build(config, until="dedup").redone == 0
    assert clusters_of(tmp_path)


def test_true_similarity_is_read_from_the_texts(prepared, tmp_path):
    config = settings(prepared, prepared.output, check="jaccard")
    found = again(config, tmp_path / "corpus")
    table = next(body for name, body in found.items() if name.endswith("clusters.parquet"))
    (tmp_path / "t.parquet").write_bytes(table)
    assert sum(not row["keep"] for row in pq.read_table(tmp_path / "t.parquet").to_pylist()) >= 6


def joined_in(folder, names, output, **dedup):
    """A configuration whose sources are the files named, in that order."""
    path = write_config(folder, output)
    tables = "".join(f'[[sources]]\nname = "{n}"\npaths = ["dumps/{n}.jsonl"]\n' for n in names)
    lines = [
        "[dedup]",
        "earliest_wins = true",
        *(f"{key} = {json.dumps(value)}" for key, value in dedup.items()),
    ]
    path.write_text(path.read_text().split("[[sources]]")[0] + "\n".join(lines) + "\n" + tables)
    return load_config(str(path))


def test_a_dump_that_joins_later_gives_what_a_build_from_scratch_gives(tmp_path, monkeypatch):
    notes(tmp_path / "dumps")
    names = ["ready-2", "ready-0", "ready-1"]
    build(joined_in(tmp_path, names[:2], tmp_path / "corpus"))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "corpus" / "parts").iterdir()}
    runs = {path.name for path in (tmp_path / "corpus" / "clusters").iterdir()}
    later = build(joined_in(tmp_path, names, tmp_path / "corpus"))
    assert later.redone == 1
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert len({path.name for path in (tmp_path / "corpus" / "clusters").iterdir()} - runs) == 1
    scratch = build(joined_in(tmp_path, names, tmp_path / "scratch"))
    assert clusters_of(tmp_path / "corpus") == clusters_of(tmp_path / "scratch")
    # parent and id differ, for one corpus has a past; the documents do not
    assert later.totals == scratch.totals
    assert shards_of(tmp_path / "corpus", later.snapshot_id) == shards_of(
        tmp_path / "scratch", scratch.snapshot_id
    )


def shards_of(corpus, snapshot):
    index = json.loads((corpus / "snapshots" / snapshot / "index.json").read_text())
    return sorted(row["id"] for row in index["shards"])


def test_sources_in_another_order_are_the_same_run(tmp_path):
    notes(tmp_path / "dumps")
    for order in (["ready-0", "ready-1", "ready-2"], ["ready-2", "ready-0", "ready-1"]):
        given = joined_in(tmp_path, order, tmp_path / "corpus")
        build(settings(given, given.output, earliest_wins=False), until="dedup")
    assert len(list((tmp_path / "corpus" / "clusters").iterdir())) == 1


def test_shuffled_rows_give_the_same_clusters_and_survivors(tmp_path):
    """A row's id is its place, so documents are told by their texts; no two near copies are of one size."""
    copies = [article("same")] * 3
    near_copies = [f"{article(f'near-{n}')}\n\n{'And so on. ' * k}" for n in range(3) for k in range(1, 5)]
    texts = [*(article(str(n)) for n in range(9)), *copies, *near_copies]
    found = []
    for seed in range(5):
        folder = tmp_path / str(seed)
        random.Random(seed).shuffle(texts)
        for number in range(3):
            write_notes(folder / "dumps" / f"ready-{number}.jsonl", texts[number::3])
        path = write_config(folder, folder / "corpus")
        path.write_text(path.read_text().split("[[sources]]")[0] + "[dedup]\npartitions = 3\n" + SOURCES)
        build(load_config(str(path)), until="dedup")
        found.append(told_by_text(folder / "corpus"))
    assert len(found[0]) == 4
    assert all(one == found[0] for one in found)


def told_by_text(corpus):
    """{survivor's text: texts of its cluster}."""
    parts = [pq.read_table(path).to_pylist() for path in (corpus / "parts").glob("*.documents.parquet")]
    text = {row["doc_id"]: row["text"] for rows in parts for row in rows}
    made = {}
    for path in (corpus / "clusters").glob("*/*/clusters.parquet"):
        for row in pq.read_table(path).to_pylist():
            made.setdefault(text[row["cluster_id"]], []).append(text[row["doc_id"]])
    return {survivor: sorted(members) for survivor, members in made.items()}


def test_what_came_first_stays_whatever_its_rank(tmp_path):
    write_notes(tmp_path / "dumps" / "b.jsonl", [article("x"), article("y")])
    write_notes(
        tmp_path / "dumps" / "a.jsonl", [article("x") + "\n\nAnd one more long line at the very end."]
    )
    result = build(joined_in(tmp_path, ["b", "a"], tmp_path / "corpus"))
    assert result.totals["sources"]["a"]["near_duplicates"] == 1
    assert result.totals["sources"]["b"]["near_duplicates"] == 0


def wiped(tmp_path, line=""):
    write_notes(
        tmp_path / "dumps" / "ready-0.jsonl", [article("one")] * 900 + [article(str(n)) for n in range(300)]
    )
    path = write_config(tmp_path, tmp_path / "corpus")
    path.write_text(path.read_text().split("[[sources]]")[0] + line + SOURCES)
    return load_config(str(path))


def test_a_wipe_out_stops_the_build_and_says_how_to_allow_it(tmp_path):
    with pytest.raises(BuildError) as stopped:
        build(wiped(tmp_path))
    said = str(stopped.value)
    assert "899 of the 1,200 documents of source 'ready'" in said
    assert "web 25.1% of 1,200" in said
    assert "900 documents like" in said
    assert said.split("900 documents like ")[1].split(". Look")[0].count(", ") == 2
    assert "unguarded_sources" in said
    assert not (tmp_path / "corpus" / "CURRENT").exists()


def test_a_wipe_out_may_be_allowed(tmp_path):
    result = build(wiped(tmp_path, '[dedup]\nunguarded_sources = ["ready"]\n'))
    assert result.totals["sources"]["ready"]["duplicates_by_domain"] == {"web": 899}
