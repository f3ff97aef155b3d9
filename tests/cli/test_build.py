"""`build` and the verbs that read what it made."""

import json
import shutil
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.config import BuildConfig, load_config


def ids(folder, pattern):
    return [
        i for path in sorted(Path(folder).glob(pattern)) for i in pq.read_table(path)["doc_id"].to_pylist()
    ]


def test_the_final_table(corpus):
    for words in ("web", "code", "records in", "too_short", "exact dup.", "Time:", "corpusforge verify"):
        assert words in corpus.out, words
    lines = {line.split()[0]: line.split() for line in corpus.out.splitlines() if line.strip()}
    assert lines["code"][1] == "1" and lines["web"][1] == "8"
    for stage in ("plan", "prepare", "dedup", "tokenise", "shard", "commit"):
        assert stage in corpus.err, stage


def test_building_again_does_nothing_again(corpus, corpusforge):
    def described():
        paths = [path for path in corpus.path.rglob("*.json") if "plan" not in path.parts]
        return {path: path.read_bytes() for path in paths}

    before = described()
    result = corpusforge("build", corpus.config)
    assert result.status == 0 and "0 parts made by this run" in result.out
    assert described() == before


def test_report_card_and_inspect_show_what_it_took(corpus, corpusforge, tmp_path):
    assert "Cost: by stage" in corpus.out and "per billion tokens" in corpus.out
    copy = tmp_path / "out"
    shutil.copytree(corpus.path, copy)
    [folder] = (copy / "snapshots").iterdir()
    page, card = (folder / "report.html").read_bytes(), (folder / "card.md").read_bytes()
    assert b'id="time-and-cost"' in page and b"Parts made, by source and kind" in page
    assert b"## Cost" in card and b"per TB in" in card
    assert corpusforge("report", copy).status == 0
    assert (page, card) == ((folder / "report.html").read_bytes(), (folder / "card.md").read_bytes())
    shown = corpusforge("inspect", copy).out
    assert all(word in shown for word in ("Cost: by stage", "start", "finish"))
    told = json.loads(corpusforge("inspect", copy, "--json").out)["receipt"]
    assert told["runs"][0]["stages"][-1]["stage"] == "finish"
    (folder / "receipt.json").unlink()
    assert corpusforge("report", copy).status == 0
    assert b'id="time-and-cost"' not in (folder / "report.html").read_bytes()
    assert b"## Cost" not in (folder / "card.md").read_bytes()
    assert corpusforge("verify", copy).status == 0


def test_dry_run_plans_and_writes_nothing(corpus, corpusforge, tmp_path):
    config = tmp_path / "other.toml"
    config.write_text(
        corpus.config.read_text().replace('"notes.jsonl"', f'"{corpus.config.parent}/notes.jsonl"')
    )
    result = corpusforge("build", config, "--dry-run", "--sample-seconds", "0")
    assert result.status == 0 and "notes/notes.jsonl" in result.out and "to do" in result.out
    assert not (tmp_path / "out").exists()
    assert "done" in corpusforge("build", corpus.config, "--dry-run", "--sample-seconds", "0").out


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_log_of_json_has_a_line_for_each_part_and_stage(corpusforge, corpus, tmp_path):
    log = tmp_path / "log.jsonl"
    config = tmp_path / "c.toml"
    config.write_text(corpus.config.read_text().replace('"notes.', f'"{corpus.config.parent}/notes.'))
    assert corpusforge("build", config, "--until", "prepare", "--log-json", log).status == 0
    [part] = [row for row in rows_of(log) if row["what"] == "part"]
    stages = [row for row in rows_of(log) if row["what"] == "stage"]
    assert [row["stage"] for row in stages] == ["plan", "prepare"] and stages[1]["parts"] == 1
    assert part["input"] == "notes/notes.jsonl" and part["kind"] == "jsonl" and part["made"]
    assert (part["records"], part["kept"], part["dropped"]) == (11, 10, {"too_short": 1})
    assert part["bytes"] == (corpus.config.parent / "notes.jsonl").stat().st_size
    assert all(
        row["start"] <= row["end"] and row["wall_s"] >= 0 and row["cpu_s"] >= 0 for row in rows_of(log)
    )


def test_a_log_of_json_is_valid_after_a_failure(corpusforge, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "Hi."}\n')
    config = tmp_path / "c.toml"
    config.write_text('name = "x"\noutput = "o"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n')
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "parts").write_text("a file, where a folder is to be\n")
    assert corpusforge("build", config, "--log-json", tmp_path / "log.jsonl").status == 1
    last = rows_of(tmp_path / "log.jsonl")[-1]
    assert (last["what"], last["stage"], last["detail"]) == ("stage", "prepare", None) and last["error"]


def test_a_failed_build_exits_1(corpusforge, tmp_path):
    (tmp_path / "in.jsonl").write_text("x\n")
    (tmp_path / "taken").write_text("a file, where a folder is to be\n")
    config = tmp_path / "c.toml"
    config.write_text('name = "x"\noutput = "taken"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n')
    result = corpusforge("build", config)
    assert result.status == 1 and "taken" in result.err and "Traceback" not in result.err


def test_verify_finds_one_flipped_byte(corpus, corpusforge):
    assert corpusforge("verify", corpus.path).status == 0
    assert "1 of 2 shards" in corpusforge("verify", corpus.path, "--sample", "1").out
    payload = sorted(corpus.path.glob("shards/web/**/*.bin"))[0]
    sound = payload.read_bytes()
    try:
        payload.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
        result = corpusforge("verify", corpus.path)
        assert result.status == 1 and payload.name in result.out and "sha256" in result.out
    finally:
        payload.write_bytes(sound)


def test_verify_names_a_damaged_part_and_what_to_remove(corpus, corpusforge):
    part = next(corpus.path.glob("parts/*.signatures.bin"))
    good = part.read_bytes()
    part.write_bytes(good[:9] + bytes([good[9] ^ 1]) + good[10:])
    try:
        result = corpusforge("verify", corpus.path)
        assert result.status == 1 and part.name in result.out
        assert (
            f"remove {part.with_name(part.name.replace('signatures.bin', 'documents.parquet'))}" in result.out
        )
        assert corpusforge("verify", corpus.path, "--shards-only").status == 0
    finally:
        part.write_bytes(good)
    assert "files beside it are sound" in corpusforge("verify", corpus.path).out


def test_inspect_shows_corpus_part_and_configuration(corpus, corpusforge):
    shown = corpusforge("inspect", corpus.path).out
    assert "harbour" in shown and "cl100k_base" in shown and "Shards" in shown and "too_short" in shown
    assert json.loads(corpusforge("inspect", corpus.path, "--json").out)["corpus_id"] == "harbour"
    part = next(corpus.path.glob("parts/*.documents.parquet"))
    assert "notes/notes.jsonl" in corpusforge("inspect", part).out
    assert json.loads(corpusforge("inspect", part, "--json").out)["records_in"] == 11


def test_inspected_configuration_reads_back_the_same(corpus, corpusforge):
    shown = corpusforge("inspect", corpus.config).out
    assert "math_threshold" in shown
    assert BuildConfig.model_validate(tomllib.loads(shown)) == load_config(str(corpus.config))


def test_report_lies_in_the_snapshot(corpus, corpusforge):
    path = Path(corpusforge("report", corpus.path).out.strip())
    before = path.read_bytes()
    assert path.parent.parent == corpus.path / "snapshots" and b"harbour" in before
    corpusforge("report", corpus.path)
    assert path.read_bytes() == before


def test_the_build_wrote_a_card_and_report_prints_it(corpus, corpusforge):
    card = next(corpus.path.glob("snapshots/*/card.md")).read_text()
    assert corpusforge("report", corpus.path, "--card").out == card
    assert (corpus.path / "croissant.json").is_file()


@pytest.mark.parametrize("name", ["croissant.json", "card.md"])
def test_verify_knows_the_files_of_a_card(corpus, corpusforge, tmp_path, name):
    folder = tmp_path / "copy"
    shutil.copytree(corpus.path, folder)
    assert "not checked" not in corpusforge("verify", folder).out
    path = next(folder.rglob(name))
    path.write_bytes(path.read_bytes()[:-9])
    found = corpusforge("verify", folder)
    assert found.status == 1 and name in found.out + found.err
    corpusforge("report", folder)
    assert corpusforge("verify", folder).status == 0


def test_what_a_card_cannot_be_measured_by_is_one_line(corpus, corpusforge, tmp_path):
    hits = tmp_path / "hits.jsonl"
    hits.write_text('{"benchmark": "b", "verdict": "maybe"}\n')
    refused = corpusforge("report", corpus.path, "--card", "--hits", hits)
    assert refused.err.strip() == (
        f"corpusforge: {hits}: line 1: verdict: 'maybe': expected 'leak' or 'shared'"
    )
    refused = corpusforge("report", corpus.path, "--benchmarks", tmp_path / "none")
    assert (
        refused.status == 2
        and "expected a table (.npz), or JSONL" in refused.err
        and len(refused.err.strip().splitlines()) == 1
    )


def test_trace_leads_from_a_shard_back_to_the_dump(corpus, corpusforge):
    for doc_id in ids(corpus.path, "shards/**/*.docs.parquet"):
        found = json.loads(corpusforge("trace", doc_id, "--corpus", corpus.path, "--json").out)
        assert found["end"] == "in a shard" and found["input"] == "notes/notes.jsonl"
        assert found["locator"].startswith("notes/notes.jsonl") and found["domain_reason"]
        payload = (corpus.path / found["shard"]).read_bytes()
        assert 0 < found["byte_length"] <= len(payload) - found["byte_start"]
    assert "end of text included" in corpusforge("trace", doc_id, "--corpus", corpus.path).out


def test_trace_tells_of_drops_and_duplicates(corpus, corpusforge):
    dropped = ids(corpus.path, "rejects/*.parquet")[0]
    assert "dropped: too_short" in corpusforge("trace", dropped, "--corpus", corpus.path).out
    kept = set(ids(corpus.path, "shards/**/*.docs.parquet"))
    [duplicate] = set(ids(corpus.path, "parts/*.documents.parquet")) - kept
    found = json.loads(corpusforge("trace", duplicate, "--corpus", corpus.path, "--json").out)
    assert found["end"] == "removed as a duplicate" and found["cluster_id"] in kept
    unknown = corpusforge("trace", "0" * 32, "--corpus", corpus.path)
    assert unknown.status == 1 and "no document" in unknown.err


RECIPE = 'name = "mix"\nbudget_tokens = 256\nsequence_length = 16\nmax_epochs = 4\n[weights]\nweb = 0.7\ncode = 0.3\n'


def test_mix_writes_a_plan_over_the_corpus(corpus, corpusforge, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE + '[arms.no_code]\nwithout = ["code"]\n')
    result = corpusforge("mix", corpus.path, "--recipe", recipe, "--json")
    arms = json.loads(result.out)["arms"]
    assert arms["full"]["samples"] == arms["no_code"]["samples"] == 16
    assert sum(row["tokens"] for row in arms["full"]["rows"]) == 256
    assert [row["domain"] for row in arms["no_code"]["rows"]] == ["web"]
    [plan] = corpus.path.glob("plans/mix-*.json")
    assert str(plan) in result.err
    table = corpusforge("mix", corpus.path, "--recipe", recipe, "--output", tmp_path / "plan.json").out
    assert "epochs" in table and table.index("arm full") < table.index("arm no_code")
    assert (tmp_path / "plan.json").read_bytes() == plan.read_bytes()
    plan.unlink()


def test_mix_on_paper(corpusforge, tmp_path):
    recipe, supply = tmp_path / "recipe.toml", tmp_path / "supply.json"
    recipe.write_text(RECIPE)
    supply.write_text('{"web": 1000, "code": 64}')
    result = corpusforge("mix", "--recipe", recipe, "--supply", supply, "--json")
    rows = {row["domain"]: row for row in json.loads(result.out)["arms"]["full"]["rows"]}
    assert (rows["web"]["samples"], rows["code"]["samples"], rows["code"]["epochs"]) == (11, 5, 1.25)
    supply.write_text('{"web": 16, "code": 16}')
    short = corpusforge("mix", "--recipe", recipe, "--supply", supply)
    assert short.status == 2 and "tokens short" in short.err
    supply.write_text('{"wbe": 10}')
    assert "wbe" in corpusforge("mix", "--recipe", recipe, "--supply", supply).err
