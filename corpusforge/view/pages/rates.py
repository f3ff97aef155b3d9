"""Error rates of the snapshot, from what people said of sampled documents so far."""

from __future__ import annotations

from starlette.requests import Request

from corpusforge.files import exists
from corpusforge.report.html import count, escape, table
from corpusforge.verdicts import ErrorRates, error_rates, read_verdicts
from corpusforge.verdicts.intervals import Rate
from corpusforge.verdicts.words import remarks
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import code, lead, message, section

CONFIDENCE = 0.95


def show(explorer: Explorer, request: Request) -> str:
    """Return the error rates with their intervals, and what does not count."""
    path = explorer.verdicts_path
    verdicts, faults = read_verdicts(path) if exists(path) else ([], [])
    rates = error_rates(explorer.corpus, explorer.index, verdicts, CONFIDENCE)
    told = (
        f"Documents that are not right, in per cent, and in brackets the interval at {100 * CONFIDENCE:g} %: "
        "each group weighted by the documents that the snapshot has. The same by "
        f"{code(f'corpusforge evaluate --verdicts {path} {explorer.corpus}')}."
    )
    body = f"<h1>Error rates</h1>{lead(told)}"
    body += "".join(message(line) for line in remarks(rates))
    body += "".join(message(f"not counted: {fault}", "fault") for fault in faults[:20])
    if rates.n_verdicts:
        body += _tables(rates)
    return explorer.page("Error rates", body, "/reading")


def _tables(rates: ErrorRates) -> str:
    rows = [
        [
            escape("" if group.by == "all" else group.by),
            escape(group.name),
            *map(_rate, (group.error, group.wrong_domain, group.bad_text)),
            count(group.n_read),
            count(group.n_documents),
            _share(group.n_covered, group.n_documents),
        ]
        for group in rates.groups
    ]
    columns = ["of", "", "not right", "wrong domain", "bad text", "read", "documents", "covered"]
    whole = section("Rates", table(columns, rows, words=2), "rates")
    samples = [
        [escape(str(one.stratum)), *map(count, (one.seed, one.n_read, one.reached, one.n_documents))]
        for one in rates.samples
    ]
    whole += section("Samples", table(["stratum", "seed", "read", "of the first", "of"], samples))
    if rates.should_be:
        moved = [[escape(own), escape(right), count(n)] for own, right, n in rates.should_be]
        whole += section(
            "Where people would put documents", table(["is in", "belongs in", "documents"], moved, words=2)
        )
    return whole


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return ""
    return f"{100 * rate.share:.1f} <small>({100 * rate.low:.1f}-{100 * rate.high:.1f})</small>"
