"""A row that reads the first samples of its subset: the reader, the difference and an export agree on it."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpusforge.export import export_plan
from corpusforge.mixture.difference import compare
from corpusforge.mixture.plan import make_plan
from corpusforge.mixture.planfile import Plan, Prefix, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import PlanChanged, open_plan
from corpusforge.shards.format import canonical_json, seal, shard_path
from corpusforge.shards.snapshot import read_index
from tests.shards.corpus import build_corpus

N = 12
HEAD = 'name="r"\nbudget_tokens=6400\nsequence_length=64\nmax_epochs=9\n'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_corpus(tmp_path_factory.mktemp("prefix"), 300))


def over_the_first(plan: Plan, corpus: str) -> Plan:
    """Return the plan with its web row over the first N samples, as many tokens as before."""
    arm = plan.arms["full"]
    rows = []
    for row in arm.rows:
        if row.domain == "web" and row.table is None:
            row = replace(
                row, supply_samples=N, prefix=Prefix(of_samples=row.supply_samples, n_tokens=64 * N)
            )
        rows.append(row)
    made = replace(plan, arms={**plan.arms, "full": replace(arm, rows=tuple(rows))})
    return plan_from_bytes(plan_to_bytes(made), "p")


@pytest.fixture(scope="module")
def plans(corpus: str) -> tuple[Plan, Plan]:
    whole = make_plan(corpus, parse_recipe(HEAD + "[weights]\nweb=0.5\nbooks=0.5\n", "r"))
    return whole, over_the_first(whole, corpus)


def samples_of(corpus: str, plan: Plan, domain: str) -> list[bytes]:
    reader = open_plan(corpus, plan)
    return [s.tokens.tobytes() for s in reader if reader.subsets[s.subset][0] == domain]


def test_the_first_samples_are_read_and_no_other_each_as_often(corpus: str, plans: tuple[Plan, Plan]) -> None:
    rows = [row for row in read_index(corpus).rows if row.domain == "web"]
    files = [Path(corpus, shard_path("web", "all", row.id, "tokens")) for row in rows]
    payload = np.concatenate([np.fromfile(path, "<u4") for path in files])
    read = samples_of(corpus, plans[1], "web")
    assert set(read) == {payload[64 * k : 64 * (k + 1)].tobytes() for k in range(N)}
    assert len(read) == 50 and set(Counter(read).values()) == {50 // N, 50 // N + 1}
    assert [len(set(read[k : k + N])) for k in range(0, 48, N)] == [N] * 4  # epoch by epoch
    assert samples_of(corpus, plans[1], "books") == samples_of(corpus, plans[0], "books")


def test_the_difference_counts_what_the_reader_reads(corpus: str, plans: tuple[Plan, Plan]) -> None:
    whole, first = plans
    (books, web) = compare(corpus, (whole, whole.arms["full"]), (first, first.arms["full"]))
    assert books.docs[0] == books.docs[1] == books.shared_docs and books.shared_tokens == 3200
    read: Counter[tuple[str, int]] = Counter()
    reader = open_plan(corpus, first)
    for n in range(len(reader)):
        for span in reader.sample(n, documents=True).documents or ():
            if "/web/" in span.docs_path:
                read[span.docs_path, span.row] += span.length
    assert web.docs[1] == len(read) and web.tokens == (3200, sum(read.values()))


def test_an_export_writes_the_same_samples(corpus: str, plans: tuple[Plan, Plan], tmp_path: Path) -> None:
    export_plan(corpus, "megatron", str(tmp_path / "out"), plans[1], "full")
    reader = open_plan(corpus, plans[1])
    tokens = np.fromfile(tmp_path / "out" / "plan.bin", "<u4")
    idx = (tmp_path / "out" / "plan.idx").read_bytes()
    n_sequences, n_documents = np.frombuffer(idx[18:34], "<u8").tolist()
    lengths = np.frombuffer(idx, "<i4", n_sequences, 34)
    starts = np.frombuffer(idx, "<i8", n_sequences, 34 + 4 * n_sequences) // 4
    documents = np.frombuffer(idx, "<i8", n_documents, 34 + 12 * n_sequences)
    for n in range(len(reader)):
        sequences = range(documents[n], documents[n + 1])
        made = np.concatenate([tokens[starts[i] : starts[i] + lengths[i]] for i in sequences])
        assert made.tolist() == reader.sample(n).tokens.tolist()


def test_a_plan_without_a_prefix_has_no_word_of_it(plans: tuple[Plan, Plan]) -> None:
    assert b"prefix" not in plan_to_bytes(plans[0])
    rows = json.loads(plan_to_bytes(plans[1]))["arms"]["full"]["rows"]
    assert [row["subset"] for row in rows if "prefix" in row] == ["all"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"prefix": None}, "prefix"),
        ({"prefix": {"of_samples": N, "n_tokens": 64 * N}}, "prefix.of_samples: 12, of which 12 are read"),
        (
            {"prefix": {"of_samples": 99, "n_tokens": 64 * N - 1}},
            "prefix.n_tokens: 767, 12 samples hold 768 to 768",
        ),
        ({"prefix": {"of_samples": 99, "n_tokens": 64 * N, "more": 1}}, "prefix"),
        ({"supply_samples": 0, "samples": 0, "tokens": 0}, "prefix.of_samples"),
    ],
)
def test_a_prefix_that_contradicts_itself_is_refused(
    plans: tuple[Plan, Plan], change: dict[str, object], told: str
) -> None:
    value = json.loads(plan_to_bytes(plans[1]))
    row = next(row for row in value["arms"]["full"]["rows"] if row["domain"] == "web")
    row.update(change)
    with pytest.raises(ValueError, match=told) as error:
        plan_from_bytes(canonical_json(seal(value, "id")), "p.json")
    assert "\n" not in str(error.value)


def test_a_prefix_of_another_subset_is_refused(corpus: str, plans: tuple[Plan, Plan]) -> None:
    arm = plans[1].arms["full"]
    rows = [
        replace(row, prefix=Prefix(of_samples=row.whole_samples + 1, n_tokens=64 * N)) if row.prefix else row
        for row in arm.rows
    ]
    other = replace(plans[1], arms={"full": replace(arm, rows=tuple(rows))})
    with pytest.raises(PlanChanged, match=r"web/all holds \d+ samples, the plan says"):
        open_plan(corpus, other)
