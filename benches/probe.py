"""The probe's model beside gzip and xz on the same held-out text, bits per byte: `benches/probe.py CORPUS`.

`xz after the sample` is what the text adds to the sample's own archive: it has seen what the model has.
JSON out.
"""

import json
import lzma
import sys
import time
import zlib

from corpusforge.probe import TRAIN_BYTES
from corpusforge.probe.ngram import prepare, train
from corpusforge.probe.sampling import Sizes, read_sample
from corpusforge.shards.snapshot import read_index


def main() -> None:
    index = read_index(sys.argv[1])
    found = {}
    for domain, subset in index.supply_tokens():
        sample = read_sample(
            sys.argv[1], index, (domain, subset), index.header["seed"], Sizes(TRAIN_BYTES, TRAIN_BYTES // 4)
        )
        if sample.is_empty:
            continue
        trained_on, read = b"".join(sample.train), b"".join(sample.held_out)
        began = time.process_time()
        bits = train(sample.train).bits(prepare(sample.held_out))
        seconds = time.process_time() - began
        after = len(lzma.compress(trained_on + read, preset=9)) - len(lzma.compress(trained_on, preset=9))
        archives = {
            "gzip": len(zlib.compress(read, 9)),
            "xz": len(lzma.compress(read, preset=9)),
            "xz after the sample": after,
        }
        figures = {name: round(8 * size / len(read), 3) for name, size in archives.items()}
        found[f"{domain}/{subset}"] = {
            "probe": round(bits / len(read), 3), **figures, "cpu_s": round(seconds, 2), "bytes": len(read)
        }  # fmt: skip
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
