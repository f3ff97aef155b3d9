"""Each source read by itself, and its tokens pinned: removing duplicates does not move the mixture."""

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.document import Document
from corpusforge.mixture.plan import make_plan, plan_on_paper
from corpusforge.mixture.planfile import plan_from_bytes
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import commit
from tests.shards.corpus import make_documents, make_header_for_tests, shard_rows, spill_all

RECIPE = """
name = "dedup"
by_source = true
budget_tokens = 8000
sequence_length = 32
max_epochs = 3
packing = "{packing}"
[weights]
web = 0.5
math = 0.5
"""


def build(folder: Path, documents: list[Document]) -> str:
    """Return a corpus of documents, its index telling what each source gave, as a build's does."""
    corpus = folder / "corpus"
    rows = shard_rows(spill_all([documents], folder), folder, 2000)
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        if row is None:
            continue
        table = pq.read_table(corpus / shard_path(row.domain, row.subset, row.id, "docs"))
        for source, length in zip(table["source"].to_pylist(), table["length"].to_pylist(), strict=True):
            counted[source, row.domain, row.subset, "documents"] += 1
            counted[source, row.domain, row.subset, "tokens"] += length
    keys = sorted({key[:3] for key in counted})
    names = sorted({key[0] for key in keys})
    kept = {name: sum(counted[(*key, "documents")] for key in keys if key[0] == name) for name in names}
    conservation = {
        "sources": {
            name: {"records_in": kept[name], "kept": kept[name], "dropped": {}, "quarantined": 0} for name in names
        },
        "rows": [
            {
                "source": key[0], "domain": key[1], "subset": key[2], "bytes": 1,
                "documents": counted[(*key, "documents")], "tokens": counted[(*key, "tokens")],
            }
            for key in keys
        ],
    }  # fmt: skip
    commit(str(corpus), rows, {**make_header_for_tests(), "conservation": conservation})
    return str(corpus)


def documents() -> list[Document]:
    return [
        dataclasses.replace(document, source=("common", "news", "old")[number % 3])
        for number, document in enumerate(make_documents(360))
    ]


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return (a corpus with its duplicates, one without: much of one source is gone)."""
    whole = documents()
    less = [d for number, d in enumerate(whole) if d.source != "old" or number % 2]
    folder = tmp_path_factory.mktemp("sources")
    return build(folder / "whole", whole), build(folder / "less", less)


def tokens_by_source(corpus: str, path: str) -> Counter[tuple[str, str, str]]:
    """Return tokens by (domain, subset, source), as the reader hands them out."""
    reader = open_plan(corpus, path)
    found: Counter[tuple[str, str, str]] = Counter()
    tables: dict[str, list[str]] = {}
    for n in range(len(reader)):
        sample = reader.sample(n, documents=True)
        for span in sample.documents or ():
            if span.docs_path not in tables:
                tables[span.docs_path] = pq.read_table(Path(corpus, span.docs_path))["source"].to_pylist()
            found[(*reader.subsets[sample.subset], tables[span.docs_path][span.row])] += span.length
    return found


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(args))
    return done.exit_code, done.output + str(done.exception or "")


@pytest.mark.parametrize("packing", ["concat", "best_fit"])
def test_tokens_of_every_source_are_those_of_the_pinned_plan(
    corpora: tuple[str, str], tmp_path: Path, packing: str
) -> None:
    whole, less = corpora
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.format(packing=packing))
    one, two, free = (str(tmp_path / name) for name in ("one.json", "two.json", "free.json"))
    for command in (
        ("mix", whole, "--recipe", str(recipe), "--output", one),
        ("mix", less, "--recipe", str(recipe), "--output", two, "--pin", one),
        ("mix", less, "--recipe", str(recipe), "--output", free),
    ):
        code, output = run(*command)
        assert code == 0, output
    before, after = tokens_by_source(whole, one), tokens_by_source(less, two)
    assert before == after and len(before) == 9 and sum(before.values()) == 8000
    # Without the pin the mixture moves with the duplicates: that is what is held here.
    assert tokens_by_source(less, free) != before
    rows = {row.key: row for row in plan_from_bytes(Path(one).read_bytes(), "p").arms["full"].rows}
    assert set(rows) >= {"web#common", "web#news", "web#old"}


def test_a_source_that_is_short_is_named(corpora: tuple[str, str], tmp_path: Path) -> None:
    whole, less = corpora
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.format(packing="concat").replace("= 3\n", "= 1\n").replace("8000", "9000"))
    one = str(tmp_path / "one.json")
    assert run("mix", whole, "--recipe", str(recipe), "--output", one)[0] == 0
    code, output = run("mix", less, "--recipe", str(recipe), "--pin", one)
    assert code != 0
    assert "#old: " in output and "tokens are pinned" in output and "short: allow more epochs" in output
    assert not list(Path(less).glob("plans/*.json"))


def test_a_source_that_is_gone_is_named(corpora: tuple[str, str], tmp_path: Path) -> None:
    gone = build(tmp_path, [d for d in documents() if d.source != "news"])
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.format(packing="concat"))
    one = str(tmp_path / "one.json")
    assert run("mix", corpora[0], "--recipe", str(recipe), "--output", one)[0] == 0
    code, output = run("mix", gone, "--recipe", str(recipe), "--pin", one)
    assert code != 0 and "#news: " in output and "0 are there at 3 epochs" in output


def test_what_cannot_be_pinned_is_one_line(corpora: tuple[str, str], tmp_path: Path) -> None:
    whole, _ = corpora
    recipe, mixed = tmp_path / "r.toml", tmp_path / "mixed.toml"
    recipe.write_text(RECIPE.format(packing="concat"))
    mixed.write_text(recipe.read_text().replace("by_source = true\n", ""))
    plan, other = str(tmp_path / "plan.json"), str(tmp_path / "other.json")
    assert run("mix", whole, "--recipe", str(recipe), "--output", plan)[0] == 0
    assert run("mix", whole, "--recipe", str(mixed), "--output", other)[0] == 0
    longer = tmp_path / "longer.toml"
    longer.write_text(recipe.read_text().replace("= 32\n", "= 64\n"))
    for made_of, pin, told in (
        (mixed, plan, "recipe dedup: --pin needs by_source = true in the recipe"),
        (recipe, other, "other.json: reads math/generic without telling its sources"),
        (longer, plan, "plan.json: sequence_length is 32, the recipe's is 64"),
        (recipe, f"{plan}:nope", "no arm 'nope': it has full"),
    ):
        code, output = run("mix", whole, "--recipe", str(made_of), "--pin", pin)
        assert code != 0 and told in output


def test_what_lacks_supply_is_told_by_the_unit_whose_sources_are_read(
    corpora: tuple[str, str], tmp_path: Path
) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.format(packing="concat"))
    command = ("mix", corpora[0], "--recipe", str(recipe), "--dry-run")
    code, output = run(*command)
    assert code == 0 and "web#common" in output and "the recipe gives it" not in output
    short = RECIPE.format(packing="concat").replace("= 3\n", "= 1\n").replace("8000", "16000")
    recipe.write_text(short.replace("web = 0.5", "web = 9"))
    code, output = run(*command)
    assert code == 0 and "the recipe gives it" in output and "web: 0 tokens" not in output


def test_by_source_beside_selections_is_refused(corpora: tuple[str, str]) -> None:
    toml = RECIPE.format(packing="concat") + '[selections."web#zh"]\nlanguage = ["zh"]\n'
    with pytest.raises(ValueError, match=r"by_source and \[selections\] both divide subsets"):
        make_plan(corpora[0], parse_recipe(toml, "r"))
    with pytest.raises(ValueError, match="by_source needs a corpus"):
        plan_on_paper({"web": 10**6}, parse_recipe(RECIPE.format(packing="concat"), "r"))


def test_a_swarm_by_source_has_a_bucket_for_each(corpora: tuple[str, str], tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    recipe.write_text(RECIPE.format(packing="concat") + '[swarm]\nruns = 3\nfraction = "1/2"\n')
    code, output = run("mix", corpora[0], "--recipe", str(recipe), "--swarm", "--output", str(tmp_path / "s"))
    assert code == 0, output
    value = json.loads((tmp_path / "s" / "buckets.json").read_bytes())
    assert {f"web#{source}" for source in ("common", "news", "old")} <= set(value["buckets"])
    assert set(value["units"]) == {"math", "web"}
    fit = tmp_path / "fit.json"
    fit.write_text(json.dumps({"weights": {"web": 0.25, "math": 0.75}}))
    common = ("--recipe", str(recipe), "--fit", str(fit), "--buckets", str(tmp_path / "s" / "buckets.json"))
    code, output = run("mix", corpora[0], *common, "--dry-run")
    assert code == 0 and "web#common" in output
    code, output = run("mix", corpora[1], *common)
    assert code != 0 and "(and 8 more buckets): the fit is of swarm" in output and "\n" not in output
