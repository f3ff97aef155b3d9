"""The same text under another tokenizer: the same documents in the same order, budgets in its tokens."""

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.commands.verify import plan_problem
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.planfile import IN_ORDER, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.mixture.unmoved import compare_over
from corpusforge.reader import open_plan
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.tokenizer_choice import load_tokenizer
from tests.mixture.children import documents, lengths_in, line_of, read, snapshot_of

S = 64
TOML = """
name = "r"
budget_tokens = 19200
sequence_length = 64
max_epochs = 4
[weights]
web = 0.4
code = 0.2
math = 0.4
[selections."web#long"]
at_least = { words = 120 }
[arms.less]
without = ["code"]
[arms.swap]
swap = { from = "math/generic", to = "math/scaffold", tokens = 640, match = ["length"], tolerance = 1 }
"""
DOCUMENTS = documents(300)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of cl100k tokens, and its current snapshot: the same documents as o200k, in other shards."""
    folder = tmp_path_factory.mktemp("translation")
    snapshot_of(folder / "corpus", DOCUMENTS, folder / "parent")
    snapshot_of(folder / "corpus", DOCUMENTS, folder / "child", 2500, load_tokenizer("o200k_base"))
    return folder / "corpus"


@pytest.fixture(scope="module")
def parent(corpus: Path) -> str:
    return str(read_index(str(corpus)).header["parent"])


def test_every_arm_reads_the_same_parts_of_the_same_documents(corpus: Path, parent: str) -> None:
    old = make_plan(str(corpus), parse_recipe(TOML, "r"), parent)
    new = plan_again(str(corpus), old).plan
    old_tokens, new_tokens = (lengths_in(str(corpus), plan.snapshot) for plan in (old, new))
    assert new.order == IN_ORDER and new.parent == old.id and old_tokens != new_tokens
    lines = {}
    for arm in old.arms:
        for number, (row, too) in enumerate(zip(old.arms[arm].rows, new.arms[arm].rows, strict=True)):
            line = []
            for name, place in line_of(str(corpus), old, arm, number):
                n, m = old_tokens[name], new_tokens[name]
                line += [(name, token) for token in range(place * m // n, (place + 1) * m // n)]
            found = line_of(str(corpus), new, arm, number)
            assert found == line[: len(line) // S * S]
            assert too.tokens == too.samples * S == len(found)
            lines.setdefault((row.domain, row.subset, row.selection), []).append(found)
        assert new.arms[arm].tokens == sum(row.tokens for row in new.arms[arm].rows)
    for found in lines.values():  # nested
        longest = max(found, key=len)
        assert all(line == longest[: len(line)] for line in found)
    assert plan_from_bytes(plan_to_bytes(new), "p") == new
    assert plan_to_bytes(plan_again(str(corpus), old).plan) == plan_to_bytes(new)
    epochs = {row.domain: row.samples / row.supply_samples for row in new.arms["full"].rows if row.samples}
    before = {row.domain: row.samples / row.supply_samples for row in old.arms["full"].rows if row.samples}
    assert all(abs(epochs[domain] / before[domain] - 1) < 0.1 for domain in before)


def test_verify_diff_and_export_read_it_and_what_cannot_be_is_refused(
    corpus: Path, parent: str, tmp_path: Path
) -> None:
    run = lambda *words: CliRunner().invoke(app, [str(word) for word in words])  # noqa: E731
    old = write_plan(str(corpus), make_plan(str(corpus), parse_recipe(TOML, "r"), parent))
    made = run("mix", corpus, "--again", old, "--output", corpus / "plans" / "new.json")
    assert made.exit_code == 0 and "arm less" in made.output
    assert plan_problem(str(corpus), "plans/new.json") is None
    new = corpus / "plans" / "new.json"
    shown = run("diff", corpus, old, new)
    assert shown.exit_code == 0, shown.exception
    assert "Of both: tokens of A's tokenizer" in " ".join(shown.output.split())
    assert "of A's tokenizer" not in run("diff", corpus, old, f"{old}:less").output
    assert (
        run("export", corpus, "--format", "mds", "--plan", new, "--output", tmp_path / "mds").exit_code == 0
    )
    reader = open_plan(str(corpus), str(new), "less")
    assert len(list(reader)) == len(reader) == reader.arm.samples
    best_fit = make_plan(
        str(corpus), parse_recipe(TOML.replace("[weights]", 'packing="best_fit"\n[weights]'), "r"), parent
    )
    with pytest.raises(ValueError, match="packs by best_fit, by lengths in tokens"):
        plan_again(str(corpus), best_fit)
    translated = plan_again(str(corpus), make_plan(str(corpus), parse_recipe(TOML, "r"), parent)).plan
    with pytest.raises(ValueError, match=f"translated to another tokenizer: make plan {translated.parent}"):
        plan_again(str(corpus), translated, parent)


def test_after_a_retraction_over_other_tokens_the_plan_comes_by_way_of_its_own(tmp_path: Path) -> None:
    """Over parent -> retokenized -> retracted: the retracted documents in the parent's tokens, then back."""
    corpus, gone = tmp_path / "corpus", {document.doc_id for document in DOCUMENTS[::40]}
    kept = [document for document in DOCUMENTS if document.doc_id not in gone]
    own, other = load_tokenizer("cl100k_base"), load_tokenizer("o200k_base")
    parent = snapshot_of(corpus, DOCUMENTS, tmp_path / "a", tokenizer=own)
    retokenized = snapshot_of(corpus, DOCUMENTS, tmp_path / "b", tokenizer=other)
    retracted = snapshot_of(corpus, kept, tmp_path / "c", tokenizer=other)
    old = make_plan(str(corpus), parse_recipe(TOML, "r"), parent)
    translated = plan_again(str(corpus), old, retokenized).plan
    with pytest.raises(ValueError, match=r"make plan [0-9a-f]{32} again, .* `retokenize --snapshot`"):
        plan_again(str(corpus), translated, retracted)
    with pytest.raises(ValueError, match=r"do not hold the same documents .* `retokenize --snapshot`"):
        plan_again(str(corpus), old, retracted)
    back = snapshot_of(corpus, kept, tmp_path / "d", tokenizer=own)
    replaced = plan_again(str(corpus), old, back, tolerance=Decimal(1)).plan
    new = plan_again(str(corpus), replaced, retracted).plan
    read_ids = {name for arm in new.arms for _, line, _ in read(str(corpus), new, arm) for name, _, _ in line}
    assert read_ids and not read_ids & gone
    with pytest.raises(ValueError, match="both translated to another tokenizer: compare those"):
        compare_over(str(corpus), (translated, translated.arms["full"]), (new, new.arms["full"]))


def test_other_documents_are_refused_by_name(tmp_path: Path) -> None:
    snapshot_of(tmp_path / "corpus", DOCUMENTS, tmp_path / "a")
    old = make_plan(str(tmp_path / "corpus"), parse_recipe(TOML, "r"))
    fewer = snapshot_of(
        tmp_path / "corpus", DOCUMENTS[1:], tmp_path / "b", 4000, load_tokenizer("o200k_base")
    )
    with pytest.raises(
        ValueError, match=r"do not hold the same documents \([0-9a-f]{32} is first to differ\)"
    ):
        plan_again(str(tmp_path / "corpus"), old, fewer)
