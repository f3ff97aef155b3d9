"""`corpusforge view CORPUS`: a snapshot in the browser, served on loopback until interrupted."""

from __future__ import annotations

import sys
import webbrowser

from corpusforge.commands.console import note, show
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.extras import load
from corpusforge.files import is_remote
from corpusforge.shards.snapshot import read_index

_MODULES = ("starlette", "uvicorn", "markdown_it", "mdit_py_plugins", "pygments", "pykatex")


def view(corpus: str, snapshot: str | None, port: int, is_browser: bool, verdicts: str) -> None:
    """Serve a snapshot, and open the browser at it unless told otherwise."""
    for module in _MODULES:
        load(module)
    from corpusforge.commands.trace_id import find
    from corpusforge.view.explorer import Explorer
    from corpusforge.view.server import serve

    if is_remote(verdicts):
        raise usage_error(f"--verdicts {verdicts}: verdicts are appended to a file: name one on this machine")
    try:
        index = read_index(corpus, snapshot)
    except ValueError as error:
        raise usage_error(str(error)) from None

    def ready(address: str) -> None:
        show(address)
        sys.stdout.flush()
        note(
            "The address is a key to the corpus: whoever has it, on this machine, can read. Ctrl-C ends the server."
        )
        if is_browser:
            webbrowser.open(address)

    try:
        serve(Explorer(corpus, index, find, verdicts), port, ready)
    except OSError as error:
        if error.errno is None or port == 0:
            raise
        raise CommandError(f"--port {port}: {error.strerror}: name another one, or 0 for any") from None
    except KeyboardInterrupt:
        note("ended")
