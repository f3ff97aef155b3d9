"""No verb lets a dump, a name or an argument drive the terminal, nor write a line that is not the command's."""

import json
import logging
import re
import sys

import pytest

from corpusforge.cli import main
from corpusforge.commands.console import show_table
from corpusforge.commands.output import write_text
from corpusforge.commands.terminal import guard_logs_and_tracebacks
from corpusforge.printable import json_text, visible
from corpusforge.report import render_page
from tests.cli.conftest import letter

EVIL = "x\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202egpj\u2066\u200b\r\nINJECTED\ty"
"""A title for the window, a cleared screen, C1, DEL, a turned direction, an isolate, nothing, a line of its own."""
FILE = EVIL.replace("/", "")
UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
RECIPE = """
name = "r"
budget_tokens = 128
sequence_length = 64
max_epochs = 50
[weights]
web = 1
[arms.{arm}]
without = []
"""


def check(result, status=0):
    assert result.status == status, result.err
    for stream in (result.out, result.err):
        assert not UNSAFE.findall(stream), ascii(stream)
        assert not [line for line in stream.split("\n") if line.lstrip(" │").startswith("INJECTED")]
    return result


def toml(text):
    return json.dumps(text).replace("\x7f", "\\u007f")


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """Return (configuration, corpus, plan) of a build whose every name is hostile."""
    folder = tmp_path_factory.mktemp("evil") / FILE
    folder.mkdir()
    rows = [
        {"id": EVIL + str(n), "text": letter(n), "url": f"http://a.org/{EVIL}{n}", "title": EVIL}
        for n in range(3)
    ]
    rows += [{"id": EVIL, "text": "Hi.", "url": EVIL}]
    (folder / f"{FILE}.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rows) + "{" + EVIL[:9] + "\n"
    )
    config = folder / "corpus.toml"
    config.write_text(
        f'name = "c"\noutput = "out"\n[[sources]]\nname = "s"\npaths = {json.dumps(["*.jsonl"])}\n'
    )
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(arm=toml(EVIL)))
    return config, folder / "out", recipe


def test_visible_and_json_say_the_same():
    assert (
        visible(EVIL)
        == "x\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\u007f\\u202egpj\\u2066\\u200b\\r\\nINJECTED\\ty"
    )
    text = EVIL + "\ud800 \U000e0041 né 中文 👨\u200d👩 نمی\u200cخواهم a\u200db"
    written = json_text({"k": text})
    assert json.loads(written) == {"k": text} and not UNSAFE.findall(written)
    assert (
        "中文 👨\u200d👩 نمی\u200cخواهم a\\u200db" in written
        and "中文 👨\u200d👩 نمی\u200cخواهم" in visible(text)
    )
    assert not UNSAFE.findall(visible(text))


def test_a_build_and_what_looks_into_it(corpusforge, evil):
    config, corpus, recipe = evil
    check(corpusforge("build", config, "--dry-run", "--sample-seconds", "0"))
    check(corpusforge("inspect", config))
    assert json.loads(check(corpusforge("inspect", config, "--json")).out)["output"].endswith(f"{FILE}/out")
    check(corpusforge("build", config))
    check(corpusforge("build", config))  # nothing to do
    check(corpusforge("inspect", corpus))
    json.loads(check(corpusforge("inspect", corpus, "--json")).out)
    for part in (corpus / "parts").glob("*.documents.parquet"):
        check(corpusforge("inspect", part))
        json.loads(check(corpusforge("inspect", part, "--json")).out)
    page = check(corpusforge("report", corpus)).out
    assert page
    html = next(corpus.glob("snapshots/*/report.html")).read_text()
    assert not UNSAFE.findall(html) and "\nINJECTED" not in html

    index = json.loads(next(corpus.glob("snapshots/*/index.json")).read_bytes())
    shard = index["shards"][0]["id"]
    doc_id = json.loads(check(corpusforge("trace", f"{shard}:1", "--corpus", corpus, "--json")).out)["doc_id"]
    check(corpusforge("trace", f"{shard}:1", "--corpus", corpus))
    check(corpusforge("trace", doc_id, "--corpus", corpus))
    json.loads(check(corpusforge("trace", doc_id, "--corpus", corpus, "--json")).out)

    check(corpusforge("mix", corpus, "--recipe", recipe))
    json.loads(check(corpusforge("mix", corpus, "--recipe", recipe, "--json")).out)
    [plan] = (corpus / "plans").glob("*.json")
    check(corpusforge("diff", corpus, plan, f"{plan}:{EVIL}"))
    json.loads(check(corpusforge("diff", corpus, plan, f"{plan}:{EVIL}", "--json")).out)
    check(corpusforge("export", corpus, "--format", "parquet", "--output", corpus.parent / f"export{FILE}"))
    check(corpusforge("verify", corpus))
    next((corpus / "shards").rglob("*.bin")).write_bytes(b"")
    check(corpusforge("verify", corpus), 1)


def test_rows_and_files(corpusforge, evil, tmp_path):
    config, _, _ = evil
    rows = next(config.parent.glob("*.jsonl"))
    for line in check(corpusforge("label", rows)).out.splitlines():
        json.loads(line)
    for line in check(corpusforge("extract", rows)).out.splitlines():
        json.loads(line)
    check(corpusforge("trace", rows))
    check(corpusforge("dedup", rows, "--output", tmp_path / f"dedup{FILE}"), 1)
    check(corpusforge("dedup", rows, "--skip-bad-rows", "--output", tmp_path / f"dedup{FILE}2"))
    again = corpusforge("dedup", rows, "--skip-bad-rows", "--json", "--output", tmp_path / f"dedup{FILE}3")
    json.loads(check(again).out)
    items = tmp_path / f"items{FILE}.jsonl"
    items.write_text(json.dumps({"benchmark": EVIL, "text": letter(4), "id": EVIL}) + "\n")
    check(corpusforge("contamination-table", items, "--output", tmp_path / f"table{FILE}.npz"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "{evil}.toml"),
        ("build", "{bad}"),
        ("label", "{evil}"),
        ("label", "--task", "{evil}", "-"),
        ("extract", "{evil}"),
        ("dedup", "{evil}", "--output", "{tmp}/d"),
        ("trace", "{evil}"),
        ("trace", "0" * 32, "--corpus", "{evil}"),
        ("trace", "{evil}:1", "--corpus", "{evil}"),
        ("inspect", "{evil}"),
        ("verify", "{evil}"),
        ("mix", "{evil}", "--recipe", "{bad}"),
        ("diff", "{evil}", "{evil}:a", "{evil}:b"),
        ("export", "{evil}", "--format", "{evil}", "--output", "{tmp}/e"),
        ("report", "{evil}"),
        ("contamination-table", "{evil}", "--output", "{tmp}/t"),
        ("train", "--{evil}"),
        ("train", "--recipe", "{bad}", "--data", "{evil}"),
        ("evaluate", "--task", "{evil}", "--data", "{evil}"),
        ("evaluate", "decontamination", "--{evil}"),
        ("{evil}",),
        ("build", "--{evil}"),
        ("verify", "{evil}", "--sample", "{evil}"),
    ],
)
def test_what_an_error_quotes(corpusforge, tmp_path, arguments):
    bad = tmp_path / f"{FILE}.toml"
    bad.write_text(f"{toml(EVIL)} = {toml(EVIL)}\nname = {toml(EVIL)}\n")
    given = [word.format(evil=EVIL, bad=bad, tmp=tmp_path) for word in arguments]
    result = corpusforge(*given, stdin=b"")
    check(result, result.status)
    assert result.status in (1, 2) and result.err


def test_a_text_is_data_but_to_a_terminal(capsys, monkeypatch):
    write_text(None, f"a{EVIL}\n")
    assert capsys.readouterr().out == f"a{EVIL}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    write_text(None, f"a{EVIL}\n")
    assert capsys.readouterr().out == f"a{visible(EVIL, keep=chr(10) + chr(9))}\n"


def test_logs_and_tracebacks(capsys, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    guard_logs_and_tracebacks()
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (EVIL,), None)
    assert not UNSAFE.findall(logging.lastResort.format(record).replace("\t", ""))
    sys.excepthook(ValueError, ValueError(EVIL), None)
    assert not UNSAFE.findall(capsys.readouterr().err.replace("\t", ""))


def test_tables_and_the_page(capsys):
    show_table([EVIL, EVIL], [EVIL], [[EVIL], [f"[red]{EVIL}"]], total=[EVIL])
    out = capsys.readouterr().out
    assert not UNSAFE.findall(out) and "[red]" in out
    header = {
        "corpus_id": EVIL,
        "inputs": [{"name": f"<b>{EVIL}", "kind": EVIL, "digest": EVIL}],
        "seed": EVIL,
    }
    page = render_page(
        EVIL,
        header,
        [
            {
                "domain": EVIL,
                "subset": EVIL,
                "id": EVIL,
                "n_docs": 1,
                "n_tokens": 1,
                "bytes": 1,
                "sha256": EVIL,
            }
        ],
    )
    assert not UNSAFE.findall(page) and "<b>x" not in page


def test_help_still_answers(corpusforge):
    with pytest.raises(SystemExit):
        main(["--help"])
