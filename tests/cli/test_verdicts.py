import json

import pytest

from corpusforge.shards.snapshot import read_index
from corpusforge.verdicts import Stratum, Verdict, append_verdict, sample_documents


@pytest.fixture(scope="module")
def corpus(corpus):
    return corpus.path


def judged(corpus, path, kinds, stratum=None, **values):
    """Append a verdict on each of the first documents of a sample of the small corpus."""
    index = read_index(str(corpus))
    stratum = stratum or Stratum(domain="web")
    drawn = sample_documents(str(corpus), index, stratum, len(kinds), 4).documents
    for one, kind in zip(drawn, kinds, strict=True):
        given = {
            "doc_id": one.doc_id,
            "snapshot": index.snapshot,
            "stratum": stratum,
            "seed": 4,
            "verdict": kind,
        }
        append_verdict(str(path), Verdict(**{**given, **values}))


def test_rates_are_printed_with_intervals_and_what_does_not_count(corpusforge, corpus, tmp_path):
    path = tmp_path / "verdicts.jsonl"
    judged(corpus, path, ["right", "right", "right", "bad_text"])
    judged(corpus, path, ["right"], snapshot="0" * 32)
    with path.open("a") as stream:
        stream.write('{"doc_id": "7')
    ended = corpusforge("evaluate", "--verdicts", path, corpus)
    assert ended.status == 0
    web = next(line.split() for line in ended.out.splitlines() if line.split()[:2] == ["domain", "web"])
    assert web[2:6] == ["8", "100.0", "%", "4"] and web[6] == "25.0"
    assert "4 documents read of 9" in ended.out
    assert f"not counted: 1 verdict of snapshot {'0' * 32}" in ended.out
    assert ended.err.replace("\n", " ").strip().endswith("line 6: cut off: whoever wrote it was stopped")


def test_json_holds_the_same_and_files_of_several_readers_add_up(corpusforge, corpus, tmp_path):
    for name, kinds in (("anna", ["right", "bad_text"]), ("ben", ["right", "right"])):
        judged(corpus, tmp_path / name, kinds, reader=name)
    ended = corpusforge(
        "evaluate", "--json", "--verdicts", tmp_path / "anna", f"--verdicts={tmp_path / 'ben'}", corpus
    )
    found = json.loads(ended.out)
    web = next(group for group in found["groups"] if group["name"] == "web")
    assert (web["n_read"], web["error"]["share"]) == (2, 0.25)
    assert found["n_agreed"] == {"of": 2, "agreed": 1}
    assert found["samples"] == [
        {"stratum": {"domain": "web"}, "seed": 4, "n_read": 2, "reached": 2, "n_documents": 8}
    ]
    code = next(group for group in found["groups"] if group["name"] == "code")
    assert (code["n_read"], code["error"]) == (0, None)


def test_a_picked_sample_is_called_so(corpusforge, corpus, tmp_path):
    path, index = tmp_path / "verdicts.jsonl", read_index(str(corpus))
    web = Stratum(domain="web")
    last = sample_documents(str(corpus), index, web, 6, 4).documents[-1]
    append_verdict(
        str(path), Verdict(doc_id=last.doc_id, snapshot=index.snapshot, stratum=web, seed=4, verdict="right")
    )
    assert (
        "domain web, seed 4: 1 of the first 6 were read: picked, not sampled"
        in corpusforge("evaluate", "--verdicts", path, corpus).out
    )


def test_nothing_that_counts_is_a_failure(corpusforge, corpus, tmp_path):
    path = tmp_path / "verdicts.jsonl"
    judged(corpus, path, ["right"], snapshot="0" * 32)
    ended = corpusforge("evaluate", "--verdicts", path, corpus)
    assert ended.status == 1 and "no verdict counts for snapshot" in ended.err


def test_wrong_words_are_one_line(corpusforge, corpus, tmp_path):
    path = tmp_path / "verdicts.jsonl"
    path.touch()
    for words, said in (
        (["--verdicts", tmp_path / "none", corpus], "No such file"),
        (["--verdicts", path, tmp_path], "no corpus here"),
        (["--verdicts", path, corpus, "--snapshot", "7"], "7"),
        (["--verdicts", path, corpus, "--confidence", "95"], "a share between 0 and 1"),
        (["--verdicts", path], "CORPUS"),
    ):
        ended = corpusforge("evaluate", *words)
        assert ended.status == 2 and said in ended.err and "Traceback" not in ended.err
