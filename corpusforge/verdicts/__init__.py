"""Verdicts by people on sampled documents, and what they say of a corpus.

    stratum, seed ──sample_documents──▶ documents ──a person──▶ append_verdict ──▶ verdicts.jsonl
    verdicts.jsonl ──read_verdicts──▶ error_rates ──▶ shares with intervals, by stratum and domain

`rows` is the file, `sample` the choice, `rates` and `intervals` the figures. docs/verdicts.md says
what the figures mean.
"""

from corpusforge.verdicts.rates import ErrorRates, GroupRates, SampleRead, error_rates
from corpusforge.verdicts.rows import (
    RIGHT_DOMAINS,
    Kind,
    Stratum,
    Verdict,
    append_verdict,
    latest,
    read_verdicts,
)
from corpusforge.verdicts.sample import Sample, SampledDocument, sample_documents

__all__ = [
    "RIGHT_DOMAINS",
    "ErrorRates",
    "GroupRates",
    "Kind",
    "Sample",
    "SampleRead",
    "SampledDocument",
    "Stratum",
    "Verdict",
    "append_verdict",
    "error_rates",
    "latest",
    "read_verdicts",
    "sample_documents",
]
