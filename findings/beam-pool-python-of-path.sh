#!/bin/sh
# Apache Beam 2.77.0: a worker pool that starts its workers as processes (the portable runner's EXTERNAL
# environment) runs the `python` that PATH names, not the interpreter that the pool itself runs in. Where that
# is another, without Beam, no worker comes up, StartWorker tells no error, and the first stage waits for it.
# So whoever starts a pool sets PATH (benches/kills.py, tests/pipelines/conftest.py). Fails when this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/own"
"$folder/own/bin/python" -m pip install --quiet apache-beam==2.77.0
mkdir "$folder/other"
printf '#!/bin/sh\necho "the python of PATH" >"%s/started"\n' "$folder" >"$folder/other/python"
chmod +x "$folder/other/python"
said=$(PATH="$folder/other:$PATH" "$folder/own/bin/python" -c '
import apache_beam, time, sys, os
from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
pool = BeamFnExternalWorkerPoolServicer(use_process=True)
answer = pool.StartWorker(beam_fn_api_pb2.StartWorkerRequest(worker_id="w"), None)
started = sys.argv[1]
for _ in range(100):
    if os.path.exists(started) and open(started).read():
        break
    time.sleep(0.1)
print("Beam %s: error %r, started: %s" % (apache_beam.__version__, answer.error, open(started).read().strip()))
' "$folder/started" 2>/dev/null)
printf '%s\n' "$said"
[ "$said" = "Beam 2.77.0: error '', started: the python of PATH" ]
