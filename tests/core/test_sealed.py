"""Files that carry a checksum of themselves: any changed byte is found, and the message helps."""

import os
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.parquet import check_parquet, open_sealed_parquet
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.sealed import (
    BLOCK_BYTES,
    Damaged,
    SealedWriter,
    check_page,
    check_sealed,
    open_sealed,
    read_json,
    read_sealed,
    sealed_page,
    to_remove,
    write_json,
    write_sealed,
)
from tests.emulator import emulator_binary

ID = "0123456789abcdef01234567"


def each_flip(path, places):
    """Yield with one byte of a file changed at a time; put back at the end."""
    whole = path.read_bytes()
    chance = random.Random(7)
    for at in places:
        data = bytearray(whole)
        data[at] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        yield at
    path.write_bytes(whole)


def test_every_changed_byte_of_sealed_json_is_found(tmp_path):
    path = tmp_path / "summary.json"
    value = {"a": 1.25, "names": ["é", None, "x\ny"], "of": {"b": 2**63, "c": -0.0}}
    write_json(str(path), value)
    assert read_json(str(path)) == value
    for _ in each_flip(path, range(path.stat().st_size)):
        with pytest.raises(Damaged, match=r"summary\.json.*remove"):
            read_json(str(path))


@pytest.mark.parametrize("n_bytes", [0, 1, 1000, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 5])
def test_every_changed_byte_of_a_sealed_file_is_found(tmp_path, n_bytes):
    path, payload = tmp_path / "gone.u64", os.urandom(n_bytes)
    write_sealed(str(path), payload)
    assert bytes(read_sealed(str(path))) == payload
    with open_sealed(str(path)) as stream:
        assert stream.read() == payload
    size = path.stat().st_size
    chance = random.Random(n_bytes)
    places = {*range(max(0, size - 60), size), *(chance.randrange(size) for _ in range(20))}
    for _ in each_flip(path, sorted(places)):
        for read in (read_sealed, check_sealed):
            with pytest.raises(Damaged, match="not the bytes that were written"):
                read(str(path))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Damaged):
        read_sealed(str(path))


def test_pieces_make_the_same_sealed_file(tmp_path):
    rows = np.arange(300_000, dtype="<u8")
    write_sealed(str(tmp_path / "whole"), rows)
    with open(tmp_path / "pieces", "wb") as stream:
        writer = SealedWriter(stream)
        for piece in np.array_split(rows, 7):
            writer.write(piece.tobytes())
        writer.finish()
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "pieces").read_bytes()


def sealed_table(path):
    """A small Parquet file of three row groups, with all kinds of columns that a corpus has."""
    schema = pa.schema(
        [
            ("text", pa.string()),
            ("signals", pa.map_(pa.string(), pa.float64())),
            ("name", pa.dictionary(pa.int32(), pa.string())),
            ("notes", pa.list_(pa.string())),
            ("n", pa.int64()),
        ]
    )
    with SealedParquetWriter(str(path), schema, compression="zstd") as writer:
        for number in range(3):
            rows = [
                {"text": f"t{n}", "signals": [("k", n / 3)], "name": "ab"[n % 2], "notes": ["x"], "n": None}
                for n in range(10 * number, 10 * number + 10)
            ]
            columns = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
        writer.add_key_value_metadata({"said": "so"})
    return path


def test_every_changed_byte_of_sealed_parquet_is_found_and_none_is_read(tmp_path):
    path = sealed_table(tmp_path / "t.parquet")
    with open_sealed_parquet(str(path)) as file:
        whole = file.read()
    assert pq.read_table(path).equals(whole), "anybody reads it"
    assert check_parquet(str(path))[b"said"] == b"so"
    for at in each_flip(path, range(0, path.stat().st_size, 9)):
        with pytest.raises(Damaged, match=r"t\.parquet"):
            check_parquet(str(path))
        try:
            with open_sealed_parquet(str(path)) as file:
                assert file.read().equals(whole)
            assert at < 4, "of all bytes, the first four alone are not read"
        except Damaged:
            pass


def test_only_what_is_read_of_sealed_parquet_is_checked(tmp_path):
    path = sealed_table(tmp_path / "t.parquet")
    chunk = pq.read_metadata(path).row_group(2).column(0)
    for _ in each_flip(path, [chunk.data_page_offset + chunk.total_compressed_size // 2]):
        with open_sealed_parquet(str(path)) as file:
            assert file.read_row_group(1).num_rows == 10
            assert file.read_row_group(2, columns=["n", "notes"]).num_rows == 10
            with pytest.raises(Damaged):
                file.read_row_group(2)


def test_a_table_without_rows_and_a_file_without_a_seal(tmp_path):
    path = str(tmp_path / "none.parquet")
    with SealedParquetWriter(path, pa.schema([("a", pa.int64())])) as writer:
        writer.write_batch(pa.record_batch({"a": pa.array([], pa.int64())}))
    check_parquet(path)
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(Damaged, match="its footer"), open_sealed_parquet(path):
        pass


def test_a_page_says_when_it_was_changed(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(sealed_page("<html>\n<p>fine</p>\n</html>\n"))
    check_page(str(path))
    for _ in each_flip(path, range(path.stat().st_size)):
        with pytest.raises(Damaged):
            check_page(str(path))


@pytest.mark.parametrize(
    ("damaged", "removed"),
    [
        (f"c/parts/{ID}.signatures.bin", f"c/parts/{ID}.documents.parquet"),
        (f"gs://b/c/rejects/{ID}.rejects.parquet", f"gs://b/c/parts/{ID}.documents.parquet"),
        (f"/x/parts/c/clusters/{ID}/00001/gone.u64", f"/x/parts/c/clusters/{ID}"),
        (f"/x/spills/{ID}/spills/00000001.spill", f"/x/spills/{ID}"),
        (f"/x/repeats/{ID}/{ID}.cuts.bin", f"/x/repeats/{ID}"),
        (f"/x/repeats/spans-0123/{ID}.bin", f"/x/repeats/spans-0123/{ID}.bin"),
        (f"/x/plan/{ID}/parts.parquet", f"/x/plan/{ID}"),
        (f"/x/builds/{ID}.json", f"/x/builds/{ID}.json"),
    ],
)
def test_what_is_to_be_removed_is_what_makes_a_build_write_it_again(damaged, removed):
    assert to_remove(damaged) == removed


@pytest.mark.skipif(emulator_binary() is None, reason="no emulator of the service here")
def test_seals_hold_in_a_bucket(bucket, tmp_path):
    from corpusforge import files

    place = f"{bucket}/t.parquet"
    whole = sealed_table(tmp_path / "t.parquet").read_bytes()
    files.write_bytes(place, whole)
    check_parquet(place)
    files.write_bytes(place, whole[:200] + bytes([whole[200] ^ 4]) + whole[201:])
    with pytest.raises(Damaged):
        check_parquet(place)
    payload = os.urandom(BLOCK_BYTES + 100)
    write_sealed(f"{bucket}/gone.u64", payload)
    assert bytes(read_sealed(f"{bucket}/gone.u64")) == payload
    with open_sealed(f"{bucket}/gone.u64") as stream:
        assert stream.read() == payload
