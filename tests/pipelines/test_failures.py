"""What a runner tells of a failure, in one line: real tracebacks of Beam's, and no traceback at all."""

import traceback

import apache_beam as beam
import pytest

from corpusforge_pipelines.failures import deciding_line
from corpusforge_pipelines.options import make_options


def fail(error):
    raise error


def message_of(error):
    """Return what a runner raises for a step that raises an error."""
    with pytest.raises(Exception) as failed, beam.Pipeline(options=make_options()) as pipeline:
        _ = pipeline | "One" >> beam.Create([error]) | "Make parts" >> beam.Map(fail)
    return failed.value


@pytest.mark.parametrize(
    "error, line",
    [
        (
            OSError(28, "No space left on device", "/x/y.xml"),
            "OSError: [Errno 28] No space left on device: '/x/y.xml'",
        ),
        (MemoryError(), "MemoryError"),
        (ValueError("one line\nand another"), "ValueError: one line"),
        (UnicodeError("gs://b/x.txt: not UTF-8"), "UnicodeError: gs://b/x.txt: not UTF-8"),
    ],
)
def test_a_step_that_raises_is_told_with_its_name(error, line):
    assert deciding_line(message_of(error)) == f"Make parts: {line}"


def test_the_last_of_several_tracebacks_decides():
    try:
        try:
            raise OSError(5, "Input/output error")
        except OSError as error:
            raise RuntimeError("gs://bucket/dump.warc.gz: OSError: [Errno 5] Input/output error") from error
    except RuntimeError:
        text = traceback.format_exc()
    told = f"Error message from worker: generic::unknown: {text.rstrip()} [while running 'Make parts-ptransform-41']\n\npassed through:\n==>\n    worker.cc:1334"
    line = "gs://bucket/dump.warc.gz: OSError: [Errno 5] Input/output error"
    assert deciding_line(RuntimeError(told)) == f"Make parts: RuntimeError: {line}"


def test_a_refusal_without_a_traceback_keeps_its_first_line():
    assert (
        deciding_line(PermissionError("403 POST jobs: denied\nmore"))
        == "PermissionError: 403 POST jobs: denied"
    )
    assert deciding_line(RuntimeError("")) == "RuntimeError: no further word"
