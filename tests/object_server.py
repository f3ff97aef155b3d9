"""An S3 service of this process for tests and benches: moto behind a meter that can also fail.

with running_s3() as server:                 # the environment names it meanwhile
    server.meter.requests, server.meter.read_bytes
    server.refusals = 3                      # the next three requests are answered 503 SlowDown
    server.cuts, server.after_bytes = 2, 0   # the next two bodies end early
"""

import importlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from corpusforge.files import cloud, cloud_faults
from tests.emulator import Meter

SLOW_DOWN = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
_NAMES = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "",
}


def kind_of(environ: dict) -> str:
    """Return what a request asks for: read, stat, list, write, delete or batch."""
    method, query = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", ""), True)
    if method == "GET":
        return "list" if "list-type" in query else "read"
    if method == "POST" and "delete" in query:
        return "batch"
    return {"PUT": "write", "POST": "write", "DELETE": "delete"}.get(method, "stat")


class Server:
    """A WSGI application before moto's: counts, refuses, cuts."""

    def __init__(self, application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self.meter = Meter()
        self.log: list[tuple[str, str, str]] = []
        """(kind, path, Range) of each request."""
        self.refusals = 0
        self.refuse_behind = 0
        """So many requests are answered before the first that is refused."""
        self.refused = ("503 Slow Down", SLOW_DOWN)
        self.only = ""
        """Refuse and cut only where this is in the path."""
        self.before: Callable[[str, str], None] = lambda kind, path: None
        """Called with (kind, path) of each request before it is answered."""
        self.has_conditions = True
        """Whether If-Match and If-None-Match count."""
        self.cuts = 0
        self.after_bytes = 0

    def __call__(self, environ: dict, start_response) -> Iterable[bytes]:
        kind, path = kind_of(environ), environ.get("PATH_INFO", "")
        self.before(kind, path)
        if not self.has_conditions:
            environ = {name: value for name, value in environ.items() if not name.endswith("_MATCH")}
        with self._lock:
            self.meter.requests[kind] += 1
            self.log.append((kind, path, environ.get("HTTP_RANGE", "")))
            meant = self.only in path
            is_refused = meant and self.refusals > 0 and self.meter.total > self.refuse_behind
            self.refusals -= is_refused
            is_cut = meant and not is_refused and kind == "read" and self.cuts > 0
            self.cuts -= is_cut
        if is_refused:
            status, body = self.refused
            start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]
        body = b"".join(self._application(environ, start_response))
        if kind == "read":
            with self._lock:
                self.meter.read_bytes += len(body)
        return self._cut(body) if is_cut else [body]

    def _cut(self, body: bytes) -> Iterator[bytes]:
        yield body[: self.after_bytes]
        raise ConnectionAbortedError("cut by the test")

    def forget(self) -> None:
        self.meter, self.log = Meter(), []


@contextmanager
def serving(application) -> Iterator[str]:
    """Serve an application on loopback; yields its address."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running_s3(bucket: str = "our-bucket") -> Iterator[Server]:
    """Serve S3 with one empty bucket; the environment names it meanwhile."""
    moto = importlib.import_module("moto.moto_server.werkzeug_app")
    from moto.s3.models import s3_backends

    for backends in s3_backends.values():
        for backend in backends.values():
            backend.reset()
    server = Server(moto.DomainDispatcherApplication(moto.create_backend_app))
    before = {name: os.environ.get(name) for name in _NAMES}
    with serving(server) as address:
        os.environ.update({**_NAMES, "AWS_ENDPOINT_URL": address})
        try:
            import requests

            requests.put(f"{address}/{bucket}", timeout=10).raise_for_status()
            server.forget()
            cloud_faults.answered.clear()
            cloud._conditional.clear()
            yield server
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
            cloud._store_of.cache_clear()
