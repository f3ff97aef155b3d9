"""A pipeline of one's own: dumps in a folder or a bucket -> scaffold mathematics as Parquet.

    python examples/beam/math_scaffold.py 'gs://bucket/crawl/*.warc.gz' OUTPUT/math [--config C.toml] [Beam's flags]

Beam's flags choose the runner: `--runner=FnApiRunner` is this machine, `--runner=DataflowRunner …` a service.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.parquetio import WriteToParquet
from apache_beam.options.pipeline_options import PipelineOptions

from corpusforge.beam import Document, Process, ReadDumps

SCHEMA = pa.schema([
    ("id", pa.string()),
    ("locator", pa.string()),
    ("url", pa.string()),
    ("language", pa.string()),
    ("scaffold_score", pa.float32()),
    ("text", pa.large_string()),
])  # fmt: skip


def is_scaffold(document: Document) -> bool:
    """Return whether a document is mathematics with worked steps."""
    return (document.domain, document.subset) == ("math", "scaffold")


def row_of(document: Document) -> dict[str, Any]:
    """Return a document as a row of the table."""
    values = {name: getattr(document, name) for name in SCHEMA.names if name != "id"}
    return {"id": document.doc_id, **values}


def run(patterns: Sequence[str], output: str, config: str | None, flags: Sequence[str]) -> None:
    """Read, judge, choose and write, on the runner that Beam's flags name."""
    with beam.Pipeline(options=PipelineOptions(list(flags))) as pipeline:
        ends = pipeline | ReadDumps(patterns) | Process(config)
        _ = (
            ends.kept
            | "Scaffolds" >> beam.Filter(is_scaffold)
            | "Rows" >> beam.Map(row_of)
            | "Write" >> WriteToParquet(output, SCHEMA, file_name_suffix=".parquet")
        )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("patterns", help="dumps: a file, a folder or a glob, local or gs://")
    parser.add_argument("output", help="how the files' names begin")
    parser.add_argument("--config", help="a configuration whose thresholds decide")
    options, flags = parser.parse_known_args()
    run([options.patterns], options.output, options.config, flags)


if __name__ == "__main__":
    main()
