"""A proxy before the emulator that breaks connections in the middle of an answer."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from corpusforge.files.client import forget_client


class Cutter:
    """Cuts so many answers, each once `after_bytes` of its connection have passed."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._upstream = (parts.hostname, parts.port)
        self.after_bytes = 0
        self.cuts_left = 0
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
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(1 << 16):
                server.sendall(data)
        except OSError:
            pass
        finally:
            server.close()

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        n_bytes = 0
        try:
            while data := server.recv(1 << 16):
                n_bytes += len(data)
                if self.cuts_left > 0 and n_bytes > self.after_bytes:
                    self.cuts_left -= 1
                    return
                client.sendall(data)
        except OSError:
            pass
        finally:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)  # another thread still waits on it
            client.close()


@contextmanager
def cutting(address: str) -> Iterator[Cutter]:
    """Yield a proxy that the environment names instead of the emulator meanwhile."""
    cutter = Cutter(address)
    os.environ["STORAGE_EMULATOR_HOST"] = cutter.address
    forget_client()
    try:
        yield cutter
    finally:
        os.environ["STORAGE_EMULATOR_HOST"] = address
        forget_client()
        cutter.close()
