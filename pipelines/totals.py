"""What came of every record: the sums that must agree before a snapshot is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from corpusforge.config import BuildConfig
from corpusforge.document import DropReason
from pipelines.plan import PartSpec

GUARDED_DOCUMENTS = 1000
"""A source smaller than this may lose any share of its documents to dedup."""


class BuildError(RuntimeError):
    """A build that must not commit; the message says what is wrong and what to do."""


def source_totals(stats: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the sums of parts' stats by source."""
    totals: dict[str, dict[str, Any]] = {}
    for part in stats:
        source = totals.setdefault(
            part["source"],
            {
                "records_in": 0,
                "kept": 0,
                "quarantined": 0,
                "dropped": Counter(),
                "redactions": Counter(),
                "kept_by_domain": Counter(),
                "bytes_in": 0,
                "exact_duplicates": 0,
                "near_duplicates": 0,
                "duplicates_by_domain": {},
            },
        )
        for name in ("records_in", "kept", "quarantined"):
            source[name] += part[name]
        source["bytes_in"] += part["size_bytes"] if part["start"] == 0 else 0
        source["dropped"].update(part["dropped"])
        source["redactions"].update(part["redactions"])
        for domain, counts in part["kept_by_domain"].items():
            source["kept_by_domain"][domain.partition("/")[0]] += counts["documents"]
    for source in totals.values():
        for name in ("dropped", "redactions", "kept_by_domain"):
            source[name] = dict(sorted(source[name].items()))
    return dict(sorted(totals.items()))


def check_prepared(
    specs: Sequence[PartSpec], stats: Sequence[Mapping[str, Any]], config: BuildConfig
) -> None:
    """Raise `BuildError` unless every record of every part ended in exactly one place."""
    for spec, part in zip(specs, stats, strict=True):
        ends = part["kept"] + sum(part["dropped"].values()) + part["quarantined"]
        if part["part_id"] != spec.part_id or part["records_in"] != ends:
            raise BuildError(
                f"part {spec.part_id} of {spec.name}: {part['records_in']} records in, {ends} accounted for; "
                "remove its stats.json to have it made again"
            )
    records = sum(part["records_in"] for part in stats)
    quarantined = sum(part["quarantined"] for part in stats)
    if quarantined > config.max_quarantine_fraction * records:
        worst = max(stats, key=lambda part: part["quarantined"])
        raise BuildError(
            f"{quarantined:,} of {records:,} records failed, more than max_quarantine_fraction = "
            f"{config.max_quarantine_fraction:g} allows; most in {worst['name']}: see "
            f"{config.output}/quarantine/{worst['part_id']}.quarantine.jsonl"
        )


def add_duplicates(totals: dict[str, dict[str, Any]], summary: Mapping[str, Any]) -> None:
    """Add the counts of a dedup run to the totals of each source."""
    for name, counts in summary["removed_by_source_and_domain"].items():
        source_name, _, domain = name.rpartition("/")
        source = totals[source_name]
        source["exact_duplicates"] += counts["exact"]
        source["near_duplicates"] += counts["near"]
        source["duplicates_by_domain"][domain] = counts["exact"] + counts["near"]


def add_repeats(
    totals: dict[str, dict[str, Any]], summary: Mapping[str, Mapping[str, int]], config: BuildConfig
) -> None:
    """Add what was cut of documents to the totals; those of which too little is left are dropped.

    Raises `BuildError` where these are too large a share of a source or of a domain in it.
    """
    for name, counts in summary.items():
        source_name, _, domain = name.rpartition("/")
        source = totals[source_name]
        gone = counts.get("documents_gone", 0)
        cut = {key: counts.get(key, 0) for key in ("documents_cut", "spans", "bytes", "documents_gone")}
        source.setdefault("repeats_by_domain", {})[domain] = cut
        if not gone:
            continue
        had = source["kept_by_domain"][domain]
        limit = config.dedup.max_removed_share
        if (
            had >= GUARDED_DOCUMENTS
            and gone > limit * had
            and source_name not in config.dedup.unguarded_sources
        ):
            raise BuildError(
                f"dedup.repeats would remove {gone:,} of the {had:,} {domain} documents of source "
                f"{source_name!r}, over dedup.max_removed_share = {limit:g}: little of them is left without "
                "what others hold too. Raise dedup.repeats.max_documents or the share, or set "
                f"dedup.unguarded_sources = [{source_name!r}]"
            )
        source["kept"] -= gone
        source["kept_by_domain"][domain] -= gone
        source["dropped"] = dict(
            sorted(
                {
                    **source["dropped"],
                    DropReason.BOILERPLATE.value: gone
                    + source["dropped"].get(DropReason.BOILERPLATE.value, 0),
                }.items()
            )
        )


def check_wipe_out(
    totals: Mapping[str, Mapping[str, Any]], summary: Mapping[str, Any], config: BuildConfig
) -> None:
    """Raise `BuildError` where dedup would take too large a share of one source, or of a domain in it."""
    limit = config.dedup.max_removed_share
    for name, source in totals.items():
        if name in config.dedup.unguarded_sources:
            continue
        gone = {"": source["exact_duplicates"] + source["near_duplicates"], **source["duplicates_by_domain"]}
        had = {"": source["kept"], **source["kept_by_domain"]}
        wiped = [
            domain
            for domain in gone
            if had[domain] >= GUARDED_DOCUMENTS and gone[domain] > limit * had[domain]
        ]
        if not wiped:
            continue
        domain = wiped[0]
        what = f"{domain} of source {name!r}" if domain else f"source {name!r}"
        raise BuildError(
            f"dedup would remove {gone[domain]:,} of the {had[domain]:,} documents of {what}, over "
            f"dedup.max_removed_share = {limit:g}. Kept by domain: {_kept_shares(source)}. Largest clusters: "
            f"{_largest_clusters(summary, name)}. Look with `corpusforge trace DOC_ID --corpus CORPUS`; "
            f"to allow it, raise the share, or set dedup.unguarded_sources = [{name!r}]"
        )


def _kept_shares(source: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{domain} {1 - source['duplicates_by_domain'].get(domain, 0) / count:.1%} of {count:,}"
        for domain, count in source["kept_by_domain"].items()
    )


def _largest_clusters(summary: Mapping[str, Any], source: str) -> str:
    found = summary["largest_by_source"].get(source) or summary["largest"]
    return "; ".join(
        f"{cluster['documents']:,} documents like {', '.join(cluster['members'])}" for cluster in found[:3]
    )


def check_not_empty(
    totals: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    example: Callable[[str], str],
) -> None:
    """Raise `BuildError` where no document is left: an empty corpus is a fault, not a result.

    `example` tells one record that was dropped for a reason: its file, place and details.
    """
    if rows:
        return
    records = sum(source["records_in"] for source in totals.values())
    dropped: Counter[str] = Counter()
    for source in totals.values():
        dropped.update(source["dropped"])
    most = ", ".join(f"{reason} {count:,}" for reason, count in dropped.most_common(3))
    message = f"none of the {records:,} records read is left for a shard ({most or 'nothing was dropped'})"
    if dropped:
        # What could not be read at all says most about a build of nothing.
        unreadable = DropReason.UNREADABLE.value
        reason = unreadable if dropped[unreadable] else dropped.most_common(1)[0][0]
        message += f"; the files in rejects/ tell every one, for example {example(reason)}"
    raise BuildError(message)


def check_sharded(totals: Mapping[str, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise `BuildError` unless kept - duplicates == documents in shards, for each source."""
    sharded: Counter[str] = Counter()
    for row in rows:
        sharded[row["source"]] += row["documents"]
    for name, source in totals.items():
        expected = source["kept"] - source["exact_duplicates"] - source["near_duplicates"]
        if sharded[name] != expected:
            raise BuildError(
                f"source {name!r}: {expected:,} documents should be in shards and {sharded[name]:,} are; "
                "this is a fault of corpusforge: please report it with the snapshot's parts"
            )
