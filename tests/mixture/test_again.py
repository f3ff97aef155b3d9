"""A plan made again over a child: budgets exact, what is gone replaced by its like, nothing else moved."""

import json
import math
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpusforge.cli import app
from corpusforge.commands.verify import plan_problem
from corpusforge.export import export_plan
from corpusforge.mixture.again import plan_again
from corpusforge.mixture.difference import compare
from corpusforge.mixture.numbered import read_patch
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.planfile import Plan, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.mixture.samplepatch import LOST, NOTHING
from corpusforge.mixture.tablewriter import write_patch
from corpusforge.mixture.unmoved import compare_over
from corpusforge.reader import PlanChanged, open_plan
from corpusforge.shards.snapshot import read_index
from tests.mixture.children import documents, read, snapshot_of, told

HEAD = 'name="r"\nbudget_tokens={budget}\nsequence_length=64\nmax_epochs={epochs}\n{packing}'
WEIGHTS = "[weights]\nweb=0.4\ncode=0.2\nmath=0.4\n"
SELECTIONS = '[selections."web#long"]\nat_least={words=120}\n'
LESS = (
    '[arms.less]\nwithout=["code"]\n[arms.swap]\nswap={from="math/generic",to="math/scaffold",tokens=640}\n'
)
ARMS = """
[arms.less]
without = ["code"]
[arms.swap]
swap = { from = "math/generic", to = "math/scaffold", tokens = 640, match = ["length", "source"], tolerance = 0.5 }
"""
DOCUMENTS = documents(300)
ALL = Decimal(1)


def recipe(budget: int = 7_680, epochs: str = "4", packing: str = "", more: str = ARMS):
    return parse_recipe(HEAD.format(budget=budget, epochs=epochs, packing=packing) + WEIGHTS + more, "r")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    snapshot_of(folder / "corpus", DOCUMENTS, folder / "parent")
    return folder / "corpus"


@pytest.fixture(scope="module")
def parent(corpus: Path) -> str:
    return read_index(str(corpus)).snapshot


def without(corpus: Path, gone: set[str], target_tokens: int = 4000) -> str:
    with tempfile.TemporaryDirectory() as folder:
        kept = [document for document in DOCUMENTS if document.doc_id not in gone]
        return snapshot_of(corpus, kept, Path(folder), target_tokens)


def check_again(corpus: Path, old: Plan, new: Plan, gone: set[str], max_epochs: int) -> dict[str, Counter]:
    """Hold a plan made again against what the readers of both hand out; return replacements by arm."""
    row_of = told(str(corpus))
    stratum = lambda name: (  # noqa: E731
        row_of(name)["domain"], row_of(name)["subset"], int(math.log2(row_of(name)["length"])), row_of(name)["source"],
    )  # fmt: skip
    came: dict[str, Counter] = {}
    for arm in old.arms:
        before, after = read(str(corpus), old, arm), read(str(corpus), new, arm)
        assert [sample[0] for sample in before] == [sample[0] for sample in after]
        assert old.arms[arm].tokens == new.arms[arm].tokens == new.tokens
        times, came[arm] = Counter(), Counter()
        unlike = 0
        for (_, one, tokens), (_, other, tokens_too) in zip(before, after, strict=True):
            times.update((name, place) for name, start, n in other for place in range(start, start + n))
            if not any(name in gone for name, _, _ in one):
                assert one == other and tokens == tokens_too
                continue
            # What stays stands at the same offsets; what is gone gave way to as many tokens.
            line = [(name, start + i) for name, start, n in one for i in range(n)]
            line_too = [(name, start + i) for name, start, n in other for i in range(n)]
            assert len(line) == len(line_too) and not any(name in gone for name, _ in line_too)
            for mine, theirs in zip(line, line_too, strict=True):
                if mine[0] not in gone:
                    assert mine == theirs
                else:
                    came[arm][theirs[0]] += 1
                    unlike += stratum(mine[0]) != stratum(theirs[0])
                    assert stratum(mine[0])[:2] == stratum(theirs[0])[:2]
        assert max(times.values(), default=0) <= max_epochs
        figures = compare_over(str(corpus), (old, old.arms[arm]), (new, new.arms[arm]))
        assert sum(entry.moved_tokens for entry in figures) == 0
        assert sum(entry.replaced_tokens for entry in figures) == sum(came[arm].values())
        assert sum(entry.replaced_tokens - entry.like_tokens for entry in figures) == unlike
        changed = sum(any(name in gone for name, _, _ in one) for _, one, _ in before)
        assert sum(entry.samples - entry.same_samples for entry in figures) == changed
    return came


@pytest.mark.parametrize(
    ("packing", "budget", "epochs", "more"),
    [
        ("", 7_680, "1", ARMS),
        ("", 28_800, "4", LESS),
        ('packing="best_fit"\n', 7_680, "4", ARMS),
        ('packing="best_fit"\n', 23_040, "4", ""),
        ("", 7_680, "2", SELECTIONS + ARMS),
    ],
    ids=["one epoch", "epochs", "best fit", "best fit, epochs", "selections"],
)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_only_what_is_gone_is_replaced(
    corpus: Path, parent: str, packing: str, budget: int, epochs: str, more: str, data: st.DataObject
) -> None:
    wanted = recipe(budget, epochs, packing, more)
    old = make_plan(str(corpus), wanted, parent)
    names = [document.doc_id for document in DOCUMENTS]
    gone = set(data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=25, unique=True)))
    child = without(corpus, gone, data.draw(st.sampled_from([2000, 4000])))
    made = plan_again(str(corpus), old, child, recipe=wanted, tolerance=ALL)
    check_again(corpus, old, made.plan, gone, int(epochs))
    # Another run, another order of the same: the same bytes.
    assert plan_to_bytes(
        plan_again(str(corpus), old, child, recipe=wanted, tolerance=ALL).plan
    ) == plan_to_bytes(made.plan)
    # And once more, over a child of the child: a replacement may be gone too.
    left = sorted(set(names) - gone)
    more_gone = gone | set(data.draw(st.lists(st.sampled_from(left), min_size=1, max_size=25, unique=True)))
    grandchild = without(corpus, more_gone)
    again = plan_again(str(corpus), made.plan, grandchild, recipe=wanted, tolerance=ALL)
    check_again(corpus, old, again.plan, more_gone, int(epochs))
    for arm in old.arms:
        figures = compare_over(
            str(corpus), (made.plan, made.plan.arms[arm]), (again.plan, again.plan.arms[arm])
        )
        assert not sum(entry.moved_tokens for entry in figures)


def test_arms_stay_nested_and_documents_of_the_same_stratum_come(corpus: Path, parent: str) -> None:
    wanted = recipe(5_760, "1")
    old = make_plan(str(corpus), wanted, parent)
    first = {name for _, stretches, _ in read(str(corpus), old)[:40] for name, _, n in stretches if n > 30}
    gone = set(sorted(first)[:12])
    child = without(corpus, gone)
    made = plan_again(str(corpus), old, child)  # nothing is tolerated
    check_again(corpus, old, made.plan, gone, 1)
    by_arm = {
        arm: [s for s in read(str(corpus), made.plan, arm) if s[0] == "web/all"] for arm in ("full", "less")
    }
    assert by_arm["less"][: len(by_arm["full"])] == by_arm["full"]
    # What came in, no arm reads at a place of its own.
    own = {
        name
        for arm in old.arms
        for _, stretches, _ in read(str(corpus), old, arm)
        for name, _, _ in stretches
    }
    came = {
        name
        for arm in old.arms
        for _, stretches, _ in read(str(corpus), made.plan, arm)
        for name, _, _ in stretches
    } - own
    assert came
    rows = [row for arm in made.plan.arms.values() for row in arm.rows]
    untouched = [row for row in rows if row.patch is None]
    assert {(row.domain, row.subset) for row in untouched}.isdisjoint(
        (document.domain, document.subset) for document in DOCUMENTS if document.doc_id in gone
    )
    assert made.plan.parent == old.id


def test_what_is_short_is_one_line_and_more_epochs_help(corpus: Path, parent: str) -> None:
    supply = read_index(str(corpus), parent).supply_tokens()["web", "all"] // 64 * 64
    text = f'name="r"\nbudget_tokens={supply}\nsequence_length=64\nmax_epochs=EPOCHS\n[weights]\nweb=1\n'
    once, twice = (parse_recipe(text.replace("EPOCHS", n), "r") for n in ("1", "2"))
    gone = {next(d.doc_id for d in DOCUMENTS if d.domain == "web" and len(d.text.split()) > 60)}
    child = without(corpus, gone)
    old = make_plan(str(corpus), once, parent)
    with pytest.raises(ValueError, match=r"web: \d+ of \d+ lost tokens find no stretch .* --recipe") as error:
        plan_again(str(corpus), old, child)
    assert "\n" not in str(error.value) and "source source" in str(error.value)
    with pytest.raises(ValueError, match=r"\d+ tokens short: no document is left"):
        plan_again(str(corpus), old, child, recipe=once, tolerance=ALL)
    again = make_plan(str(corpus), twice, parent)
    check_again(
        corpus, again, plan_again(str(corpus), again, child, recipe=twice, tolerance=ALL).plan, gone, 2
    )
    with pytest.raises(ValueError, match="not the one that the plan was made of"):
        plan_again(str(corpus), old, child, recipe=twice)
    with pytest.raises(ValueError, match=r"is of snapshot [0-9a-f]{32} already"):
        plan_again(str(corpus), old, parent)


def test_all_keys_that_are_short_are_told_at_once(tmp_path: Path) -> None:
    corpus, kept = tmp_path / "c", [d for d in DOCUMENTS if d.domain != "web" or d.source == "source0"]
    kept = [d for d in kept if d.domain != "code" or d.source == "source1"]
    parent = snapshot_of(corpus, DOCUMENTS, tmp_path / "parent")
    old = make_plan(str(corpus), recipe(more=""), parent)
    child = snapshot_of(corpus, kept, tmp_path / "child")
    with pytest.raises(ValueError) as error:
        plan_again(str(corpus), old, child)
    line = str(error.value)
    assert "code: " in line and "web: " in line and line.count("--tolerance") == 1 and "\n" not in line
    assert not list(corpus.glob("plans/samples/*"))
    plan_again(str(corpus), old, child, tolerance=Decimal(line.split("--tolerance ")[1]))


def test_shards_of_another_size_leave_every_sample_as_it_is(corpus: Path, parent: str) -> None:
    child = without(corpus, set(), target_tokens=1500)
    for packing in ("", 'packing="best_fit"\n'):
        old = make_plan(str(corpus), recipe(packing=packing), parent)
        new = plan_again(str(corpus), old, child).plan
        for arm in old.arms:
            one, two = (
                [sample.tokens.tobytes() for sample in open_plan(str(corpus), p, arm)] for p in (old, new)
            )
            assert one == two
            figures = compare_over(str(corpus), (old, old.arms[arm]), (new, new.arms[arm]))
            assert all(entry.same_samples == entry.samples and not entry.gone_docs for entry in figures)


def test_documents_that_only_the_child_has_come_first(tmp_path: Path) -> None:
    most = DOCUMENTS[:240]
    snapshot_of(tmp_path / "c", most, tmp_path / "a")
    old = make_plan(str(tmp_path / "c"), recipe(5_760, "1", more=""))
    gone = {name for _, stretches, _ in read(str(tmp_path / "c"), old)[::9] for name, _, _ in stretches}
    kept = [d for d in most if d.doc_id not in gone] + DOCUMENTS[240:]
    child = snapshot_of(tmp_path / "c", kept, tmp_path / "b")
    new = plan_again(str(tmp_path / "c"), old, child, tolerance=ALL).plan
    came = check_again(tmp_path / "c", old, new, gone, 1)["full"]
    assert came.keys() & {document.doc_id for document in DOCUMENTS[240:]}


def test_a_subset_may_be_gone_whole_where_no_arm_reads_it(corpus: Path, parent: str) -> None:
    wanted = parse_recipe(HEAD.format(budget=1_280, epochs="1", packing="") + "[weights]\nweb=1\n", "r")
    old = make_plan(str(corpus), wanted, parent)
    gone = {document.doc_id for document in DOCUMENTS if document.domain == "books"}
    made = plan_again(str(corpus), old, without(corpus, gone))
    check_again(corpus, old, made.plan, gone, 1)
    assert [(key.domain, key.replaced_tokens) for key in made.keys] == [("books", 0)]
    gone |= {document.doc_id for document in DOCUMENTS if document.domain == "web"}
    child = without(corpus, gone | {DOCUMENTS[0].doc_id})
    before = sorted(corpus.glob("plans/samples/*"))
    with pytest.raises(ValueError, match=r"web: 1,280 of 1,280 lost tokens find no stretch"):
        plan_again(str(corpus), old, child)
    assert sorted(corpus.glob("plans/samples/*")) == before, "a plan that is refused leaves no patch"


def test_files_of_the_old_snapshot_that_are_gone_are_named(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    snapshot_of(corpus, DOCUMENTS[:60], tmp_path / "a")
    old = make_plan(str(corpus), parse_recipe(HEAD.format(budget=640, epochs="1", packing="") + WEIGHTS, "r"))
    snapshot_of(corpus, DOCUMENTS[:59], tmp_path / "b")
    for path in corpus.glob("shards/*/*/*.docs.parquet"):
        path.unlink()
    with pytest.raises(ValueError, match=r"docs\.parquet: missing: restore it, or make the plan before"):
        plan_again(str(corpus), old)


def test_exports_difference_and_verify_read_patched_rows(corpus: Path, parent: str, tmp_path: Path) -> None:
    for packing in ("", 'packing="best_fit"\n'):
        wanted = recipe(23_040, "4", packing, LESS)
        old = make_plan(str(corpus), wanted, parent)
        gone = {document.doc_id for document in DOCUMENTS[::17]}
        new = plan_again(str(corpus), old, without(corpus, gone), recipe=wanted, tolerance=ALL).plan
        path = write_plan(str(corpus), new)
        assert plan_problem(str(corpus), path.removeprefix(f"{corpus}/")) is None
        out = tmp_path / (packing[9:13] or "plain")
        export_plan(str(corpus), "megatron", str(out), new, "swap")
        samples = read(str(corpus), new, "swap")
        header = np.frombuffer((out / "plan.idx").read_bytes()[18:34], "<u8")
        sizes = np.frombuffer((out / "plan.idx").read_bytes()[34 : 34 + 4 * int(header[0])], "<i4")
        assert sizes.tolist() == [n for _, stretches, _ in samples for _, _, n in stretches]
        starts = np.frombuffer(
            (out / "plan.idx").read_bytes()[34 + 4 * int(header[0]) :][: 8 * int(header[0])], "<i8"
        )
        payload = np.fromfile(out / "plan.bin", "<u4")
        tokens = [payload[s // 4 : s // 4 + n] for s, n in zip(starts.tolist(), sizes.tolist(), strict=True)]
        wanted = [
            t for sample in open_plan(str(corpus), new, "swap") for t in sample.tokens[: sample.n_tokens]
        ]
        assert np.concatenate(tokens).tolist() == wanted
        by_subset: dict[str, Counter] = {}
        for pair, stretches, _ in samples:
            for name, _, n in stretches:
                by_subset.setdefault(pair, Counter())[name] += n
        for entry in compare(str(corpus), (new, new.arms["swap"]), (new, new.arms["full"])):
            mine = by_subset.get(f"{entry.domain}/{entry.subset}", Counter())
            assert (entry.tokens[0], entry.docs[0]) == (mine.total(), len(mine))


def test_command_diff_and_what_is_refused(corpus: Path, parent: str, tmp_path: Path) -> None:
    run = lambda *words: CliRunner().invoke(app, [str(word) for word in words])  # noqa: E731
    wanted = recipe(5_760, "1")
    (tmp_path / "recipe.toml").write_text(HEAD.format(budget=5_760, epochs="1", packing="") + WEIGHTS + ARMS)
    old = write_plan(str(corpus), make_plan(str(corpus), wanted, parent))
    gone = {document.doc_id for document in DOCUMENTS[::23]}
    child = without(corpus, gone)
    dry = run("mix", corpus, "--again", old, "--snapshot", child, "--tolerance", "1", "--dry-run")
    assert dry.exit_code == 0 and "Nothing was written." in dry.output
    before = set(Path(corpus, "plans").rglob("*"))
    made = run("mix", corpus, "--again", old, "--snapshot", child, "--tolerance", "1", "--json",
               "--recipe", tmp_path / "recipe.toml")  # fmt: skip
    assert made.exit_code == 0, made.output
    written = set(Path(corpus, "plans").rglob("*")) - before
    (new,) = [path for path in written if path.suffix == ".json"]
    assert json.loads(new.read_text())["parent"] in old
    shown = run("diff", corpus, old, new, "--json")
    assert shown.exit_code == 0 and sum(entry["replaced_tokens"] for entry in json.loads(shown.output)) > 0
    assert "Nothing else moved" in run("diff", corpus, f"{old}:less", f"{new}:less").output
    # A plan of the same recipe over the child is another one: it says so, and fails.
    fresh = write_plan(str(corpus), make_plan(str(corpus), wanted, child))
    other = run("diff", corpus, old, fresh)
    assert other.exit_code != 0 and "not numbered alike" in str(other.exception)
    for words, line in [
        (("mix", corpus), "mix needs `--recipe recipe.toml`, or `--again plan.json`"),
        (("mix", corpus, "--recipe", "r.toml", "--tolerance", "0.1"), "--tolerance goes with --again"),
        (
            ("mix", "--recipe", "r.toml", "--supply", "s.json", "--snapshot", child),
            "--snapshot goes with a corpus",
        ),
        (("mix", "--again", old), "--again needs a corpus"),
        (("mix", corpus, "--again", old, "--tolerance", "much"), "'much' is no number: a share of 0 to 1"),
        (("mix", corpus, "--again", corpus / "none.json"), "none.json: no such plan"),
    ]:
        refused = run(*words)
        assert refused.exit_code and line in str(refused.exception) and "\n" not in str(refused.exception)


def test_a_patch_made_by_a_hostile_hand_is_refused(corpus: Path, parent: str) -> None:
    old = make_plan(str(corpus), recipe(5_760, "1", more=""), parent)
    first = {name for _, stretches, _ in read(str(corpus), old) for name, _, _ in stretches}
    new = plan_again(str(corpus), old, without(corpus, set(sorted(first)[::9])), tolerance=ALL).plan
    place, row = next((n, row) for n, row in enumerate(new.arms["full"].rows) if row.patch and row.samples)
    assert row.patch is not None
    sound = read_patch(str(corpus), row.patch)

    def changed(what: str, field: str, number: int, value: int) -> str:
        """Return what the reader says of a patch with another number in it, all checksums made right."""
        entries = getattr(sound, what).copy()
        entries[field][number] = value
        patch = write_patch(str(corpus), replace(sound, **{what: entries}))
        rows = [
            replace(one, patch=patch) if n == place else one for n, one in enumerate(new.arms["full"].rows)
        ]
        plan = replace(new, arms={"full": replace(new.arms["full"], rows=tuple(rows))})
        with pytest.raises(PlanChanged) as error:
            reader = open_plan(str(corpus), plan_from_bytes(plan_to_bytes(plan), "p"))
            reader.check_tables()
            list(reader)
        Path(corpus, f"plans/samples/{patch.id}.patch").unlink()
        return str(error.value)

    filled = int(np.flatnonzero(sound.fills["to"] != np.uint64(NOTHING))[0])
    assert "moves: not in order" in changed("moves", "at", 1, 0)
    assert "moves: lead beyond" in changed("moves", "to", 0, 2**40)
    assert "moves: one ends within a document" in changed("moves", "to", 0, 1)
    assert "what is lost does not make up" in changed("moves", "to", 1, LOST + 5)
    assert "fills: lead beyond" in changed("fills", "to", filled, LOST)
    assert "fills nothing in sample" in changed("fills", "to", filled, NOTHING)
    lengths = np.diff(sound.fills["at"], append=np.uint64(sound.lost_tokens * sound.epochs))
    long = int(np.flatnonzero((sound.fills["to"] != np.uint64(NOTHING)) & (lengths > 1))[0])
    begins = sound.moves["to"][sound.moves["to"] < np.uint64(LOST)]  # of documents of the child
    assert "more than one document" in changed("fills", "to", long, int(begins[-1]) - 1)


def test_a_changed_patch_is_found(corpus: Path, parent: str) -> None:
    old = make_plan(str(corpus), recipe(5_760, "1", more=""), parent)
    gone = {document.doc_id for document in DOCUMENTS[::19]}
    new = plan_again(str(corpus), old, without(corpus, gone), tolerance=ALL).plan
    row = next(row for row in new.arms["full"].rows if row.patch and row.samples)
    assert row.patch is not None
    path = Path(corpus, f"plans/samples/{row.patch.id}.patch")
    sound = path.read_bytes()
    try:
        path.write_bytes(sound[:8] + b"\x01" + sound[9:])
        with pytest.raises(PlanChanged, match=r"\.patch: damaged"):
            list(open_plan(str(corpus), new))
    finally:
        path.write_bytes(sound)
