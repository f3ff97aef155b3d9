"""Which files of a corpus go, in an order in which a removal may end anywhere.

    spills (their sums and rows first: a build must not go on from shards that are gone)
    plans of mixtures, records of builds, then the index of each snapshot that goes: nobody is offered one
    what lay beside these indexes; shards; tables and patches; clusters and repeats, summaries first
    parts (documents, which commit a part, before the rest), rejects, quarantine; plans of parts; tokenizers

Nothing that a kept snapshot needs is touched at any moment. Each folder is listed once, a page at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from corpusforge.dedup.result import SUMMARY
from corpusforge.files import Entry, join, list_entries
from corpusforge.garbage.needs import Needs, finished_spills
from corpusforge.garbage.owners import NOBODY, Owners
from corpusforge.garbage.survey import NEW_PLAN, WORK, relative
from corpusforge.mixture.swarmfiles import files_with
from corpusforge.parts.format import COMMIT
from corpusforge.parts.spec import PART_ID_DIGITS
from corpusforge.retract.ledger import FOLDER as RETRACTIONS
from corpusforge.retract.lookup import FOLDER as LOOKUPS
from corpusforge.retract.lookup import lookups
from corpusforge.shards.format import ID_DIGITS, KINDS

PAGE = 1000
"""Files that are judged, and removed, together."""
_ENDINGS = "|".join(map(re.escape, KINDS.values()))
SHARD = re.compile(rf"shards/[^/]+/[^/]+/([0-9a-f]{{{ID_DIGITS}}})(?:{_ENDINGS})")
PART = re.compile(
    rf"(?:parts|rejects|quarantine|repeats/(?:spans-)?[^/]+)/([0-9a-f]{{{PART_ID_DIGITS}}})\.[^/]+"
)
_SAMPLES = re.compile(r"plans/samples/([0-9a-f]{32})\.(?:stretches|firsts|patch)")
_STRETCHES = re.compile(r"plans/samples/([0-9a-f]{32})\.stretches")
"""What tells of the other file of its table: it goes first."""
_TOKENIZER = re.compile(r"tokenizers/([0-9a-f]{64})\.json")


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one kind that go together; those before them in the order are gone by then."""

    kind: str
    entries: Sequence[Entry]
    is_early: bool = False
    """Whether a later listing would find them again, were they not removed at once."""


Judge = Callable[[Sequence[str]], Iterable[bool]]
"""Paths in the corpus -> whether each goes."""


def garbage(corpus: str, needs: Needs, gone: Sequence[str]) -> Iterator[Batch]:
    """Yield what goes, in order; `gone` are the snapshots that go. Each batch is to be removed at once."""
    survey = needs.survey
    spills = survey.spills if needs.drop_unfinished else finished_spills(survey)
    for early in (r".*/(?:sums|shards)\.json", r".*/rows/[^/]*"):
        yield from _matching(corpus, "spills", spills, early, is_early=True)
    yield from _matching(corpus, "spills", spills)
    dropped = [name for plan in needs.dropped_plans for name in files_with(plan)]
    yield from _named(corpus, "plans", dropped)
    records = [
        f"builds/{build}.json" for build, snapshot in survey.builds.items() if snapshot not in needs.kept
    ]
    yield from _named(corpus, "builds", records)
    yield from _named(corpus, "snapshots", [f"snapshots/{snapshot}/index.json" for snapshot in gone])
    yield from _swept(corpus, "snapshots", _each(lambda name: name.split("/")[1] not in needs.kept))
    yield from _swept(corpus, "shards", owned(needs.shards, SHARD))
    for tables, is_early in ((_STRETCHES, True), (_SAMPLES, False)):
        yield from _swept(corpus, "plans/samples", _names(needs, "plans/samples", tables), is_early=is_early)
    for folder, found in (("clusters", survey.clusters), ("repeats", survey.repeats)):
        names = [name for name in sorted(found) if needs.goes(folder, name)]
        yield from _named(corpus, folder, [f"{folder}/{name}/{SUMMARY}" for name in names])
        yield from _matching(corpus, folder, names)
    yield from _swept(corpus, "clusters", _each(lambda name: _is_work(needs, name)))
    for folder in ("parts", "rejects", "quarantine", "repeats"):
        yield from _swept(corpus, folder, owned(needs.parts, PART))
    plans = [name for name in sorted(survey.part_plans) if _plan_goes(needs, name)]
    yield from _named(corpus, "plan", [f"plan/{name}/plan.json" for name in plans])
    yield from _matching(corpus, "plan", plans)
    yield from _matching(corpus, "surveys", survey.surveys if needs.drop_unfinished else ())
    # What commits a lookup goes first. One without it is of a call that was killed: it is made anew.
    useful = _each(lambda name: name.split("/")[1] not in needs.lookups)
    found = [f"{path.rpartition('/')[2]}" for path in lookups(corpus)]
    gone_lookups = [f"{LOOKUPS}/{name}/places.parquet" for name in found if name not in needs.lookups]
    yield from _named(corpus, LOOKUPS, gone_lookups)
    yield from _swept(corpus, LOOKUPS, useful)
    yield from _swept(corpus, RETRACTIONS, _each(lambda name: name.startswith(f"{RETRACTIONS}/work-")))
    yield from _swept(corpus, "tokenizers", _names(needs, "tokenizers", _TOKENIZER))


def _plan_goes(needs: Needs, name: str) -> bool:
    # A plan that is being made is of no use once nobody makes it: the next build begins it anew.
    return name.startswith(NEW_PLAN) or needs.goes("plan", name)


def _is_work(needs: Needs, name: str) -> bool:
    """Return whether a file is what a dedup left that came to its end since, or nobody goes on with."""
    return bool(WORK.fullmatch(name)) and (
        needs.drop_unfinished or name.split("/")[1] in needs.names["clusters"]
    )


def _names(needs: Needs, folder: str, pattern: re.Pattern[str]) -> Judge:
    """Return the judge of files that are named after what a build or a plan claims."""

    def goes(name: str) -> bool:
        found = pattern.fullmatch(name)
        return found is not None and needs.goes(folder, found[1])

    return _each(goes)


def owned(owners: Owners, pattern: re.Pattern[str]) -> Judge:
    """Return the judge of files that are named after a shard or part: those that nobody owns go."""

    def judge(names: Sequence[str]) -> Iterable[bool]:
        found = [pattern.fullmatch(name) for name in names]
        owner = iter(owners.of([match[1] for match in found if match is not None]))
        return [match is not None and next(owner) == NOBODY for match in found]

    return judge


def _each(judge: Callable[[str], bool]) -> Judge:
    return lambda names: map(judge, names)


def _named(corpus: str, kind: str, names: Iterable[str]) -> Iterator[Batch]:
    """Yield those files of some names that are there."""
    for name in names:
        yield from _batches(kind, list_entries(join(corpus, name)), is_early=True)


def _matching(
    corpus: str, folder: str, names: Iterable[str], pattern: str = ".*", *, is_early: bool = False
) -> Iterator[Batch]:
    """Yield the files below some folders whose paths match a pattern."""
    fits = re.compile(pattern).fullmatch
    for name in names:
        entries = list_entries(join(corpus, folder, name))
        found = (entry for entry in entries if fits(relative(corpus, entry.path)))
        yield from _batches(folder, found, is_early=is_early)


def _swept(corpus: str, folder: str, judge: Judge, *, is_early: bool = False) -> Iterator[Batch]:
    """Yield the files below a folder that a judge lets go."""
    entries = iter(list_entries(join(corpus, folder)))
    waiting: list[Entry] = []
    while page := list(islice(entries, PAGE)):
        goes = judge([relative(corpus, entry.path) for entry in page])
        waiting += [entry for entry, is_gone in zip(page, goes, strict=True) if is_gone]
        if len(waiting) >= PAGE:  # few of each page may go: they are removed in whole batches
            yield from _in_order(folder, waiting, is_early=is_early)
            waiting = []
    yield from _in_order(folder, waiting, is_early=is_early)


def _in_order(kind: str, entries: Sequence[Entry], *, is_early: bool) -> Iterator[Batch]:
    """Yield files, those that commit a part before the rest of it, which sorts behind."""
    for is_commit in (True, False):
        some = [entry for entry in entries if entry.path.endswith(COMMIT) == is_commit]
        if some:
            yield Batch(kind, some, is_early)


def _batches(kind: str, entries: Iterable[Entry], *, is_early: bool = False) -> Iterator[Batch]:
    waiting = iter(entries)
    while some := list(islice(waiting, PAGE)):
        yield Batch(kind, some, is_early)
