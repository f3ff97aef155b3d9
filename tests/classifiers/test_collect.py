"""Samples are balanced, fair, bounded, and leave out what the licence forbids."""

import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge_classifiers import collect
from corpusforge_classifiers.balance import Balance, Reservoirs, cell_of, language_of, length_of, markup_of
from corpusforge_classifiers.generated import HARD_NEGATIVES, hard_negatives
from corpusforge_classifiers.passages import cut, joined
from corpusforge_classifiers.rows import Row, allowed, missing, read_rows, shuffled, source_folds


def rows_of(n: int, source: str, is_positive: bool, text: str = "a row of words with a number") -> list[Row]:
    return [Row(f"{text} {source} {i} " + "x" * (i % 900), is_positive, source, "MIT") for i in range(n)]


def test_a_large_source_does_not_drown_a_small_one() -> None:
    reservoirs = Reservoirs(Balance(rows_per_cell=1000, rows_per_source=50, match_ratio=None), seed=1)
    for row in [*rows_of(3000, "large", True), *rows_of(40, "small", True), *rows_of(100, "against", False)]:
        reservoirs.add(row)
    drawn = [row.source for row in reservoirs.sample()]
    assert (drawn.count("large"), drawn.count("small"), drawn.count("against")) == (50, 40, 50)
    assert reservoirs.seen.total() == 3140


def test_the_draw_does_not_depend_on_the_order() -> None:
    rows = [*rows_of(400, "a", True), *rows_of(300, "b", False)]
    samples = []
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        reservoirs = Reservoirs(Balance(rows_per_cell=20, rows_per_source=60), seed=7)
        for row in rows:
            reservoirs.add(row)
        samples.append(reservoirs.sample())
    assert samples[0] == samples[1]


def test_classes_are_matched_within_length_and_script() -> None:
    reservoirs = Reservoirs(
        Balance(rows_per_source=10_000, rows_per_cell=10_000, match_ratio=1.0, unmatched_rows=5), 7
    )
    for row in [
        *rows_of(200, "a", True, "定理证明函数积分" * 3),
        *rows_of(200, "b", False),
        *rows_of(100, "c", True),
    ]:
        reservoirs.add(row)
    sample = reservoirs.sample()
    han = [row for row in sample if language_of(row) == "Hani"]
    assert 0 < len(han) <= 15, "a script that one class has alone is cut to a few rows a length"
    for length in {length_of(row.text) for row in sample}:
        sides = [sum(length_of(r.text) == length and r.is_positive == side and language_of(r) == "Latn" for r in sample)
                 for side in (True, False)]  # fmt: skip
        assert sides[1] <= max(5, sides[0])


def test_the_same_text_is_drawn_once() -> None:
    reservoirs = Reservoirs(Balance(), 1)
    for _ in range(5):
        reservoirs.add(Row("twice told", True, "a", "MIT"))
    assert len(reservoirs.sample()) == 1


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Let \\frac{1}{2} and \\sum be", "tex"),
        ("∀x ∈ ℝ", "unicode"),
        ("```\nx\n```", "fenced"),
        ("words", "plain"),
    ],
)
def test_markup_classes(text: str, markup: str) -> None:
    assert markup_of(text) == markup == cell_of(Row(text, True, "s", "MIT")).markup


TABLE = [
    {
        "text": "A long enough passage about vectors.",
        "label": "math",
        "source": "a",
        "licence": "MIT",
        "kind": "proof",
    },
    {"text": "A long enough passage about vessels.", "label": "not_math", "source": "b", "licence": None},
]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.parquet"])
def test_tables_in_every_form_read_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    data = "\n".join(map(json.dumps, TABLE)).encode()
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(TABLE), path)
    else:
        path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    rows = list(read_rows([path], "math"))
    assert [(row.is_positive, row.source, row.licence, row.kind) for row in rows] == [
        (True, "a", "MIT", "proof"), (False, "b", "none stated", ""),
    ]  # fmt: skip


def test_a_corpus_is_read_by_its_domains(tmp_path: Path) -> None:
    shards = []
    for domain, subset, name in (("math", "scaffold", "m"), ("math", "generic", "g"), ("web", "all", "w")):
        docs = {"source": ["s"], "licence": ["MIT"], "language": ["en"], "repo": [None], "host": ["h.org"]}
        pq.write_table(pa.table(docs), tmp_path / f"{name}.docs.parquet")
        pq.write_table(
            pa.table({"doc_id": ["1"], "text": [f"text of {name}"]}), tmp_path / f"{name}.text.parquet"
        )
        paths = {"docs": f"{name}.docs.parquet", "text": f"{name}.text.parquet", "tokens": f"{name}.bin"}
        shards.append({"domain": domain, "subset": subset, "paths": paths})
    (tmp_path / "CURRENT").write_text("abc\n")
    (tmp_path / "snapshots" / "abc").mkdir(parents=True)
    (tmp_path / "snapshots" / "abc" / "index.json").write_text(json.dumps({"shards": shards}))
    assert missing([tmp_path]) is None and missing([tmp_path / "none"])
    assert [row.is_positive for row in read_rows([tmp_path], "math")] == [True, True, False]
    assert [row.is_positive for row in read_rows([tmp_path], "scaffold")] == [True, False, False]
    assert {row.source for row in read_rows([tmp_path], "math")} == {"h.org"}


COLLECTION = """
positive = "math"
licences = ["MIT"]
min_chars = 10
[balance]
match_ratio = 1.0
unmatched_rows = 1000
[[inputs]]
path = "*.jsonl"
[[inputs]]
path = "generated"
rows = 2
"""


def test_what_a_page_is_filed_under_tells_its_field(tmp_path: Path) -> None:
    page = (
        "<page><title>{0}</title><ns>0</ns><id>{1}</id><revision><id>{1}</id><text>{0} is told in a paragraph that"
        " is long enough to stay, with words and an end. {2}</text></revision></page>"
    )
    pages = [
        page.format("Ring", 1, "[[Category:Ring theory]]"),
        page.format("Fan", 2, "[[Category:Turbines|fan]] [[ Category: Fluid dynamics ]]"),
        page.format("Bracket", 3, "[[Category:Symplectic geometry]] [[Category:Mechanics]]"),
    ]
    (tmp_path / "wiki.xml").write_text(f"<mediawiki>{''.join(pages)}</mediawiki>")
    dump = {"path": "wiki.xml", "dump": True, "licence": "CC0", "label": "math"}
    fields = ("(?i)turbine", "^Mechanics")
    found = {
        name: collect.collect(
            collect.Collection(
                positive="math", licences=("CC0",), inputs=(collect.Input(**dump, **wanted),), min_chars=20
            ),
            tmp_path,
        )
        for name, wanted in {
            "mathematics": {"without_categories": fields},
            "applied": {"categories": fields, "without_categories": ("geometry$",)},
        }.items()
    }
    assert [row.text.split()[0] for row in found["mathematics"].rows] == ["Ring"]
    assert [row.text.split()[0] for row in found["applied"].rows] == ["Fan"]


def test_the_command_writes_rows_and_says_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, TABLE)))
    (tmp_path / "c.toml").write_text(COLLECTION.replace('["MIT"]', '["MIT", "CC0"]'))
    outputs = []
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        arguments = [
            "--collection",
            str(tmp_path / "c.toml"),
            "--data",
            str(tmp_path),
            "--output",
            str(tmp_path / name),
        ]
        assert collect.main(arguments) == 0
        outputs.append((tmp_path / name).read_bytes())
    assert outputs[0] == outputs[1]
    report = capsys.readouterr().out
    assert "- none stated: 1" in report and "| positive | source | a | 1 | 1 |" in report
    again = list(read_rows([tmp_path / "one.jsonl.gz"], "positive"))
    assert sum(row.is_positive for row in again) == 1
    assert {row.source for row in again} > set(HARD_NEGATIVES)


@pytest.mark.parametrize(("text", "says"), [("nonsense = 1", "c.toml"), (COLLECTION, "no such file")])
def test_a_bad_collection_is_one_line(
    tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.toml").write_text(text)
    arguments = [
        "--collection",
        str(tmp_path / "c.toml"),
        "--data",
        str(tmp_path),
        "--output",
        str(tmp_path / "o"),
    ]
    assert collect.main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc \n", max_size=3000), max_size=5))
def test_cutting_loses_no_text_of_short_documents(texts: list[str]) -> None:
    rows = [Row(text, True, "s", "MIT") for text in texts]
    pieces = list(cut(rows, 7))
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(
        "".join(t.split()) for t in texts
    )


def test_passages_of_one_document_are_joined_and_of_two_are_not() -> None:
    rows = [Row(f"passage {i} " + "y" * 100, True, "s", "MIT", doc_id=str(i // 10)) for i in range(20)]
    found = list(joined(rows, 7))
    assert 2 <= len(found) < 20
    assert all(len({int(word) // 10 for word in row.text.split() if word.isdigit()}) == 1 for row in found)
    assert "".join(row.text for row in found).count("passage") == 20


def test_hard_negatives_repeat_and_differ_by_seed() -> None:
    assert hard_negatives(2, 1) == hard_negatives(2, 1) != hard_negatives(2, 2)
    assert len(hard_negatives(3, 1)) == 3 * len(HARD_NEGATIVES)


def test_licences_match_from_the_first_character() -> None:
    rows = [
        Row("t", True, "s", name) for name in ("MIT", "none stated", "CC-BY-NC-4.0", "CC-BY-4.0", "not MIT")
    ]
    assert [row.licence for row in allowed(rows, ["MIT", "CC-BY-[0-9]"])] == ["MIT", "CC-BY-4.0"]


def test_sources_fall_in_one_fold_each_and_order_is_by_content() -> None:
    rows = [Row(f"text {i}", bool(i % 2), f"source {i % 7}", "MIT") for i in range(70)]
    folds = source_folds(rows, 3)
    assert sorted(source for fold in folds for source in fold) == sorted({row.source for row in rows})
    assert shuffled(rows, 1) == shuffled(reversed(rows), 1) != shuffled(rows, 2)
