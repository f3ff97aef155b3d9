"""A proxy before the emulator: counts what all processes of a build ask for, and breaks connections.

with proxied(address) as proxy:
    ...                                   # any process under this environment goes through it
    proxy.meter.requests, proxy.meter.read_bytes
    proxy.after_bytes, proxy.cuts_left = 3 << 20, 2      # the next two answers end early
"""

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from corpusforge.files.client import forget_client
from tests.emulator import Meter, kind_of_request

_REQUEST = re.compile(rb"(GET|POST|PUT|DELETE|PATCH) (\S+) HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"^content-length: *(\d+)\r?$", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n\r\n"
_PIECE_BYTES = 1 << 18


class Messages:
    """Follows the HTTP messages of one direction of a connection: their heads, the bytes of their bodies."""

    def __init__(self) -> None:
        self._head = b""
        self._left_bytes = 0
        self._is_chunked = False

    def feed(self, data: bytes) -> Iterator[tuple[bytes | None, int]]:
        """Yield (head of a message that began, 0) and (None, bytes of its body)."""
        while data:
            if self._left_bytes:
                taken = min(self._left_bytes, len(data))
                self._left_bytes -= taken
                yield None, taken
                data = data[taken:]
            elif self._is_chunked:
                end = data.find(b"0" + _END)
                taken = len(data) if end < 0 else end + 5
                self._is_chunked = end < 0
                yield None, taken
                data = data[taken:]
            else:
                self._head += data
                end = self._head.find(_END)
                if end < 0:
                    return
                head, data = self._head[: end + 4], self._head[end + 4 :]
                self._head = b""
                length = _LENGTH.search(head)
                self._left_bytes = int(length[1]) if length else 0
                self._is_chunked = length is None and b"chunked" in head.lower()
                yield head, 0


class Proxy:
    """Forwards to the emulator; cuts so many answers, each once `after_bytes` of its connection passed."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._upstream = (parts.hostname, parts.port)
        self.meter = Meter()
        self.after_bytes = 0
        self.cuts_left = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._upstream)
            kinds: list[str] = []  # of the connection's requests that were not answered yet
            threading.Thread(target=self._forward, args=(client, server, kinds), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, kinds), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, kinds: list[str]) -> None:
        messages = Messages()
        with suppress(OSError):
            while data := client.recv(_PIECE_BYTES):
                for head, _ in messages.feed(data):
                    request = _REQUEST.match(head) if head else None
                    if request:
                        kinds.append(kind_of_request(request[1].decode(), request[2].decode()))
                        with self._lock:
                            self.meter.requests[kinds[-1]] += 1
                server.sendall(data)
        server.close()

    def _answer(self, server: socket.socket, client: socket.socket, kinds: list[str]) -> None:
        messages, kind, n_bytes = Messages(), "", 0
        with suppress(OSError):
            while data := server.recv(_PIECE_BYTES):
                n_bytes += len(data)
                with self._lock:
                    is_cut = self.cuts_left > 0 and n_bytes > self.after_bytes
                    self.cuts_left -= is_cut
                if is_cut:
                    break
                for head, n_body_bytes in messages.feed(data):
                    kind = kinds.pop(0) if head and kinds else kind
                    if kind == "read":
                        with self._lock:
                            self.meter.read_bytes += n_body_bytes
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)  # another thread still waits on it
        client.close()


@contextmanager
def proxied(address: str) -> Iterator[Proxy]:
    """Yield a proxy that the environment names instead of the emulator meanwhile."""
    proxy = Proxy(address)
    os.environ["STORAGE_EMULATOR_HOST"] = proxy.address
    forget_client()
    try:
        yield proxy
    finally:
        os.environ["STORAGE_EMULATOR_HOST"] = address
        forget_client()
        proxy.close()
