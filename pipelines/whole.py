"""From what a sample took to what a build will take: parts by their bytes, what follows along lines.

A stage is a line through a tiny build and that of the sample: by documents, by tokens and the bytes that they
are stored in, requests by parts and shards. What a first build takes beyond a second one is added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost
from corpusforge.cost.extrapolation import Estimate, on_line, surest_total, total_of
from corpusforge.cost.receipt import FINISH, PREPARE
from corpusforge.files.paths import scheme_of
from corpusforge.files.rehearsal import pieces
from corpusforge.files.streams import requests_in_order
from corpusforge.parts.empty import share_with_rejects
from corpusforge.parts.windows import Stratum
from corpusforge.shards.writer import ROW_GROUP_TEXT_BYTES
from corpusforge_pipelines.survivors import Left

_SHOWN = 10_000
"""Documents of a domain at most that report and card look at (`report.sample`)."""
_SHOWN_BYTES = float(ROW_GROUP_TEXT_BYTES)
"""Texts that are shown are of one row group of each domain."""
_TOKEN_BYTES = 4
_OF_TOKENS = ("tokenise", "shard", "commit")
_OF_SHARDS = ("shard", "commit", FINISH)
_OF_INPUTS = ("plan", PREPARE)
"""The sample was planned and made otherwise: its parts are told apart."""
_STATS = 3
"""Requests for the state of a dump's object, of each part: before, after, and against the plan."""


@dataclass
class Small:
    """What was measured of one small build."""

    stages: dict[str, Cost] = field(default_factory=dict[str, Cost])
    documents: int = 0
    parts: int = 1
    tokens: int = 0
    spills: int = 1
    shards: int = 1
    rows: Sequence[Mapping[str, Any]] = ()
    """Documents, tokens and bytes by source, domain and subset."""


@dataclass(frozen=True, slots=True)
class Todo:
    """What of a stratum is to be made."""

    share: float
    """Of its bytes."""
    n_parts: int


@dataclass(frozen=True, slots=True)
class OfParts:
    """What the parts of a stratum will take, and hold."""

    cpu: Estimate
    cost: Cost
    documents: Estimate
    text: Estimate
    """Bytes; both of all parts, those that are there too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a build will hold, and how much more that is than the sample's."""

    documents: Estimate
    tokens: Estimate
    stored_bytes: Mapping[str, tuple[float, float]]
    """By stage: (of the sample, of the whole), as its tokens and text are stored there."""
    n_shards: int


def parts_of(stratum: Stratum, todo: Todo, empty: tuple[Cost, Cost], output: str) -> OfParts:
    """Return what the parts of a stratum will take.

    `empty`: what a part takes that holds nothing, and what it takes more where a record was dropped.
    """
    seen, n_bytes = stratum.observations, stratum.n_bytes
    of_pieces = stratum.cut_bytes / stratum.seen_bytes if stratum.seen_bytes else 0.0
    rejects = share_with_rejects(stratum)
    n_cut = todo.n_parts * of_pieces
    each_s = empty[0].cpu_s + rejects * empty[1].cpu_s
    each_bytes = empty[0].written_bytes + rejects * empty[1].written_bytes
    scale = n_bytes / stratum.seen_bytes if stratum.seen_bytes else 0.0
    along = [
        ([float(one.n_bytes) for one in seen], float(n_bytes)),
        ([one.records for one in seen], stratum.records),
        ([one.raw_bytes for one in seen], stratum.raw_bytes),
    ]
    cpu = surest_total(along, [one.cost.cpu_s for one in seen])
    late_s = max(0.0, stratum.late.cpu_s - each_s) * scale
    cpu = (cpu + Estimate(late_s)).times(todo.share) + Estimate(each_s * n_cut)
    read = total_of([(one.n_bytes, one.cost.read_bytes) for one in seen], n_bytes).value
    written = surest_total(along, [float(one.cost.written_bytes) for one in seen]).value
    written += max(0, stratum.late.written_bytes - each_bytes) * scale
    cost = Cost(
        cpu_us=round(cpu.value * 1e6),
        read_bytes=round(read * todo.share),
        written_bytes=round(written * todo.share + each_bytes * n_cut),
    )
    requests = _requests_of(stratum, todo, empty, rejects, cost.written_bytes, output)
    return OfParts(
        cpu,
        replace(cost, requests=requests),
        surest_total(along, [one.documents for one in seen]),
        surest_total(along, [one.text_bytes for one in seen]),
    )


def _requests_of(
    stratum: Stratum,
    todo: Todo,
    empty: tuple[Cost, Cost],
    rejects: float,
    written_bytes: int,
    output: str,
) -> dict[str, int]:
    """Return the requests of the parts to make: those made of the sample stand for the rest like them."""
    of_pieces = stratum.cut_bytes / stratum.seen_bytes if stratum.seen_bytes else 0.0
    found: dict[str, float] = {}
    n_made = len(stratum.made)
    for one in stratum.observations:
        for name, number in one.cost.requests.items():
            found[name] = found.get(name, 0.0) + number * todo.n_parts * (1 - of_pieces) / max(1, n_made)
    n_cut = todo.n_parts * of_pieces
    for cost, share in ((empty[0], 1.0), (empty[1], rejects)):
        for name, number in cost.requests.items():
            found[name] = found.get(name, 0.0) + number * share * n_cut
    if n_cut and todo.n_parts:
        more = pieces(scheme_of(output), round(written_bytes / todo.n_parts)) * n_cut
        found["write"] = found.get("write", 0.0) + more
    remote = [spec for spec in stratum.specs if scheme_of(spec.path) is not None]
    of_remote = todo.n_parts / len(stratum.specs) * of_pieces
    for spec in remote:
        found["read"] = found.get("read", 0.0) + requests_in_order(spec.n_bytes) * of_remote
        found["stat"] = found.get("stat", 0.0) + _STATS * of_remote
    return {name: round(number) for name, number in sorted(found.items()) if round(number)}


def kept_of(
    config: BuildConfig,
    strata: Sequence[Stratum],
    parts: Sequence[OfParts],
    left: Sequence[Left],
    built: Small,
) -> Kept:
    """Return what will be left of the documents for the shards."""
    documents, text = Estimate(0.0), Estimate(0.0)
    by_source: dict[str, list[float]] = {}
    for stratum, told, stays in zip(strata, parts, left, strict=True):
        documents += _times(told.documents, stays.documents, stays.doubt)
        mine = _times(told.text, stays.text, stays.doubt)
        text += mine
        of = by_source.setdefault(stratum.source, [0.0, 0.0, 0.0, 0.0])
        more = stays.seen_bytes, mine.value, told.cost.written_bytes, told.text.value
        of[:] = [a + b for a, b in zip(of, more, strict=True)]
    tokens = 0.0
    stored = {name: (0.0, 0.0) for name in _OF_TOKENS}
    groups: dict[tuple[str, str], list[float]] = {}
    for row in built.rows:
        seen, whole, packed, raw = by_source[row["source"]]
        times = whole / seen if seen else 0.0
        tokens += row["tokens"] * times
        of = groups.setdefault((row["domain"], row["subset"]), [0.0, 0.0, 0.0])
        of[:] = [of[0] + row["tokens"] * times, of[1] + row["bytes"], of[2] + row["bytes"] * times]
        for name, (few, many) in stored.items():
            text_bytes = row["bytes"] * (packed / raw if name != "tokenise" and raw else 1.0)
            n_bytes = row["tokens"] * _TOKEN_BYTES + text_bytes
            stored[name] = few + n_bytes, many + n_bytes * times
    # A source of which nothing stays in the sample has no tokens there: told as those of the others.
    unseen = math.fsum(whole for seen, whole, _, _ in by_source.values() if not seen)
    if unseen < text.value:
        more = text.value / (text.value - unseen)
        tokens *= more
        stored = {name: (few, many * more) for name, (few, many) in stored.items()}
    doubt = text.error / text.value if text.value else 0.0
    n_shards = sum(max(1, math.ceil(count / config.shards.shard_tokens)) for count, _, _ in groups.values())
    shown = [math.fsum(min(_SHOWN_BYTES, of[place]) for of in groups.values()) for place in (1, 2)]
    stored[FINISH] = shown[0], shown[1]
    return Kept(documents, Estimate(tokens, tokens * doubt), stored, n_shards)


def _times(estimate: Estimate, share: float, doubt: float) -> Estimate:
    return Estimate(estimate.value * share, math.hypot(estimate.error * share, estimate.value * doubt))


def stage_of(
    name: str,
    builds: tuple[Small, Small, Small],
    n_documents: float,
    counts: tuple[int, int],
    kept: Kept,
) -> Cost:
    """Return what a stage of the whole takes. `builds`: the first tiny one, the second, the sample's.

    `counts`: parts and spills of the whole.
    """
    cold, warm, built = builds
    first, fixed, seen = (one.stages.get(name, Cost()) for one in builds)
    if not cold.stages:
        first = fixed = Cost()
    n_parts, n_spills = counts
    requests = _requests_at(name, builds, {"parts": n_parts, "spills": n_spills, "shards": kept.n_shards})
    if name in _OF_INPUTS:
        each = {
            what: round(on_line(getattr(first, what), cold.parts, getattr(fixed, what), warm.parts, n_parts))
            for what in ("read_bytes", "written_bytes")
        }
        return replace(first, requests=requests, **each)
    units = warm.documents, built.documents, n_documents
    stored = units
    if name in _OF_TOKENS:
        units = warm.tokens, built.tokens, kept.tokens.value
        few, many = kept.stored_bytes[name]
        stored = warm.tokens * few / max(1, built.tokens), few, many
    elif name == FINISH:
        shown = _SHOWN * max(1, len(built.rows))
        units = warm.documents, min(built.documents, shown), min(n_documents, shown)
        stored = (0.0, *kept.stored_bytes[name])

    # Report and card look at each domain: what they take for one document, they take for each.
    times = built.shards if name == FINISH else 1

    def told(what: str, along: tuple[float, float, float]) -> int:
        few, many = times * float(getattr(fixed, what)), float(getattr(seen, what))
        more = on_line(few, along[0], many, along[1], along[2]) - few / times
        return round(getattr(first, what) + max(0.0, more))

    return Cost(
        cpu_us=told("cpu_us", units),
        wall_us=told("wall_us", units),
        read_bytes=told("read_bytes", stored),
        written_bytes=told("written_bytes", stored),
        requests=requests,
    )


def _requests_at(name: str, builds: tuple[Small, Small, Small], whole: Mapping[str, int]) -> dict[str, int]:
    """Return the requests of a stage: on the line through the small builds that differ the most."""
    held = builds[:2] if name in _OF_INPUTS else builds
    asked = [one.stages.get(name, Cost()).requests for one in held]
    found: dict[str, int] = {}
    for operation in sorted({operation for one in asked for operation in one}):
        along = _along(name, operation)
        points = [(getattr(one, along), of.get(operation, 0)) for one, of in zip(held, asked, strict=True)]
        (low, few), (high, many) = points[0], max(points)
        slope = max(0.0, (many - few) / (high - low)) if high > low else 0.0
        found[operation] = max(0, round(many + slope * (whole[along] - high)))
    return {operation: number for operation, number in found.items() if number}


def _along(name: str, operation: str) -> str:
    """Return what the requests of a stage grow with: a shard is read from spills."""
    if name == "tokenise" or (name, operation) == ("shard", "read"):
        return "spills"
    return "shards" if name in _OF_SHARDS else "parts"
