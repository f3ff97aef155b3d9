"""The files of a part, and where they lie.

parts/<id>.documents.parquet    kept documents; the counts of the part in its footer. Written last: the commit
parts/<id>.signatures.bin       one `signature_dtype` row a document
rejects/<id>.rejects.parquet    drops with their reason, where there are any
quarantine/<id>.quarantine.jsonl    records that a step failed on, with tracebacks, where there are any
"""

from __future__ import annotations

from corpusforge.files import join

STATS_KEY = "corpusforge.stats"
"""Of the counts of a part, as JSON, in the key-value metadata of its documents."""
COMMIT = "documents.parquet"
"""The file whose presence says that a part is whole."""
_FOLDERS = {"rejects.parquet": "rejects", "quarantine.jsonl": "quarantine"}


def part_path(output: str, part_id: str, what: str) -> str:
    """Return the path of one of a part's files; `what` is how its name ends."""
    return join(output, _FOLDERS.get(what, "parts"), f"{part_id}.{what}")
