"""The example trainer eats a plan: it learns every domain, and a killed run ends like one that was not."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.shards.snapshot import commit
from tests.shards.corpus import make_header_for_tests, shard_rows, spill_all

torch = pytest.importorskip("torch")
EXAMPLE = Path(__file__).parents[2] / "examples" / "moe_trainer"


def load(name: str) -> ModuleType:
    """Return a module of the example, loaded as a script beside it would load it."""
    spec = importlib.util.spec_from_file_location(f"moe_{name}", EXAMPLE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CONFIG = """
[model]
n_layers = 2
width = 16
n_heads = 2
n_experts = 4
top_k = 2
expert_width = 16
[train]
batch = 4
steps = 48
learning_rate = 1e-2
checkpoint_steps = 8
"""
RECIPE = """
name = "r"
budget_tokens = 16384
sequence_length = 32
max_epochs = 50
[weights]
web = 0.4
code = 0.3
books = 0.3
[arms.without_code]
without = ["code"]
"""
SENTENCES = {
    "web": "the red fox ran over the hill and the dog saw it run",
    "code": "def add(a, b):\n    return a + b\nprint(add(1, 2))",
    "books": "she wrote a long letter to her sister about the rain",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moe")
    documents = [
        Document(
            doc_id=stable_id("jsonl", f"{domain}#{number}"),
            source="t",
            source_kind=SourceKind.JSONL,
            locator=f"{domain}#{number}",
            text=f"{text} {number % 7}",
            domain=domain,
            subset="all",
        )
        for domain, text in SENTENCES.items()
        for number in range(80)
    ]
    corpus = folder / "corpus"
    infos = spill_all([documents], folder)
    commit(str(corpus), shard_rows(infos, folder), make_header_for_tests())
    plan = write_plan(str(corpus), make_plan(str(corpus), parse_recipe(RECIPE, "r")))
    (folder / "plan.json").write_bytes(Path(plan).read_bytes())
    (folder / "tiny.toml").write_text(CONFIG)
    return folder


def train(folder: Path, output: str, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(EXAMPLE / "train.py"), str(folder / "corpus"), str(folder / "plan.json")]
    options = ["--output", str(folder / output), "--config", str(folder / "tiny.toml"), *more]
    return subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def finished(folder: Path, output: str, *more: str) -> Path:
    process = train(folder, output, *more)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()[-2000:]
    return folder / output


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    return finished(folder, "whole")


def test_the_loss_of_every_domain_falls(whole: Path) -> None:
    log = [json.loads(line) for line in (whole / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in log] == list(range(48))
    for domain in SENTENCES:
        losses = [entry["loss_by_domain"][domain] for entry in log if domain in entry["loss_by_domain"]]
        assert sum(losses[-3:]) < 0.6 * sum(losses[:3])


def test_a_killed_run_ends_like_one_that_was_not(folder: Path, whole: Path) -> None:
    process = train(folder, "killed")
    while process.poll() is None and not (folder / "killed" / "checkpoint.pt").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    resumed = finished(folder, "killed")
    for name in ("log.jsonl", "routing.json"):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
    ours, theirs = (torch.load(run / "checkpoint.pt", weights_only=True) for run in (resumed, whole))
    assert ours["reader"] == theirs["reader"] and ours["reader"]["sample"] == 48 * 4
    assert all(torch.equal(value, theirs["model"][name]) for name, value in ours["model"].items())


def test_two_arms_stand_side_by_side(folder: Path, whole: Path) -> None:
    other = finished(folder, "other", "--arm", "without_code", "--steps", "16")
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "compare.py"), str(whole), str(other)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "A = full, B = without_code" in lines[0] and "mean distance" in lines[-1]
    by_domain = {line.split()[0]: number for number, line in enumerate(lines) if line[:1].isalpha()}
    for domain in SENTENCES:
        shares = [float(value) for value in lines[by_domain[domain]].split()[2:6]]
        assert abs(sum(shares) - 100) < 0.5
    assert lines[by_domain["code"] + 1].split()[1:5] == ["-"] * 4  # never read, so never routed
    same = subprocess.run(
        [sys.executable, str(EXAMPLE / "compare.py"), str(whole), str(whole)], capture_output=True, text=True
    )
    assert same.stdout.splitlines()[-1].split()[-1] == "0.000"
    routing = json.loads((whole / "routing.json").read_text())
    assert sum(map(sum, routing["tokens"][0])) == 48 * 4 * 32 * 2  # every token, top_k times


def test_logits_held_a_sample_at_a_time_teach_the_same() -> None:
    model = load("model")
    draw = torch.Generator().manual_seed(3)
    tokens = torch.randint(0, 50, (6, 16), generator=draw)
    positions = (torch.arange(16) % 9).expand(6, -1)
    found = {}
    for logits_samples in (1, 4, 6):
        torch.manual_seed(0)
        sizes = {"vocabulary": 50, "sequence_length": 16, "expert_width": 8, "width": 8, "n_heads": 2}
        network = model.MoeModel(model.ModelConfig(**sizes, logits_samples=logits_samples))
        loss = network(tokens, positions).loss
        loss.mean().backward()
        found[logits_samples] = (loss.detach(), network.embedding.weight.grad)
    for loss, gradient in found.values():
        assert torch.allclose(loss, found[6][0], atol=1e-6)
        assert torch.allclose(gradient, found[6][1], atol=1e-6)


def test_the_configuration_for_a_gpu_has_the_size_it_tells_and_asks_for_a_gpu(folder: Path) -> None:
    model = load("model")
    text = (EXAMPLE / "gpu.toml").read_text()
    sizes = tomllib.loads(text)["model"]
    with torch.device("meta"):
        network = model.MoeModel(model.ModelConfig(**sizes, sequence_length=4096))
    experts = sum(p.numel() for layer in network.layers for p in (layer.experts.up, layer.experts.down))
    whole = sum(parameter.numel() for parameter in network.parameters())
    used = whole - experts * (1 - sizes["top_k"] / sizes["n_experts"])
    told = [int(word) for word in text.splitlines()[0].split() if word.isdigit()]
    assert told == [round(whole / 1e6), round(used / 1e6)]
    if not torch.cuda.is_available():
        process = train(folder, "gpu", "--config", str(EXAMPLE / "gpu.toml"))
        _, errors = process.communicate()
        assert process.returncode == 1 and len(errors.decode().splitlines()) == 1
        assert "--device cpu" in errors.decode()
