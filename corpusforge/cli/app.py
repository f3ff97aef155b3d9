"""The command's one `app`, and the arguments that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

from corpusforge import __version__
from corpusforge.commands.terminal import VerbGroup

app = typer.Typer(
    cls=VerbGroup,
    name="corpusforge",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Corpus = Annotated[
    str, typer.Argument(metavar="CORPUS", help="Folder or bucket's prefix of a corpus.", show_default=False)
]
Config = Annotated[
    str | None, typer.Option("--config", "-c", help="Take the thresholds of this TOML file.", metavar="TOML")
]
NewFolder = Annotated[str, typer.Option("--output", "-o", help="A new folder.", show_default=False)]
Output = Annotated[str | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")]
Snapshot = Annotated[str | None, typer.Option(help="Another snapshot than the current one.", metavar="ID")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"corpusforge {__version__}")
        raise typer.Exit()


@app.callback(epilog="Begin with: `corpusforge build CONFIG.toml --dry-run`")
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
) -> None:
    """Raw dumps in, a domain-classified pre-training corpus with exact token budgets out."""
