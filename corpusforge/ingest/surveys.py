"""What splits must know of the whole file that each of them is a part of: made once for each input.

A survey is made only where a file is split and its records depend on others: web archives (pages
seen before, what sites and pages say), wikis (their templates), plain lines (their numbers), zips of
repositories (their licence files). Each range tells its own part, in any order and on any worker, and
the parts are joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpusforge.document import SourceKind
from corpusforge.ingest.archives.archive import ZIP_MAGICS, entries
from corpusforge.ingest.archives.entry import Limits
from corpusforge.ingest.compression.inflate import compression_of
from corpusforge.ingest.compression.lines import GRID_BYTES, count_line_ends
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.layout import Split
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.repositories.licences import LicenceFiles, is_licence_file
from corpusforge.ingest.web import survey as web
from corpusforge.ingest.wiki.templates import collect_range, merge_templates

_LINES = (SourceKind.JSONL, SourceKind.NOTEBOOKS)
_LICENSED = (SourceKind.GITHUB, SourceKind.NOTEBOOKS)


def needs_survey(input: InputFile, config: IngestConfig, splits: Sequence[Split]) -> bool:
    """Return whether the splits of a dump must be given a survey of it."""
    return len(splits) > 1 and _form(input) != ""


def survey_range(input: InputFile, config: IngestConfig, start: int, stop: int | None) -> bytes:
    """Return what one split tells of the whole file, packed, for `merge_surveys`."""
    form = _form(input)
    if form == "archive":
        return web.survey_range(input, config, start, stop)
    if form == "templates":
        return collect_range(input.path, config, start, stop)
    with opened(input.path) as stream:
        if form == "licences":
            limits = _limits(input, config)
            return LicenceFiles(entries(stream, limits, start, stop, wanted=is_licence_file)).packed()
        end = size_of(stream) if stop is None else min(-(-stop // GRID_BYTES) * GRID_BYTES, size_of(stream))
        return count_line_ends(stream, -(-start // GRID_BYTES) * GRID_BYTES, end)


def merge_surveys(input: InputFile, config: IngestConfig, surveys: Sequence[bytes]) -> bytes:
    """Return the survey of a file from those of all its splits, in their order.

    Bounded by what it holds: 24 bytes a page seen before, 8 bytes a MiB of lines, the rules of
    sites, the licences of folders, `wiki.templates.MAX_TOTAL_BYTES` of templates.
    """
    form = _form(input)
    if form == "archive":
        return web.merge_ranges(input, config, surveys)
    if form == "templates":
        return merge_templates(surveys)
    if form == "licences":
        return LicenceFiles.unpacked(*surveys).packed()
    return b"".join(surveys)


def _form(input: InputFile) -> str:
    """Return what a survey holds: `archive`, `templates`, `licences`, `lines`; ``""``: none is needed."""
    kind = input.kind or detect_kind(input.path)
    if kind is SourceKind.WARC:
        return "archive"
    if kind is SourceKind.MEDIAWIKI:
        return "templates"
    if kind not in (*_LINES, *_LICENSED):
        return ""
    with opened(input.path) as stream:
        head = stream.read(8)
    if head.startswith(ZIP_MAGICS):
        return "licences" if kind in _LICENSED else ""
    is_text = not head.startswith(b"PAR1") and compression_of(head) == ""
    return "lines" if kind in _LINES and is_text else ""


def _limits(input: InputFile, config: IngestConfig) -> Limits:
    is_github = (input.kind or detect_kind(input.path)) is SourceKind.GITHUB
    return Limits(config.max_file_bytes if is_github else config.max_record_bytes, config.max_ratio)
