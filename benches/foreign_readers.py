"""Samples of S tokens as a foreign reader hands them out; tokens and CPU seconds as JSON on stdout.

Run by benches/reader.py with the Python that has those readers: FORMAT FOLDER S SAMPLES. Each gives what
a trainer would ask of it to keep documents apart: Megatron-core positions that begin anew, OLMo-core the
lengths of documents, MDS the lengths that were stored with each sample.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.export.foreign import streaming_library


def megatron(folder: Path, sequence: int, samples: int, positions: bool = True):
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from megatron.core.datasets.utils import Split
    from torch import distributed

    store = distributed.FileStore(str(folder / f"store-{os.getpid()}"), 1)
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    eos = int((folder / "eos").read_text())

    class Tokenizer:  # what the configuration asks of one
        eod, pad, vocab_size, unique_identifiers = eos, eos, 2**18, {"class": "none"}

    config = GPTDatasetConfig(
        random_seed=1, sequence_length=sequence, blend=None, split="1,0,0", reset_position_ids=positions,
        reset_attention_mask=False, eod_mask_loss=False, create_attention_mask=False, tokenizer=Tokenizer(),
        add_extra_token_to_sequence=False, path_to_cache=str(folder / "cache"),
    )  # fmt: skip
    prefix = str(max(folder.glob("*.bin"), key=lambda path: path.stat().st_size).with_suffix(""))
    indexed = IndexedDataset(prefix, mmap=True)
    indices = np.arange(len(indexed.document_indices) - 1, dtype=np.int32)
    return GPTDataset(indexed, prefix, indices, samples, Split.train, config)


def megatron_plain(folder: Path, sequence: int, samples: int):
    return megatron(folder, sequence, samples, positions=False)


def olmo(folder: Path, sequence: int, _samples: int):
    from olmo_core.data.numpy_dataset import NumpyFSLDataset

    eos = int((folder / "eos").read_text())
    dataset = NumpyFSLDataset(
        *sorted(folder.glob("*.npy")), sequence_length=sequence, pad_token_id=eos, eos_token_id=eos,
        vocab_size=2**18, dtype=np.uint32, include_instance_metadata=False, generate_doc_lengths=True,
    )  # fmt: skip
    dataset.prepare()
    return dataset


def mds(folder: Path, _sequence: int, _samples: int):
    return streaming_library().LocalDataset(str(folder))


if __name__ == "__main__":
    name, folder, sequence, samples = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    dataset = globals()[name](folder, sequence, samples)
    numbers = range(min(samples, len(dataset)))
    dataset[0]
    for n in numbers:  # into the page cache
        dataset[n]
    start = time.process_time()
    for n in numbers:
        dataset[n]
    print(json.dumps({"tokens": len(numbers) * sequence, "cpu_s": time.process_time() - start}))
