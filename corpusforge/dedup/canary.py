"""Known duplicates that a run plants among its own inputs, and what must have become of them.

A run whose documents never meet finds no duplicate and looks like a clean corpus. So for every domain
that is compared some texts of our own are planted: one, the same in capitals, a near copy, and one that
is unlike. They are rows of signatures in parts of their own, behind all parts that there are, so that
they take the keys, shuffles, buckets, rounds and comparisons that documents take; no part, no shard, no
table of clusters and no count ever holds one. Before a run is committed it must have found what belongs
together, and nothing else.

The texts are drawn from a salt that nobody who writes documents knows beforehand. A near copy is made
such that the settings must find it: it shares a band with its original and passes the check.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.dedup.bands import Refs, Rows, band_keys, make_refs
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leaders import jaccard
from corpusforge.dedup.policy import Policy, policy_of
from corpusforge.dedup.signature import shingle_sets, signature_dtype
from corpusforge.dedup.signed import signature_rows
from corpusforge.domains import Domain

PARTS = 4
"""Parts that planted rows lie in: copies of one text in different ones."""
PART = 1 << 30
"""The number of the first of them: no build has as many parts."""
REF = PART << 32
"""Refs from here on are those of planted rows."""
Seen = tuple[int, int, bool]
"""(ref of a planted row, ref of its survivor, whether it stays)."""
_WORDS, _LINE_WORDS = 420, 12
_SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo zu sha tre plo gri kno".split()
_EDITS = (6, 4, 3, 2, 2, 1, 1, 1)
"""Words that are changed for a near copy, attempt by attempt."""
_ALONE = -1


class MissedDuplicates(RuntimeError):
    """A run that did not find what was planted; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planted:
    """Rows of signatures, by part, and what belongs together."""

    rows: Rows
    sets: list[NDArray[np.uint32]]
    """Shingles of each row, where the check is by them; else none."""
    parts: NDArray[np.int64]
    """From 0 on, sorted."""
    groups: NDArray[np.int64]
    """Rows of one number are duplicates; -1 is of none."""

    def of(self, part: int) -> tuple[Rows, list[NDArray[np.uint32]]]:
        """Return (rows, their shingles) of one part, from 0 on."""
        mine = np.flatnonzero(self.parts == part)
        return self.rows[mine], [self.sets[place] for place in mine.tolist()] if self.sets else []

    def refs(self) -> Refs:
        """Return the ref of each row, as a build gives it."""
        place = np.arange(len(self.parts)) - np.searchsorted(self.parts, self.parts)
        refs = [
            make_refs(PART + part, np.array([row], dtype=np.uint64))
            for part, row in zip(self.parts.tolist(), place.tolist(), strict=True)
        ]
        return np.concatenate([np.empty(0, dtype=np.uint64), *refs])

    def check(self, seen: Iterable[Sequence[int]], refs: Refs | None = None) -> None:
        """Raise `MissedDuplicates` unless every duplicate was found, and nothing that is none.

        `seen` are `Seen` of the members of clusters that hold a planted row; `refs` those of the rows
        where they are not those of a build.
        """
        group_of = dict(
            zip((self.refs() if refs is None else refs).tolist(), self.groups.tolist(), strict=True)
        )
        found: dict[int, list[tuple[int, bool]]] = {}
        strange = 0
        for ref, survivor, stays in seen:
            group = group_of.get(int(ref), _ALONE)
            if group == _ALONE or group_of.get(int(survivor), _ALONE) != group:
                strange += 1
            else:
                found.setdefault(group, []).append((int(survivor), bool(stays)))
        sizes = np.unique(self.groups[self.groups != _ALONE], return_counts=True)
        expected = {group: size - 1 for group, size in zip(*(each.tolist() for each in sizes), strict=True)}
        total = sum(expected.values())
        n_found = sum(min(expected[group], _together(members)) for group, members in found.items())
        if n_found < total:
            raise MissedDuplicates(
                f"dedup missed {total - n_found} of the {total} duplicates planted among its documents: "
                "copies did not meet, and those of the corpus may not either. Nothing was committed; run "
                "again, and if it fails again on this runner, build with another one (--runner)"
            )
        if strange:
            raise MissedDuplicates(
                f"dedup joined {strange} planted documents with others that are unlike them: it would remove "
                "documents that are no duplicates. Nothing was committed; run again, and if it fails again "
                "on this runner, build with another one (--runner)"
            )


def _together(members: list[tuple[int, bool]]) -> int:
    """Return how many members follow the survivor that most follow, itself left out; 0 where none stays."""
    survivors = [survivor for survivor, _ in members]
    return max(map(survivors.count, survivors)) - 1 if any(stays for _, stays in members) else 0


@lru_cache(maxsize=4)
def _planted(json: str, salt: str, domains: tuple[str, ...]) -> Planted:
    config = DedupConfig.model_validate_json(json)
    policy = policy_of(config)
    rows = [np.empty(0, dtype=signature_dtype(config.signature.permutations))]
    sets: list[NDArray[np.uint32]] = []
    groups: list[int] = []
    parts: list[int] = []
    for group, domain in enumerate(Domain):
        if domain.value not in domains or not policy.exact[group]:
            continue
        texts, near, unlike = _texts(config, policy, domain, f"{salt}\0{domain.value}")
        made = _signed(texts, config, domain, f"{salt}\0{domain.value}")
        rows.append(made)
        sets += shingle_sets(texts, config.signature, [domain] * len(texts)) if policy.jaccard else []
        groups += [group, group, *([group] * near), *([_ALONE] * unlike)]
        parts += [(group + place) % PARTS for place in range(len(texts))]
    order = np.argsort(np.array(parts, dtype=np.int64), kind="stable")
    return Planted(
        rows=np.concatenate(rows)[order],
        sets=[sets[place] for place in order.tolist()] if sets else [],
        parts=np.array(parts, dtype=np.int64)[order],
        groups=np.array(groups, dtype=np.int64)[order],
    )


def plant(config: DedupConfig, salt: str, domains: Iterable[str] = tuple(Domain)) -> Planted:
    """Return what is planted for some domains, four rows each at most; the same for the same salt."""
    return _planted(config.model_dump_json(), salt, tuple(sorted(map(str, domains))))


def _texts(config: DedupConfig, policy: Policy, domain: Domain, salt: str) -> tuple[list[str], bool, bool]:
    """Return (texts, whether a near copy is among them, whether an unlike one is), in this order."""
    draw = random.Random(salt)
    words = [_word(draw) for _ in range(_WORDS)]
    texts = [_joined(words), _joined(words).upper()]
    place = list(Domain).index(domain)
    near = False
    if policy.near[place]:
        for edits in _EDITS:
            changed = list(words)
            for where in draw.sample(range(_WORDS), edits):
                changed[where] = _word(draw)
            if near := _is_found([texts[0], _joined(changed)], config, policy, domain):
                texts.append(_joined(changed))
                break
    other = _joined([*words[: _WORDS // 4], *(_word(draw) for _ in range(_WORDS * 3 // 4))])
    unlike = not any(_may_match(texts[n], other, config, policy, domain) for n in range(len(texts)))
    return [*texts, other] if unlike else texts, near, unlike


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(_SYLLABLES) for _ in range(draw.randint(2, 4)))


def _joined(words: list[str]) -> str:
    lines = [" ".join(words[first : first + _LINE_WORDS]) for first in range(0, len(words), _LINE_WORDS)]
    return ".\n".join(lines) + ".\n"


def _signed(texts: list[str], config: DedupConfig, domain: Domain, salt: str) -> Rows:
    ids = [xxhash.xxh3_128_digest(f"{salt}\0{number}".encode()) for number in range(len(texts))]
    orders = np.frombuffer(b"".join(ids), dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return signature_rows(texts, orders, config, domain)


def _is_found(texts: list[str], config: DedupConfig, policy: Policy, domain: Domain) -> bool:
    """Return whether the settings must find that two texts, not the same, are alike."""
    rows = _signed(texts, config, domain, "")
    keys = band_keys(rows, policy)[2:]
    is_other = bool((rows["content"][0] != rows["content"][1]).any())
    shares = bool((keys[:, 0] == keys[:, 1]).any())
    return is_other and shares and _may_match(texts[0], texts[1], config, policy, domain)


def _may_match(one: str, other: str, config: DedupConfig, policy: Policy, domain: Domain) -> bool:
    place = list(Domain).index(domain)
    rows = _signed([one, other], config, domain, "")
    if int((rows["minhash"][0] == rows["minhash"][1]).sum()) < policy.matches[place]:
        return False
    if not policy.jaccard:
        return True
    sets = shingle_sets([one, other], config.signature, [domain] * 2)
    ends = len(sets[0]), len(sets[0]) + len(sets[1])
    return bool(jaccard(np.concatenate(sets), 0, ends[0], ends[0], ends[1]) >= policy.threshold[place])


def is_planted(refs: Refs) -> NDArray[np.bool_]:
    """Return which refs of a build are those of planted rows."""
    return refs >= np.uint64(REF)


def span_of_planted(refs: Refs, spans: int) -> NDArray[Any]:
    """Return the run of parts that reads each planted row: theirs are spread over all."""
    return ((refs >> np.uint64(32)) - np.uint64(PART)) % np.uint64(spans)
