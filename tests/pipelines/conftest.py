"""Small dumps of every easy kind, written here, and a configuration that reads them."""

import gzip
import hashlib
import importlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

NOUNS = (
    "harbour orchard library foundry chapel meadow bridge quarry theatre granary archive lantern "
    "keeper council winter letter market river tailor garden engine mountain pupil ledger bell "
    "kitchen horse window sailor doctor teacher village castle forest island printer baker clock"
).split()
VERBS = (
    "crossed watched mended followed sold described painted forgot measured carried opened left "
    "remembered praised visited counted rebuilt studied questioned admired borrowed lost found named"
).split()
MOODS = (
    "quiet uncertain generous stubborn remarkable ordinary careful sudden distant patient cheerful "
    "narrow ancient modest curious heavy bright empty famous gentle"
).split()
LINKS = "near beyond with without beside after before under behind through around against".split()


def sentence(rng):
    """One English-looking sentence; hardly two are alike."""
    noun, mood, link = (lambda: rng.choice(NOUNS)), (lambda: rng.choice(MOODS)), (lambda: rng.choice(LINKS))
    words = ["the", mood(), noun(), rng.choice(VERBS), rng.choice(["a", "the", "his", "their"]), noun()]
    for _ in range(rng.randrange(1, 4)):
        words += [
            link(),
            rng.choice(["the", "a", "that", "some"]),
            *([mood()] if rng.random() < 0.5 else []),
            noun(),
        ]
    if rng.random() < 0.6:
        words += ["and", rng.choice(["it", "she", "nobody", "he"]), rng.choice(VERBS), "the", mood(), noun()]
    words += ["in", str(1500 + rng.randrange(500))]
    return " ".join(words).capitalize() + "."


def article(seed, sentences=14):
    """A few paragraphs of plain English, different for each seed."""
    rng = random.Random(seed)
    lines = [sentence(rng) for _ in range(sentences)]
    return "\n\n".join(" ".join(lines[i : i + 4]) for i in range(0, len(lines), 4))


def program(seed):
    """A small Python program, different for each seed."""
    rng = random.Random(seed)
    name = "_".join(rng.sample(NOUNS, 3))
    return f'''"""Counts what passes through the {name}."""

import sys


def {name}_total(values, limit={rng.randrange(10, 99)}):
    total = 0
    for position, value in enumerate(values):
        if value > limit:
            total += value * position - {rng.randrange(9)}
        else:
            total -= {rng.randrange(9)}
    return total


def main():
    numbers = [int(line) for line in sys.stdin if line.strip()]
    print({name}_total(numbers))


if __name__ == "__main__":
    main()
'''


def warc_record(url, html):
    body = html.encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:"
        f"{hashlib.md5(url.encode()).hexdigest()}>\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


def page(seed):
    paragraphs = "".join(f"<p>{text}</p>" for text in article(seed).split("\n\n"))
    return f"<html><head><title>Page {seed}</title></head><body><article><h1>Page {seed}</h1>{paragraphs}</article></body></html>"


def built_in(folder: Path) -> Path:
    """Build a corpus of small dumps in a folder, `corpus` beside `dumps`; return the folder."""
    from corpusforge.config import load_config
    from corpusforge_pipelines.build import build  # loads Beam

    write_dumps(folder / "dumps")
    build(load_config(str(write_config(folder, folder / "corpus"))))
    return folder


def write_dumps(folder: Path, scale=1):
    """Write a few dumps with exact and near duplicates, a program archive and a damaged file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        rows = [{"id": f"{number}-{i}", "text": article(f"t{number}-{i}")} for i in range(12 * scale)]
        rows += [{"id": f"{number}-copy", "text": article("t0-1")}]
        rows += [{"id": f"{number}-near", "text": article("t0-2") + f"\n\nA tail, number {number}."}]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"ready-{number}.jsonl").write_text(text)
    (folder / "crawl.warc.gz").write_bytes(
        b"".join(warc_record(f"https://example.org/{i}", page(f"w{i}")) for i in range(15 * scale))
    )
    whole = b"".join(warc_record(f"https://example.net/{i}", page(f"x{i}")) for i in range(6))
    (folder / "broken.warc.gz").write_bytes(whole[:-150])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as handle:
        for i in range(10 * scale):
            handle.writestr(zipfile.ZipInfo(f"repo-1/tool_{i}.py"), program(i))
        handle.writestr(zipfile.ZipInfo("repo-1/package-lock.json"), "{}")
    (folder / "repo-1.zip").write_bytes(archive.getvalue())


def write_config(folder: Path, output: Path, **tables):
    """Write a configuration over `write_dumps`' files; return its path."""
    lines = [
        'name = "tiny"',
        f'output = "{output}"',
        "max_quarantine_fraction = 0.05",
        "[shards]",
        *(
            f"{key} = {json.dumps(value)}"
            for key, value in {"shard_tokens": 4000, **tables.get("shards", {})}.items()
        ),
        "[[sources]]",
        'name = "ready"',
        'paths = ["dumps/ready-*.jsonl"]',
        "[[sources]]",
        'name = "crawl"',
        'kind = "warc"',
        'paths = ["dumps/*.warc.gz"]',
        "[[sources]]",
        'name = "github"',
        'kind = "github"',
        'paths = ["dumps/repo-1.zip"]',
    ]
    path = folder / "tiny.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def tiny(tmp_path):
    """A configuration file over small dumps; the corpus goes to `tmp_path / "corpus"`."""
    write_dumps(tmp_path / "dumps")
    return write_config(tmp_path, tmp_path / "corpus")


COMMITTED = ("snapshots", "shards", "clusters", "CURRENT")


def corpus_bytes(corpus: Path):
    """Return {relative path: sha256} of everything that a snapshot stands on: all but what it took."""
    found = {}
    for top in COMMITTED:
        root = corpus / top
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.is_file() and not path.name.endswith(".lock") and path.name != "receipt.json":
                found[str(path.relative_to(corpus))] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in sorted((corpus / "parts").glob("*")):
        found[f"parts/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


class Killed(BaseException):
    """What no code catches."""


def killed_at(monkeypatch, number):
    """Have the process die at the n-th file that is put in its place; return how many were."""
    module = importlib.import_module("corpusforge.files.publishing")
    settle, seen = module._settle, []

    def dying(temporary, path):
        if len(seen) == number:
            raise Killed
        seen.append(path)
        settle(temporary, path)

    monkeypatch.setattr(module, "_settle", dying)
    return seen


def kept_bytes(corpus):
    """Return {path: bytes} of all that a retraction writes, its ledger too; nothing else may be left of it."""
    rooms = ("retractions", "rejects", "quarantine", "repeats", "builds")
    files = [path for room in rooms for path in (corpus / room).rglob("*") if path.is_file()]
    return corpus_bytes(corpus) | {str(path.relative_to(corpus)): path.read_bytes() for path in files}


def run_command(*arguments, check=True, **options):
    """Run the command in a process of its own; return the finished process."""
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "corpusforge.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        **options,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def free_port():
    with socket.socket() as handle:
        handle.bind(("127.0.0.1", 0))
        return handle.getsockname()[1]


def wait_for(port, process):
    for _ in range(300):
        assert process.poll() is None, "the service ended"
        with socket.socket() as handle:
            if handle.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the service did not come up")


@pytest.fixture
def job_service(tmp_path):
    """A local job service and a pool that starts worker processes; yields their Beam flags."""
    job, pool = free_port(), free_port()
    environment = {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}
    commands = [
        ["apache_beam.runners.portability.local_job_service_main", "--port", str(job)],
        ["apache_beam.runners.worker.worker_pool_main", f"--service_port={pool}"],
    ]
    processes = []
    try:
        for command, port in zip(commands, (job, pool), strict=True):
            log = open(tmp_path / f"service-{port}.log", "wb")
            processes.append(
                subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=log, stderr=log)
            )
            wait_for(port, processes[-1])
        yield [
            f"--job_endpoint=127.0.0.1:{job}",
            "--environment_type=EXTERNAL",
            f"--environment_config=127.0.0.1:{pool}",
        ]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
