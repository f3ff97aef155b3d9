"""In which order the parts of a build join its dedup, and where the result of each run lies.

Together, all parts are one *wave*. Under `dedup.earliest_wins` every source is a wave of its
own, in the order of the configuration: a wave is compared with what stands of the waves
before it, and with itself. A source that is appended costs its own wave, no more: the runs
of the waves before it are found by their names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import Refs
from corpusforge.dedup.comparison import Sources, sources_of
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.result import read_gone
from corpusforge.files import join
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.plan import Plan, SourceParts, manifest_sources

_SAME_RESULT = {"clustering", "union_find_bytes", "star_rounds", "leakage", "repeats", "partitions"}
"""Settings that do not change which documents are duplicates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One dedup run: the first parts of the plan, of which those from `first_new` on join."""

    folder: str
    n_parts: int
    first_new: int
    sources: Sources
    before: tuple[tuple[int, str], ...]
    """(first part, folder) of each run before it."""

    @property
    def first_new_ref(self) -> int:
        """The lowest ref of the parts that join."""
        return self.first_new << 32


def waves(plan: Plan, config: BuildConfig) -> list[Wave]:
    """Return the runs of a build's dedup, in order."""
    return _waves(plan.sources, config.dedup, config.output)


def _waves(sources: Sequence[SourceParts], dedup: DedupConfig, corpus: str) -> list[Wave]:
    joining = [(source,) for source in sources if source.count]
    if not dedup.earliest_wins:
        joining = [tuple(sources)]
    settings = dedup.model_dump(mode="json", exclude=_SAME_RESULT)
    if not dedup.earliest_wins:
        # buckets past their bound are cut by how many documents they hold, leakage's among them
        settings["leakage"] = dedup.leakage
    made: list[Wave] = []
    joined: list[list[list[str]]] = []
    counts: list[tuple[str, int]] = []
    before: list[tuple[int, str]] = []
    for together in joining or [()]:
        joined.append([[source.name, source.digest] for source in together if source.count])
        folder = join(corpus, "clusters", canonical_sha256([joined, settings])[:24])
        first_new = sum(count for _, count in counts)
        counts += [(source.name, source.count) for source in together]
        made.append(
            Wave(
                folder=folder,
                n_parts=sum(count for _, count in counts),
                first_new=first_new,
                sources=sources_of(counts),
                before=tuple(before),
            )
        )
        before.append((first_new, folder))
    return made


def dedup_of(header: Mapping[str, Any]) -> DedupConfig | None:
    """Return the settings of a snapshot's dedup; None where another version wrote them otherwise."""
    try:
        return DedupConfig.model_validate(header.get("config", {}).get("dedup"))
    except ValidationError:
        return None


def snapshot_folders(corpus: str, header: Mapping[str, Any]) -> list[str]:
    """Return where the results of a snapshot's dedup lie, in order, as its header tells; none of no settings.

    The last one names the whole, also where nothing was compared and the folders are not there.
    """
    dedup = dedup_of(header)
    if dedup is None:
        return []
    return [wave.folder for wave in _waves(manifest_sources(corpus, header), dedup, corpus)]


def dedup_folder(plan: Plan, config: BuildConfig) -> str:
    """Return where the result of a build's dedup lies, its last wave's."""
    return waves(plan, config)[-1].folder


def dedup_id(plan: Plan, config: BuildConfig) -> str:
    """Return the name of the whole dedup of a build: its parts, in order, and its configuration."""
    return dedup_folder(plan, config).rpartition("/")[2]


class GoneRows:
    """The rows of a part that dedup takes out, whichever run it joined in; small, may be pickled."""

    def __init__(self, plan: Plan, config: BuildConfig) -> None:
        is_off = config.dedup.method == "off"
        self._runs = [] if is_off else [(wave.first_new, wave.folder) for wave in waves(plan, config)]

    def __call__(self, part: int) -> Refs | None:
        """Return the rows of the part of a number, sorted; None where dedup is off."""
        return read_gone(self._runs[self.wave(part)][1], part) if self._runs else None

    def wave(self, part: int) -> int:
        """Return the number of the run that a part joined in."""
        return max(0, bisect_right([first for first, _ in self._runs], part) - 1)


def standing_gone(wave: Wave, part: int) -> Refs:
    """Return the rows of a standing part that its own run took out."""
    place = bisect_right([first for first, _ in wave.before], part) - 1
    return read_gone(wave.before[place][1], part)
