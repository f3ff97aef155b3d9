"""Reads an export with the reader it is meant for, and prints sha256 of tokens by domain as JSON.

Run by test_foreign_readers.py with the Python that has those readers: FORMAT FOLDER [NUMBER]; the
number is of bytes a token, or for a plan of tokens a sample.
"""

import hashlib
import json
import sys
import types
from pathlib import Path

import numpy as np


def digest(by_domain: dict[str, list[np.ndarray]]) -> dict[str, str]:
    return {
        name: hashlib.sha256(np.concatenate(found).astype("<u4").tobytes()).hexdigest()
        for name, found in sorted(by_domain.items())
    }


def megatron(folder: str, token_bytes: str) -> dict[str, str]:
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    found: dict[str, list[np.ndarray]] = {}
    for path in sorted(Path(folder).glob("*.idx")):
        dataset = IndexedDataset(str(path.with_suffix("")), mmap=True)
        assert dataset.index.dtype_size == int(token_bytes)
        domain = path.name.split("-")[0]
        found.setdefault(domain, []).extend(np.array(dataset[n]) for n in range(len(dataset)))
    return digest(found)


def megatron_plan(folder: str, sequence: str) -> dict[str, object]:
    """Samples of the virtual index in order, and what a blend by `data_path.txt` draws of each prefix."""
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    plan = IndexedDataset(str(Path(folder, "plan")), mmap=True)
    documents = plan.document_indices
    samples = [
        np.concatenate([plan[k] for k in range(documents[n], documents[n + 1])])
        for n in range(len(documents) - 1)
    ]
    return {
        "samples": [hashlib.sha256(sample.astype("<u4").tobytes()).hexdigest() for sample in samples],
        "drawn": blended(folder, int(sequence)),
    }


def blended(folder: str, sequence_length: int) -> dict[str, int]:
    from megatron.core.datasets.blended_dataset import BlendedDataset
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    from megatron.core.datasets.indexed_dataset import IndexedDataset
    from megatron.core.datasets.utils import Split
    from torch import distributed

    store = distributed.FileStore(str(Path(folder, "store")), 1)  # the blend asks for its rank
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)

    class Tokenizer:  # what the configuration asks of one
        eod, pad, vocab_size, unique_identifiers = 0, 0, 2**18, {"class": "none"}

    config = GPTDatasetConfig(
        random_seed=1, sequence_length=sequence_length, blend=None, split="1,0,0",
        reset_position_ids=False, reset_attention_mask=False, eod_mask_loss=False,
        tokenizer=Tokenizer(), add_extra_token_to_sequence=False, path_to_cache=str(Path(folder, "cache")),
    )  # fmt: skip
    lines = [line.split() for line in Path(folder, "data_path.txt").read_text().splitlines()]
    datasets = []
    for count, name in lines:
        indexed = IndexedDataset(str(Path(folder, name)), mmap=True)
        indices = np.arange(len(indexed.document_indices) - 1, dtype=np.int32)
        datasets.append(
            GPTDataset(indexed, str(Path(folder, name)), indices, int(count), Split.train, config)
        )
    blend = BlendedDataset(datasets, [int(count) for count, _ in lines], None, config)
    drawn = np.bincount(blend.dataset_index, minlength=len(lines)).tolist()
    return {name: count for (_, name), count in zip(lines, drawn, strict=True)}


def olmo(folder: str, token_bytes: str) -> dict[str, str]:
    from olmo_core.data.numpy_dataset import NumpyFSLDataset

    found: dict[str, list[np.ndarray]] = {}
    for path in sorted(Path(folder).glob("*.npy")):
        n_tokens = path.stat().st_size // int(token_bytes)
        dataset = NumpyFSLDataset(
            path, sequence_length=n_tokens, pad_token_id=0, eos_token_id=0, vocab_size=2**18,
            dtype={2: np.uint16, 4: np.uint32}[int(token_bytes)], include_instance_metadata=False,
        )  # fmt: skip
        assert len(dataset) == 1
        found.setdefault(path.name.split("-")[0], []).append(dataset[0]["input_ids"].numpy())
    return digest(found)


def datatrove(folder: str, token_bytes: str) -> dict[str, str]:
    from datatrove.utils.dataset import DatatroveFileDataset

    found: dict[str, list[np.ndarray]] = {}
    for path in sorted(Path(folder).glob("*.ds")):
        size = int(Path(f"{path}.metadata").read_text().splitlines()[0].rpartition("|")[2])
        assert size == int(token_bytes)
        n_tokens = path.stat().st_size // size
        dataset = DatatroveFileDataset(
            str(path), seq_len=n_tokens - 1, token_size=size, return_positions=True
        )
        sample = dataset[0]
        tokens = sample["input_ids"].numpy()
        positions = sample["positions"].numpy()
        ends = np.fromfile(f"{path}.index", "<u8")
        assert np.flatnonzero(positions == 0).tolist() == [0, *ends[:-1].tolist()]
        found.setdefault(path.name.split("-")[0], []).append(tokens)
    return digest(found)


def streaming_library():  # type: ignore[no-untyped-def]
    # The package imports torchvision and transformers for datasets and batches that are not read here.
    for name in ("streaming.vision", "streaming.multimodal", "streaming.text", "transformers"):
        sys.modules[name] = types.ModuleType(name)
    for name, kind in (
        ("feature_extraction_utils", "BatchFeature"),
        ("tokenization_utils_base", "BatchEncoding"),
    ):
        module = types.ModuleType(f"transformers.{name}")
        setattr(module, kind, dict)
        sys.modules[f"transformers.{name}"] = module
    import streaming

    return streaming


def mds(folder: str, _token_bytes: str) -> dict[str, str]:
    found: dict[str, list[np.ndarray]] = {}
    for sample in streaming_library().LocalDataset(folder):
        found.setdefault(sample["domain"], []).append(sample["tokens"])
    return digest(found)


def mds_plan(folder: str, _sequence: str) -> dict[str, object]:
    return {
        "samples": [
            hashlib.sha256(sample["tokens"].astype("<u4").tobytes()).hexdigest()
            for sample in streaming_library().LocalDataset(folder)
        ]
    }


def parquet(folder: str, _token_bytes: str) -> dict[str, str]:
    from datasets import load_dataset

    files = sorted(str(path) for path in Path(folder).glob("*.parquet"))
    found: dict[str, list[np.ndarray]] = {}
    data = load_dataset("parquet", data_files=files, split="train", cache_dir=str(Path(folder, "cache")))
    for row in data:
        found.setdefault(row["domain"], []).append(np.array(row["tokens"]))
    return digest(found)


def hf(folder: str, *names: str) -> dict[str, list[dict[str, object]]]:
    """Documents of each configuration as `load_dataset` gives them, and the names of all; offline."""
    from datasets import get_dataset_config_names, load_dataset

    found: dict[str, list[dict[str, object]]] = {
        name: load_dataset(folder, name, split="train", cache_dir=f"{folder}-cache").to_list()
        for name in names
    }
    found["default"] = load_dataset(folder, split="train", cache_dir=f"{folder}-cache").to_list()
    return {**found, "names": get_dataset_config_names(folder)}


def croissant(folder: str, *names: str) -> dict[str, object]:
    """What `mlcroissant` says of the metadata, and the documents that it reads by them."""
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=str(Path(folder, "croissant.json")))
    issues = dataset.metadata.issues
    told: dict[str, object] = {"errors": sorted(issues.errors), "warnings": sorted(issues.warnings)}
    for name in names:
        told[name] = [_words(record) for record in dataset.records(name)]
    return told


def _words(value: object) -> object:
    """A record with text for bytes, and the last part of its fields' names."""
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: _words(one) for name, one in value.items()}
    if isinstance(value, list | np.ndarray):
        return [_words(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value.item() if hasattr(value, "item") else value


def stateful(corpus: str, plan: str, workers: str) -> dict[str, object]:
    """Sample numbers of a run, and of runs that were broken off after each of some batches and resumed."""
    from torchdata.stateful_dataloader import StatefulDataLoader

    from corpusforge.reader.torch import PlanStream

    def loader() -> StatefulDataLoader:
        stream = PlanStream(corpus, plan, rank=1, world_size=3, batch_size=4)
        return StatefulDataLoader(stream, batch_size=4, num_workers=int(workers))

    def numbers(batches) -> list[list[int]]:  # type: ignore[no-untyped-def]
        return [batch["sample"].tolist() for batch in batches]

    resumed = {}
    for stop in (0, 1, 5, 11):
        first = loader()
        running = iter(first)
        before = numbers(next(running) for _ in range(stop))
        state = first.state_dict()
        again = loader()
        again.load_state_dict(state)
        resumed[stop] = before + numbers(again)
    return {"whole": numbers(loader()), "resumed": resumed}


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    print(json.dumps(globals()[name](*arguments)))
