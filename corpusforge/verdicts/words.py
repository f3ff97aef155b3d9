"""What a person must know before they believe error rates, in lines."""

from __future__ import annotations

from corpusforge.printable import counted_as
from corpusforge.verdicts.rates import ErrorRates

_PICKED = 0.9
"""A sample of which a smaller share was read, up to its last document that was, is no random sample."""


def remarks(rates: ErrorRates) -> list[str]:
    """Return how much was read, what does not count and why, and which samples were picked, a line each."""
    everything = rates.all
    assert everything is not None
    lines = [
        f"{counted_as(everything.n_read, 'document')} read of {everything.n_documents:,}, "
        f"{counted_as(rates.n_verdicts, 'verdict')} counted"
    ]
    agreed, several = rates.n_agreed
    if several:
        lines.append(f"several people read {counted_as(several, 'document')} and agree on {agreed:,}")
    if 0 < everything.n_covered < everything.n_documents:
        lines.append(
            f"the rates of all are of {everything.n_covered:,} of {everything.n_documents:,} documents: "
            "nothing was read of the others' strata"
        )
    lines += [f"not counted: {counted_as(n, 'verdict')} {why}" for why, n in rates.left_out]
    lines += [
        f"{sample.stratum}, seed {sample.seed}: {sample.n_read:,} of the first {sample.reached:,} were read: "
        "picked, not sampled, and its rates may mislead"
        for sample in rates.samples
        if sample.n_read < _PICKED * sample.reached
    ]
    return lines
