"""What came of every record: the sums that must agree before a snapshot is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost
from corpusforge.document import DropReason, SourceKind
from corpusforge.files import join
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.reader import dropped_example
from corpusforge.printable import counted_as
from corpusforge.shards.tasks import DoesNotAddUp

DAMAGED_SHOWN = 5
"""Of damaged files so many are named, the first by name."""
_UNREADABLE, _TRUNCATED = DropReason.UNREADABLE.value, DropReason.TRUNCATED.value
GUARDED_DOCUMENTS = 1000
"""A source smaller than this may lose any share of its documents to dedup."""


GOES_ON = "What was made is kept: run again to go on"
"""How the error of a stage that failed ends."""


class BuildError(RuntimeError):
    """A build that must not commit; the message says what is wrong and what to do."""


_OF_PART = ("part_id", "source", "kind", "kept", "dropped", "quarantined")
_NUMBERS = ("records_in", "kept", "quarantined", "bytes_in", "unread_bytes", "damaged_bytes")
Sums = dict[str, Any]
"""What came of parts, summed: `sources`, `costs` (`parts.costs`), `made` and `parts`, the worst cases."""


def no_sums() -> Sums:
    """Return the sums of no part."""
    return {"sources": {}, "costs": {}, "parts": 0, "made": 0, **dict.fromkeys(_CASES)}


def part_sums(stats: Mapping[str, Any], costs: Mapping[str, Any], made: Cost | None = None) -> Sums:
    """Return the sums of one part; `costs` as `part_costs` gives them, `made` where it was made just now."""
    name, place = str(stats["source"]), [stats["name"], stats["part_id"]]
    kept: Counter[str] = Counter()
    for domain, counts in stats["kept_by_domain"].items():
        kept[domain.partition("/")[0]] += counts["documents"]
    unread = stats["unread_bytes"]
    ends = stats["kept"] + sum(stats["dropped"].values()) + stats["quarantined"]
    source = {
        **{key: stats[key] for key in _NUMBERS if key != "bytes_in"},
        "dropped": dict(stats["dropped"]),
        "redactions": dict(stats["redactions"]),
        "kept_by_domain": dict(kept),
        "bytes_in": stats["size_bytes"] if stats["start"] == 0 else 0,
        "damaged": [[*place, stats["kept"], stats["records_in"]]] if _is_damaged(stats) else [],
        "n_damaged": int(_is_damaged(stats)),
    }
    times = {} if made is None else {"wall_s": round(made.wall_s, 3), "cpu_s": round(made.cpu_s, 3)}
    return {
        "sources": {name: source},
        "costs": dict(costs),
        "parts": 1,
        "made": int(made is not None),
        "unaccounted": [stats["records_in"] - ends, *place] if ends != stats["records_in"] else None,
        "worst": [stats["quarantined"], *place] if stats["quarantined"] else None,
        "unread": [stats["first_byte_unread"], unread, *place] if unread else None,
        "part": {
            **{key: stats[key] for key in _OF_PART},
            **{"input": stats["name"], "split": [stats["start"], stats["stop"]]},
            **{"records": stats["records_in"], "bytes": stats["size_bytes"]},
            **{"made": made is not None, **times},
        },
    }


def _is_damaged(stats: Mapping[str, Any]) -> bool:
    """Return whether something of a part's bytes could not be read, beyond single records."""
    dropped = stats["dropped"]
    n_unreadable = dropped.get(_UNREADABLE, 0)
    is_none_read = 0 < n_unreadable == stats["records_in"]
    # Of web archives it is pages that are truncated, as their crawler says: no damage of the file.
    is_cut = stats["kind"] == SourceKind.JSONL.value and _TRUNCATED in dropped
    return is_none_read or stats["damaged_bytes"] > 0 or is_cut


def add_sums(one: Sums, other: Sums) -> Sums:
    """Return two sums as one; the order of many does not matter."""
    return {
        **{key: _added(one[key], other[key]) for key in ("sources", "costs", "parts", "made")},
        **{key: max((x for x in (one[key], other[key]) if x), default=None) for key in _CASES},
    }


_CASES = ("unaccounted", "worst", "unread")
"""The largest of its kind: records not accounted for, records that failed, bytes that were not read."""


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, list):
        return sorted([*cast("list[Any]", one), *other])[:DAMAGED_SHOWN]
    if not isinstance(one, dict):
        return one + other
    left, right = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
    both = {key: _added(left[key], right[key]) for key in left.keys() & right.keys()}
    return {**left, **right, **both}


def source_totals(sums: Sums) -> dict[str, dict[str, Any]]:
    """Return what came of the records of each source, with no duplicates counted yet."""
    return {
        name: {
            **{key: of[key] for key in _NUMBERS},
            **{key: dict(sorted(of[key].items())) for key in ("dropped", "redactions", "kept_by_domain")},
            "exact_duplicates": 0,
            "near_duplicates": 0,
            "duplicates_by_domain": {},
        }
        for name, of in sorted(sums["sources"].items())
    }


def check_prepared(sums: Sums, n_parts: int, config: BuildConfig) -> None:
    """Raise `BuildError` unless every part is there and every record of it ended in exactly one place."""
    if sums["parts"] != n_parts:
        raise BuildError(f"{n_parts - sums['parts']:,} of {n_parts:,} parts were not made; run again")
    if sums["unaccounted"]:
        difference, name, part_id = sums["unaccounted"]
        raise BuildError(
            f"part {part_id} of {name}: {difference:+,} records are not accounted for; remove "
            f"{part_path(config.output, part_id, COMMIT)} to have it made again"
        )
    _check_read(sums, config)
    records = sum(source["records_in"] for source in sums["sources"].values())
    quarantined = sum(source["quarantined"] for source in sums["sources"].values())
    if quarantined > config.max_quarantine_fraction * records:
        _, name, part_id = sums["worst"]
        raise BuildError(
            f"{quarantined:,} of {records:,} records failed, more than max_quarantine_fraction = "
            f"{config.max_quarantine_fraction:g} allows; most in {name}: see "
            f"{part_path(config.output, part_id, 'quarantine.jsonl')}"
        )
    _check_some_read(sums, config)


def _check_read(sums: Sums, config: BuildConfig) -> None:
    """Raise `BuildError` where readers that raised left too much of a source, or all of a file, unread."""
    limit = config.max_unread_fraction
    if not sums["unread"] or limit >= 1:
        return
    is_whole, n_bytes, name, part_id = sums["unread"]
    way_out = (
        f"see {part_path(config.output, part_id, 'quarantine.jsonl')}; take the file out of the source, or "
        "set max_unread_fraction = 1 to build without what was not read"
    )
    if is_whole:
        raise BuildError(f"{name}: its reader failed at once, {n_bytes:,} bytes are unread; {way_out}")
    for source, of in sums["sources"].items():
        if of["unread_bytes"] > limit * of["bytes_in"]:
            raise BuildError(
                f"source {source!r}: {of['unread_bytes']:,} of {of['bytes_in']:,} bytes are unread, "
                f"more than max_unread_fraction = {limit:g} allows; most in {name}: {way_out}"
            )


def _check_some_read(sums: Sums, config: BuildConfig) -> None:
    """Raise `BuildError` where nothing of a source could be read: its share would be missing unnoticed."""
    if config.max_unread_fraction >= 1:
        return
    for source, of in sorted(sums["sources"].items()):
        n_unreadable = of["dropped"].get(_UNREADABLE, 0)
        if not 0 < n_unreadable == of["records_in"]:
            continue
        example = dropped_example(config.output, [place[1] for place in of["damaged"]], _UNREADABLE)
        way_out = "fetch it again or take it out"
        if "columns" in example:  # rows, none of which holds text
            way_out = 'name the column that holds text: columns = { text = "…" } under this source'
        raise BuildError(
            f"source {source!r}: nothing of it could be read{', ' if example else ''}{example}; {way_out}; "
            "max_unread_fraction = 1 builds without it"
        )


def damaged_lines(sums: Sums, output: str) -> list[str]:
    """Return a line for each of the first damaged files: what was read of it, where it broke, what to do."""
    sources = sums["sources"].values()
    damaged = sorted(place for source in sources for place in source["damaged"])[:DAMAGED_SHOWN]
    lines: list[str] = []
    for name, part_id, kept, records in damaged:
        example = dropped_example(output, [part_id], _UNREADABLE)
        example = example or dropped_example(output, [part_id], _TRUNCATED)
        lines.append(f"damaged: {name}: {kept:,} of {records:,} records kept; {example}; fetch it again")
    if more := sum(source["n_damaged"] for source in sources) - len(lines):
        lines.append(
            f"damaged: {more:,} more files or splits of files: {join(output, 'rejects')} tells of each"
        )
    return lines


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
    read = counted_as(records, "record")
    message = f"none of the {read} read is left for a shard ({most or 'nothing was dropped'})"
    if dropped:
        # What could not be read at all says most about a build of nothing.
        unreadable = DropReason.UNREADABLE.value
        reason = unreadable if dropped[unreadable] else dropped.most_common(1)[0][0]
        message += f"; the files in rejects/ tell every one, for example {example(reason)}"
    raise BuildError(message)


def check_sharded(totals: Mapping[str, Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise `DoesNotAddUp` unless kept - duplicates == documents in shards, for each source."""
    sharded: Counter[str] = Counter()
    for row in rows:
        sharded[row["source"]] += row["documents"]
    for name, source in totals.items():
        expected = source["kept"] - source["exact_duplicates"] - source["near_duplicates"]
        if sharded[name] != expected:
            raise DoesNotAddUp(
                f"source {name!r}: {expected:,} documents should be in shards and {sharded[name]:,} are"
            )
