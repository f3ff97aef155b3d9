"""Put on the path of every Python process of a build: writes down programs it runs and networks it asks for.

What is asked for is refused besides. Sockets of this machine (AF_UNIX) are how a build's processes talk.
"""

import os
import socket
import sys

_LOG = os.environ.get("CORPUSFORGE_TEST_WATCH")
_PROGRAMS = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "pty.spawn"}
_NETWORK = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}


def _watch(event, arguments):
    if event in _PROGRAMS:
        what = str(arguments[0])
    elif event in _NETWORK and getattr(arguments[0], "family", None) is not socket.AF_UNIX:
        what = str(arguments[1:] if event.startswith("socket.") else arguments)
    else:
        return
    with open(_LOG, "a") as log:
        log.write(f"{event} {what} by {sys.argv[:2]}\n")
    raise PermissionError(f"{event} {what}: refused by a test")


if _LOG:
    with open(_LOG + ".seen", "a") as seen:
        seen.write(f"{os.getpid()}\n")
    sys.addaudithook(_watch)
