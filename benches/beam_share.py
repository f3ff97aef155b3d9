"""Beam's own share of CPU time in `prepare`: all that is not spent inside `make_part`.

    python benches/beam_share.py --data ../shared/data [--output beam_share.json]

An upper bound: creating the pipeline, the runner, counters, and Python's own start of
threads are all put down to Beam.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import apache_beam as beam

from corpusforge.config import load_config
from corpusforge.parts.planning import plan_parts
from corpusforge_pipelines import prepare
from corpusforge_pipelines.options import make_options


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    inside = {"parent_s": 0.0, "child_s": 0.0}
    make_part = prepare.make_part

    def measured(spec: Any, config: Any, sandbox: Any, progress: Any) -> Any:
        parent_s, child_s = time.process_time(), sandbox.cpu_s()
        try:
            return make_part(spec, config, sandbox, progress)
        finally:
            inside["parent_s"] += time.process_time() - parent_s
            inside["child_s"] += sandbox.cpu_s() - child_s

    prepare.make_part = measured
    with tempfile.TemporaryDirectory() as folder:
        config_path = Path(folder) / "c.toml"
        data = arguments.data.resolve()
        config_path.write_text(
            f'name = "share"\noutput = "{folder}/out"\n'
            f'[[sources]]\nname = "wiki"\nkind = "mediawiki"\npaths = ["{data}/wiki/minidumps/*"]\n'
            f'[[sources]]\nname = "github"\nkind = "github"\npaths = ["{data}/github/snapshots"]\n'
        )
        config = load_config(str(config_path))
        specs = plan_parts(config)
        start_s = time.process_time()
        pipeline = beam.Pipeline(options=make_options())
        prepare.add_prepare(pipeline, specs, config)
        pipeline.run().wait_until_finish()
        parent_s = time.process_time() - start_s
    total_s = parent_s + inside["child_s"]
    result = {
        "parts": len(specs),
        "total_cpu_s": round(total_s, 2),
        "parent_make_part_s": round(inside["parent_s"], 2),
        "child_s": round(inside["child_s"], 2),
        "beam_s": round(parent_s - inside["parent_s"], 2),
        "beam_share": round((parent_s - inside["parent_s"]) / total_s, 4),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
