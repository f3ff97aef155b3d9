"""Functions of one's own among the steps: in the sandbox, told of, counted.

On the portable runner they run in `test_transforms.py`.
"""

import json
import re
from pathlib import Path

import pytest

import corpusforge
from corpusforge.config import ConfigError, load_config
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import run_command

MODULE = """
from dataclasses import replace

from corpusforge import StepDocument, StepDrop


def judge(document: StepDocument, *, word: str, limits: dict) -> StepDocument | StepDrop:
    print("seen")
    if "harbour" in document.text[:120]:
        return StepDrop(f"begins with {word}")
    if document.doc_id[0] in "01":
        raise RuntimeError("this one is too much")
    if document.doc_id[0] == "2" and document.source == "ready":
        while True:
            pass
    signals = {**document.signals, "n_words": len(document.text.split())}
    return replace(document, signals=signals, text=document.text.replace("the ", "ye "))


async def waits(document):
    return document


def words(document):
    return document.text


def takes_none():
    return None
"""
TABLE = """
[sandbox]
deadline_s = 1.0

[[steps]]
name = "judge"
function = "own_module:judge"
path = "."
version = 1
after = "{after}"
parameters = {{ word = "harbour", limits = {{ a = 1 }} }}
"""


def add_steps(path: Path, table: str = TABLE.format(after="label"), name: str = "own_module") -> str:
    (path.parent / f"{name}.py").write_text(MODULE)
    lines = path.read_text().replace("max_quarantine_fraction = 0.05", "max_quarantine_fraction = 0.5")
    path.write_text(lines + table)
    return str(path)


def test_a_step_changes_drops_and_fails_single_records(tiny, tmp_path):
    result = build(load_config(add_steps(tiny)), workers=2)
    sources = result.totals["sources"]
    dropped = sum(source["dropped"].get("step:judge", 0) for source in sources.values())
    assert dropped > 3
    assert sum(source["quarantined"] for source in sources.values()) > 3
    for source in sources.values():
        assert (
            source["records_in"] == source["kept"] + sum(source["dropped"].values()) + source["quarantined"]
        )
    corpus = corpusforge.open_corpus(str(tmp_path / "corpus"))
    for row in corpus.documents(columns=["text", "signals"]):
        assert row["signals"]["n_words"] > 0 and "the " not in row["text"]
    errors = [
        json.loads(line)
        for path in (tmp_path / "corpus" / "quarantine").glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert any("this one is too much" in one["traceback"] for one in errors)
    assert any(one["error"].startswith("killed: over 1 s") for one in errors)


def test_label_and_trace_call_it_and_what_it_prints_is_no_row(tiny, tmp_path):
    config = add_steps(tiny, TABLE.format(after="extract"))
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "the harbour was quiet and the boats were gone"}\n')
    told = json.loads(run_command("label", rows, "--config", config).stdout)
    assert told["drop_reason"] == "step:judge" and told["drop_detail"] == "begins with harbour"
    traced = run_command("trace", rows, "--config", config).stdout
    assert "dropped by step:judge: step:judge" in traced
    assert corpusforge.label_text("the harbour was quiet", config=config).drop_reason == "step:judge"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("own_module:", "no_module:"), "steps.0.function: no module 'no_module' in "),
        ((":judge", ":judges"), "no function 'judges' in"),
        ((":judge", ":waits"), "is async"),
        ((":judge", ":takes_none"), "cannot be called with a document and its parameters"),
        (("version = 1\n", ""), "steps.0.version: missing; write version = …"),
        (('"own_module:judge"', '"own_module"'), 'write it as in function = "own_module:shorten"'),
    ],
)
def test_what_is_no_step_is_one_clear_line_before_the_build(tiny, change, line):
    config = add_steps(tiny, TABLE.format(after="label").replace(*change))
    with pytest.raises(ConfigError) as caught:
        build(load_config(config))
    assert line in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_the_command_says_it_in_one_line_and_begins_nothing(tiny, tmp_path):
    config = add_steps(tiny, TABLE.format(after="label").replace(":judge", ":judges"))
    done = run_command("build", config, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "no function 'judges' in" in done.stderr
    assert not (tmp_path / "corpus" / "parts").exists()


def test_a_wrong_return_type_is_told_before_the_build(tiny):
    table = TABLE.format(after="label").replace(":judge", ":words")
    table = table.replace('parameters = { word = "harbour", limits = { a = 1 } }', "")
    with pytest.raises(ConfigError, match=r"own_module:words returned str, not a StepDocument or a StepDrop"):
        build(load_config(add_steps(tiny, table)))


def test_version_parameters_and_source_are_in_the_fingerprint_and_the_place_is_not(tiny, tmp_path):
    def fingerprint() -> str:
        return load_config(str(tiny)).part_fingerprint()

    without = fingerprint()
    add_steps(tiny)
    found = [without, fingerprint()]
    for old, new in (("version = 1", "version = 2"), ('"harbour"', '"quay"')):
        tiny.write_text(tiny.read_text().replace(old, new))
        found.append(fingerprint())
    (tmp_path / "own_module.py").write_text(MODULE + "\n# another state\n")
    found.append(fingerprint())
    assert len(set(found)) == len(found)
    (tmp_path / "moved").mkdir()
    (tmp_path / "own_module.py").rename(tmp_path / "moved" / "own_module.py")
    tiny.write_text(tiny.read_text().replace('path = "."', 'path = "moved"'))
    assert fingerprint() == found[-1]


def test_the_page_on_own_steps_shows_one_that_works(tiny, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "own-steps.md").read_text()
    table, module = (re.search(f"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("toml", "python"))
    (tmp_path / "my_steps.py").write_text(module)
    tiny.write_text(f"{tiny.read_text()}\n{table}")
    items = "".join(f"- {line}\n" for line in ("bread", "the salt of the sea", "a pound of butter"))
    rows = [{"text": items}, {"text": f"{items}\n\n" + "The harbour was quiet in the evening.\n" * 9}]
    lists, prose = corpusforge.label_texts(rows, config=str(tiny))
    assert (lists.drop_reason, lists.drop_detail) == (
        "step:lists",
        "1.00 of the lines are items, more than 0.5",
    )
    assert 0 < prose.signals["list_share"] < 0.5
