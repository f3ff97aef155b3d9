"""A corpus of awkward documents whose index tells of sources, drops and a configuration of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from corpusforge import open_corpus
from corpusforge.config import BuildConfig
from corpusforge.shards.snapshot import commit, make_header, read_index
from tests.export.documents import make_documents_corpus

DROPPED = {"not_content": 7, "too_short": 240, "blocked": 3}
INPUT = {
    "name": "tests/a.jsonl",
    "source": "tests",
    "kind": "jsonl",
    "size_bytes": 1000,
    "digest": "d" * 32,
    "part_id": "e" * 24,
    "start": 0,
    "stop": None,
}


def make_card_corpus(folder: Path, **settings: Any) -> str:
    """Return a corpus of 200 documents; `settings` are tables of its configuration."""
    corpus = make_documents_corpus(folder)
    index = read_index(corpus)
    source = {"name": "tests", "paths": ["a"]}
    config = BuildConfig.model_validate(
        {"name": "tests", "output": "out", "seed": 7, "sources": [source], **settings}
    )
    rows: dict[tuple[str, str, str], Counter[str]] = {}
    for one in open_corpus(corpus).documents(
        columns=["id", "source", "domain", "subset", "length", "n_bytes"]
    ):
        counts = rows.setdefault((one["source"], one["domain"], one["subset"]), Counter())
        counts.update({"documents": 1, "tokens": one["length"], "bytes": one["n_bytes"]})
    sources: dict[str, dict[str, Any]] = {}
    for (name, domain, _), counts in rows.items():
        ends = sources.setdefault(name, {"kept": 0, "kept_by_domain": {}})
        ends["kept"] += counts["documents"]
        ends["kept_by_domain"][domain] = ends["kept_by_domain"].get(domain, 0) + counts["documents"]
    for name, ends in sources.items():
        ends["dropped"] = DROPPED if name == "tests" else {}
        ends["records_in"] = ends["kept"] + sum(ends["dropped"].values())
        ends.update(quarantined=0, exact_duplicates=0, near_duplicates=0, redactions={}, bytes_in=1000)
    conservation = {
        "sources": sources,
        "rows": [
            {"source": source, "domain": domain, "subset": subset, **counts}
            for (source, domain, subset), counts in sorted(rows.items())
        ],
    }
    header = make_header(
        corpus_id=index.header["corpus_id"],
        tokenizer=index.header["tokenizer"],
        seed=7,
        config=config.corpus_settings(),
        inputs=[INPUT],
        conservation=conservation,
    )
    commit(corpus, index.rows, header)
    return corpus
