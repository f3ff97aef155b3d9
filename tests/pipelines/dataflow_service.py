"""A small Dataflow on loopback: jobs come over its REST API and really run, in a worker of its own.

A job that is created names the pipeline that was staged in the bucket. The worker, one process for all
jobs as a warm VM is, fetches it from there and runs it with Beam's own runner; the service then answers
for the job's state, its messages and its metrics, as the Dataflow API (v1b3) does.
"""

import json
import queue
import re
import subprocess
import sys
import threading
import traceback
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JOBS = re.compile(r"^/v1b3/projects/[^/]+/locations/[^/]+/jobs(?:/(?P<job>[^/?]+)(?:/(?P<what>[^/?]+))?)?")
CREATED_S = "2026-01-02T03:04:05Z"


class Job:
    """What was asked for, and what became of it."""

    def __init__(self, number, wanted):
        self.id = f"2026-01-02_03_04_05-{number:04d}"
        self.wanted = wanted
        self.state = "JOB_STATE_RUNNING"
        self.messages = []
        self.metrics = []

    @property
    def options(self):
        return self.wanted["environment"]["sdkPipelineOptions"]["options"]

    def summary(self):
        return {
            "id": self.id,
            "name": self.wanted["name"],
            "currentState": self.state,
            "clientRequestId": self.wanted["clientRequestId"],
        }


class Service:
    """The jobs of a project, in the order in which they came."""

    def __init__(self, environment):
        self.jobs = []
        self.before_job = lambda job: None
        self.queue = queue.Queue()
        self._environment = environment
        self._worker = None
        threading.Thread(target=self._run_jobs, daemon=True).start()

    def create(self, wanted):
        job = Job(len(self.jobs), wanted)
        self.jobs.append(job)
        self.queue.put(job)
        return job

    def _run_jobs(self):
        while job := self.queue.get():
            self.before_job(job)
            self._start_worker()
            self._worker.stdin.write(json.dumps(job.options) + "\n")
            self._worker.stdin.flush()
            answer = json.loads(self._worker.stdout.readline() or '{"error": "the worker ended"}')
            job.metrics = answer.get("metrics", [])
            if "error" in answer:
                job.messages.append(answer["error"])
            job.state = "JOB_STATE_FAILED" if "error" in answer else "JOB_STATE_DONE"

    def _start_worker(self):
        if self._worker is None:
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "tests.pipelines.dataflow_service"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what a worker logs is not the driver's to show
                text=True,
                env=self._environment,
            )

    def close(self):
        self.queue.put(None)
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()


def handler_of(service):
    """Return the handler of the API's requests."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def _answer(self, value, status=200):
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self):
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(service.create(wanted).summary())

        def do_GET(self):
            asked = JOBS.match(self.path)
            job = next((job for job in service.jobs if asked and job.id == asked["job"]), None)
            if job is None:
                self._answer({"error": {"code": 404, "message": "no such job"}}, 404)
            elif asked["what"] == "messages":
                found = [
                    {
                        "id": str(number),
                        "time": CREATED_S,
                        "messageText": text,
                        "messageImportance": "JOB_MESSAGE_ERROR",
                    }
                    for number, text in enumerate(job.messages)
                ]
                self._answer({"jobMessages": found})
            elif asked["what"] == "metrics":
                self._answer({"metricTime": CREATED_S, "metrics": job.metrics})
            else:
                self._answer(job.summary())

    return Handler


@contextmanager
def dataflow_service(environment):
    """Serve a Dataflow on loopback; yields (its endpoint, the `Service`)."""
    service = Service(environment)
    server = ThreadingHTTPServer(("localhost", 0), handler_of(service))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}", service
    finally:
        server.shutdown()
        server.server_close()
        service.close()


# What follows runs in the worker.


def metric_updates(metrics):
    """Return Beam's metrics as the API tells them: each twice, tentative and committed."""
    found = metrics.query()
    values = [(result, {"scalar": result.committed}) for result in found["counters"]]
    for result in found["distributions"]:
        data = result.committed
        parts = {"count": data.count, "min": data.min, "max": data.max, "sum": data.sum}
        values.append((result, {"distribution": parts}))
    updates = []
    for result, value in values:
        context = {"namespace": result.key.metric.namespace, "step": result.key.step}
        for extra in ({}, {"tentative": "true"}):
            name = {"origin": "user", "name": result.key.metric.name, "context": {**context, **extra}}
            updates.append({"name": name, **value})
    return updates


def run_staged(options):
    """Run the pipeline that was staged; return its metrics."""
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.portability.api import beam_runner_api_pb2 as api
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    from corpusforge.files import read_bytes

    graph = api.Pipeline.FromString(read_bytes(options["pipelineUrl"]))
    for environment in graph.components.environments.values():
        # There is no Docker here: what the image holds is installed beside the worker.
        environment.CopyFrom(api.Environment(urn="beam:env:embedded_python:v1"))
    result = FnApiRunner().run_via_runner_api(graph, PipelineOptions([]))
    result.wait_until_finish()
    return metric_updates(result.metrics())


def work():
    """A line of options in, a line of what came of the job out."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a step prints is no answer
    for line in sys.stdin:
        try:
            answer = {"metrics": run_staged(json.loads(line))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    work()
