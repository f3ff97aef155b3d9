"""What the ledgers of a corpus tell of a list: which documents it took out before, and which entries none.

A list of addresses names documents by what no file keeps once they are gone; by their ids, what is left of
them is still found.
"""

from __future__ import annotations

from typing import Any

import pyarrow
import pyarrow.compute

from corpusforge.retract.ledger import ledgers, read_removed
from corpusforge.retract.lists import Entry, RetractionList

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_COLUMNS = ["doc_id", "content_hash", "entry", "cluster_id"]


def never_retracted(corpus: str, listed: RetractionList) -> list[Entry]:
    """Return the entries by which no retraction took a document out of a corpus.

    Where nothing is found of such an entry either, the corpus never had what it names, or it is mistyped.
    """
    took = {
        (ledger["is_hashed"], *entry)
        for ledger in ledgers(corpus)
        for entry, n in zip(ledger["entries"], ledger["hits"], strict=True)
        if n
    }
    return [entry for entry in listed.entries if not took & _names(entry, listed.is_hashed)]


def _names(entry: Entry, is_hashed: bool) -> set[tuple[bool, str, str]]:
    """Return what ledgers may call an entry: as it is, and in one that keeps hashes."""
    (hashed,) = RetractionList((entry,), is_hashed).hashed().entries
    return {(is_hashed, entry.kind, entry.value), (True, hashed.kind, hashed.value)}


def known_ids(corpus: str, listed: RetractionList, *, copies: bool) -> set[str]:
    """Return the ids of documents that entries of a list took out of a corpus; with copies, of theirs too."""
    found: set[str] = set()
    for ledger in ledgers(corpus):
        mine = listed.hashed() if ledger["is_hashed"] else listed
        asked = {(entry.kind, entry.value) for entry in mine.entries}
        places = [place for place, entry in enumerate(ledger["entries"]) if tuple(entry) in asked]
        if not places:
            continue
        table = read_removed(corpus, ledger["id"], _COLUMNS)
        named = table.filter(pc.is_in(table["entry"], value_set=pa.array(places, pa.int64())))
        found.update(named["doc_id"].to_pylist())
        if copies:
            for same in ("cluster_id", "content_hash"):
                values = named[same].drop_null().unique()
                of_them = table.filter(pc.is_in(table[same], value_set=values))
                found.update(of_them["doc_id"].to_pylist())
    return found
