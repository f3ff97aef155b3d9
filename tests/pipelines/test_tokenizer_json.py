"""A build with a tokenizer.json: its tokens are the file's, and the corpus needs the file no more."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
from tokenizers import Tokenizer

from tests.pipelines.conftest import run_command, write_config, write_dumps
from tests.shards.train_tokenizer import train


def test_a_build_with_a_tokenizer_json_holds_its_tokens_and_a_copy(tmp_path):
    file = train(tmp_path / "tokenizer.json")
    write_dumps(tmp_path / "dumps")
    config = write_config(tmp_path, tmp_path / "corpus", shards={"tokenizer_json": "tokenizer.json"})
    run_command("build", str(config))
    corpus = tmp_path / "corpus"
    snapshot = (corpus / "CURRENT").read_text().strip()
    index = json.loads((corpus / "snapshots" / snapshot / "index.json").read_text())
    reference = Tokenizer.from_file(str(file))
    reference.no_truncation()
    reference.encode_special_tokens = True
    file.unlink()

    assert run_command("verify", str(corpus)).returncode == 0
    eos = index["tokenizer"]["eos_id"]
    checked = 0
    for payload in corpus.glob("shards/*/*/*.bin"):
        tokens = np.fromfile(payload, "<u2")  # 600 ids fit into two bytes
        ends = [0, *np.fromfile(payload.with_suffix(".ends.u64"), "<u8").tolist()]
        texts = pq.read_table(payload.with_suffix(".text.parquet"))["text"].to_pylist()
        for text, (start, stop) in zip(texts, pairwise(ends), strict=True):
            assert tokens[start:stop].tolist() == [*reference.encode(text, add_special_tokens=False).ids, eos]
            checked += 1
    assert checked == index["totals"]["n_docs"] > 40

    told = run_command("trace", "code/all:0:5", "--corpus", str(corpus)).stdout
    assert "token spells" in told and "repo-1.zip" in told  # from a token back to its dump
