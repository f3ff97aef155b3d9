"""Bits per character of each domain of a corpus under a small model, and of each under the others' models.

    sample of each subset -> model of its training part -> bits of every subset's held-out part

What a domain costs under its own model says how regular it is; under another's, how near the two are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from corpusforge.domains import SUBSETS, Domain, supply_key
from corpusforge.files import join
from corpusforge.probe.ngram import NAME, prepare, train
from corpusforge.probe.sampling import HELD_OUT_PART, Sample, Sizes, read_sample
from corpusforge.sealed import write_json
from corpusforge.shards.snapshot import Index, read_index

__all__ = ["Probe", "Reading", "probe_corpus", "probe_path", "write_probe"]

TRAIN_BYTES = 1 << 20
"""Of each domain and subset: what a model of eight bytes learns from without taking memory or minutes."""
_DIGITS = 4
"""Of figures: what sums in another order may change stands far behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a domain or subset costs under the model of its own sample."""

    name: str
    train_bytes: int
    train_documents: int
    held_out_bytes: int
    held_out_chars: int
    held_out_documents: int
    bits_per_char: float
    bits_per_byte: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The compression table of a snapshot."""

    snapshot: str
    seed: int
    model: str
    readings: tuple[Reading, ...]
    """Domains in their order, each before its subsets where it has several."""
    across: Mapping[str, Mapping[str, float]]
    """Bits per character: by whose sample was trained on, then by what was read."""
    lacking: tuple[str, ...]
    """Names of what the corpus holds too little of, for a sample of both kinds."""

    def to_json(self) -> dict[str, Any]:
        """Return the table as an object of JSON, its sample stated."""
        return {**asdict(self), "held_out": f"one document of {HELD_OUT_PART}, by a hash of its text"}


def probe_path(corpus: str, snapshot: str) -> str:
    """Return where the probe of a snapshot lies."""
    return join(corpus, "snapshots", snapshot, "probe.json")


def probe_corpus(
    corpus: str, snapshot: str | None = None, seed: int | None = None, train_bytes: int = TRAIN_BYTES
) -> Probe:
    """Return the compression table of a snapshot, the current one unless told; the corpus's seed unless told.

    At most `train_bytes` of each subset are trained on and a quarter of that read. Raises ValueError, in one
    line, where there is no such snapshot, or no subset has documents of both kinds.
    """
    index = read_index(corpus, snapshot)
    chosen = int(index.header["seed"]) if seed is None else seed
    sizes = Sizes(train_bytes, train_bytes // 4)
    samples = _samples(corpus, index, chosen, sizes)
    lacking = tuple(name for name, sample in samples.items() if sample.is_empty)
    samples = {name: sample for name, sample in samples.items() if not sample.is_empty}
    if not samples:
        raise ValueError(f"{corpus}: too few documents to train on some of a domain and read others")
    texts = {name: prepare(sample.held_out) for name, sample in samples.items()}
    bits: dict[str, dict[str, float]] = {}
    for name, sample in samples.items():
        model = train(sample.train)
        bits[name] = {other: model.bits(text) for other, text in texts.items()}
    chars = {name: sum(len(text.decode()) for text in sample.held_out) for name, sample in samples.items()}
    across = {
        name: {other: round(value / chars[other], _DIGITS) for other, value in row.items()}
        for name, row in bits.items()
    }
    readings = [_reading(name, sample, chars[name], bits[name][name]) for name, sample in samples.items()]
    return Probe(
        snapshot=index.snapshot, seed=chosen, model=NAME, readings=tuple(readings), across=across,
        lacking=lacking,
    )  # fmt: skip


def write_probe(corpus: str, probe: Probe) -> str:
    """Return the path of a snapshot's probe, having written it there, sealed."""
    path = probe_path(corpus, probe.snapshot)
    write_json(path, probe.to_json())
    return path


def _samples(corpus: str, index: Index, seed: int, sizes: Sizes) -> dict[str, Sample]:
    """Return samples by name: of each domain, and of each subset of one that may have several."""
    samples: dict[str, Sample] = {}
    supply = index.supply_tokens()
    for domain in Domain:
        held = [subset for subset in SUBSETS[domain] if supply.get((domain.value, subset.value))]
        found = {
            supply_key(domain.value, subset.value): read_sample(
                corpus, index, (domain.value, subset.value), seed, sizes
            )
            for subset in held
        }
        if len(SUBSETS[domain]) > 1 and found:
            tokens = {
                supply_key(domain.value, subset.value): supply[(domain.value, subset.value)]
                for subset in held
            }
            samples[domain.value] = _together(found, tokens, sizes)
        samples |= found
    return samples


def _together(parts: Mapping[str, Sample], tokens: Mapping[str, int], sizes: Sizes) -> Sample:
    """Return the sample of a whole domain: of each subset as much as its share of the tokens."""
    whole, sample = sum(tokens.values()), Sample()
    for name, part in parts.items():
        sample.train += _first(part.train, sizes.train_bytes * tokens[name] // whole)
        sample.held_out += _first(part.held_out, sizes.held_out_bytes * tokens[name] // whole)
    return sample


def _first(texts: list[bytes], n_bytes: int) -> list[bytes]:
    """Return the first texts that together hold at most so many bytes; always one, where there is one."""
    taken: list[bytes] = []
    for text in texts:
        if taken and len(text) > n_bytes:
            break
        taken.append(text)
        n_bytes -= len(text)
    return taken


def _reading(name: str, sample: Sample, n_chars: int, bits: float) -> Reading:
    n_bytes = sum(map(len, sample.held_out))
    return Reading(
        name=name,
        train_bytes=sum(map(len, sample.train)),
        train_documents=len(sample.train),
        held_out_bytes=n_bytes,
        held_out_chars=n_chars,
        held_out_documents=len(sample.held_out),
        bits_per_char=round(bits / n_chars, _DIGITS),
        bits_per_byte=round(bits / n_bytes, _DIGITS),
    )
