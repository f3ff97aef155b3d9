"""Any token of a corpus leads back to its document, its dump and its offset."""

import json

import numpy as np
import pytest

from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index

RECIPE = 'name="t"\nbudget_tokens=640\nsequence_length=32\nmax_epochs=4\npacking="best_fit"\n[weights]\nweb=0.7\ncode=0.3\n'


def test_every_way_to_name_a_token_leads_to_its_document(corpus, corpusforge):
    for row in read_index(str(corpus.path)).rows:
        path = shard_path(row.domain, row.subset, row.id, "tokens")
        tokens = np.fromfile(corpus.path / path, "<u4")
        ends = np.fromfile(corpus.path / shard_path(row.domain, row.subset, row.id, "ends"), "<u8")
        for token in (0, int(ends[0]) - 1, int(ends[0]) % row.n_tokens, row.n_tokens - 1):
            names = [f"{row.domain}/{row.subset}:{row.index}:{token}", f"{path}:{token}", f"{row.id}:{token}"]
            found = [
                json.loads(corpusforge("trace", n, "--corpus", corpus.path, "--json").out) for n in names
            ]
            assert found[0] == found[1] == found[2]
            [one] = found[:1]
            assert one["token_id"] == tokens[token] and one["token"] == token
            assert one["locator"].startswith("notes/notes.jsonl#line=") and "offset=" in one["locator"]
            assert one["token_start"] <= token < one["token_start"] + one["token_length"]
            assert one["token_of_document"] == token - one["token_start"]
            assert one["token_spells"] in one["token_context"]
            dump = (corpus.path.parent / "notes.jsonl").read_bytes()
            offset = int(one["locator"].rpartition("offset=")[2])
            assert one["text_start"][:40] in json.loads(dump[offset:].splitlines()[0])["text"]
    assert "locator" in corpusforge("trace", "web:0:3", "--corpus", corpus.path).out


def test_a_position_in_a_sample_leads_there_too(corpus, corpusforge):
    path = write_plan(str(corpus.path), make_plan(str(corpus.path), parse_recipe(RECIPE, "t")))
    reader = open_plan(str(corpus.path), path)
    for n in range(0, len(reader), 3):
        sample = reader.sample(n)
        for position in range(0, sample.n_tokens, 7):
            result = corpusforge("trace", f"{path}:full:{n}:{position}", "--corpus", corpus.path, "--json")
            found = json.loads(result.out)
            assert found["token_id"] == sample.tokens[position]
            again = corpusforge(
                "trace", f"{found['shard']}:{found['token']}", "--corpus", corpus.path, "--json"
            )
            assert json.loads(again.out)["doc_id"] == found["doc_id"]
    short = corpusforge("trace", f"{path}:0:5", "--corpus", corpus.path, "--json")
    assert json.loads(short.out)["arm"] == "full"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("web:0:999999", "no token 999999: shard 0 of web/all has"),
        ("web:7:0", "has no shard 7 of web/all"),
        ("0" * 32 + ":1", "has no shard 000"),
        ("none.json:full:1:1", "none.json: no such plan"),
        ("what:is:this", "expected a document id of 32 hex digits, or a token"),
    ],
)
def test_a_token_that_is_not_there_is_one_line(corpus, corpusforge, target, message):
    result = corpusforge("trace", target, "--corpus", corpus.path)
    assert result.status == 2 and message in result.err and "Traceback" not in result.err


def test_a_sample_or_position_beyond_the_plan_is_one_line(corpus, corpusforge):
    path = write_plan(str(corpus.path), make_plan(str(corpus.path), parse_recipe(RECIPE, "t")))
    beyond = corpusforge("trace", f"{path}:full:99999:0", "--corpus", corpus.path)
    assert beyond.status == 2 and "no sample 99999: arm full has" in beyond.err
    padding = corpusforge("trace", f"{path}:full:0:32", "--corpus", corpus.path)
    assert padding.status == 2 and "no token 32: sample 0 has" in padding.err
    arm = corpusforge("trace", f"{path}:nope:0:0", "--corpus", corpus.path)
    assert arm.status == 2 and "has no arm 'nope'" in arm.err
