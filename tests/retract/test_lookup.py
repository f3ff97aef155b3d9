"""Lookups: which files may hold what a list names; too much perhaps, never too little."""

import numpy as np
import pyarrow as pa
import pytest

from corpusforge.retract.lists import listed
from corpusforge.retract.lookup import begin, by_bucket, find, finish, list_keys, lookups, write_bucket
from corpusforge.sealed import Damaged

ROWS = [
    {"doc_id": f"{n:032x}", "content_hash": f"{n + 500:032x}", "url": f"http://h{n % 7}.Example.org/{n}/", "host": None,
     "repo": f"Owner{n % 3}/r{n}"}
    for n in range(200)
]  # fmt: skip
FILES = [("shard", "web/all/a"), ("part", "p"), ("shard", "code/all/b")]


def _made(corpus, n_buckets):
    making = begin(corpus, FILES, 0)
    making = type(making)(corpus=corpus, folder=making.folder, n_buckets=n_buckets)
    buckets = {}
    for number in range(len(FILES)):
        rows = ROWS[number::3]
        groups = [pa.Table.from_pylist(rows[first : first + 16]) for first in range(0, len(rows), 16)]
        groups = [
            table.set_column(3, "host", pa.nulls(len(table), pa.string())).combine_chunks()
            for table in groups
        ]
        for bucket, data in by_bucket(groups, number, n_buckets, by_group=FILES[number][0] == "shard"):
            buckets.setdefault(bucket, []).append(data)
    for element in buckets.items():
        list(write_bucket(making, element))
    finish(making)
    return lookups(corpus)


@pytest.mark.parametrize("n_buckets", [1, 16])
@pytest.mark.parametrize(
    ("entry", "of"),
    [
        (lambda n: ("id", ROWS[n]["doc_id"]), lambda n: {n}),
        (lambda n: ("hash", ROWS[n]["content_hash"]), lambda n: {n}),
        (lambda n: ("url", ROWS[n]["url"]), lambda n: {n}),
        (lambda n: ("url", f"h{n % 7}.example.org/*"), lambda n: set(range(n % 7, 200, 7))),
        (lambda n: ("host", f"h{n % 7}.example.org"), lambda n: set(range(n % 7, 200, 7))),
        (lambda n: ("repo", ROWS[n]["repo"].upper()), lambda n: {n}),
        (lambda n: ("repo", f"owner{n % 3}/*"), lambda n: set(range(n % 3, 200, 3))),
    ],
)
def test_it_leads_to_every_row_group_that_holds_a_named_row(tmp_path, n_buckets, entry, of):
    (folder,) = _made(str(tmp_path), n_buckets)
    for n in (0, 1, 50, 101, 199):
        keys = list_keys(listed([entry(n)]))
        expected = {}
        for row in of(n):
            group = row // 3 // 16 if FILES[row % 3][0] == "shard" else 0
            expected.setdefault(FILES[row % 3], set()).add(group)
        assert find(folder, keys) == expected


def test_what_it_does_not_hold_is_nowhere(tmp_path):
    (folder,) = _made(str(tmp_path), 4)
    assert find(folder, list_keys(listed([("host", "other.example"), ("id", "f" * 32)]))) == {}


def test_conditions_and_licences_are_looked_for_everywhere():
    assert list_keys(listed([("id", "f" * 32), ("where", "n_bytes > 3")])) is None
    assert list_keys(listed([("licence", "MIT")])) is None


def test_a_damaged_lookup_is_told_never_believed(tmp_path):
    (folder,) = _made(str(tmp_path), 1)
    path = next((tmp_path / "lookups").glob("*/000000.u64"))
    data = bytearray(path.read_bytes())
    data[np.random.default_rng(3).integers(0, len(data) - 100)] ^= 64
    path.write_bytes(data)
    with pytest.raises(Damaged, match=r"remove .*lookups"):
        find(folder, list_keys(listed([("id", ROWS[7]["doc_id"])])))
