"""What the parts of one input need of each other, made before them: surveys, and rows by question.

surveys/<input>/survey                what the splits of an input must know of the whole (`ingest.survey`)
surveys/<input>/<range>.rows          rows of a range of Stack Exchange's posts, by bucket of questions
surveys/<input>/coverage.json         what of those ranges could not be read; last: all ranges are there

They lie in the corpus while its parts are made, and go when all are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from corpusforge.config import BuildConfig
from corpusforge.files import InputGuard, exists, join, remove_tree
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import (
    Coverage,
    bucket_rows,
    declared,
    merge_surveys,
    read,
    scatter,
    splits,
    survey_range,
    threads,
)
from corpusforge.parts.planning import check_unchanged
from corpusforge.parts.spec import BUCKET, PART_VERSION, PartSpec
from corpusforge.sealed import read_json, read_sealed, write_json, write_sealed
from corpusforge.steps import Record

FOLDER = "surveys"
Range = tuple[PartSpec, int, int, int | None]
"""(a part of the input, number of the range, its start, its stop)."""


def input_folder(spec: PartSpec, config: BuildConfig) -> str:
    """Return where what the parts of an input share lies, by its content and how it is read."""
    key = canonical_sha256([PART_VERSION, spec.name, spec.digest, config.ingest.fingerprint()])[:24]
    return join(config.output, FOLDER, key)


def ranges_to_survey(config: BuildConfig, element: tuple[str, Iterable[PartSpec]]) -> Iterator[Range]:
    """Yield the ranges of an input of which parts are to be made; none where all is there already."""
    spec = min(element[1], key=lambda spec: spec.start)
    if exists(join(input_folder(spec, config), "coverage.json")):
        return
    for number, (start, stop) in enumerate(splits(spec.input_file(), config.ingest, spec.size_bytes)):
        yield spec, number, start, stop


def survey_one(config: BuildConfig, element: Range) -> Iterator[tuple[str, tuple[int, PartSpec, bytes]]]:
    """Yield (folder of the input, (number of the range, part, what it tells)), rows being written."""
    spec, number, start, stop = element
    folder = input_folder(spec, config)
    guard = InputGuard(spec.path)
    if spec.form != BUCKET:
        told = survey_range(spec.input_file(), config.ingest, start, stop)
    else:
        coverage = Coverage()
        path, n_buckets = _rows_path(folder, number), spec.stop or 1
        scatter(spec.input_file(), config.ingest, start, stop, n_buckets, path, coverage=coverage)
        told = json.dumps([coverage.unread_bytes, coverage.first_byte_unread]).encode()
    check_unchanged(spec, guard, config.ingest)
    yield folder, (number, spec, told)


def join_surveys(
    config: BuildConfig, element: tuple[str, Iterable[tuple[int, PartSpec, bytes]]]
) -> Iterator[int]:
    """Yield how many ranges an input has, what they tell together being written to its folder."""
    folder, ranges = element[0], sorted(element[1], key=lambda found: found[0])
    spec, told = ranges[0][1], [found[2] for found in ranges]
    unread = [0, False]
    if spec.form == BUCKET:
        each = [json.loads(value) for value in told]
        unread = [sum(n_bytes for n_bytes, _ in each), any(first for _, first in each)]
    else:
        guard = InputGuard(spec.path)
        survey = merge_surveys(spec.input_file(), config.ingest, told)  # may read some of the input again
        check_unchanged(spec, guard, config.ingest)
        write_sealed(join(folder, "survey"), survey)
    covered = {"ranges": len(told), "unread_bytes": unread[0], "first_byte_unread": unread[1]}
    write_json(join(folder, "coverage.json"), covered)
    yield len(told)


def records_of(spec: PartSpec, config: BuildConfig, coverage: Coverage) -> Iterator[Record]:
    """Yield the records of a part. Raises OSError and MemoryError for faults, never for content."""
    input, folder = spec.input_file(), input_folder(spec, config)
    if spec.form == BUCKET:
        told = read_json(join(folder, "coverage.json"))
        if spec.start == 0:  # told once for the whole input
            coverage.unread_bytes = told["unread_bytes"]
            coverage.first_byte_unread = told["first_byte_unread"]
        rows = bucket_rows((_rows_path(folder, number) for number in range(told["ranges"])), spec.start)
        yield from declared(input, threads(input, config.ingest, rows))
        return
    survey = bytes(read_sealed(join(folder, "survey"))) if spec.form else None
    yield from read(input, config.ingest, spec.start, spec.stop, survey=survey, coverage=coverage)


def remove_surveys(output: str) -> None:
    """Remove what was made for parts that are all there."""
    remove_tree(join(output, FOLDER))


def _rows_path(folder: str, number: int) -> str:
    return join(folder, f"{number:06d}.rows")
