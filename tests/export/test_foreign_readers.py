"""Each export, read by the reader it is meant for: the tokens of every domain, and a plan's samples.

`make test-readers` makes the environment that has those readers and runs these.
"""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from corpusforge.card import write_card
from corpusforge.export import export_plan, export_snapshot
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.reader import open_plan
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.tokenizer_choice import configured_tokenizer
from tests.export.documents import by_id, documents_of, make_documents_corpus
from tests.shards.corpus import build_corpus
from tests.shards.train_tokenizer import train

READERS = Path(os.environ.get("CORPUSFORGE_READERS", Path(__file__).parents[2] / ".venv-readers"))
PYTHON = READERS.absolute() / "bin" / "python"
S = 64
RECIPE = 'name="r"\nbudget_tokens=12800\nsequence_length=64\nmax_epochs=5\n[weights]\nweb=0.5\nmath=0.3\nbooks=0.2\n'


@pytest.fixture(scope="module", params=["cl100k_base", "tokenizer.json"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Corpora of four and of two bytes a token."""
    if not PYTHON.exists():
        pytest.skip(f"no foreign readers at {PYTHON}: `make test-readers` installs them")
    folder = tmp_path_factory.mktemp("foreign")
    if request.param == "cl100k_base":
        return str(build_corpus(folder, 300))
    pytest.importorskip("tokenizers")
    settings = ShardsConfig(tokenizer_json=str(train(folder / "tokenizer.json")))
    tokenizer = configured_tokenizer(settings, str(folder / "corpus"))
    return str(build_corpus(folder, 300, tokenizer=tokenizer))


def foreign(*arguments: str, ours: bool = False) -> dict[str, object]:
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    environment.pop("PYTHONPATH", None)
    if ours:
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    command = [str(PYTHON), str(Path(__file__).with_name("foreign.py")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def expected(corpus: str) -> dict[str, str]:
    payloads: dict[str, list[np.ndarray]] = {}
    for row in read_index(corpus).rows:
        path = Path(corpus, shard_path(row.domain, row.subset, row.id, "tokens"))
        payloads.setdefault(row.domain, []).append(np.fromfile(path, row.token_dtype))
    return {
        domain: hashlib.sha256(np.concatenate(found).astype("<u4").tobytes()).hexdigest()
        for domain, found in sorted(payloads.items())
    }


@pytest.mark.parametrize("format_name", ["megatron", "olmo", "datatrove", "mds", "parquet"])
def test_the_foreign_reader_sees_the_tokens_of_every_domain(
    corpus: str, format_name: str, tmp_path: Path
) -> None:
    export_snapshot(corpus, format_name, str(tmp_path / "out"))
    token_bytes = read_index(corpus).rows[0].token_bytes
    assert foreign(format_name, str(tmp_path / "out"), str(token_bytes)) == expected(corpus)


CONFIGS = ("all", "web", "code", "math", "math-scaffold", "books")


@pytest.fixture(scope="module")
def documents_corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_documents_corpus(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def hf_folder(documents_corpus: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    if not PYTHON.exists():
        pytest.skip(f"no foreign readers at {PYTHON}: `make test-readers` installs them")
    folder = tmp_path_factory.mktemp("hf") / "out"
    export_snapshot(documents_corpus, "hf", str(folder))
    return str(folder)


def test_load_dataset_sees_every_document_of_a_configuration_offline(
    documents_corpus: str, hf_folder: str
) -> None:
    found = foreign("hf", hf_folder, *CONFIGS)
    for name in CONFIGS:
        assert by_id(found[name]) == by_id(documents_of(documents_corpus, name)), name
    assert by_id(found["default"]) == by_id(found["all"])
    assert found["names"] == ["all", "web", "code", "math", "math-scaffold", "math-generic", "books"]


def test_croissant_metadata_validate_and_lead_to_the_documents(documents_corpus: str, hf_folder: str) -> None:
    found = foreign("croissant", hf_folder, *CONFIGS)
    assert found["errors"] == []
    # Who publishes the folder knows these two, a build does not.
    missing = [line.partition("Property ")[2] for line in found["warnings"]]  # type: ignore[attr-defined]
    assert [line.split('"')[1].rpartition("/")[2] for line in missing] == ["citeAs", "datePublished"]
    for name in CONFIGS:
        assert by_id(found[name]) == by_id(documents_of(documents_corpus, name)), name


def test_the_croissant_of_a_corpus_itself_leads_to_its_documents(documents_corpus: str) -> None:
    if not PYTHON.exists():
        pytest.skip(f"no foreign readers at {PYTHON}: `make test-readers` installs them")
    write_card(documents_corpus)
    found = foreign("croissant", documents_corpus, "documents", "texts")
    assert found["errors"] == []
    expected = {one["id"]: (one["source"], one["text"]) for one in documents_of(documents_corpus, "all")}
    sources = {one["doc_id"]: one["source"] for one in found["documents"]}  # type: ignore[attr-defined]
    texts = {one["doc_id"]: one["text"] for one in found["texts"]}  # type: ignore[attr-defined]
    assert {name: (sources[name], texts[name]) for name in sources} == expected


def test_torch_sees_the_tokens_of_every_domain(corpus: str) -> None:
    pytest.importorskip("torch")
    from corpusforge.reader.torch import PlanDataset

    supply = {row.domain: row.n_tokens for row in read_index(corpus).rows}
    for domain in supply:
        rows = [row for row in read_index(corpus).rows if row.domain == domain]
        if len({row.subset for row in rows}) > 1:
            continue
        n_samples = sum(row.n_tokens for row in rows) // S
        toml = f'name="one"\nbudget_tokens={n_samples * S}\nsequence_length={S}\n[weights]\n{domain}=1\n'
        dataset = PlanDataset(corpus, make_plan(corpus, parse_recipe(toml, "one")))
        samples = sorted(tuple(dataset[n]["tokens"].tolist()) for n in range(len(dataset)))
        paths = [Path(corpus, shard_path(row.domain, row.subset, row.id, "tokens")) for row in rows]
        payload = np.concatenate([np.fromfile(path, rows[0].token_dtype) for path in paths])
        assert samples == sorted(map(tuple, payload[: n_samples * S].reshape(-1, S).tolist()))


@pytest.mark.parametrize("packing", ["concat", "best_fit"])
@pytest.mark.parametrize("format_name", ["megatron", "mds"])
def test_the_foreign_reader_sees_the_samples_of_a_plan_in_order(
    corpus: str, format_name: str, packing: str, tmp_path: Path
) -> None:
    plan = make_plan(
        corpus, parse_recipe(RECIPE.replace("[weights]", f'packing="{packing}"\n[weights]'), "r")
    )
    export_plan(corpus, format_name, str(tmp_path / "out"), plan, "full")
    reader = open_plan(corpus, plan)
    ours = [reader.sample(n) for n in range(len(reader))]
    found = foreign(f"{format_name}_plan", str(tmp_path / "out"), str(S))
    assert found["samples"] == [
        hashlib.sha256(sample.tokens[: sample.n_tokens].tobytes()).hexdigest() for sample in ours
    ]
    if format_name == "megatron" and packing == "concat":
        drawn = {f"{row.domain}-{row.subset}": row.samples for row in plan.arms["full"].rows if row.samples}
        assert found["drawn"] == drawn


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stateful_data_loader_resumes_exactly(corpus: str, workers: int, tmp_path: Path) -> None:
    """In an environment that has numpy and torch, and nothing else that the pipeline needs."""
    plan = write_plan(corpus, make_plan(corpus, parse_recipe(RECIPE, "r")))
    found = foreign("stateful", corpus, plan, str(workers), ours=True)
    whole = found["whole"]
    assert [n for batch in whole for n in batch] == list(range(1, 200, 3))  # type: ignore[attr-defined]
    assert found["resumed"] == {stop: whole for stop in ("0", "1", "5", "11")}
