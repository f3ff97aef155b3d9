"""`corpusforge evaluate --verdicts FILE CORPUS`: error rates of a corpus from what people said."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from corpusforge.commands.console import count, note, share, show, show_json, show_table
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.commands.terminal import shown_streams
from corpusforge.printable import counted_as
from corpusforge.shards.snapshot import read_index
from corpusforge.verdicts import ErrorRates, Verdict, error_rates, read_verdicts
from corpusforge.verdicts.intervals import Rate

_PICKED = 0.9
"""A sample of which a smaller share was read, up to its last document that was, is no random sample."""


def evaluate(arguments: Sequence[str]) -> None:
    """Run `corpusforge evaluate --verdicts`: print error rates with their intervals."""
    with shown_streams():
        options = _parser().parse_args(arguments)
    if not 0 < options.confidence < 1:
        raise usage_error(f"--confidence {options.confidence}: a share between 0 and 1, such as 0.95")
    verdicts: list[Verdict] = []
    faults: list[str] = []
    for path in options.verdicts:
        read, bad = read_verdicts(path)
        verdicts += read
        faults += bad
    try:
        index = read_index(options.corpus, options.snapshot)
        rates = error_rates(options.corpus, index, verdicts, options.confidence)
    except ValueError as error:
        raise usage_error(str(error)) from None
    for fault in faults:
        note(f"not counted: {fault}")
    if options.json:
        show_json(as_json(rates, faults), indent=2)
    else:
        _print(options.corpus, rates)
    if not rates.n_verdicts:
        raise CommandError(f"{', '.join(options.verdicts)}: no verdict counts for snapshot {rates.snapshot}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corpusforge evaluate",
        description="Error rates of a corpus by domain, subset, language, source and sampled stratum, from "
        "people's verdicts on sampled documents; weighted by what the corpus holds, with intervals.",
    )
    parser.add_argument("--verdicts", required=True, action="append", metavar="FILE", help="JSONL; may recur")
    parser.add_argument("corpus", metavar="CORPUS", help="folder or bucket's prefix of the corpus")
    parser.add_argument("--snapshot", metavar="ID", help="another snapshot than the current one")
    parser.add_argument("--confidence", type=float, default=0.95, help="of the intervals (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def as_json(rates: ErrorRates, faults: Sequence[str] = ()) -> dict[str, Any]:
    """Return rates as a JSON value; shares from 0 to 1, null where nothing was read."""
    whole = asdict(rates)
    agreed, several = rates.n_agreed
    for sample, shown in zip(rates.samples, whole["samples"], strict=True):
        shown["stratum"] = sample.stratum.values()
    return {
        **whole,
        "should_be": [{"domain": own, "right_domain": right, "n": n} for own, right, n in rates.should_be],
        "n_agreed": {"of": several, "agreed": agreed},
        "left_out": [{"verdicts": why, "n": n} for why, n in rates.left_out],
        "faults": list(faults),
    }


def _print(corpus: str, rates: ErrorRates) -> None:
    columns = ["", "", "documents", "covered", "read", "not right", "wrong domain", "bad text"]
    rows = [
        [
            "" if group.by == "all" else group.by,
            group.name,
            count(group.n_documents),
            share(group.n_covered, group.n_documents),
            count(group.n_read),
            *map(_rate, (group.error, group.wrong_domain, group.bad_text)),
        ]
        for group in rates.groups
    ]
    title = f"Error rates of {corpus}, snapshot {rates.snapshot}: per cent of documents"
    interval = f"in brackets the interval at {100 * rates.confidence:g} %"
    show_table([title, interval], columns, rows, words=2)
    if rates.samples:
        _print_samples(rates)
    if rates.should_be:
        table = [[own, right, count(n)] for own, right, n in rates.should_be]
        show_table("Where people would put documents", ["is in", "belongs in", "documents"], table, words=2)
    show("", *_remarks(rates))


def _print_samples(rates: ErrorRates) -> None:
    rows = [
        [
            str(sample.stratum),
            str(sample.seed),
            count(sample.n_read),
            count(sample.reached),
            count(sample.n_documents),
        ]
        for sample in rates.samples
    ]
    show_table("Samples", ["stratum", "seed", "read", "of the first", "of"], rows)


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return ""
    return f"{100 * rate.share:.1f} ({100 * rate.low:.1f}-{100 * rate.high:.1f})"


def _remarks(rates: ErrorRates) -> list[str]:
    everything = rates.all
    assert everything is not None
    lines = [
        f"{counted_as(everything.n_read, 'document')} read of {count(everything.n_documents)}, "
        f"{counted_as(rates.n_verdicts, 'verdict')} counted"
    ]
    agreed, several = rates.n_agreed
    if several:
        lines.append(f"several people read {counted_as(several, 'document')} and agree on {count(agreed)}")
    if 0 < everything.n_covered < everything.n_documents:
        lines.append(
            f"the rates of all are of {count(everything.n_covered)} of {count(everything.n_documents)} "
            "documents: nothing was read of the others' strata"
        )
    lines += [f"not counted: {counted_as(n, 'verdict')} {why}" for why, n in rates.left_out]
    lines += [
        f"{sample.stratum}, seed {sample.seed}: {count(sample.n_read)} of the first "
        f"{count(sample.reached)} were read: picked, not sampled, and its rates may mislead"
        for sample in rates.samples
        if sample.n_read < _PICKED * sample.reached
    ]
    return lines
