"""MB of text a CPU second: tokenising alone, tokenising inside `shard`, the whole of `shard`; JSON on stdout.

python benches/tokenizer.py english=BOOKS/*.txt code=FILES.parquet chinese=ROWS.jsonl.xz [--share 0.05]

Each set is NAME=FILE; a name given twice has two files: text, JSONL with `text` (.gz, .xz), or Parquet with
`text` or `content`. `shard` reads a part's documents, sorts, tokenises and spills them, and writes shards.
The tokens of a share of the documents, by the hash of their ids, are held against tiktoken's.
"""

import argparse
import gzip
import json
import lzma
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.document import Document, SourceKind, documents_to_batch, stable_id
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.format import part_path
from corpusforge.parts.survivors import survivors
from corpusforge.shards.local import write_shards
from corpusforge.shards.oracle import is_sampled, load_oracle
from corpusforge.shards.spill import SpillInfo, write_spill
from corpusforge.shards.tasks import Work
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import load_tokenizer

BATCH = 512
MAX_CHARS = 200_000
"""Longer documents are left out: one of them would be most of a set."""
SIGNALS = {f"signal_{n}": n / 7 for n in range(25)}


def texts_of(path: str) -> Iterator[str]:
    if path.endswith(".parquet"):
        table = pq.ParquetFile(path)
        name = "text" if "text" in table.schema_arrow.names else "content"
        for batch in table.iter_batches(BATCH, columns=[name]):
            for value in batch[name].to_pylist():
                yield value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
    elif ".jsonl" in path:
        opener = {".gz": gzip.open, ".xz": lzma.open}.get(Path(path).suffix, open)
        with opener(path, "rt", encoding="utf-8") as stream:
            yield from (json.loads(line)["text"] for line in stream)
    else:
        yield Path(path).read_text(errors="replace")


def documents(texts: list[str]) -> Iterator[Document]:
    for number, text in enumerate(texts):
        locator = f"bench#{number}"
        yield Document(
            doc_id=stable_id("jsonl", locator), source="bench", source_kind=SourceKind.JSONL, locator=locator,
            text=text, content_hash="0" * 32, language="en", language_score=0.9, domain="web", subset="all",
            domain_reason="maths 0.12 of 0.5", signals=SIGNALS, redactions={"email": 1},
        )  # fmt: skip


class Timed:
    """The tokenizer's engine, and the CPU time spent in it."""

    def __init__(self, engine) -> None:
        self.engine, self.cpu_s = engine, 0.0

    def encode(self, texts):
        start = time.process_time()
        found = self.engine.encode(texts)
        self.cpu_s += time.process_time() - start
        return found

    def decode(self, tokens):
        return self.engine.decode(tokens)


def shard(config: BuildConfig, tokenizer: Tokenizer) -> tuple[float, float, SpillInfo]:
    """Return CPU seconds of the stage, of the tokenizer in it, and what was spilled."""
    timed = Timed(tokenizer.engine)
    wrapped = Tokenizer(name=tokenizer.name, eos_id=tokenizer.eos_id, max_id=tokenizer.max_id,
                        facts=tokenizer.facts, engine=timed)  # fmt: skip
    start = time.process_time()
    work = Work(corpus=config.output, folder=f"{config.output}/spills")
    info = write_spill(survivors(config, "p", None), wrapped, 0, work.spills, 0)
    write_shards(work, [info], 2**28)
    return time.process_time() - start, timed.cpu_s, info


def measure(texts: list[str], tokenizer: Tokenizer, share: float, repeat: int) -> dict:
    n_bytes = sum(len(text.encode()) for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        config = BuildConfig(name="bench", output=folder, sources=(SourceConfig(name="b", paths=("x",)),))
        rows = list(documents(texts))
        Path(folder, "parts").mkdir()
        batches = [documents_to_batch(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]
        whole = pa.Table.from_batches(batches)
        write_sealed_table(whole, part_path(folder, "p", "documents.parquet"), compression="zstd")
        encoded = [text.encode() for text in texts]
        alone, runs = [], []
        for _ in range(repeat):  # the best of several: what else runs on the machine only ever adds
            start = time.process_time()
            for at in range(0, len(encoded), BATCH):
                tokenizer.encode_utf8(encoded[at : at + BATCH])
            alone.append(time.process_time() - start)
            runs.append(shard(config, tokenizer))
    whole, inside = min(run[0] for run in runs), min(run[1] for run in runs)
    speed = {"alone": min(alone), "in_shard": inside, "whole": whole}
    return {
        "documents": len(texts),
        "mb": round(n_bytes / 1e6, 1),
        "bytes_per_token": round(n_bytes / (runs[0][2].n_tokens - len(texts)), 2),
        **{f"{name}_mb_s": round(n_bytes / cpu_s / 1e6, 1) for name, cpu_s in speed.items()},
        **against_oracle(rows, tokenizer, share),
    }


def against_oracle(rows: list[Document], tokenizer: Tokenizer, share: float) -> dict:
    oracle = load_oracle(tokenizer)
    sample = [row.text for row in rows if is_sampled(row.doc_id, share)]
    ids, offsets = tokenizer.encode_batch(sample)
    start = time.process_time()
    expected = [oracle(text) for text in sample]
    cpu_s = time.process_time() - start
    pairs = zip(pairwise(offsets.tolist()), expected, strict=True)
    same = [ids[start:stop].tolist() == one for (start, stop), one in pairs]
    n_bytes = sum(len(text.encode()) for text in sample)
    return {"sampled": len(sample), "sampled_equal": sum(same),
            "tiktoken_mb_s": round(n_bytes / cpu_s / 1e6, 1) if sample else None}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="+", metavar="NAME=FILE")
    parser.add_argument("--encoding", default="cl100k_base")
    parser.add_argument("--share", type=float, default=0.05, help="Of the documents, held against tiktoken.")
    parser.add_argument("--megabytes", type=float, default=20, help="Of text, at most, a set.")
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    sets: dict[str, list[str]] = {}
    for entry in args.sets:
        name, _, path = entry.partition("=")
        sets.setdefault(name, []).extend(text for text in texts_of(path) if 0 < len(text) <= MAX_CHARS)
    tokenizer = load_tokenizer(args.encoding)
    tokenizer.encode_batch(["warm"])
    for name, texts in sets.items():
        kept, n_chars = [], 0
        for text in texts:
            kept.append(text)
            n_chars += len(text)
            if n_chars >= args.megabytes * 1e6:
                break
        print(json.dumps({"set": name, **measure(kept, tokenizer, args.share, args.repeat)}), flush=True)


if __name__ == "__main__":
    main()
