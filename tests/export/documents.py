"""A small corpus whose documents hold what is awkward in JSON, YAML and tables, and what others should read of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpusforge import open_corpus
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.tokenizer_choice import load_tokenizer
from tests.shards.corpus import make_documents, shard_rows, spill_all

AWKWARD = (
    "a\u2028b\u2029c\u0085d",
    'quotes " and \\ and \x1f and \x7f',
    "line\r\nfeeds\n\n\ttabs",
    "\ufeffmark",
    "🙂 é ́",
)
LICENCES = (None, "MIT", "Apache-2.0 OR MIT", "CC-BY-SA-4.0")
LANGUAGES = ("en", "no", "zh-Hant", "und", None)


def make_documents_corpus(folder: Path) -> str:
    documents = [
        replace(
            one,
            text=f"{AWKWARD[n % len(AWKWARD)]} {one.text}",
            title=f"title | {n} `of`\n---\n# {n}" if n % 2 else None,
            licence=LICENCES[n % len(LICENCES)],
            language=LANGUAGES[n % len(LANGUAGES)],
            programming_language="Python" if one.domain == "code" else None,
            source="a: |b`\n# c" if n % 7 == 0 else "tests",
            date="2021-03-04" if n % 3 == 0 else None,
            math_score=0.1 + n if one.domain == "math" else None,
        )
        for n, one in enumerate(make_documents(200))
    ]
    header = make_header(
        corpus_id="tests: 'a' #1\n- x",
        tokenizer=load_tokenizer("cl100k_base").identity(),
        seed=7,
        config={},
        inputs=[],
        conservation={"records_in": 0, "kept": 0, "dropped": 0, "quarantined": 0},
    )
    corpus = folder / "corpus"
    commit(str(corpus), shard_rows(spill_all([documents], folder), folder), header)
    return str(corpus)


def documents_of(corpus: str, config: str) -> list[dict[str, Any]]:
    """The documents of a configuration of the dataset card, as the library tells them."""
    domain, _, subset = config.partition("-")
    return list(open_corpus(corpus).documents(None if domain == "all" else domain, subset or None))


def by_id(documents: Any) -> dict[str, str]:
    """Documents as canonical JSON: maps as lists, as those have to be that know no maps."""
    found = {one["id"]: json.dumps(_plain(one), sort_keys=True) for one in documents}
    assert len(found) == len(documents)
    return found


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    value = {name: one for name, one in document.items() if name not in ("start", "length")}
    if "length" in document:
        value["n_tokens"] = document["length"]
    for name in ("signals", "redactions"):
        if isinstance(value[name], dict):
            value[name] = [{"name": key, "value": number} for key, number in value[name].items()]
    return value
