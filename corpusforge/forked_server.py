"""The server that child processes are forked from, as a copy of this process instead of a new interpreter.

multiprocessing starts its server anew: it imports every library and loads every model a second time, and a
child of its children a third time. A command that has loaded what its children use, and has no thread yet,
is forked instead: server, workers and sandboxes share its memory, and a child begins at once. A server that
is ended is replaced by one of the ordinary kind.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

GC_OBJECTS = 50_000
"""Objects between two searches for cycles: modules and syntax trees are many objects and no cycle."""
_GC_FIRST_OBJECTS = 2_000_000
"""Before the first: a command that ends sooner is done without one."""
_BLAS_WAIT = "4"
"""numpy's BLAS starts a thread for each processor, which turns 2^26 cycles before it sleeps: now 2^4."""
_is_ours = False


def own_process() -> None:
    """Say that all of this process is the command: no library that it did not load has threads or locks."""
    global _is_ours
    _is_ours = True
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", _BLAS_WAIT)
    gc.set_threshold(_GC_FIRST_OBJECTS)
    gc.callbacks.append(_collect_more_often)


def _collect_more_often(phase: str, info: object) -> None:
    gc.callbacks.remove(_collect_more_often)
    gc.set_threshold(GC_OBJECTS)


def is_own_process() -> bool:
    """Return whether all of this process is the command: what it loads, and how, is ours to say."""
    return _is_ours


def may_fork_server() -> bool:
    """Return whether the server can be a copy: a command's own process, no thread or server yet."""
    return (
        _is_ours
        and threading.active_count() == 1
        and _of_multiprocessing("process").parent_process() is None
        and _of_multiprocessing("forkserver")._forkserver._forkserver_pid is None
    )


def fork_server() -> None:
    """Fork the server from this process, with all that it has loaded. Only where `may_fork_server`.

    To be called where no lock is held: the copy would hold it for ever.
    """
    util, tracker = _of_multiprocessing("util"), _of_multiprocessing("resource_tracker")
    sys.stdout.flush()  # what is in the buffers would be written by each child that ends
    sys.stderr.flush()
    tracker.ensure_running()  # a new interpreter, as ever: it outlives the others
    spawn = util.spawnv_passfds
    gc.freeze()  # a search for cycles would copy what is shared
    util.spawnv_passfds = _forked
    try:
        _of_multiprocessing("forkserver").ensure_running()
    finally:
        util.spawnv_passfds = spawn
        gc.unfreeze()


def _forked(_: object, arguments: Sequence[str], descriptors: Iterable[int]) -> int:
    """Return the id of a copy of this process that does what a new interpreter with these arguments would."""
    process = os.fork()
    if process:
        return process
    try:
        gc.set_threshold(GC_OBJECTS)
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)) and number != signal.SIGINT:
                signal.signal(number, signal.SIG_DFL)  # what the command does is the command's
        _close_others({*descriptors, _of_multiprocessing("resource_tracker").getfd()})
        _of_multiprocessing(
            "forkserver"
        )._forkserver.__init__()  # its lock is held by the call that we come from
        exec(arguments[-1], {})
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _close_others(kept: set[int]) -> None:
    """Close the files of the command but for the standard ones: locks and pipes must end with it."""
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _of_multiprocessing(module: str) -> Any:
    """Return a module of multiprocessing: loaded here, for `--help` needs none of them."""
    return importlib.import_module(f"multiprocessing.{module}")
