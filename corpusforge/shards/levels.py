"""How many times documents are merged between their spills and their shards, chosen from counts.

    level 0   spills ────────────────────────────▶ shards     every shard reads of every run
    level 1   spills ──▶ groups of files x ranges ──▶ shards  a shard reads of one run a group
    level 2   … ──▶ groups of groups x ranges ──▶ shards

With one level, P runs in groups of M and R ranges cost P x R reads, and N shards N x P / M. A level
reads and writes every byte once more, so it is taken where it saves more requests than that is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from corpusforge.frozen import canonical_sha256
from corpusforge.shards.blocks import BLOCK_BYTES
from corpusforge.shards.index import READ_BYTES, TABLE_SPILLS, Sums
from corpusforge.shards.places import GROUPS, Cuts
from corpusforge.shards.spill import MIN_BLOCK_BYTES, ROW_BYTES, RUN_BLOCKS, RUN_TEXT_BYTES, Count

MERGE_BYTES = 1 << 30
"""What one task of merging takes, uncompressed: about as heavy as a shard."""
MAX_FAN_IN = 512
MAX_LEVELS = 3
SPILL_TEXT_BYTES = 16 * RUN_TEXT_BYTES
"""Text of one spill: many runs, so that the last, which is not full, weighs little."""
MIN_SPILLS = 32
"""Parts are not put together to fewer spills than these: workers share them."""
MAX_SPILL_PARTS = 256
"""Parts of one spill: their documents are opened one after another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What reading costs, in requests."""

    request_bytes: int
    """So many bytes cost as much as one request."""
    level_requests: int
    """So many requests cost as much as one level does before its first byte."""


DISK = Store(request_bytes=64 << 10, level_requests=4096)
"""An open, a read and a block's decoding cost some 100 us; a pass over the bytes 1.5 ns a byte."""
BUCKET = Store(request_bytes=1 << 20, level_requests=0)
"""A request costs a client some ms of CPU, what a MiB costs to receive, check and merge."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """One merge: `fan_in` files, or groups, of the level below become one run for each range."""

    fan_in: int
    n_groups: int
    ranges: Cuts

    @property
    def n_tasks(self) -> int:
        """How many runs it makes: number `group * ranges + range`."""
        return self.n_groups * self.ranges.count


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The way from spills to shards."""

    levels: tuple[Level, ...]
    shards: Cuts

    def shape_id(self) -> str:
        """Return a name of it: runs of another shape are other runs."""
        levels = [[level.fan_in, level.n_groups, level.ranges.pieces] for level in self.levels]
        return canonical_sha256([levels, self.shards.pieces])[:12]

    def targets(self, level: int) -> Cuts:
        """Return what the files below a level are cut into: its ranges, and above all levels the shards."""
        return self.levels[level].ranges if level < len(self.levels) else self.shards

    def group_of(self, level: int, file: int) -> int:
        """Return the group in which a file from below takes part in a level; 0 for the shards."""
        if level == len(self.levels):
            return 0
        below = self.levels[level - 1].ranges.count if level else 1
        return file // below // self.levels[level].fan_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a shape costs between the spills and the commit."""

    reads: int
    """Ranges read, of spills, runs and tables."""
    writes: int
    """Files written."""
    bytes_read: int
    bytes_written: int
    """Of runs; what shards take is the corpus itself."""

    @property
    def requests(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes


def parts_per_spill(n_parts: int, n_bytes: int) -> int:
    """Return how many consecutive parts share a spill, from their number and their bytes of text together."""
    if not n_parts:
        return 1
    fitting = SPILL_TEXT_BYTES * n_parts // max(1, n_bytes)
    return max(1, min(fitting, n_parts // MIN_SPILLS, MAX_SPILL_PARTS))


def choose_shape(sums: Sums, shards: Cuts, store: Store, n_levels: int | None = None) -> Shape:
    """Return the cheapest way from spills to shards, of `n_levels` where that is given."""

    def weight(shape: Shape) -> float:
        cost = predict(sums, shape)
        moved = cost.bytes_read + cost.bytes_written
        return cost.requests + moved / store.request_bytes + len(shape.levels) * store.level_requests

    if n_levels is not None:
        return min(_shapes(sums, shards, n_levels), key=weight)
    best = min(_shapes(sums, shards, 0), key=weight)
    for count in range(1, MAX_LEVELS + 1):
        deeper = min(_shapes(sums, shards, count), key=weight)
        if weight(deeper) >= weight(best):
            break
        best = deeper
    return best


def _shapes(sums: Sums, shards: Cuts, n_levels: int) -> Iterator[Shape]:
    fan_ins = [2**power for power in range(1, MAX_FAN_IN.bit_length())]
    raw = raw_bytes(sums)
    for chosen in product(fan_ins, repeat=n_levels):
        levels: list[Level] = []
        n_files = max(1, sums.n_spills)
        for fan_in in chosen:
            n_files = -(-n_files // fan_in)
            levels.append(Level(fan_in=fan_in, n_groups=n_files, ranges=_ranges(raw, n_files)))
        yield Shape(levels=tuple(levels), shards=shards)


def _ranges(raw: Mapping[tuple[str, str], int], n_groups: int) -> Cuts:
    """Return ranges that give a task of each of so many groups of files about `MERGE_BYTES`.

    A (domain, subset) is cut into 2^n ranges, as blocks of spills are; small ones share a range.
    """
    pieces: list[tuple[int, int]] = []
    room = 0
    for name, n_bytes in raw.items():
        tasks = -(-n_bytes // (MERGE_BYTES * n_groups))
        if tasks > 1:
            pieces.append((GROUPS.index(name), 2 ** (tasks - 1).bit_length()))
            room = 0
        elif n_bytes <= room:
            pieces.append((GROUPS.index(name), 0))
            room -= n_bytes
        else:
            pieces.append((GROUPS.index(name), 1))
            room = MERGE_BYTES * n_groups - n_bytes
    return Cuts(tuple(pieces))


def raw_bytes(sums: Sums) -> Mapping[tuple[str, str], int]:
    """Return about how many bytes of text, tokens and metadata there are by (domain, subset)."""
    token_bytes = int((sums.dtype or "<u4")[-1])
    return {
        name: n_bytes + tokens * token_bytes + documents * ROW_BYTES
        for name, (documents, tokens, n_bytes) in sums.by_group().items()
    }


def predict(sums: Sums, shape: Shape) -> Cost:
    """Return what a shape costs, where every run holds rows of every target."""
    n_shards = shape.shards.count
    n_tables = -(-sums.n_spills // TABLE_SPILLS)
    block_bytes = sums.n_bytes // max(1, sums.n_blocks)
    reads, writes, moved = n_tables, 5 * n_shards, 0
    n_files, n_runs, n_below = sums.n_spills, sums.n_runs, 1
    for level in shape.levels:
        n_ranges = level.ranges.count
        # Runs of one file lie side by side: a range of everything is one read of all of them.
        reads += _reads(n_files if n_ranges == 1 else n_runs * max(n_ranges, n_below), sums)
        moved += sums.n_bytes + _read_twice(n_runs, n_ranges, n_below, block_bytes, sums)
        writes += level.n_tasks
        n_files, n_runs, n_below = level.n_tasks, level.n_groups, n_ranges
    if not shape.levels:
        moved += int(n_runs * _shared_blocks(sums, shape.shards) * block_bytes)
    # A shard that lies across the bounds of ranges reads a run of each.
    reads += _reads(n_runs * (n_shards + n_below - 1), sums)
    return Cost(
        reads=reads,
        writes=writes,
        bytes_read=moved + sums.n_bytes,
        bytes_written=len(shape.levels) * sums.n_bytes,
    )


def _shared_blocks(sums: Sums, shards: Cuts) -> float:
    """Return how many blocks of a run two shards share: those in which a shard of a group ends.

    Where a run has fewer blocks than groups, a block holds several of them.
    """
    n_groups = len(shards.pieces)
    is_small = sums.n_blocks < sums.n_runs * n_groups
    ends = max(0, shards.count - (1 if is_small else n_groups))
    # Of d rows at random keys, none but all may lie on one side of an end.
    rows = max(1.0, sums.n_docs / max(1, sums.n_blocks))
    return ends * (rows - 1) / (rows + 1)


def _reads(count: int, sums: Sums) -> int:
    return count + sums.n_bytes // READ_BYTES if sums.n_bytes else 0


def _read_twice(n_runs: int, n_ranges: int, n_below: int, block_bytes: int, sums: Sums) -> int:
    """Return the bytes of blocks that lie across the bounds of ranges."""
    if n_below == 1 and n_runs * n_ranges * block_bytes <= sums.n_bytes:
        return 0  # blocks of spills end where ranges do
    return n_runs * max(0, n_ranges - n_below) * block_bytes


def synthetic_sums(
    n_spills: int, n_tokens: int, bytes_per_token: float = 4.0, doc_tokens: int = 3500
) -> Sums:
    """Return the sums of a corpus that nobody has built, every run full but the last of each spill.

    3,500 tokens a document: 10^13 in 3 * 10^9. Shares of domains as in a large web corpus.
    """
    shares = {("web", "all"): 65, ("code", "all"): 20, ("math", "generic"): 5, ("books", "all"): 10}
    counts = [
        Count(
            source="s",
            domain=domain,
            subset=subset,
            documents=n_tokens * share // (100 * doc_tokens),
            tokens=n_tokens * share // 100,
            bytes=int(n_tokens * share * bytes_per_token) // 100,
        )
        for (domain, subset), share in sorted(shares.items())
    ]
    sums = Sums(dtype="<u4", n_spills=n_spills, counts=tuple(counts))
    n_bytes = sum(raw_bytes(sums).values())
    runs = -(-int(n_tokens * bytes_per_token) // (n_spills * RUN_TEXT_BYTES))
    run_bytes = n_bytes // (n_spills * runs)
    block_bytes = min(BLOCK_BYTES, max(MIN_BLOCK_BYTES, run_bytes // RUN_BLOCKS))
    n_blocks = n_spills * runs * max(1, run_bytes // block_bytes)
    return replace(sums, n_runs=n_spills * runs, n_blocks=n_blocks, n_bytes=n_bytes)


def describe(shape: Shape) -> Sequence[str]:
    """Return a line a level, for a person."""
    return [
        f"level {number}: {level.n_groups:,} groups of {level.fan_in} x {level.ranges.count:,} ranges"
        for number, level in enumerate(shape.levels, 1)
    ]
