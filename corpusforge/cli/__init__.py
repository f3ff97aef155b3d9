"""The command `corpusforge`: a verb's arguments here, what it does in its module under `commands`.

Nothing heavy is imported here: each verb imports its module when it runs, so that
`corpusforge --help` answers at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

# Each module adds its verbs to `app`: the order of the imports is that of the help.
from corpusforge.cli import building, keeping, looking, mixing, rows, workshop
from corpusforge.cli.app import app
from corpusforge.commands.terminal import guard_logs_and_tracebacks, located_words
from corpusforge.forked_server import own_process

__all__ = ["app", "building", "keeping", "looking", "main", "mixing", "rows", "workshop"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted."""
    if arguments is None:
        own_process()
    given = list(sys.argv[1:] if arguments is None else arguments)
    ours = given[: given.index("--")] if "--" in given else given
    is_debug = "--debug" in ours
    given = [*(word for word in ours if word != "--debug"), *given[len(ours) :]]
    guard_logs_and_tracebacks(only_ours=not is_debug)
    try:
        app(located_words(given), prog_name="corpusforge")
    except BrokenPipeError:  # `corpusforge … | head`: the reader has what it wanted
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if is_debug:
            raise
        from corpusforge.commands.errors import tell

        sys.exit(tell(error))
    finally:
        if arguments is None:
            gc.freeze()  # the process ends: what is left need not be searched for cycles
