"""Random documents of a stratum for a person to judge; verdicts are appended to a JSONL file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from pydantic import ValidationError
from starlette.requests import Request

from corpusforge.domains import SUBSETS
from corpusforge.files import exists
from corpusforge.verdicts import (
    RIGHT_DOMAINS,
    Kind,
    SampledDocument,
    Stratum,
    Verdict,
    append_verdict,
    latest,
    read_verdicts,
)
from corpusforge.view.errors import BadRequest
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import block, count, escape, field, link, message, path_of, select
from corpusforge.view.markdown import pages_of, rendered
from corpusforge.view.pages.document import read
from corpusforge.view.pages.documents import meta, name_of, scores
from corpusforge.view.scan import Place

MAX_DOCUMENTS = 1000
_BUTTONS = (
    (Kind.RIGHT, "right", "1"),
    (Kind.WRONG_DOMAIN, "wrong domain", "2"),
    (Kind.BAD_TEXT, "bad text", "3"),
)
_STRATUM = ("domain", "subset", "language", "source")
_SAMPLE = (*_STRATUM, "count", "seed", "reader")


def show(explorer: Explorer, request: Request) -> str:
    """Return the form of a sample, or, with `seed` in the address, one document of it."""
    given = {name: request.query_params.get(name, "").strip() for name in (*_SAMPLE, "i", "show")}
    if not given["seed"]:
        return explorer.page("Reading", _start(explorer, given), "/reading")
    stratum, n_documents, seed = _sample_of(given)
    sample = explorer.reading_sample(stratum, n_documents, seed)
    documents = sample.documents
    verdicts = _verdicts(explorer, given["reader"])
    judged = {
        document.doc_id: verdicts[document.doc_id] for document in documents if document.doc_id in verdicts
    }
    if not documents:
        body = (
            "<h1>Reading</h1>" + message(f"No document of this stratum: {stratum}.") + _start(explorer, given)
        )
        return explorer.page("Reading", body, "/reading")
    first_open = next((n for n, d in enumerate(documents) if d.doc_id not in judged), len(documents))
    place = int(given["i"]) - 1 if given["i"].isdecimal() and len(given["i"]) < 9 else first_open
    head = (
        f'<p class="soft" id="progress" data-judged="{len(judged)}" data-of="{len(documents)}">{count(len(judged))} of {count(len(documents))} judged · '
        f"{escape(str(stratum))} ({count(sample.n_stratum)} documents) · seed {seed}"
        f"{' · ' + escape(given['reader']) if given['reader'] else ''}</p>"
    )
    if not 0 <= place < len(documents):
        return explorer.page("Reading", head + _done(explorer, judged), "/reading")
    return explorer.page(
        "Reading", head + _one(explorer, given, documents[place], place, len(documents), judged), "/reading"
    )


def _sample_of(given: Mapping[str, str]) -> tuple[Stratum, int, int]:
    """Return stratum, number of documents and seed of an address; BadRequest, in a line, where they are none."""
    n_documents, seed = given["count"] or "50", given["seed"]
    if not n_documents.isdecimal() or not 1 <= int(n_documents[:9]) <= MAX_DOCUMENTS:
        raise BadRequest(f"count: {n_documents[:20]!r} is not 1 to {MAX_DOCUMENTS}")
    if not seed.isdecimal() or int(seed[:21]) >= 2**63:
        raise BadRequest(f"seed: {seed[:30]!r} is no whole number from 0 on")
    try:
        stratum = Stratum.model_validate({name: given[name] for name in _STRATUM if given[name]})
    except ValidationError as error:
        fault: Any = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, fault['loc'])) or 'stratum'}: {fault['msg']}") from None
    return stratum, int(n_documents), int(seed)


def _verdicts(explorer: Explorer, reader: str) -> dict[str, Verdict]:
    """Return what a reader said last of each document of the snapshot."""
    if not exists(explorer.verdicts_path):
        return {}
    verdicts, _ = read_verdicts(explorer.verdicts_path)
    mine = [v for v in verdicts if v.snapshot == explorer.index.snapshot and v.reader == reader]
    return {verdict.doc_id: verdict for verdict in latest(mine)}


def _start(explorer: Explorer, given: Mapping[str, str]) -> str:
    domains = [("", "all"), *((domain.value, domain.value) for domain in SUBSETS)]
    subsets = [("", "all"), ("scaffold", "scaffold"), ("generic", "generic")]
    sources = [("", "all"), *((s.source, s.source) for s in explorer.summary.sources)]
    fields = (
        select("domain", "Domain", given["domain"], domains),
        select("subset", "Subset", given["subset"], subsets),
        select("source", "Source", given["source"], sources),
        field("language", "Language", given["language"], options=explorer.suggestions("language")),
        field("count", "Documents", given["count"] or "50", kind="number"),
        field("seed", "Seed", given["seed"] or "1", kind="number"),
        field("reader", "Your initials (optional)", given["reader"]),
    )
    inputs = "".join(f"<div>{one}</div>" for one in fields)
    return (
        '<h1>Reading</h1><p class="lead">Random documents of a stratum, to be judged by reading: is the text right where it is, '
        "is it of another domain, or should it not be in the corpus? The same seed gives the same documents. Verdicts are "
        f"appended to <code>{escape(explorer.verdicts_path)}</code>; <code>corpusforge evaluate --verdicts</code> makes error "
        'rates with confidence intervals of them.</p><section><form action="/reading" id="sample">'
        f'<div class="grid">{inputs}</div><div class="actions"><button class="main">Begin</button></div></form></section>'
    )


def _one(
    explorer: Explorer, given: Mapping[str, str], document: SampledDocument, place: int, n_documents: int,
    judged: Mapping[str, Verdict],
) -> str:  # fmt: skip
    row, text = read(explorer, Place(explorer.index.rows.index(document.shard), document.row))
    pieces, way = pages_of(text), given["show"]
    program = row["programming_language"] if row["domain"] == "code" else None
    body = block(pieces[0]) if way == "raw" else rendered(pieces[0], program)
    if len(pieces) > 1:
        body += message(f"The first of {len(pieces)} parts.")
    pairs = [(name, given[name]) for name in _SAMPLE if given[name]]
    verdict = judged.get(document.doc_id)
    said = (
        f'<p class="note" id="said">You said: {escape(verdict.verdict.value.replace("_", " "))}.</p>'
        if verdict
        else ""
    )
    steps = [
        link("/reading", label, [*pairs, ("i", str(to + 1))], f'rel="{rel}" class="button"')
        if 0 <= to < n_documents
        else ""
        for label, to, rel in (("← previous", place - 1, "prev"), ("next →", place + 1, "next"))
    ]
    other = "rendered" if way == "raw" else "raw"
    ways = link("/reading", f"show {other}", [*pairs, ("i", str(place + 1)), ("show", other)], 'data-key="r"')
    whole = link(path_of("documents", document.doc_id), "all that is known of it")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (*pairs, ("doc_id", document.doc_id), ("i", str(place + 1)))
    )
    buttons = "".join(
        f'<button name="verdict" value="{kind.value}" data-key="{key}"{" class=main" if verdict and verdict.verdict is kind else ""}>{label}<kbd>{key}</kbd></button>'
        for kind, label, key in _BUTTONS
    )
    right = select("right_domain", "If of another domain: which", (verdict and verdict.right_domain) or "",
                   [("", "not told"), *((name, name) for name in RIGHT_DOMAINS)])  # fmt: skip
    return (
        f'<nav class="pager" aria-label="Documents"><span>{steps[0]}</span><span>{count(place + 1)} of {count(n_documents)}</span>'
        f'<span>{steps[1]}</span></nav><article id="document" data-doc-id="{document.doc_id}"><h1>{escape(name_of(row))}</h1>'
        f'{meta(row)}<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}<p class="soft">{ways} · {whole}</p>{said}'
        f'<section id="text">{body}</section></article>'
        f'<form method="post" action="/reading/verdict" id="verdict">{hidden}<div class="verdicts">{buttons}</div>'
        f'<div class="grid"><div>{right}</div></div></form>'
    )


def _done(explorer: Explorer, judged: Mapping[str, Verdict]) -> str:
    counts = {kind: sum(v.verdict is kind for v in judged.values()) for kind in Kind}
    told = ", ".join(f"{count(n)} {kind.value.replace('_', ' ')}" for kind, n in counts.items())
    return (
        f'<h1>Read</h1><section id="done"><p>{escape(told)}.</p><p>They lie in <code>{escape(explorer.verdicts_path)}</code>. '
        f"Error rates: <code>corpusforge evaluate --verdicts {escape(explorer.verdicts_path)}</code>.</p>"
        f"<p>{link('/reading', 'Another sample')}</p></section>"
    )


def save(explorer: Explorer, body: bytes) -> str:
    """Append the verdict of a form to the file; return the address of the next document.

    Raises BadRequest where the form is none, OSError where the file cannot be written.
    """
    form = {name: values[0] for name, values in parse_qs(body[:100_000].decode("utf-8", "replace")).items()}
    given = {name: form.get(name, "").strip() for name in _SAMPLE}
    stratum, n_documents, seed = _sample_of(given)
    known = {document.doc_id for document in explorer.reading_sample(stratum, n_documents, seed).documents}
    if form.get("doc_id") not in known:
        raise BadRequest("doc_id: not a document of this sample")
    is_wrong = form.get("verdict") == Kind.WRONG_DOMAIN
    try:
        verdict = Verdict.model_validate(
            {
                "doc_id": form["doc_id"],
                "snapshot": explorer.index.snapshot,
                "stratum": stratum,
                "seed": seed,
                "verdict": form.get("verdict", ""),
                "right_domain": (form.get("right_domain") or None) if is_wrong else None,
                "reader": given["reader"],
            }
        )
    except ValidationError as error:
        fault: Any = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    append_verdict(explorer.verdicts_path, verdict)
    pairs = [(name, given[name]) for name in _SAMPLE if given[name]]
    at = form.get("i", "")
    following = [("i", str(int(at) + 1))] if at.isdecimal() and len(at) < 9 else []
    return "/reading?" + urlencode([*pairs, *following])
