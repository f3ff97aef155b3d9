"""Sections on what was measured on this corpus: contamination, people's verdicts, labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.card.audits import audits_path, hits_path, is_right, summed
from corpusforge.card.contamination import ASKED_SHARE, HOSTS, ITEMS, by_benchmark, dropped_hits
from corpusforge.card.pieces import section
from corpusforge.document import DropReason
from corpusforge.filter.decontamination.injection import EDITS
from corpusforge.markdown import code, count, share, table
from corpusforge.report.summary import Summary
from corpusforge.shards.snapshot import Index
from corpusforge.verdicts.intervals import wilson


def contamination(corpus: str, index: Index, summary: Summary, audits: Mapping[str, Any]) -> str:
    """Return items found by benchmark, then recall, precision and hits where they were measured."""
    pin = index.header["config"].get("filter", {}).get("benchmarks_sha256", "")
    parts: list[str] = []
    if not pin:
        parts.append(
            "No benchmark was looked for (`filter.benchmarks`): whether test items are in this corpus "
            f"is unknown{' but for the sample below' if 'contamination' in audits else ''}.\n"
        )
    else:
        parts += _found(corpus, index, summary)
    if measured := audits.get("contamination"):
        parts += _measured(index, measured)
        parts += _precision(index, measured, audits.get("hits"))
    else:
        parts.append(
            "Recall and precision were not measured: `corpusforge report CORPUS --card --benchmarks ITEMS` "
            "injects the items into this corpus's own text and writes hits to read.\n"
        )
    files = "`rejects/*.rejects.parquet`, `conservation.sources.*.dropped` of the index"
    more = f", `{audits_path('', index.snapshot).lstrip('/')}`" if measured else ""
    return section("Contamination", "\n".join(parts), f"{files}{more}")


def _found(corpus: str, index: Index, summary: Summary) -> list[str]:
    config = index.header["config"]["filter"]
    reasons = {reason: n for reason, n, _ in summary.dropped}
    n_dropped = reasons.get(DropReason.CONTAMINATED.value, 0)
    told = f"Items pinned by sha256 {code(config['benchmarks_sha256'][:16] + '…')}"
    parts = [f"{told}; {count(n_dropped)} documents were dropped for holding one.\n"]
    if not n_dropped:
        return parts
    hits, n_read, n_parts = dropped_hits(corpus, index.header)
    of = "all" if n_read == n_parts else f"{count(n_read)} of"
    rows = [[code(name), count(items), count(n)] for name, items, n in by_benchmark(hits)]
    parts.append(
        f"By benchmark, from {of} {count(n_parts)} parts; a document counts for the item of "
        "which it holds most:\n"
    )
    parts.append(table(["benchmark", "items found", "documents touched"], rows))
    return parts


def _measured(index: Index, measured: Mapping[str, Any]) -> list[str]:
    """Return recall by injection, and items found in sampled documents as they are kept."""
    items: Mapping[str, int] = measured["items"]
    edits = [edit for edit in EDITS if any(edit in rates for rates in measured["recall"].values())]
    rows = [
        [code(name), count(items[name]), *(_of(rates.get(edit)) for edit in edits)]
        for name, rates in measured["recall"].items()
    ]
    pin = f"sha256 {code(measured['sha256'][:16] + '…')}"
    if measured["is_pinned"]:
        pin += ", those that the build looked for"
    elif index.header["config"].get("filter", {}).get("benchmarks_sha256"):
        pin += ", **not those that the build pinned**"
    kept = measured["kept"]
    parts = [
        f"**Recall by injection**: up to {ITEMS} items of each benchmark ({pin}), into "
        f"{count(measured['documents'])} documents of this corpus (up to {HOSTS} of a subset) in which none "
        "is found, every other one within a line; found of tried. Of an edited item at least one word is "
        "another; an edit that would leave an item as it is was not tried.\n",
        table(["benchmark", "items", *edits], rows),
        f"**Kept documents that hold an item**, of {count(kept['documents'])} sampled:\n",
    ]
    if kept["found"]:
        found = [[code(name), count(n_items), count(n)] for name, n_items, n in kept["found"]]
        parts.append(table(["benchmark", "items found", "documents"], found))
    else:
        parts.append("None.\n")
    return parts


def _of(rate: Sequence[int] | None) -> str:
    return f"{share(rate[0], rate[1])} of {count(rate[1])}" if rate else ""


def _precision(index: Index, measured: Mapping[str, Any], read: Mapping[str, Any] | None) -> list[str]:
    """Return how many hits bear an answer by the rule, and what people said of those they read."""
    hits = measured["hits"]
    path = hits_path("", index.snapshot).lstrip("/")
    parts = [
        f"**Hits**: {count(hits['all'])} in all, {count(hits['read'])} of them to read in {code(path)}. By "
        f"a rule, {share(hits['answer_bearing'], hits['all']) or 'none'} bear an answer: the item poses a "
        f"question or a task, and {ASKED_SHARE:.0%} of its n-grams or more are there; the others are "
        "passages and sentences that a benchmark shares with ordinary text.\n"
    ]
    if hits["by_benchmark"]:
        rows = [
            [code(name), count(whole), count(bearing), share(bearing, whole)]
            for name, (bearing, whole) in hits["by_benchmark"].items()
        ]
        parts.append(table(["benchmark", "hits", "bear an answer by the rule", "share"], rows))
    if not read:
        parts.append(
            "Nobody read them yet: fill in `verdict`, `leak` or `shared`, and give the file to "
            "`corpusforge report CORPUS --card --hits FILE`.\n"
        )
        return parts
    leaks, n_read = summed(read["by_benchmark"])
    rows = [[code(name), count(n), _interval(part, n)] for name, (part, n) in read["by_benchmark"].items()]
    rows.append(["all", count(n_read), _interval(leaks, n_read)])
    parts.append(
        f"**Precision**, read by people; the rule says the same of {share(read['as_the_rule'], n_read)}:\n"
    )
    parts.append(table(["benchmark", "read", "leaks (95 %)"], rows))
    return parts


def _interval(part: int, whole: int) -> str:
    rate = wilson(part / whole, whole, 0.95)
    return f"{rate.share:.1%} ({rate.low:.1%} to {rate.high:.1%})".replace("%", " %")


def errors(index: Index, audits: Mapping[str, Any]) -> str:
    """Return error rates on this corpus, by people's verdicts and by labelled rows."""
    parts: list[str] = []
    if rates := audits.get("verdicts"):
        parts += _by_people(rates)
    if labelled := audits.get("labelled"):
        parts += _by_labels(labelled)
    if not parts:
        parts = [
            "Nobody judged documents of this corpus yet. `corpusforge view CORPUS` asks for verdicts on "
            "random documents; `corpusforge report CORPUS --card --verdicts FILE`, or `--labelled FILE` of "
            'rows `{"id", "domain"}`, puts error rates here.\n'
        ]
        return section("Error rates on this corpus", "\n".join(parts), "nothing: `audits.json` holds none")
    origin = f"`{audits_path('', index.snapshot).lstrip('/')}`; what rates mean: `docs/verdicts.md`"
    return section("Error rates on this corpus", "\n".join(parts), origin)


def _by_people(rates: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            group["by"],
            code(group["name"]),
            count(group["n_documents"]),
            share(group["n_covered"], group["n_documents"]),
            count(group["n_read"]),
            *(_rate(group[name]) for name in ("error", "wrong_domain", "bad_text")),
        ]
        for group in rates["groups"]
    ]
    columns = ["by", "group", "documents", "covered", "read", "not right", "wrong domain", "bad text"]
    parts = [
        f"By people: {count(rates['n_verdicts'])} verdicts, weighted by what the corpus holds, with "
        f"intervals at {100 * rates['confidence']:g} %. A rate holds for the covered documents of its group: "
        "of the strata of the others nothing was read.\n",
        table(columns, rows, words=2),
    ]
    if rates["should_be"]:
        moved = [[code(own), code(right), count(n)] for own, right, n in rates["should_be"]]
        parts.append(table(["is in", "belongs in", "documents"], moved, words=2))
    return parts


def _rate(rate: Mapping[str, float] | None) -> str:
    if rate is None:
        return ""
    return f"{100 * rate['share']:.1f} % ({100 * rate['low']:.1f} to {100 * rate['high']:.1f})"


def _by_labels(labelled: Mapping[str, Any]) -> list[str]:
    pairs: list[list[Any]] = labelled["pairs"]
    called = sorted({pair[1] for pair in pairs})
    counts = {(label, key): n for label, key, n in pairs}
    rows: list[list[str]] = []
    for label in sorted({pair[0] for pair in pairs}):
        row = [counts.get((label, key), 0) for key in called]
        right = sum(n for key, n in zip(called, row, strict=True) if is_right(label, key))
        rows.append([code(label), *map(count, row), share(right, sum(row))])
    n_missing = labelled["rows"] - labelled["found"]
    return [
        f"By labelled rows: {count(labelled['rows'])}, of which {count(labelled['found'])} are in this "
        f"snapshot; {count(n_missing)} are not: dropped, duplicates, or of another dump.\n",
        table(["label", *(f"in {one}" for one in called), "right"], rows),
    ]
