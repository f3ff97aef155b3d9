"""An owner's list as it is really used: asked again, for other reasons, with older snapshots kept, a whole domain."""

import json

from corpusforge.retract.ledger import ledgers
from corpusforge.shards.snapshot import read_current, read_index
from tests.garbage.conftest import absent, run

CODE = "where:domain = 'code'"


def _sound(*words):
    status, out, err = run(*words)
    assert status == 0, err
    return " ".join(out.split())


def test_in_a_kept_snapshot_it_is_found_and_which_one_is_told(clean, listed):
    corpus, path = clean.corpus, listed("host:example.net", "repo:repo-1")
    parent = read_current(str(corpus))
    _sound("retract", corpus, path, "--yes-remove-share", "0.5")
    _sound("gc", corpus, "--keep", "CURRENT", "--keep", parent)
    status, told, err = absent(corpus, path)
    assert status == 1 and told["snapshots_with"] == [parent]
    assert f"held by snapshot {parent} alone: `corpusforge gc` removes what is not kept" in " ".join(
        err.split()
    )
    status, out, _ = run("verify", corpus, "--absent", path)
    assert status == 1 and f"Snapshots that hold what was found: {parent}" in " ".join(out.split())
    assert absent(corpus, path, "--snapshot", read_current(str(corpus)))[0] == 0
    _sound("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert absent(corpus, path)[0] == 0


def test_what_the_current_snapshot_holds_is_told_apart(clean, listed):
    status, told, err = absent(clean.corpus, listed("repo:repo-1"))
    assert status == 1 and told["snapshots_with"] == [read_current(str(clean.corpus))]
    assert "`corpusforge retract` takes them out" in err


def test_a_list_that_was_done_is_done_whatever_is_said_of_it(clean, listed):
    corpus, path = clean.corpus, listed("url:https://example.net/1")
    _sound("retract", corpus, path, "--why", "a letter")
    snapshot = read_current(str(corpus))
    (ledger,) = ledgers(str(corpus))
    told = _sound("retract", corpus, path, "--asked", "2026-07-01", "--ledger-hashes")
    assert f"nothing to do: retraction {ledger['id']} took this list out before" in told
    assert read_current(str(corpus)) == snapshot and len(ledgers(str(corpus))) == 1


def test_copies_that_stayed_are_named_by_themselves(clean, listed):
    corpus, path = clean.corpus, listed("url:https://example.net/1")
    _sound("retract", corpus, path, "--policy", "next-best")
    (ledger,) = ledgers(str(corpus))
    status, _, err = run("retract", corpus, path)
    assert status == 1 and f"retraction {ledger['id']} took this list out and copies stayed" in err
    assert "nothing to do" in _sound("retract", corpus, path, "--policy", "next-best")


def test_a_whole_domain_goes(clean, listed, tmp_path):
    corpus, path, recipe = clean.corpus, listed(CODE), tmp_path / "both.toml"
    recipe.write_text(
        'name="both"\nbudget_tokens=1024\nsequence_length=64\nmax_epochs=9\n[weights]\nweb=1\ncode=1\n'
    )
    plan = corpus / "plans" / "both.json"
    _sound("mix", corpus, "--recipe", recipe, "-o", plan)
    _sound("retract", corpus, path, "--yes-remove-share", "1")
    header = read_index(str(corpus)).header
    assert "code/all" not in header["totals"]["subsets"]
    assert {row["domain"] for row in header["conservation"]["rows"]} == {"web"}
    status, _, err = run("mix", corpus, "--again", plan, "--recipe", recipe, "--tolerance", "1")
    assert status == 2 and "code: " in err and len(err.splitlines()) == 1
    status, _, err = run("mix", corpus, "--recipe", recipe, "--dry-run")
    assert status == 0 and "code: 0 tokens of the 512 that the recipe gives it: no more is in" in " ".join(
        err.split()
    )
    _sound("gc", corpus, "--keep", "CURRENT", "--drop-plans")
    assert absent(corpus, path)[0] == 0
    assert "is sound" in _sound("verify", corpus)
    assert json.loads(_sound("inspect", corpus, "--json"))
