"""What the first documents of a build are: how much its processes have to load before the first fork."""

from __future__ import annotations

import re
from contextlib import suppress

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.document import Document, Markup
from corpusforge.files import is_remote
from corpusforge.ingest import InputFile, read
from corpusforge.parts.inputs import first_input

_ROWS = re.compile(r"\.(?:jsonl|ndjson)(?:\.(?:gz|bz2|xz|zst|lz4))?$", re.I)


def first_markup(config: BuildConfig) -> Markup:
    """Return `TEXT` where the first row of each source is ready text, in a local file of rows; else `HTML`.

    Only the beginning of a file is read. What cannot be read is told where the plan is made.
    """
    is_text = all(_begins_with_text(source, config) for source in config.sources)
    return Markup.TEXT if is_text else Markup.HTML


def _begins_with_text(source: SourceConfig, config: BuildConfig) -> bool:
    pattern = source.paths[0]
    if is_remote(pattern):  # its client has threads
        return False
    with suppress(Exception):
        input = first_input(source, config.ingest.follow_links)
        if input is not None and _ROWS.search(input.path):
            file = InputFile(input.path, input.name, source.name, source.kind, source.named_columns())
            first = next(iter(read(file, config.ingest)), None)
            return isinstance(first, Document) and first.markup is Markup.TEXT
    return False
