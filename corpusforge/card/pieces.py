"""Pieces that every section of the card is made of: its heading, its body, where its figures are from."""

from __future__ import annotations

from corpusforge.shards.format import index_path
from corpusforge.shards.snapshot import Index


def section(title: str, body: str, figures_from: str) -> str:
    """Return a section; `figures_from` is the file or command that its figures are read from."""
    return f"## {title}\n\n{body.rstrip()}\n\nFrom: {figures_from}.\n"


def origin(index: Index, fields: str) -> str:
    """Return where in the index of a snapshot figures stand."""
    return f"`{index_path(index.snapshot)}`, {', '.join(f'`{one.strip()}`' for one in fields.split(';'))}"
