"""The difference of two arms is what the reader of each hands out."""

import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.mixture.difference import compare
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from tests.shards.corpus import build_corpus

TOML = """
name = "r"
budget_tokens = 12800
sequence_length = 128
max_epochs = 5
[weights]
web = 0.3
code = 0.2
math = 0.5
[arms.less]
without = ["code"]
[arms.swap]
swap = { from = "math/generic", to = "math/scaffold", tokens = 1280, match = ["length"], tolerance = 1 }
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(build_corpus(tmp_path_factory.mktemp("difference"), 300))


def read(corpus: str, path: str, arm: str) -> dict[tuple[str, str], Counter[tuple[str, int]]]:
    """Return tokens by document, by subset, as the reader hands them out."""
    reader = open_plan(corpus, path, arm)
    found: dict[tuple[str, str], Counter[tuple[str, int]]] = {}
    for n in range(len(reader)):
        sample = reader.sample(n, documents=True)
        counter = found.setdefault(reader.subsets[sample.subset], Counter())
        for span in sample.documents or ():
            counter[span.docs_path, span.row] += span.length
    return found


@pytest.mark.parametrize("packing", ["concat", "best_fit"])
@pytest.mark.parametrize("arm", ["less", "swap"])
def test_documents_and_tokens_are_the_reader_s(corpus: str, arm: str, packing: str) -> None:
    plan = make_plan(corpus, parse_recipe(TOML.replace("[weights]", f'packing="{packing}"\n[weights]'), "r"))
    path = write_plan(corpus, plan)
    a, b = read(corpus, path, "full"), read(corpus, path, arm)
    found = compare(corpus, (plan, plan.arms["full"]), (plan, plan.arms[arm]))
    assert {(d.domain, d.subset) for d in found} == a.keys() | b.keys()
    for entry in found:
        ours, theirs = (read.get((entry.domain, entry.subset), Counter()) for read in (a, b))
        assert entry.tokens == (ours.total(), theirs.total())
        assert entry.docs == (len(ours), len(theirs))
        assert entry.shared_docs == len(ours.keys() & theirs.keys())
        assert entry.shared_tokens == (ours & theirs).total()
    # What the arm does not touch is read alike, to the token.
    still = [d for d in found if d.domain == "web" and arm == "swap"]
    assert all(d.tokens[0] == d.tokens[1] == d.shared_tokens for d in still)


def test_command_prints_and_refuses(corpus: str) -> None:
    path = write_plan(corpus, make_plan(corpus, parse_recipe(TOML, "r")))
    shown = CliRunner().invoke(app, ["diff", corpus, path, f"{path}:less"])
    assert shown.exit_code == 0 and "math/scaffold" in shown.output and "12,800" in shown.output
    as_json = CliRunner().invoke(app, ["diff", corpus, path, f"{path}:less", "--json"])
    code = next(row for row in json.loads(as_json.output) if row["domain"] == "code")
    assert code["tokens"][1] == code["shared_docs"] == 0 and code["docs"][0] > 0
    wrong = CliRunner().invoke(app, ["diff", corpus, path, f"{path}:lss"])
    assert wrong.exit_code and "no arm 'lss'" in str(wrong.exception) and "\n" not in str(wrong.exception)
    missing = CliRunner().invoke(app, ["diff", corpus, path, str(Path(corpus, "none.json"))])
    assert missing.exit_code and "no such plan" in str(missing.exception)
