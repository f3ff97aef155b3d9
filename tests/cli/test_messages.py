"""Each message of docs/messages.md: a command that meets its cause prints that line, and no other message is told of."""

import gzip
import json
import os
import random
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.cost.receipt import FINISH
from corpusforge.report.receipt import QUANTITIES
from tests.cli.conftest import PROSE

DOC = Path(__file__).parents[2] / "docs" / "messages.md"
GOOD = 'name = "x"\noutput = "out"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
SOURCE = GOOD[GOOD.index("[[") :]
OTHER = '[[sources]]\nname = "t"\npaths = ["{}"]\n'
RECIPE = 'name = "r"\nbudget_tokens = 256\nsequence_length = 16\n[weights]\n'
C = "DIR/c.toml"


def paths(value, rest=""):
    return GOOD.replace('["in.jsonl"]', value) + rest


# configuration -> the line of `build c.toml --dry-run`, exit 2
CONFIGURATIONS = {
    f'{C}: name: missing; write name = "first-try"': GOOD.replace('name = "x"\n', ""),
    f'{C}: output: missing; write output = "corpus"': GOOD.replace('output = "out"\n', ""),
    f'{C}: sources: missing; write [[sources]] with name = "web" and paths = ["dumps"] under it': GOOD.replace(
        SOURCE, ""
    ),
    f'{C}: sources.0.name: missing; write name = "web"': GOOD.replace('name = "s"\n', ""),
    f'{C}: sources.0.paths: missing; write paths = ["dumps"]': GOOD.replace('paths = ["in.jsonl"]\n', ""),
    f'{C}: sources.0.paths: must be a list: paths = ["in.jsonl"]': paths('"in.jsonl"'),
    f'{C}: sources.0.paths: must name one at least: paths = ["dumps"]': paths("[]"),
    f"{C}: sources: must be [[sources]], in two brackets: a table for each source": GOOD.replace(
        "[[sources]]", "[sources]"
    ),
    f"{C}: name: may hold letters, digits and . _ - and begins with a letter or digit (given: 'my x')": (
        GOOD.replace('"x"', '"my x"')
    ),
    f'{C}: name: must be text in quotes: "1" (given: 1)': GOOD.replace('"x"', "1"),
    f"{C}: seed: must be a whole number, without quotes (given: 'one')": 'seed = "one"\n' + GOOD,
    f"{C}: seed: must be greater than or equal to 0 (given: -1)": "seed = -1\n" + GOOD,
    f"{C}: sources.0.seed: unknown key; it belongs to no table: write it above the first one, not under"
    " [[sources]]": GOOD + "seed = 1\n",
    f"{C}: sources.0.path: unknown key; did you mean 'paths'?": GOOD + 'path = "x"\n',
    f"{C}: sources.0.kind: must be 'warc', 'github', 'notebooks', 'mediawiki', 'stackexchange', 'books' or"
    " 'jsonl'; did you mean 'jsonl'? (given: 'json')": GOOD + 'kind = "json"\n',
    f"{C}: sources.0.columns: must be a table: columns = {{ text = \"…\" }} (given: 'body')": (
        GOOD + 'columns = "body"\n'
    ),
    f"{C}: dedup.method: must be 'off', 'exact' or 'near' (given: 'fuzzy')": (
        GOOD + '[dedup]\nmethod = "fuzzy"\n'
    ),
    f"{C}: dedup: must be a table: [dedup] and its keys under it (given: True)": "dedup = true\n" + GOOD,
    f"{C}: shards.tokenizer: no encoding is called 'gpt5'; known: cl100k_base, o200k_base, o200k_harmony,"
    " llama3, qwen3 (given: 'gpt5')": GOOD + '[shards]\ntokenizer = "gpt5"\n',
    f"{C}: sources: two sources are named 's'; give each its own name": GOOD + SOURCE,
    f"{C}: not valid TOML: Invalid value (at line 1, column 8)": "name = x\n",
    f"{C}: sources.s.paths: nothing at 'none.jsonl' (looked at DIR/none.jsonl); paths are relative to the"
    " configuration file": paths('["none.jsonl"]'),
    f"{C}: sources.s: DIR/in.jsonl is the output itself: name an output of its own": GOOD.replace(
        '"out"', '"in.jsonl"'
    ),
    "sources.s: the folder DIR/empty holds no file to read (hidden ones are passed over); name the dumps' own": (
        paths('["empty"]')
    ),
    "sources.s: DIR/zero.jsonl is empty (0 bytes); name files with content": paths('["zero.jsonl"]'),
    "sources.s: DIR/random.zip: no zip archive, as its name says, from byte 0 on (it begins"
    " 45 7c 76 9f 39 d8 64 41): fetch it again, or take it out of the source": (paths('["random.zip"]')),
    "sources.s: DIR/tables.db: an SQLite database: not read; write its texts to JSONL or Parquet first; or"
    " leave it out, or set kind = … for this source: then it is one drop": paths('["tables.db"]'),
    "sources.s: no row holds text in rows.jsonl; its columns: body; name the one that does: columns = "
    '{ text = "…" } under this source': paths('["none"]'),
}

# arguments -> (status, line); `out` is a corpus, `half` one whose build did not end
COMMANDS = {
    "list DIR/opt.txt, line 2: 'https://example.org/a' begins with no kind (id:, hash:, url:, host:, repo:,"
    " licence:, where:): write url:https://example.org/a": (2, "retract", "corpus", "opt.txt"),
    "list DIR/zero.jsonl: holds no entry; write one a line, as host:example.org": (
        2, "retract", "corpus", "zero.jsonl",
    ),
    "DIR: a folder; name the TOML file of a configuration": (2, "build", "."),
    "DIR/c: no such configuration file; did you mean DIR/c.toml?": (2, "build", "c"),
    "DIR/in.jsonl: no configuration in TOML (Invalid statement (at line 1, column 1)); a dump is named in the"
    " `paths` of one": (2, "build", "in.jsonl"),
    "more.toml: one configuration is built at a time; behind it and `--` come flags of Beam's": (
        2, "build", "c.toml", "--dry-run", "!more.toml",
    ),
    "--runner Sparkk: no runner of Beam is called so; use DirectRunner, DataflowRunner, FlinkRunner,"
    " SparkRunner, PrismRunner or PortableRunner": (2, "build", "c.toml", "--runner", "!Sparkk"),
    "DIR/locked: no corpus here: no file CURRENT names a snapshot; `corpusforge build CONFIG.toml` makes one": (
        2, "verify", "locked",
    ),
    "DIR/half: its build did not end: there is no snapshot yet; the same `corpusforge build` goes on": (
        2, "inspect", "half",
    ),
    "--snapshot: 'abc' is no id of a snapshot: expected 32 hex digits": (
        2, "verify", "corpus", "--snapshot", "!abc",
    ),
    "DIR/c.toml: this is a configuration of `build`, and no recipe": (
        2, "mix", "corpus", "--recipe", "c.toml",
    ),
    "DIR/bad.toml: weights.webb: unknown 'webb': did you mean 'web'?": (
        2, "mix", "corpus", "--recipe", "bad.toml",
    ),
    "DIR/arm.toml: arms.a.withot: unknown key; did you mean 'without'?": (
        2, "mix", "corpus", "--recipe", "arm.toml",
    ),
    "recipe r: 9,999,200 tokens short: 10,000,000 wanted, 800 left at 1 epoch (web 800)": (
        2, "mix", "--recipe", "big.toml", "--supply", "supply.json",
    ),
    "mix needs `--recipe recipe.toml`, or `--again plan.json` over another snapshot": (2, "mix", "corpus"),
    "DIR/swarm.toml: swarm: runs is of the design dirichlet, not of lattice": (
        2, "mix", "corpus", "--recipe", "swarm.toml", "--swarm",
    ),
    "--output DIR/corpus/plans/x: a plan in a corpus is a .json in DIR/corpus/plans/ or a folder of it, samples/ and"
    " swarms/ apart; or name a place outside of the corpus": (
        2, "mix", "corpus", "--recipe", "big.toml", "--output", "corpus/plans/x",
    ),
    "--output DIR/corpus/plans/x: a swarm in a corpus is a folder of DIR/corpus/plans/swarms/; or name a place"
    " outside of the corpus": (
        2, "mix", "corpus", "--recipe", "swarm.toml", "--swarm", "--output", "corpus/plans/x",
    ),
    "a swarm needs two weights above zero: one alone leaves nothing to mix": (
        2, "mix", "--recipe", "big.toml", "--supply", "supply.json", "--swarm",
    ),
    "DIR/fit.json: does not say which swarm it is of: name its file with --buckets": (
        2, "mix", "corpus", "--recipe", "big.toml", "--fit", "fit.json",
    ),
    "DIR/text.txt: none of its 1 row is a document (text.txt, line 1, offset 0: not JSON: Expecting value:"
    " line 1 column 1 (char 0)); rows of JSON or Parquet are labelled: `corpusforge trace FILE` shows the"
    " decisions on a file of another form": (1, "label", "text.txt", "--output", "l.jsonl"),
    "DIR/in.jsonl: File exists; a file stands where a folder is needed; name another place": (
        1, "export", "corpus", "--format", "!parquet", "--output", "in.jsonl",
    ),
    f"--keep: DIR/corpus has no snapshot {'0' * 32}: there are SNAPSHOT": (
        2, "gc", "corpus", "--keep", f"!{'0' * 32}",
    ),
    "list DIR/hosts.txt, line 1: 'example.org' begins with no kind (id:, hash:, url:, host:, repo:, licence:, where:):"
    " write host:example.org": (2, "verify", "corpus", "--absent", "hosts.txt"),
    "DIR/corpus: 11 documents found, in clusters, docs, pages, parts, payload, rejects, text; `corpusforge retract` takes them out, `corpusforge"
    " gc` removes older snapshots": (1, "verify", "corpus", "--absent", "list.txt", "--no-copies"),
    "--prediction DIR/told.json: No such file or directory; `corpusforge build --dry-run --prediction FILE` writes"
    " one": (2, "build", "c.toml", "--prediction", "told.json"),
    "--prediction DIR/in.jsonl: not what `corpusforge build --dry-run --prediction FILE` writes; run it": (
        2, "build", "c.toml", "--prediction", "in.jsonl",
    ),
    "--prediction DIR/other.json: it was made with another configuration; run --dry-run again": (
        2, "build", "c.toml", "--prediction", "other.json",
    ),
    "--prediction DIR/gone/told.json: there is no folder DIR/gone; make it, or name another place": (
        2, "build", "c.toml", "--dry-run", "--prediction", "gone/told.json",
    ),
    "--prediction DIR/out/told.json: lies in the corpus, where a dry run writes nothing; put it elsewhere": (
        2, "build", "c.toml", "--dry-run", "--prediction", "out/told.json",
    ),
    "DIR/absent: no such file": (2, "label", "absent"),
}  # fmt: skip

# configuration -> the last line of a build, exit 1
BUILDS = {
    "source 't': nothing of it could be read, t/cut.parquet: unreadable: no readable Parquet file: Parquet magic"
    " bytes not found in footer. Either the file is corrupted or this is not a parquet file.; fetch it again or"
    " take it out; max_unread_fraction = 1 builds without it": GOOD + OTHER.format("cut.parquet"),
    "source 't': nothing of it could be read, t/random.jsonl.gz#offset=0: unreadable: not gzip, as its name says:"
    " bytes that begin 45 7c 76 9f 39 d8 64 41, no text from byte 0 on; fetch it again or take it out;"
    " max_unread_fraction = 1 builds without it": GOOD + OTHER.format("random.jsonl.gz"),
    "none of the 1 record read is left for a shard (too_short 1); the files in rejects/ tell every one, for"
    " example s/short.jsonl#line=1&offset=0: too_short: 3 characters, under 50": paths('["short.jsonl"]'),
}

# configuration -> a line of a build that goes on
NOTES = {
    "the same content in two sources: t/copy.jsonl is s/in.jsonl; take it out of one of them, or leave it to"
    " dedup, which keeps one document of each": GOOD + OTHER.format("copy.jsonl"),
    "damaged: t/cut.jsonl.gz: N of N records kept; t/cut.jsonl.gz#compressed_offset=0: unreadable: gzip at byte 0:"
    " the file ends before the compressed data does; fetch it again": GOOD + OTHER.format("cut.jsonl.gz"),
    "sources.s: passed over 'DIR/d/gone.jsonl' (a link to nothing)": paths('["d"]'),
}

DENIED = "DIR/closed/out: Permission denied; give this user the right to, or name another place"
INTERRUPTED = (
    "interrupted; nothing is lost: 1 part in DIR/out is kept, the parts under way and the stages behind them"
    " start again: corpusforge build DIR/c.toml"
)
BUSY = "DIR/locked: still being built: there is no snapshot yet; wait for its build to end"
OTHERS = {DENIED, INTERRUPTED, BUSY}


@pytest.fixture
def here(tmp_path, corpus):
    rows = [{"id": str(n), "text": PROSE.format(n="word " * n)} for n in range(4)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    shutil.copy(tmp_path / "in.jsonl", tmp_path / "copy.jsonl")
    (tmp_path / "short.jsonl").write_text('{"text": "Hi."}\n')
    (tmp_path / "zero.jsonl").write_text("")
    for name in ("empty", "none", "d", "locked"):
        (tmp_path / name).mkdir()
    (tmp_path / "tables.db").write_bytes(b"SQLite format 3\0" + bytes(99))
    (tmp_path / "none" / "rows.jsonl").write_text('{"body": "Words."}\n')
    shutil.copy(tmp_path / "in.jsonl", tmp_path / "d" / "in.jsonl")
    (tmp_path / "d" / "gone.jsonl").symlink_to("nowhere")
    (tmp_path / "text.txt").write_text("Words.\n")
    (tmp_path / "hosts.txt").write_text("example.org\n")
    (tmp_path / "list.txt").write_text("where:source = 'notes'\n")
    noise = random.Random(5).randbytes(20_000)
    for name in ("random.zip", "random.jsonl.gz"):
        (tmp_path / name).write_bytes(noise)
    pq.write_table(pa.table({"text": ["Words."] * 100}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    packed = gzip.compress((tmp_path / "in.jsonl").read_bytes() + noise.hex().encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[:-2000])
    (tmp_path / "bad.toml").write_text(RECIPE + "webb = 1\n")
    (tmp_path / "arm.toml").write_text(RECIPE + 'web = 1\n[arms.a]\nwithot = ["web"]\n')
    big = RECIPE.replace("256", "10_000_000").replace("16", "400")
    (tmp_path / "big.toml").write_text(big + "web = 1\n")
    swarm = '[swarm]\ndesign = "lattice"\nruns = 3\n'
    (tmp_path / "swarm.toml").write_text(RECIPE + "web = 1\ncode = 1\n" + swarm)
    (tmp_path / "fit.json").write_text('{"weights": {"web": 1}}')
    told = {**{name: [1, 2, 3] for name in QUANTITIES}, FINISH: dict.fromkeys(QUANTITIES, 1)}
    (tmp_path / "other.json").write_text(json.dumps({**told, "configuration": "0"}))
    (tmp_path / "supply.json").write_text('{"web": 800}')
    (tmp_path / "opt.txt").write_text("# asked\nhttps://example.org/a\n")
    (tmp_path / "half" / "plan").mkdir(parents=True)
    (tmp_path / "c.toml").write_text(GOOD)
    (tmp_path / "corpus").symlink_to(corpus.path)
    return tmp_path


def said(text, folder):
    """Return the lines of stderr, the folder as DIR, the id of what was built as SNAPSHOT; figures that a compressor decides as N."""
    lines = text.replace(str(folder), "DIR").strip().splitlines()
    lines = [line.removeprefix("corpusforge: ") for line in lines]
    lines = [re.sub(r"(?<=there are )[0-9a-f]{32}", "SNAPSHOT", line) for line in lines]
    return [re.sub(r"(?<=cut\.jsonl\.gz: )\d+ of \d+", "N of N", line) for line in lines]


@pytest.mark.parametrize("line", CONFIGURATIONS)
def test_a_wrong_configuration(corpusforge, here, line):
    (here / "c.toml").write_text(CONFIGURATIONS[line])
    result = corpusforge("build", here / "c.toml", "--dry-run")
    assert (result.status, said(result.err, here)) == (2, [line])


@pytest.mark.parametrize("line", COMMANDS)
def test_a_wrong_command(corpusforge, here, line):
    status, verb, *words = COMMANDS[line]
    given = [
        word[1:] if word.startswith("!") else word if word.startswith("-") else os.path.normpath(here / word)
        for word in words
    ]
    result = corpusforge(verb, *given)
    assert (result.status, said(result.err, here)[-1:]) == (status, [line])


@pytest.mark.parametrize("line", BUILDS)
def test_a_build_that_cannot_end_well(corpusforge, here, line):
    (here / "c.toml").write_text(BUILDS[line])
    result = corpusforge("build", here / "c.toml")
    found = said(result.err, here)
    assert (result.status, found[-1:]) == (1, [line])
    assert not any(stage in text for text in found for stage in ("dedup ", "tokenise ")), "told late"


@pytest.mark.parametrize("line", NOTES)
def test_a_build_that_goes_on_and_says_so(corpusforge, here, line):
    (here / "c.toml").write_text(NOTES[line])
    result = corpusforge("build", here / "c.toml", "--until", "prepare")
    assert result.status == 0 and line in said(result.err, here)


def test_no_right_to_write(corpusforge, here, monkeypatch):
    (here / "c.toml").write_text(GOOD.replace('"out"', '"closed/out"'))

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("corpusforge.parts.lock.os.makedirs", refuse)
    result = corpusforge("build", here / "c.toml")
    assert (result.status, said(result.err, here)) == (1, [DENIED])


def test_an_interrupted_build_says_what_starts_again(corpusforge, here, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("corpusforge_pipelines.build.check_prepared", interrupt)
    result = corpusforge("build", here / "c.toml", "--log-json", here / "log.jsonl")
    assert (result.status, said(result.err, here)[-1:]) == (130, [INTERRUPTED])


def test_a_corpus_that_is_being_built(corpusforge, here):
    fcntl = pytest.importorskip("fcntl")
    (here / "locked" / "plan").mkdir()
    with open(here / "locked" / ".lock", "wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        result = corpusforge("inspect", here / "locked")
    assert (result.status, said(result.err, here)) == (2, [BUSY])


def test_the_table_and_the_tests_name_the_same_messages():
    named = re.findall(r"^\| `` (.+?) `` \|", DOC.read_text(), re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == {*CONFIGURATIONS, *COMMANDS, *BUILDS, *NOTES, *OTHERS}
