"""`corpusforge trace TOKEN --corpus CORPUS`: from any one token back to its document and its dump.

A token is named by its place in a shard, or in a sample of a plan:

    web/all:3:81200                shard 3 of web/all, token 81,200 of it
    shards/web/all/<id>.bin:81200  the same by the shard's file; its id alone is enough
    plan.json:full:12:40           token 40 of sample 12 of an arm
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from corpusforge.commands import trace_id
from corpusforge.commands.console import show, show_json
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.files import exists, join, open_input, read_bytes
from corpusforge.reader import ReaderError, open_plan
from corpusforge.shards.documents import read_rows
from corpusforge.shards.format import ENDS_DTYPE, ShardRow
from corpusforge.shards.snapshot import Index, read_index
from corpusforge.shards.tokenizer_choice import open_tokenizer

_IN_PLAN = re.compile(r"(?P<plan>.+\.json)(?::(?P<arm>[^:]+))?:(?P<sample>\d+):(?P<position>\d+)", re.DOTALL)
_IN_SUBSET = re.compile(r"(?P<domain>[a-z0-9_]+)(?:/(?P<subset>[a-z0-9_]+))?:(?P<shard>\d+):(?P<token>\d+)")
_IN_SHARD = re.compile(r"(?:.*/)?(?P<id>[0-9a-f]{32})(?:\.bin)?:(?P<token>\d+)", re.DOTALL)
_CONTEXT_TOKENS = 8


def trace_token(target: str, corpus: str, snapshot: str | None, as_json: bool) -> None:
    """Print which document a token is of and where that came from; errors in one line."""
    try:
        index, row, token, place = _find(target, corpus, snapshot)
        found = {**place, **_token(corpus, index, row, token)}
    except (ReaderError, ValueError) as error:
        raise usage_error(str(error)) from None
    document = trace_id.find(found["doc_id"], corpus, index)
    if document is None:
        raise CommandError(f"{found['doc_id']}: its part is gone from {corpus}/parts: restore it")
    if as_json:
        show_json({**document, **found})
        return
    apart = ("doc_id", "shard")  # the document's own lines tell them
    facts = {name.replace("_", " "): value for name, value in found.items() if name not in apart}
    width = max(map(len, facts))
    for name, value in facts.items():
        show(f"{name:<{width}}  {json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value}")
    show(*trace_id.as_text(found["doc_id"], index.snapshot, document))


def _find(target: str, corpus: str, snapshot: str | None) -> tuple[Index, ShardRow, int, dict[str, Any]]:
    """Return (index, shard, token of it, what the target said) of a named token."""
    if match := _IN_PLAN.fullmatch(target):
        return _in_plan(corpus, match)
    index = read_index(corpus, snapshot)
    if match := _IN_SHARD.fullmatch(target):
        rows = [row for row in index.rows if row.id == match["id"]]
        what = f"shard {match['id']}"
    elif match := _IN_SUBSET.fullmatch(target):
        domain, subset, number = match["domain"], match["subset"] or "all", int(match["shard"])
        rows = [row for row in index.rows if (row.domain, row.subset, row.index) == (domain, subset, number)]
        what = f"shard {number} of {domain}/{subset}"
    else:
        raise ValueError(
            f"{target}: with --corpus, expected a document id of 32 hex digits, or a token: "
            "DOMAIN/SUBSET:SHARD:TOKEN, SHARD_ID:TOKEN or PLAN.json:ARM:SAMPLE:TOKEN"
        )
    if not rows:
        raise ValueError(f"{target}: snapshot {index.snapshot} has no {what}")
    token = int(match["token"])
    if token >= rows[0].n_tokens:
        raise ValueError(f"{target}: no token {token}: {what} has {rows[0].n_tokens}")
    return index, rows[0], token, {}


def _in_plan(corpus: str, match: re.Match[str]) -> tuple[Index, ShardRow, int, dict[str, Any]]:
    """Return the token at a position of a sample, as the reader hands it out."""
    path, sample_number, position = match["plan"], int(match["sample"]), int(match["position"])
    if not exists(path):
        raise ValueError(f"{path}: no such plan")
    reader = open_plan(corpus, path, match["arm"] or "full")
    if sample_number >= len(reader):
        raise ValueError(f"{path}: no sample {sample_number}: arm {reader.arm.name} has {len(reader)}")
    sample = reader.sample(sample_number, documents=True)
    if position >= sample.n_tokens:
        raise ValueError(f"{path}: no token {position}: sample {sample_number} has {sample.n_tokens}")
    stretch = int(sample.cu_seqlens.searchsorted(position, side="right")) - 1
    span = (sample.documents or ())[stretch]
    index = read_index(corpus, reader.plan.snapshot)
    row = next(row for row in index.rows if trace_id.shard_path_of(row, "docs") == span.docs_path)
    first = int(read_rows(join(corpus, span.docs_path), [span.row])[0]["start"])
    token = first + span.start + position - int(sample.cu_seqlens[stretch])
    return index, row, token, {"arm": reader.arm.name, "sample": sample_number, "position": position}


def _token(corpus: str, index: Index, row: ShardRow, token: int) -> dict[str, Any]:
    """Return a token: its id, its document, its place in that, what it spells and what stands around it."""
    ends = np.frombuffer(read_bytes(join(corpus, trace_id.shard_path_of(row, "ends"))), ENDS_DTYPE)
    number = int(ends.searchsorted(np.uint64(token), side="right"))
    begin, end = int(ends[number - 1]) if number else 0, int(ends[number])
    first, last = max(begin, token - _CONTEXT_TOKENS), min(end, token + _CONTEXT_TOKENS + 1)
    with open_input(join(corpus, trace_id.shard_path_of(row, "tokens"))) as stream:
        stream.seek(first * row.token_bytes)
        ids = np.frombuffer(stream.read((last - first) * row.token_bytes), row.token_dtype)
    tokenizer = open_tokenizer(corpus, index.header["tokenizer"])
    docs = read_rows(join(corpus, trace_id.shard_path_of(row, "docs")), [number])
    return {
        "token": token,
        "token_id": int(ids[token - first]),
        "token_spells": tokenizer.decode(ids[token - first : token - first + 1].tolist()),
        "token_context": tokenizer.decode(ids.tolist()),
        "token_of_document": token - begin,
        "doc_id": docs[0]["doc_id"],
        "shard": trace_id.shard_path_of(row, "tokens"),
    }
