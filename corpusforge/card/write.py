"""The card as a whole: its sections in order, and its files beside the report."""

from __future__ import annotations

from corpusforge.card.agreement import agreement
from corpusforge.card.audited import contamination, errors
from corpusforge.card.audits import read_audits
from corpusforge.card.contents import contents, dates, dedup, left_out, licences, sources
from corpusforge.card.cost import cost
from corpusforge.card.croissant import croissant
from corpusforge.card.distributions import densities, scaffolds
from corpusforge.card.examples import examples
from corpusforge.card.sample import Sample, read_sample
from corpusforge.card.settings import settings
from corpusforge.card.shipped import shipped
from corpusforge.files import join, write_bytes
from corpusforge.markdown import cell, code, count
from corpusforge.report.summary import Summary, summarise
from corpusforge.sealed import sealed_page
from corpusforge.shards.snapshot import Index, read_current, read_index

CROISSANT = "croissant.json"


def card_path(corpus: str, snapshot: str) -> str:
    """Return where the card of a snapshot lies."""
    return join(corpus, "snapshots", snapshot, "card.md")


def write_card(corpus: str, snapshot: str | None = None) -> str:
    """Return the path of a snapshot's card, the current one unless told, having written it.

    Croissant metadata of the current snapshot goes to `croissant.json` in the corpus's folder: its
    sets of files must lie below it. The card follows from files of the corpus alone: no path of a
    machine, and no time but what the receipt holds. Raises ValueError, in one line, where the index is
    missing or was changed.
    """
    index = read_index(corpus, snapshot)
    summary, sample = summarise(index.header["conservation"]), read_sample(corpus, index)
    path = card_path(corpus, index.snapshot)
    write_bytes(path, sealed_page(render_card(corpus, index, summary, sample)))
    if read_current(corpus) == index.snapshot:
        write_bytes(join(corpus, CROISSANT), croissant(index, summary, sample).encode())
    return path


def render_card(corpus: str, index: Index, summary: Summary, sample: Sample) -> str:
    """Return the card of a snapshot as Markdown."""
    audits = read_audits(corpus, index.snapshot)
    sections = [
        _head(index, summary, sample),
        contents(index, summary),
        sources(index, summary, sample),
        dates(index, sample),
        licences(index, sample),
        left_out(index, summary),
        dedup(index, summary),
        shipped(index),
        errors(index, audits),
        agreement(corpus, index, sample),
        densities(sample),
        scaffolds(sample),
        contamination(corpus, index, summary, audits),
        cost(corpus, index),
        examples(corpus, index, sample),
        settings(index),
    ]
    return "\n".join(one for one in sections if one)


def _head(index: Index, summary: Summary, sample: Sample) -> str:
    whole, header = summary.whole, index.header
    tokenizer = header["tokenizer"].get("name", "")
    looked_at = sum(len(stratum.rows) for stratum in sample.strata.values())
    return (
        f"# {cell(header['corpus_id'])}: corpus card\n\n"
        f"{count(whole.documents)} documents, {count(whole.tokens)} tokens ({code(tokenizer)}, end-of-text "
        f"included), {count(whole.n_bytes)} bytes of text. Snapshot {code(index.snapshot)}, built by "
        f"corpusforge {cell(header['code_version'])}: the same inputs and configuration give it again.\n\n"
        "Every figure names the file of the corpus, or the command, that it is read from. Sums are exact. "
        f"Distributions, agreement and examples come from {count(looked_at)} documents, up to 500 of a "
        "subset: the first of its first shards, which stand in the order of a hash.\n"
    )
