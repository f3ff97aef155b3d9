"""What each snapshot of a corpus alone keeps on disk: one listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from corpusforge.files import Entry, join, list_entries
from corpusforge.garbage.claims import Claims, claims_of, part_names, snapshots_of
from corpusforge.garbage.collect import Freed
from corpusforge.garbage.needs import plans_claimed
from corpusforge.garbage.owners import Owners
from corpusforge.garbage.survey import Survey, relative, survey
from corpusforge.garbage.sweep import PAGE, PART, SHARD
from corpusforge.parts.plan import PLAN_FOLDER
from corpusforge.parts.spec import PART_ID_DIGITS
from corpusforge.shards.format import ID_DIGITS
from corpusforge.shards.snapshot import read_current, read_index


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A snapshot, and what would go with it alone while all others stay."""

    snapshot: str
    is_current: bool
    parent: str | None
    n_docs: int
    n_tokens: int
    plans: int
    """Plans of mixtures over it."""
    freed: Freed = field(default_factory=Freed)


def held(corpus: str) -> list[Held]:
    """Return the snapshots of a corpus by id, each with what it alone keeps.

    Raises ValueError or OSError where an index is not sound.
    """
    current, found = read_current(corpus), survey(corpus)
    shards, parts = Owners(ID_DIGITS), Owners(PART_ID_DIGITS)
    names: dict[tuple[str, str], set[int]] = {}
    told: list[Held] = []
    for number, snapshot in enumerate(snapshots_of(corpus)):
        index = read_index(corpus, snapshot)
        claims = claims_of(corpus, index)
        shards.add(claims.shards, number)
        parts.add(part_names(corpus, index), number)
        for name in _names(claims, found):
            names.setdefault(name, set()).add(number)
        over = sum(plan.snapshot == snapshot for plan in found.plans.values())
        told.append(
            Held(
                snapshot=snapshot,
                is_current=snapshot == current,
                parent=claims.parent,
                n_docs=claims.n_docs,
                n_tokens=claims.n_tokens,
                plans=over,
            )
        )
    for number, size in _owned(corpus, shards, parts, names):
        told[number].freed.add([size])
    return told


def _names(claims: Claims, found: Survey) -> Iterator[tuple[str, str]]:
    yield "snapshots", claims.snapshot
    by_folder: Mapping[str, set[str] | frozenset[str]] = {
        "clusters": claims.clusters,
        "repeats": claims.repeats,
        "tokenizers": frozenset(f"{name}.json" for name in claims.tokenizers),
        PLAN_FOLDER: plans_claimed(claims, found),
    }
    yield from ((folder, name) for folder, some in by_folder.items() for name in some)


def _owned(
    corpus: str, shards: Owners, parts: Owners, names: Mapping[tuple[str, str], set[int]]
) -> Iterator[tuple[int, int]]:
    """Yield (number of a snapshot, bytes) of each file that it alone needs."""
    for folder in ("snapshots", "clusters", "repeats", "tokenizers", PLAN_FOLDER):
        for entry in list_entries(join(corpus, folder)):
            owners = names.get((folder, relative(corpus, entry.path).split("/")[1]), set())
            if len(owners) == 1:
                yield next(iter(owners)), entry.size_bytes
    for folder, owner, pattern in (
        ("shards", shards, SHARD),
        *((folder, parts, PART) for folder in ("parts", "rejects", "quarantine")),
    ):
        entries = iter(list_entries(join(corpus, folder)))
        while page := list(islice(entries, PAGE)):
            found = [(pattern.fullmatch(relative(corpus, entry.path)), entry) for entry in page]
            named: Sequence[tuple[str, Entry]] = [(match[1], entry) for match, entry in found if match]
            for number, (_, entry) in zip(owner.of([name for name, _ in named]), named, strict=True):
                if number >= 0:
                    yield number, entry.size_bytes
