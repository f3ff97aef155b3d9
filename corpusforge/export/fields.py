"""The columns of an exported document in words, and the licences that others know by name."""

from __future__ import annotations

FIELDS = {
    "id": "32 hex digits: of the kind of source and the locator",
    "text": "the document",
    "source": "name of the source in the build's configuration",
    "source_kind": "what its dump is: warc, github, notebooks, mediawiki, stackexchange, books, jsonl",
    "locator": "leads back to the bytes of the dump",
    "content_hash": "32 hex digits: xxh3-128 of the normalised text",
    "url": "address of a page",
    "host": "host of that address",
    "repo": "repository of a file",
    "path": "path in the repository",
    "title": "title, where the source tells one",
    "date": "ISO 8601, as exact as the source tells",
    "language": "BCP-47 tag",
    "language_score": "0 to 1",
    "programming_language": "of a source file",
    "licence": "SPDX expression; null where none was found",
    "licence_source": "where the licence was found: header, dump or repository",
    "domain": "web, code, code_nl, math, wikipedia, books or multilingual",
    "subset": "of math: scaffold or generic; else all",
    "domain_reason": "the rule that decided on the domain, and its figures",
    "math_score": "0 to 1",
    "scaffold_score": "0 to 1, of mathematics",
    "signals": "what was measured, by name",
    "redactions": "spans replaced by a placeholder, by kind",
    "notes": "what a step left out or repaired",
    "n_bytes": "bytes of the text in UTF-8",
    "n_tokens": "tokens of the text, end-of-text included, by the corpus's tokenizer",
}
"""Column: what it is."""

HUB_LICENCES = frozenset(
    "apache-2.0 mit bsd-2-clause bsd-3-clause bsl-1.0 cc0-1.0 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 "
    "epl-2.0 gfdl-1.3 isc mpl-2.0 unlicense wtfpl zlib".split()
)
"""SPDX identifiers in lower case that a hub knows: huggingface.co/docs/hub/repositories-licenses."""


def common_licence(licences: dict[str, object]) -> str | None:
    """Return the licence that all documents share, where a hub knows it; the empty name is none."""
    names = {name.lower() for name in licences}
    return next(iter(names)) if len(names) == 1 and names <= HUB_LICENCES else None
