"""The table of test items and the figures on how well they are found, from the command."""

import hashlib
import json

import pytest

NAMES = "Nadia Tomas Ilse Hugo Vera Pavel Marta Jonas Edith Oskar".split()
ITEMS = [
    {
        "benchmark": "sums" if i % 2 else "walks",
        "text": f"{name} walked {i + 3} kilometres along the river on Monday and {i + 5} kilometres back through the "
        f"woods on Tuesday, resting {i + 2} times. How far did {name} walk on both days together?",
        "answer": str(2 * i + 8),
    }
    for i, name in enumerate(NAMES)
]


def prose(number):
    words = (
        "harbour orchard library foundry chapel meadow bridge quarry theatre granary archive lantern".split()
    )
    return " ".join(f"{words[(number * k + k * k) % 12]} {words[(number + 5 * k) % 12]}," for k in range(80))


@pytest.fixture
def benchmarks(jsonl):
    return jsonl(*ITEMS, name="items.jsonl")


@pytest.fixture
def clean(jsonl):
    return jsonl(*({"id": str(i), "text": prose(i)} for i in range(30)), name="clean.jsonl")


def test_the_table_is_built_pinned_and_used(corpusforge, benchmarks, jsonl, tmp_path):
    table = tmp_path / "table.npz"
    result = corpusforge("contamination-table", benchmarks, "--output", table)
    assert result.status == 0 and "walks" in result.out
    sha256 = hashlib.sha256(table.read_bytes()).hexdigest()
    assert sha256 in result.out
    config = tmp_path / "c.toml"
    config.write_text(
        'name = "c"\noutput = "out"\n[filter]\nquality = "off"\nbenchmarks = "table.npz"\n'
        f'benchmarks_sha256 = "{sha256}"\n[[sources]]\nname = "s"\npaths = ["rows.jsonl"]\n'
    )
    rows = jsonl(
        {"id": "clean", "text": prose(1)}, {"id": "leak", "text": f"{prose(2)}\n\n{ITEMS[3]['text'].upper()}"}
    )
    told = corpusforge("label", rows, "--config", config)
    decisions = {row["id"]: row for row in map(json.loads, told.out.splitlines())}
    assert decisions["leak"]["drop_reason"] == "contaminated"
    assert "sums item 4" in decisions["leak"]["drop_detail"]
    assert decisions["clean"]["drop_reason"] != "contaminated"
    shown = json.loads(corpusforge("inspect", config, "--json").out)
    assert shown["filter"]["benchmarks_sha256"] == sha256
    table.write_bytes(table.read_bytes() + b" ")
    refused = corpusforge("label", rows, "--config", config)
    assert refused.status == 2 and "pinned" in refused.err and refused.err.count("\n") == 1


def test_recall_and_false_positives_are_reported(corpusforge, benchmarks, clean):
    result = corpusforge(
        "evaluate", "decontamination", "--benchmarks", benchmarks, "--clean", clean, "--json"
    )
    assert result.status == 0, result.err
    told = json.loads(result.out)
    assert set(told["recall"]) == {"sums", "walks"}
    for of in told["recall"].values():
        assert of["all"]["recall"] == 1.0 and of["variants"]["verbatim"]["tried"] == 5
    assert told["clean"]["documents"] == 30 and told["clean"]["flagged"] == 0
    shown = corpusforge("evaluate", "decontamination", "--benchmarks", benchmarks, "--clean", clean)
    assert "Recall by injection" in shown.out and "0 false positives" in shown.out


def test_a_true_leak_is_told_from_a_false_positive(corpusforge, benchmarks, jsonl):
    rows = [{"id": str(i), "text": prose(i)} for i in range(5)]
    rows.append({"id": "leak", "text": f"{prose(9)} {ITEMS[0]['text']}"})
    clean = jsonl(*rows, name="clean.jsonl")
    told = json.loads(
        corpusforge("evaluate", "decontamination", "--benchmarks", benchmarks, "--clean", clean, "--json").out
    )["clean"]
    assert (
        told["flagged"] == told["true_leaks"] == told["exact_copies"] == 1 and not told["exact_copies_missed"]
    )
    (flag,) = told["flags"]
    assert flag["id"] == "leak" and flag["true_leak"] and flag["copied_share"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.jsonl", "--output", "t.npz"], "nothing at absent.jsonl"),
        (["absent.jsonl", "--output", "t.parquet"], ".npz"),
    ],
)
def test_faults_are_one_line(corpusforge, arguments, words):
    result = corpusforge("contamination-table", *arguments)
    assert result.status == 2 and words in result.err and result.err.count("\n") == 1


def test_help_teaches_by_an_example(corpusforge):
    result = corpusforge("contamination-table", "--help")
    assert "corpusforge contamination-table benchmarks/" in result.out
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        assert "--clean" in corpusforge("evaluate", "decontamination", "--help").out
