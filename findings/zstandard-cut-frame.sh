#!/bin/sh
# python-zstandard 0.25.0: the stream reader ends without an error where a frame is cut short.
#
# RFC 8878: a frame ends with its last block. `ZstdDecompressor.stream_reader` returns what came before
# the cut and then b"", as at a frame's end; `read_across_frames` makes no difference. So a file that was
# cut by a lost connection reads as a whole, shorter one. `decompress` in one call does raise.
# We follow the heads of the blocks ourselves (corpusforge/ingest/compression/frames.py).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q zstandard==0.25.0
"$folder/venv/bin/python" - <<'END'
import io, random, sys
import zstandard

data = random.Random(1).randbytes(1 << 20)
frame = zstandard.ZstdCompressor(write_checksum=True).compress(data)
cut = frame[: len(frame) // 2]
read = {}
for across in (False, True):
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(cut), read_across_frames=across)
    got = b"".join(iter(lambda: reader.read(1 << 16), b""))
    read[across] = len(got)
print("zstandard", zstandard.__version__, "bytes of", len(data), "read of a frame cut in half, no error:", read)
sys.exit(0 if all(0 < n < len(data) for n in read.values()) else 1)
END
