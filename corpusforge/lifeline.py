"""A process that ends when the one that needs it has ended, whatever either is doing.

A pipe on which nothing is ever written: its reader asks the kernel for SIGKILL when the last
writer is gone. No thread has to run for that, so that native code that hangs is no orphan.
"""

from __future__ import annotations

import fcntl
import os
import signal
from multiprocessing.connection import Connection

UNCACHED = "CORPUSFORGE_UNCACHED"
"""Set in the environment of a process, and of all that it starts, once compiled functions cannot be kept."""


def end_with(reader: Connection) -> None:
    """Tie the life of this process to the other end of a pipe that carries nothing."""
    # Opened anew: whom the kernel tells is a property of the open file, which others share.
    descriptor = os.open(f"/proc/self/fd/{reader.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
    if reader.poll():  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)
