"""In which order the parts of a build join its dedup, and where the result of each run lies.

Together, all parts are one *wave*. Under `dedup.earliest_wins` every source is a wave of its
own, in the order of the configuration: a wave is compared with what stands of the waves
before it, and with itself. A source that is appended costs its own wave, no more: the runs
of the waves before it are found by their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import Refs
from corpusforge.dedup.result import read_gone
from corpusforge.files import join
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.spec import PartSpec

_SAME_RESULT = {"clustering", "union_find_bytes", "star_rounds", "leakage", "repeats"}
"""Settings that do not change which documents are duplicates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One dedup run: the parts in the order of their refs, of which those from `first_new` on join."""

    folder: str
    part_ids: tuple[str, ...]
    sources: tuple[str, ...]
    """The source of each part."""
    first_new: int
    standing: tuple[tuple[str, int], ...]
    """For each part before `first_new`: the folder of its own run, its place there."""

    @property
    def first_new_ref(self) -> int:
        """The lowest ref of the parts that join."""
        return self.first_new << 32


def dedup_id(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return the name of the whole dedup of a build: its parts, in order, and its configuration."""
    return _run_ids(specs, config)[-1]


def waves(specs: Sequence[PartSpec], config: BuildConfig) -> list[Wave]:
    """Return the runs of a build's dedup, in order."""
    made: list[Wave] = []
    part_ids: list[str] = []
    sources: list[str] = []
    standing: list[tuple[str, int]] = []
    for run_id, members in zip(_run_ids(specs, config), _joining(specs, config), strict=True):
        folder = join(config.output, "clusters", run_id)
        first_new = len(part_ids)
        before = tuple(standing)
        part_ids += [spec.part_id for spec in members]
        sources += [spec.source for spec in members]
        standing += [(folder, place) for place in range(first_new, len(part_ids))]
        made.append(
            Wave(
                folder=folder,
                part_ids=tuple(part_ids),
                sources=tuple(sources),
                first_new=first_new,
                standing=before,
            )
        )
    return made


class GoneRows:
    """The rows of a part that dedup takes out, whichever run it joined in; may be pickled."""

    def __init__(self, specs: Sequence[PartSpec], config: BuildConfig) -> None:
        self._places: dict[str, tuple[str, int]] = {}
        if config.dedup.method == "off":
            return
        for wave in waves(specs, config):
            for place in range(wave.first_new, len(wave.part_ids)):
                self._places[wave.part_ids[place]] = (wave.folder, place)

    def __call__(self, part_id: str) -> Refs | None:
        """Return the rows, sorted; None where dedup is off."""
        if part_id not in self._places:
            return None
        return read_gone(*self._places[part_id])


def _joining(specs: Sequence[PartSpec], config: BuildConfig) -> list[list[PartSpec]]:
    if not config.dedup.earliest_wins:
        return [list(specs)]
    by_source = [[spec for spec in specs if spec.source == source.name] for source in config.sources]
    return [members for members in by_source if members] or [[]]


def _run_ids(specs: Sequence[PartSpec], config: BuildConfig) -> list[str]:
    settings = config.dedup.model_dump(mode="json", exclude=_SAME_RESULT)
    ids: list[str] = []
    joined: list[list[str]] = []
    for members in _joining(specs, config):
        joined.append([spec.part_id for spec in members])
        ids.append(canonical_sha256([joined, settings])[:24])
    return ids


@lru_cache(maxsize=256)
def _cached_gone(folder: str, place: int) -> Refs:
    return read_gone(folder, place)


def standing_gone(wave: Wave, place: int) -> Refs:
    """Return the rows of a standing part that its own run took out."""
    return _cached_gone(*wave.standing[place])
