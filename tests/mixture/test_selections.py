"""Selections, limits, best-fit budgets and matched swaps, read back through the reader."""

import math
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.mixture.plan import make_plan, plan_on_paper, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import PlanChanged, PlanReader, ReaderError, open_plan
from tests.shards.corpus import build_corpus

HEAD = 'name="r"\nbudget_tokens=6400\nsequence_length=64\nmax_epochs=4\n'
SELECTED = """
[selections."web#long"]
at_least = { words = 150 }
[selections."web#short"]
below = { words = 75 }
language = ["en"]
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_corpus(tmp_path_factory.mktemp("selections"), 500))


def opened(corpus: str, toml: str, arm: str = "full") -> PlanReader:
    return open_plan(corpus, write_plan(corpus, make_plan(corpus, parse_recipe(toml, "r"))), arm)


def docs_of(reader: PlanReader, corpus: str) -> list[tuple[dict[str, object], int]]:
    """Return (row of the docs table, tokens) of every stretch of every sample."""
    tables: dict[str, list[dict[str, object]]] = {}
    found: list[tuple[dict[str, object], int]] = []
    for n in range(len(reader)):
        for span in reader.sample(n, documents=True).documents or ():
            if span.docs_path not in tables:
                tables[span.docs_path] = pq.read_table(Path(corpus, span.docs_path)).to_pylist()
            found.append((tables[span.docs_path][span.row], span.length))
    return found


def test_a_selection_reads_its_documents_and_no_others(corpus: str) -> None:
    reader = opened(corpus, HEAD + '[weights]\n"web#long"=0.75\n"web#short"=0.25\n' + SELECTED)
    tokens: Counter[str] = Counter()
    for row, length in docs_of(reader, corpus):
        words = dict(row["signals"]).get("words", math.nan)  # type: ignore[call-overload]
        assert row["domain"] == "web" and (words >= 150 or words < 75)
        tokens["long" if words >= 150 else "short"] += length
    assert tokens == {"long": 4800, "short": 1600}
    assert {(row.selection, row.tokens) for row in reader.arm.rows if row.samples} == {
        ("long", 4800), ("short", 1600),
    }  # fmt: skip


def test_a_divided_subset_is_read_whole_when_it_is_weighed_whole(corpus: str) -> None:
    plan = make_plan(corpus, parse_recipe(HEAD + "[weights]\nweb=1\n" + SELECTED, "r"))
    rows = {row.selection: row for row in plan.arms["full"].rows if row.domain == "web"}
    assert set(rows) == {"long", "short", "rest"}
    supply = {name: row.supply_samples for name, row in rows.items()}
    for name, row in rows.items():
        assert abs(row.samples - 100 * supply[name] / sum(supply.values())) <= 1


def test_selections_that_overlap_are_refused(corpus: str) -> None:
    toml = (
        HEAD
        + '[weights]\nweb=1\n[selections."web#a"]\nlanguage=["en"]\n[selections."web#b"]\nsource=["tests"]'
    )
    with pytest.raises(ValueError, match=r"selections a and b both take \d+ documents of web"):
        make_plan(corpus, parse_recipe(toml, "r"))
    with pytest.raises(ValueError, match=r"selections of web: 'licence' is no number"):
        make_plan(
            corpus, parse_recipe(HEAD + '[weights]\nweb=1\n[selections."web#a"]\nbelow={licence=1}', "r")
        )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[weights]\nweb=1\n[selections.web]\nsource=["x"]', "expected a name like"),
        ('[weights]\nweb=1\n[selections."web#rest"]\nsource=["x"]', "expected a name like"),
        (
            '[weights]\nweb=1\n[selections."wbe#a"]\nsource=["x"]',
            "selections: unknown 'wbe': did you mean 'web'",
        ),
        ('[weights]\n"web#a"=1', "weights.web#a: unknown 'web#a'"),
        ("[weights]\nweb=1\n[minimum]\nbooks=0.1", "recipe r: 640 tokens short|minimum"),
    ],
)
def test_bad_selections_are_one_clear_line(toml: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        plan_on_paper({"web": 100_000}, parse_recipe(HEAD + toml, "r"))
    assert "\n" not in str(error.value)


def test_minimum_and_maximum_hold_and_the_rest_keeps_its_proportions() -> None:
    supply = {"web": 10**6, "code": 10**6, "math/generic": 900_000, "math/scaffold": 100_000, "books": 10**6}
    toml = HEAD + "[weights]\nweb=0.5\ncode=0.2\nmath=0.2\nbooks=0.1\n"
    limits = '[minimum]\n"math/scaffold"=0.1\nbooks=0.3\n[maximum]\nweb=0.3\n'
    arms = plan_on_paper(supply, parse_recipe(toml + limits + '[arms.a]\nwithout=["code"]', "r"))
    full = {f"{row.domain}/{row.subset}": row.samples for row in arms["full"].rows}
    assert full == {"books/all": 30, "code/all": 20, "math/generic": 10, "math/scaffold": 10, "web/all": 30}
    less = {f"{row.domain}/{row.subset}": row.samples for row in arms["a"].rows}
    assert less["web/all"] == 30 and less["code/all"] == 0 and sum(less.values()) == 100
    assert less["books/all"] > 30 and less["math/generic"] > 10
    # A minimum that is not in the way changes nothing.
    free = plan_on_paper(supply, parse_recipe(toml + "[minimum]\nweb=0.1\n", "r"))
    assert free["full"] == plan_on_paper(supply, parse_recipe(toml, "r"))["full"]


def test_best_fit_counts_real_tokens_and_cuts_no_document_that_fits(corpus: str) -> None:
    recipe = (
        HEAD.replace("=64\n", "=256\n")
        + 'packing="best_fit"\n[weights]\nweb=0.5\nbooks=0.5\n[arms.a]\nwithout=["books"]\n'
    )
    for arm in ("full", "a"):
        reader = opened(corpus, recipe, arm)
        real = Counter[str]()
        cut = []
        for n in range(len(reader)):
            sample = reader.sample(n, documents=True)
            real[reader.domains[sample.domain]] += sample.n_tokens
            assert len(sample.tokens) == 256 and sample.loss_mask().sum() == sample.n_tokens
            assert sample.cu_seqlens[-1] == 256 and (
                sample.n_tokens == 256 or sample.n_tokens in sample.cu_seqlens
            )
            lengths = [span.length for span in sample.documents or ()]
            assert sum(lengths) == sample.n_tokens
            assert lengths == sample.document_lengths.tolist()[: len(lengths)]
            cut += [span for span in sample.documents or () if span.start]
            for place, span in enumerate(sample.documents or ()):
                assert bool(sample.continued[place]) == bool(span.start)
        assert real == ({"web": 3072, "books": 3328} if arm == "full" else {"web": 6400})
        for span in cut:  # only what is longer than a sample goes on in another
            table = pq.read_table(Path(corpus, span.docs_path))
            assert table["length"][span.row].as_py() > 256


def test_loss_mask_leaves_out_what_was_cut_before(corpus: str) -> None:
    reader = opened(corpus, HEAD + "[weights]\nweb=1\n")
    for n in range(len(reader)):
        sample = reader.sample(n, documents=True)
        mask = sample.loss_mask(continued=False)
        first = (sample.documents or ())[0]
        assert bool(mask[0]) == (first.start == 0)
        assert mask.sum() == 64 - (first.length if first.start else 0) and sample.loss_mask().all()


def strata(rows: list[tuple[dict[str, object], int]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for row, length in rows:
        counts[int(math.log2(row["length"]))] += length  # type: ignore[arg-type]
    return counts


def test_a_matched_swap_brings_in_documents_like_those_it_takes_out(corpus: str) -> None:
    toml = HEAD + (
        '[weights]\nweb=0.4\n"math/generic"=0.5\n"math/scaffold"=0.1\n'
        '[arms.s]\nswap={from="math/generic",to="math/scaffold",tokens=1280,match=["length","source"],tolerance=0.5}'
    )
    full, swapped = opened(corpus, toml), opened(corpus, toml, "s")
    assert len(full) == len(swapped) == 100 and full.subsets == swapped.subsets
    before, after = docs_of(full, corpus), docs_of(swapped, corpus)
    scaffold = {
        n: sum(length for row, length in rows if row["subset"] == "scaffold")
        for n, rows in (("f", before), ("s", after))
    }
    assert scaffold["s"] - scaffold["f"] == 1280
    out = strata([x for x in before if x[0]["subset"] == "generic"]) - strata(
        [x for x in after if x[0]["subset"] == "generic"]
    )
    into = strata([x for x in after if x[0]["subset"] == "scaffold"]) - strata(
        [x for x in before if x[0]["subset"] == "scaffold"]
    )
    missed = sum(abs(out[s] - into[s]) for s in out | into)
    assert missed <= 2 * swapped.arm.unmatched_tokens + 2 * 128  # whole documents, and the tail of the last
    # Nobody comes twice, and nothing else moved.
    row = next(row for row in swapped.arm.rows if row.selection == "match:s")
    assert row.samples == 20 and row.supply_samples >= 20
    assert [x[0]["doc_id"] for x in before if x[0]["domain"] == "web"] == [
        x[0]["doc_id"] for x in after if x[0]["domain"] == "web"
    ]


def test_a_match_that_is_not_there_says_what_is_short(corpus: str) -> None:
    toml = HEAD + (
        '[weights]\nweb=0.4\n"math/generic"=0.6\n[selections."math/scaffold#short"]\nbelow={words=75}\n'
        '[arms.s]\nswap={from="math/generic",to="math/scaffold#short",tokens=640,match=["length"]}'
    )
    with pytest.raises(
        ValueError, match=r"arm s: [\d,]+ tokens short of a match by length: .* allow it with tolerance"
    ):
        make_plan(corpus, parse_recipe(toml, "r"))


def test_a_changed_or_missing_table_is_found(tmp_path: Path) -> None:
    corpus = str(build_corpus(tmp_path, 200))
    plan = make_plan(corpus, parse_recipe(HEAD + 'packing="best_fit"\n[weights]\nweb=1\n', "r"))
    (path,) = Path(corpus, "plans/samples").glob("*.stretches")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PlanChanged, match="damaged"):
        open_plan(corpus, plan).sample(0)
    path.unlink()
    with pytest.raises(ReaderError, match="missing: make the plan again"):
        open_plan(corpus, plan).sample(0)
