"""A corpus whose strata are known: 300 documents of the web (two languages), 60 of mathematics."""

from types import SimpleNamespace

import pytest

from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.shards.snapshot import commit, read_index
from corpusforge.verdicts import Verdict
from tests.shards.corpus import make_header_for_tests, shard_rows, spill_all

TIME = "2026-01-31T09:30:00Z"


def document(number: int, domain: str, subset: str, language: str | None, source: str) -> Document:
    locator = f"dump#offset={number}"
    return Document(
        doc_id=stable_id("jsonl", locator),
        source=source,
        source_kind=SourceKind.JSONL,
        locator=locator,
        text=f"Document {number} of {domain}: " + "tides rise twice a day, " * (number % 7 + 1),
        domain=domain,
        subset=subset,
        language=language,
    )


@pytest.fixture(scope="session")
def strata(tmp_path_factory):
    """Return path and index of the corpus, and its documents by id."""
    folder = tmp_path_factory.mktemp("strata")
    made = [document(n, "web", "all", "de" if n % 3 == 0 else "en", "crawl") for n in range(300)]
    made += [document(n, "math", "generic", "en", "crawl") for n in range(300, 340)]
    made += [document(n, "math", "scaffold", None, "forum") for n in range(340, 360)]
    path = folder / "corpus"
    rows = shard_rows(spill_all([made[::2], made[1::2]], folder), folder, target_tokens=2000)
    commit(str(path), rows, make_header_for_tests())
    by_id = {one.doc_id: one for one in made}
    return SimpleNamespace(path=str(path), index=read_index(str(path)), documents=by_id)


def verdict(strata, doc_id, stratum, kind="right", seed=1, reader="AB", snapshot=None, **values):
    """Return a verdict on a document of the corpus."""
    return Verdict(
        doc_id=doc_id,
        snapshot=snapshot or strata.index.snapshot,
        stratum=stratum,
        seed=seed,
        verdict=kind,
        reader=reader,
        **values,
    )
