"""Random documents of a stratum for a person to judge; verdicts are appended to a JSONL file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from pydantic import ValidationError
from starlette.requests import Request

from corpusforge.domains import SUBSETS, supply_key
from corpusforge.files import exists
from corpusforge.printable import counted_as
from corpusforge.report.html import count, escape
from corpusforge.verdicts import (
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
from corpusforge.view.html import (
    button,
    code,
    field,
    lead,
    link,
    message,
    pager,
    path_of,
    section,
    select,
    step,
)
from corpusforge.view.markdown import pages_of
from corpusforge.view.pages.document import read
from corpusforge.view.pages.documents import meta, name_of, scores, shown_text
from corpusforge.view.scan import Place

MAX_DOCUMENTS = 1000
_BUTTONS = (
    (Kind.RIGHT, "right", "1"),
    (Kind.WRONG_DOMAIN, "wrong domain", "2"),
    (Kind.BAD_TEXT, "bad text", "3"),
)
_PLACES = tuple(zip((supply_key(of, one) for of in SUBSETS for one in SUBSETS[of]), "4567890-", strict=True))
"""Where a document of the wrong domain may belong, and the key that says so at once."""
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
    facts = [
        f"{count(len(judged))} of {count(len(documents))} judged",
        f"{stratum} ({count(sample.n_stratum)} documents)",
        f"seed {seed}",
        *([given["reader"]] if given["reader"] else []),
    ]
    figures = f'data-judged="{len(judged)}" data-of="{len(documents)}"'
    head = f'<p class="soft" id="progress" {figures}>{escape(" · ".join(facts))}</p>'
    if not 0 <= place < len(documents):
        return explorer.page("Reading", head + _done(explorer, given, judged, len(documents)), "/reading")
    one = _one(explorer, given, documents[place], place, len(documents), judged.get(documents[place].doc_id))
    return explorer.page("Reading", head + one, "/reading")


def _sample_of(given: Mapping[str, str]) -> tuple[Stratum, int, int]:
    """Return stratum, number of documents and seed of an address; BadRequest where they are none."""
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
    told = (
        "Random documents of a stratum, to be judged by reading: is the text right where it is, is it of "
        "another domain, or should it not be in the corpus? The same seed gives the same documents. Verdicts "
        f"are appended to {code(explorer.verdicts_path)}; {link('/reading/rates', 'error rates')} with "
        "confidence intervals are made of them, here or by <code>corpusforge evaluate --verdicts</code>."
    )
    form = (
        f'<form action="/reading" id="sample"><div class="grid">{inputs}</div>'
        '<div class="actions"><button class="main">Begin</button></div></form>'
    )
    return f"<h1>Reading</h1>{lead(told)}{section('', form)}"


def _one(
    explorer: Explorer, given: Mapping[str, str], document: SampledDocument, place: int, n_documents: int,
    verdict: Verdict | None,
) -> str:  # fmt: skip
    """Return the page of one document of a sample, with the buttons that judge it."""
    row, text = read(explorer, Place(explorer.index.rows.index(document.shard), document.row))
    pieces, way = pages_of(text), "raw" if given["show"] == "raw" else "rendered"
    body = shown_text(row, pieces[0], way)
    if len(pieces) > 1:
        body += message(f"The first of {len(pieces)} parts.")
    pairs = [(name, given[name]) for name in _SAMPLE if given[name]]
    here = [*pairs, ("i", str(place + 1))]
    back, forth = (
        step("/reading", label, [*pairs, ("i", str(to + 1))], rel) if 0 <= to < n_documents else ""
        for label, to, rel in (("← previous", place - 1, "prev"), ("next →", place + 1, "next"))
    )
    other = "rendered" if way == "raw" else "raw"
    ways = link("/reading", f"show {other}", [*here, ("show", other)], 'data-key="r"')
    whole = link(path_of("documents", document.doc_id), "all that is known of it")
    end = link("/reading", "stop here", [*pairs, ("i", str(n_documents + 1))])
    said = message(_said(verdict)) if verdict else ""
    return (
        pager("Documents", back, forth, f"{count(place + 1)} of {count(n_documents)}")
        + f'<article id="document" data-doc-id="{document.doc_id}"><h1>{escape(name_of(row))}</h1>{meta(row)}'
        f'{_why(row)}<p class="soft">{ways} · {whole} · {end}</p>{said}{section("", body, "text")}</article>'
        + _buttons([*here, ("doc_id", document.doc_id)], supply_key(row["domain"], row["subset"]), verdict)
    )


def _why(row: Mapping[str, Any]) -> str:
    """Return reason and scores, closed: who knows what the classifiers said judges less freely."""
    told = f'<p class="reason">{escape(row["domain_reason"] or "")}</p>{scores(row)}'
    return f"<details><summary>Why it is here</summary>{told}</details>"


def _said(verdict: Verdict) -> str:
    told = verdict.verdict.value.replace("_", " ")
    return f"You said: {told}{f', it belongs in {verdict.right_domain}' if verdict.right_domain else ''}."


def _buttons(hidden: Sequence[tuple[str, str]], own: str, verdict: Verdict | None) -> str:
    """Return the form that judges: three verdicts, and below a button for each domain it may belong in."""
    said = "" if verdict is None else f"{verdict.verdict.value}:{verdict.right_domain or ''}"

    def one(value: str, label: str, key: str) -> str:
        mark = " class=main" if said in (value, f"{value}:") else ""
        press = f'name="verdict" value="{escape(value)}" data-key="{key}"{mark}'
        return f"<button {press}>{escape(label)}<kbd>{key}</kbd></button>"

    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden)
    verdicts = "".join(one(kind.value, label, key) for kind, label, key in _BUTTONS)
    places = "".join(
        one(f"{Kind.WRONG_DOMAIN.value}:{name}", name, key) for name, key in _PLACES if name != own
    )
    return (
        f'<form method="post" action="/reading/verdict" id="verdict">{inputs}'
        f'<div class="verdicts">{verdicts}</div>'
        f'<fieldset class="belongs"><legend>wrong domain, it belongs in</legend>{places}</fieldset></form>'
    )


def _done(
    explorer: Explorer, given: Mapping[str, str], judged: Mapping[str, Verdict], n_documents: int
) -> str:
    counts = {kind: sum(verdict.verdict is kind for verdict in judged.values()) for kind in Kind}
    told = ", ".join(f"{count(n)} {kind.value.replace('_', ' ')}" for kind, n in counts.items())
    pairs = [(name, given[name]) for name in _SAMPLE if given[name]]
    body = f"<p>{escape(told)}.</p>"
    if len(judged) < n_documents:
        body += message(
            f"{counted_as(n_documents - len(judged), 'document')} of the sample not judged: what is skipped "
            "is seldom like what is read, and the rates may mislead.",
            "fault",
        )
        body += f"<p>{button('/reading', 'Go on with them', pairs)}</p>"
    links = [link("/reading/rates", "Error rates of what was read"), link("/reading", "Another sample")]
    body += f"<p>{' · '.join(links)}</p>"
    return f"<h1>Read</h1>{section('', body, 'done')}"


def save(explorer: Explorer, body: bytes) -> str:
    """Append the verdict of a form to the file; return the address of the next document.

    Raises BadRequest where the form is none, OSError where the file cannot be written.
    """
    form = {name: values[0] for name, values in parse_qs(body[:100_000].decode("utf-8", "replace")).items()}
    given = {name: form.get(name, "").strip() for name in _SAMPLE}
    stratum, n_documents, seed = _sample_of(given)
    documents = explorer.reading_sample(stratum, n_documents, seed).documents
    if form.get("doc_id") not in {document.doc_id for document in documents}:
        raise BadRequest("doc_id: not a document of this sample")
    kind, _, right_domain = form.get("verdict", "").partition(":")
    try:
        verdict = Verdict.model_validate(
            {
                "doc_id": form["doc_id"],
                "snapshot": explorer.index.snapshot,
                "stratum": stratum,
                "seed": seed,
                "verdict": kind,
                "right_domain": right_domain or None,
                "reader": given["reader"],
            }
        )
    except ValidationError as error:
        fault: Any = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    append_verdict(explorer.verdicts_path, verdict)
    pairs = [(name, given[name]) for name in _SAMPLE if given[name]]
    return "/reading?" + urlencode([*pairs, *_following(form.get("i", ""), documents, explorer, verdict)])


def _following(
    at: str, documents: Sequence[SampledDocument], explorer: Explorer, verdict: Verdict
) -> list[tuple[str, str]]:
    """Return the place behind the one judged; where that was judged too, none: the first that is open."""
    place = int(at) if at.isdecimal() and len(at) < 9 else len(documents)
    if place >= len(documents) or documents[place].doc_id in _verdicts(explorer, verdict.reader):
        return []
    return [("i", str(place + 1))]
