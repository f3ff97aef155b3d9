"""The whole flow of a corpus in use: plans and a swarm, documents retracted, all made again, gc, proof, training."""

import json
from pathlib import Path

from corpusforge.files import list_files, read_bytes
from corpusforge.mixture.planfile import plan_from_bytes
from corpusforge.reader import open_plan
from corpusforge.reader.torch import PlanStream
from corpusforge.shards.snapshot import read_index
from tests.garbage.conftest import absent, documents_of, run
from tests.garbage.test_gc_bucket import upload
from tests.view.conftest import opened

RECIPE = """
name = "{name}"
budget_tokens = {budget}
sequence_length = 64
max_epochs = 9
{more}
[weights]
web = 0.6
code = 0.4
"""
SWARM = '[swarm]\nruns = 3\nfraction = "1/4"\n'
ARM = '[arms.without_code]\nwithout = ["code"]\n'


def sound(*words: object) -> str:
    status, out, err = run(*words)
    assert status == 0, (words, err)
    return out


def files_in(corpus: object, pattern: str) -> set[str]:
    return set(list_files(f"{corpus}/{pattern}"))


def made(corpus: object, pattern: str, *words: object) -> str:
    """Run a command and return the one file that it has written."""
    before = files_in(corpus, pattern)
    sound(*words)
    (path,) = files_in(corpus, pattern) - before
    return path


def again(corpus: object, pattern: str, path: str, *words: object) -> str:
    return made(corpus, pattern, "mix", corpus, "--again", path, "--tolerance", "1", *words)


def test_what_is_retracted_leaves_plans_and_swarms_alone_but_for_itself(
    twice, listed, tmp_path: Path
) -> None:
    corpus = twice.corpus
    sound("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    flow(corpus, twice, listed, tmp_path)
    site = opened(str(corpus), tmp_path / "verdicts.jsonl").client
    assert "Swarms" in site.get("/plans").text and "letter of 3 May" in site.get("/snapshots").text
    for path in corpus.glob("plans/swarms/*"):
        assert "What the runs read over" in site.get(f"/swarms/{path.name}").text
    for path in corpus.glob("plans/*.json"):
        assert site.get(f"/plans/{path.name}").status_code == 200


def test_the_same_in_a_bucket(s3, twice, listed, tmp_path: Path) -> None:
    sound("gc", twice.corpus, "--keep", "CURRENT", "--drop-plans")
    upload(twice.corpus, "s3://our-bucket/corpus")
    flow("s3://our-bucket/corpus", twice, listed, tmp_path)


def test_a_pinned_plan_is_made_again_source_by_source(clean, listed, tmp_path: Path) -> None:
    """The tokens of each source stay those of the plan that it was pinned to; twice, child by child."""
    corpus, recipe = clean.corpus, tmp_path / "sources.toml"
    recipe.write_text(RECIPE.format(name="sources", budget=2048, more="by_source = true"))
    first = made(corpus, "plans/*.json", "mix", corpus, "--recipe", recipe)
    pages = [one for one in documents_of(clean.corpus, clean.new) if one["source"] == "crawl"]
    parent = retracted(corpus, listed(f"id:{pages[0]['doc_id']}"))
    pinned = made(corpus, "plans/*.json", "mix", corpus, "--recipe", recipe, "--pin", first)
    olds = [by_key(first), by_key(pinned)]
    assert olds[0] == olds[1] and any(key.endswith("#crawl") for key in olds[0])
    status, _, err = run("mix", corpus, "--again", pinned)
    assert status == 2 and f"is of snapshot {parent} already" in err
    retracted(corpus, listed(f"id:{pages[1]['doc_id']}", f"id:{pages[2]['doc_id']}"))
    status, _, err = run("mix", corpus, "--again", pinned, "--recipe", recipe)
    assert (
        status == 2 and "not the one that the plan was made of" in err and "give --fit or --pin, too" in err
    )
    sound("mix", corpus, "--again", pinned, "--recipe", recipe, "--pin", first, "--dry-run")
    new = again(corpus, "plans/*.json", pinned)
    assert by_key(new) == olds[0]
    (told,) = [one for one in json.loads(sound("diff", corpus, pinned, new, "--json")) if one["gone_docs"]]
    assert told["gone_docs"] == 2 and told["moved_tokens"] == 0 < told["replaced_tokens"]
    reader = open_plan(str(corpus), new)
    assert sum(sample.n_tokens for sample in reader) == plan_from_bytes(read_bytes(new), new).tokens


def by_key(path: str) -> dict[str, int]:
    return {row.key: row.tokens for row in plan_from_bytes(read_bytes(path), path).arms["full"].rows}


def retracted(corpus: object, wanted: object) -> str:
    """Return the snapshot without what a list names."""
    sound("retract", corpus, wanted)
    return read_index(str(corpus)).snapshot


def flow(corpus: object, twice, listed, tmp_path: Path) -> None:
    recipes = {
        "study": RECIPE.format(name="study", budget=4096, more="") + ARM + SWARM,
        "sources": RECIPE.format(name="sources", budget=2048, more="by_source = true") + SWARM,
    }
    for name, text in recipes.items():
        (tmp_path / f"{name}.toml").write_text(text)
    study, sources = (tmp_path / f"{name}.toml" for name in recipes)
    plan = made(corpus, "plans/*.json", "mix", corpus, "--recipe", study)
    swarms = [
        made(corpus, "plans/swarms/*/plan.json", "mix", corpus, "--recipe", recipe, "--swarm")
        for recipe in (study, sources)
    ]
    by_source = made(corpus, "plans/*.json", "mix", corpus, "--recipe", sources)

    parent = read_index(str(corpus)).snapshot
    there = documents_of(twice.corpus, parent)
    page = next(one for one in there if one["source"] == "crawl")
    short = sorted(one["n_bytes"] for one in there if one["source"] == "ready")[1]
    wanted = listed(
        f"url:{page['url']}", f"where:source = 'ready' and n_bytes <= {short}", name="opt-out.txt"
    )
    share = ("--yes-remove-share", "0.5")
    sound("retract", corpus, wanted, "--why", "letter of 3 May", "--asked", "2026-05-03", *share)
    child = read_index(str(corpus)).snapshot
    gone = read_index(str(corpus), parent).header["totals"]["n_docs"]
    gone -= read_index(str(corpus), child).header["totals"]["n_docs"]
    assert child != parent and gone > 1

    olds = [plan, by_source, *swarms]
    news = [
        again(corpus, "plans/*.json", plan, "--recipe", study),
        again(corpus, "plans/*.json", by_source, "--recipe", sources),
        again(corpus, "plans/swarms/*/plan.json", swarms[0]),
        again(corpus, "plans/swarms/*/plan.json", swarms[1].removesuffix("/plan.json"), "--recipe", sources),
    ]
    pinned = made(corpus, "plans/*.json", "mix", corpus, "--recipe", sources, "--pin", by_source)
    for old, new in zip(olds, news, strict=True):
        for arm in plan_from_bytes(read_bytes(new), new).arms:
            told = json.loads(sound("diff", corpus, f"{old}:{arm}", f"{new}:{arm}", "--json"))
            assert sum(entry["moved_tokens"] for entry in told) == 0
        assert sum(entry["gone_docs"] for entry in told) > 0

    status, _, err = run("gc", corpus, "--keep", "CURRENT")
    assert status == 2 and "plans over snapshots that would go" in err
    sound("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert not any(path in files_in(corpus, "plans/**") for path in olds)
    status, told, err = absent(corpus, wanted)
    assert (status, err) == (0, "") and told["is_absent"]
    out = sound("verify", corpus)
    assert "5 plans" in out and "not checked" not in out

    for path in (*news, pinned):
        loaded = plan_from_bytes(read_bytes(path), path)
        for arm in loaded.arms:
            reader = open_plan(str(corpus), path, arm)
            assert sum(sample.n_tokens for sample in reader) == loaded.tokens
    stream = PlanStream(str(corpus), news[2], "run_0001")
    assert sum(1 for _ in stream) == len(stream) == len(stream.reader)
    if isinstance(corpus, Path):
        for number, (path, arm) in enumerate(((news[0], "without_code"), (news[2], "run_0002"))):
            export = tmp_path / f"export-{number}"
            sound("export", corpus, "--format", "megatron", "--output", export, "--plan", path, "--arm", arm)
            status, told, err = absent(corpus, wanted, "--exports", export)
            assert (status, err) == (0, ""), told
