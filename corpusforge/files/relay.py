"""Another process that asks s3:// and az:// in the place of one that was forked.

obstore's runtime does not survive a fork: what is asked in a forked process waits for ever. The
workers of a torch `DataLoader` are such processes. Each starts one that is not, at its first call:

    forked process  --(function of `cloud`, arguments)-->  python -m corpusforge.files.relay
                    <--(what it returned, or raised)--
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from typing import Any

_lock = threading.Lock()
_relay: tuple[int, subprocess.Popen[bytes]] | None = None


def ask(function: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return what a function of `cloud` returns, called in the relay of this process."""
    with _lock:
        sink, source = _pipes()
        pickle.dump((function, arguments, options), sink, pickle.HIGHEST_PROTOCOL)
        sink.flush()
        is_done, found = pickle.load(source)
    if not is_done:
        raise found
    return found


def _pipes() -> tuple[Any, Any]:
    global _relay
    if _relay is None or _relay[0] != os.getpid() or _relay[1].poll() is not None:
        places = os.pathsep.join(place for place in sys.path if place)
        process = subprocess.Popen(
            [sys.executable, "-m", "corpusforge.files.relay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": places},
        )
        _relay = os.getpid(), process
    return _relay[1].stdin, _relay[1].stdout


def main() -> None:
    """Answer until the process that asks has ended."""
    from corpusforge.files import cloud

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    while True:
        try:
            name, arguments, options = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = True, getattr(cloud, name)(*arguments, **options)
        except Exception as error:
            answer = False, error
        pickle.dump(answer, out, pickle.HIGHEST_PROTOCOL)
        out.flush()


if __name__ == "__main__":
    main()
