"""A plan made again over a child snapshot: every budget exact, what is lost replaced, nothing else moved.

Row by row of the plan: where no document of its (domain, subset) moved, it stays as it is; else it gets a
patch (`samplepatch`), the same one in every arm. Samples, their order and their tokens keep their numbers.

Of a swarm, whose runs repeat the first samples of a key, a replacement is repeated with them: it is the same
in every epoch and every run, and comes from behind the longest of these parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.moved import BY_WAY, Moved, moved
from corpusforge.mixture.numbered import Numbered, read_patch
from corpusforge.mixture.patching import Composed, Needs, compose, in_every_epoch, patched
from corpusforge.mixture.planfile import (
    ORDER,
    Plan,
    PlanRow,
    longest_rows,
    nested_rows,
    plan_from_bytes,
    plan_to_bytes,
)
from corpusforge.mixture.recipe import Recipe
from corpusforge.mixture.replacing import Fill, Supplier, replace_lost
from corpusforge.mixture.samplepatch import Moves, SamplePatch
from corpusforge.mixture.streams import Names, Stream
from corpusforge.mixture.tablewriter import write_patch
from corpusforge.mixture.translation import translate
from corpusforge.shards.snapshot import Index, read_index

MATCH = "match:"
"""Begins the selection of a row whose documents a swap chose to match others."""
Key = tuple[str, str, str]
"""(domain, subset, selection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What became of one key of a plan."""

    domain: str
    subset: str
    selection: str
    gone_docs: int
    """Documents of the (domain, subset) that the child has not."""
    new_docs: int
    replaced_tokens: int
    """What samples of the longest arm had of them, every epoch counted, and was not replaced before; of a
    swarm, what the longest of its nested parts had, counted once."""
    stretches: int
    """Of documents that came in for them."""
    unmatched_tokens: int
    """Those from another stratum; of a swap's documents, told with the key that supplies."""
    patch_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A plan made again, and what that took."""

    plan: Plan
    keys: tuple[Replaced, ...]
    """Those with a patch."""


class _Short(ValueError):
    """What one key lacks a match for."""

    def __init__(self, told: str, share: Decimal, more: str) -> None:
        super().__init__(told)
        self.told, self.share, self.more = told, share, more


def plan_again(
    corpus: str,
    plan: Plan,
    snapshot: str | None = None,
    *,
    recipe: Recipe | None = None,
    tolerance: Decimal = Decimal(0),
    dry_run: bool = False,
) -> Again:
    """Return a plan over another snapshot, the current one unless told, that reads what the plan read.

    Stretches of documents that are gone are replaced token for token by stretches of the same stratum
    (domain, subset, length to a power of two, source) that no arm reads; beyond these, within the epochs
    that the longest arm begins, or that `recipe` (the plan's own) allows, by stretches read once more. Of a
    swarm, by stretches behind all that its runs read, and no others.
    `tolerance`: share of what is replaced that may come from another stratum. The patches are written into
    the corpus (`plans/samples`), but in a dry run.

    Raises ValueError, in one line, where the snapshots are of other tokens or seeds, files of the old one are
    gone, or replacements are short: it says by how much and of what.
    """
    old, new = read_index(corpus, plan.snapshot), read_index(corpus, snapshot)
    _check_alike(plan, old, new, recipe)
    if old.header["tokenizer"] != new.header["tokenizer"]:
        if dry_run:
            raise ValueError("other tokens are counted only as tables are written: leave out --dry-run")
        return Again(plan=translate(corpus, plan, old, new), keys=())
    found: list[tuple[Key, Moves | SamplePatch | None, Replaced | None]] = []
    short: list[_Short] = []
    for pair in sorted({(row.domain, row.subset) for arm in plan.arms.values() for row in arm.rows}):
        try:
            found += _Subset(corpus, plan, (old, new), pair, recipe, tolerance).again()
        except _Short as error:
            short.append(error)
    if short:  # all at once, so that one tolerance does for all
        share, more = max(error.share for error in short), "".join(sorted({error.more for error in short}))
        lines = "; ".join(error.told for error in short)
        raise ValueError(f"{lines}: {more}allow others with --tolerance {share}")
    patches: dict[Key, SamplePatch | None] = {}
    told: list[Replaced] = []
    for key, made, figures in found:  # none is written before it is known that there will be a plan
        patch = write_patch(corpus, made, dry_run=dry_run) if isinstance(made, Moves) else made
        patches[key] = patch
        if patch is not None and figures is not None:
            told.append(replace(figures, patch_bytes=patch.n_bytes))
    arms = {
        name: replace(
            arm,
            rows=tuple(
                replace(row, patch=patches[row.domain, row.subset, row.selection]) for row in arm.rows
            ),
        )
        for name, arm in plan.arms.items()
    }
    whole = replace(plan, snapshot=new.snapshot, arms=arms, parent=plan.id)
    return Again(plan=plan_from_bytes(plan_to_bytes(whole), plan.name), keys=tuple(told))


def _check_alike(plan: Plan, old: Index, new: Index, recipe: Recipe | None) -> None:
    if new.snapshot == old.snapshot:
        raise ValueError(f"plan {plan.name} is of snapshot {old.snapshot} already")
    if plan.order != ORDER:
        raise ValueError(
            f"plan {plan.name} was translated to another tokenizer: make plan {plan.parent} again, "
            f"from which it was; where documents were retracted, {BY_WAY}"
        )
    if old.header["seed"] != new.header["seed"]:
        raise ValueError(f"the snapshots have the seeds {old.header['seed']} and {new.header['seed']}")
    if recipe is not None and recipe.fingerprint() != plan.recipe_sha256:
        raise ValueError(
            f"recipe {recipe.name}: not the one that the plan was made of; for a plan of --fit or --pin give "
            "--fit or --pin, too"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One key of a subset on its way to a patch."""

    key: Key
    numbered: Numbered
    old: Moves
    composed: Composed
    epochs: int
    """That the longest arm begins."""
    is_nested: bool

    @property
    def n_read(self) -> int:
        return self.numbered.row.samples


class _Subset:
    """One (domain, subset) of a plan in two snapshots."""

    def __init__(
        self,
        corpus: str,
        plan: Plan,
        indexes: tuple[Index, Index],
        pair: tuple[str, str],
        recipe: Recipe | None,
        tolerance: Decimal,
    ) -> None:
        self.corpus, self.plan, self.recipe, self.tolerance = corpus, plan, recipe, tolerance
        self.names = Names()
        self.parent, self.child = (
            Stream(corpus, [row for row in index.rows if (row.domain, row.subset) == pair])
            for index in indexes
        )
        self.nested = nested_rows(plan, pair)
        self.rows = longest_rows(plan, pair) | {key: row for key, (row, _) in self.nested.items()}

    def again(self) -> list[tuple[Key, Moves | SamplePatch | None, Replaced | None]]:
        """Return what the rows of each key get: moves to publish, the patch that they have, or none."""
        if [row.id for row in self.parent.rows] == [row.id for row in self.child.rows]:
            return [(key, row.patch, None) for key, row in self.rows.items()]
        documents = moved(self.parent, self.child, self.plan.seed, self.names)
        parts = {
            key: self._part(key, row, documents)
            for key, row in self.rows.items()
            if row.table or row.patch or not documents.is_same
        }
        fills = self._fills(parts, documents)
        return [
            (key, None, None)
            if key not in parts
            else (key, *_finished(parts[key], documents, fills.get(key, ([], 0))))
            for key in self.rows
        ]

    def _part(self, key: Key, row: PlanRow, documents: Moved) -> _Part:
        old = read_patch(self.corpus, row.patch) if row.patch else Moves.none(self.parent.sizes)
        numbered = Numbered(self.corpus, row, old, self.plan.sequence_length)
        composed = compose(numbered, old, documents, self.plan.seed, row.samples)
        is_nested = key in self.nested
        epochs = self.nested[key][1] if is_nested else numbered.epochs_begun(row.samples)
        return _Part(
            key=key, numbered=numbered, old=old, composed=composed, epochs=epochs, is_nested=is_nested
        )

    def _fills(self, parts: Mapping[Key, _Part], documents: Moved) -> dict[Key, tuple[list[list[int]], int]]:
        """Return [[place, first token, tokens]] and tokens of another stratum, by key."""
        used = Counter[int]()
        for part in parts.values():
            used.update(part.composed.kept_fills[:, 1].tolist())
        found: dict[Key, tuple[list[list[int]], int]] = {}
        for base, wanted in _by_supplier(parts).items():
            found.update({key: ([], 0) for key, _ in wanted})
            whole = np.concatenate([needs for _, needs in wanted])
            if not len(whole):
                continue
            supplier = self._supplier(parts[base], parts, documents)
            fills, unmatched = replace_lost(
                supplier,
                whole[:, 1],
                documents.gone[whole[:, 2], 2],
                used,
                self.names,
                lambda n, short, base=base, whole=whole: self._allow(
                    parts[base], int(whole[:, 1].sum()), n, short
                ),
            )
            used.update(start for _, start, _ in fills)
            edges = np.cumsum([len(needs) for _, needs in wanted])
            for place, need, start, n in _placed(fills, whole[:, 0]):
                key = wanted[int(np.searchsorted(edges, need, side="right"))][0]
                found[key][0].append([place, start, n])
            found[base] = (found[base][0], unmatched)
        return found

    def _supplier(self, base: _Part, parts: Mapping[Key, _Part], documents: Moved) -> Supplier:
        row = base.numbered.row
        most = max(base.epochs, 1 if self.recipe is None else ceil(self.recipe.max_epochs), 1)
        taken = [np.zeros(0, np.int64)]
        for key, part in parts.items():
            if key[2].startswith(MATCH):
                kept = replace(_bare(part), fills=part.old.fills[:0])
                for starts, stops in part.numbered.stretches():
                    places = kept.find(np.zeros_like(starts), starts, stops)
                    taken.append(np.unique(self.child.documents(*places[1:]).doc_start))
        return Supplier(
            numbered=base.numbered,
            moves=_bare(base),
            child=self.child,
            seed=self.plan.seed,
            first=base.n_read,
            stop=row.whole_samples if base.is_nested else most * row.supply_samples,
            is_nested=base.is_nested,
            new=documents.new if not base.key[2] else documents.new[:0],
            taken=np.unique(np.concatenate(taken)),
        )

    def _allow(self, part: _Part, total: int, n_short: int, short: Sequence[tuple[int, int]]) -> None:
        """Raise ValueError where more lacks a match than is tolerated."""
        if n_short <= int(self.tolerance * total):
            return
        worst = sorted(short, key=lambda entry: (-entry[1], entry[0]))[:3]
        examples = "; ".join(f"{self.names.told(stratum)}: {tokens:,}" for stratum, tokens in worst)
        more = "" if self.recipe or part.is_nested else "give the plan's --recipe for its epochs, or "
        which = "that no run reads" if part.is_nested else "that may come in"
        raise _Short(
            f"{part.numbered.row.key}: {n_short:,} of {total:,} lost tokens find no stretch of the same "
            f"length and source {which} ({examples})",
            _rounded_up(n_short, total),
            more,
        )


def _rounded_up(part: int, whole: int) -> Decimal:
    """Return a share, up to the next ten-thousandth."""
    return Decimal(-(-part * 10_000 // whole)) / 10_000


def _bare(part: _Part) -> Moves:
    """Return the moves of a key to the child, nothing filled."""
    return Moves(
        moves=part.composed.moves,
        fills=part.old.fills[:0],
        sizes=part.old.sizes,
        n_tokens=part.old.n_tokens,
        lost_tokens=part.composed.lost_tokens,
        epochs=0,
    )


def _by_supplier(parts: Mapping[Key, _Part]) -> dict[Key, list[tuple[Key, Needs]]]:
    """Return what is needed of each key that supplies: of itself, then of swaps matched out of it."""
    bases = [key for key in parts if not key[2].startswith(MATCH)]
    found = {key: [(key, parts[key].composed.needs)] for key in bases}
    for key, part in parts.items():
        if key in found or not len(part.composed.needs):
            continue
        needs, left = part.composed.needs, np.ones(len(part.composed.needs), np.bool_)
        for base in bases:
            mine = left & (np.isin(needs[:, 2], parts[base].composed.members) if len(bases) > 1 else np.True_)
            if mine.any():
                found[base].append((key, needs[mine]))
                left &= ~mine
        if left.any():
            raise ValueError(
                f"{part.numbered.row.key}: a document of it is gone that no sample of its subset holds: "
                "make the plan from its recipe"
            )
    return found


def _placed(fills: Sequence[Fill], places: NDArray[np.int64]) -> list[tuple[int, int, int, int]]:
    """Return (place, need, first token, tokens) of fills: those of one need end to end, as they came."""
    within = [0] * len(places)
    found: list[tuple[int, int, int, int]] = []
    for need, start, n in fills:
        found.append((int(places[need]) + within[need], need, start, n))
        within[need] += n
    return found


def _finished(part: _Part, documents: Moved, filled: tuple[list[list[int]], int]) -> tuple[Moves, Replaced]:
    fills = np.array(filled[0], np.int64).reshape(-1, 3)
    of_epochs = 1 if part.is_nested else part.epochs
    moves = patched(part.composed, fills, part.old.sizes, part.old.n_tokens, of_epochs)
    if part.is_nested:
        moves = in_every_epoch(moves, part.epochs)
    figures = Replaced(
        domain=part.key[0],
        subset=part.key[1],
        selection=part.key[2],
        gone_docs=len(documents.gone),
        new_docs=len(documents.new),
        replaced_tokens=int(fills[:, 2].sum()),
        stretches=len(fills),
        unmatched_tokens=filled[1],
        patch_bytes=0,
    )
    return moves, figures
