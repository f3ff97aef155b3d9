"""What writing the report costs: its share of the CPU time of the demo's build, and the size of the page.

python benches/report_cost.py [--builds 3]

Each build is a process of its own; functions are compiled, and models loaded, as in any build.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "examples" / "demo"
BUILD = """
import json, resource, sys, time
from corpusforge.commands import build as command
from corpusforge.config import load_config
write, spent = command.write_report, {}
def timed(*given):
    start_s = time.process_time()
    path = write(*given)
    spent.update(report_cpu_s=time.process_time() - start_s, page_bytes=len(open(path, "rb").read()))
    return path
command.write_report = timed
command.build(sys.argv[1], "DirectRunner", 1, "shard", False, ())
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
spent["build_cpu_s"] = sum(each.ru_utime + each.ru_stime for each in used)
print(json.dumps(spent), file=sys.stderr)
"""


def main() -> None:
    """Print one JSON object: CPU seconds, share and page bytes of each build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builds", type=int, default=3)
    arguments = parser.parse_args()
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, str(DEMO / "make_dumps.py"), str(folder / "dumps")], check=True)
        for number in range(arguments.builds + 1):  # the first one compiles, where nothing is compiled yet
            text = (DEMO / "demo.toml").read_text().replace("../../build/demo-dumps", str(folder / "dumps"))
            config = folder / f"demo-{number}.toml"
            config.write_text(text.replace("../../build/demo", str(folder / f"corpus-{number}")))
            command = [sys.executable, "-c", BUILD, str(config)]
            told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stderr
            row = json.loads(told.splitlines()[-1])
            found.append({**row, "share": round(row["report_cpu_s"] / row["build_cpu_s"], 4)})
    print(json.dumps({"builds": found[1:]}))


if __name__ == "__main__":
    main()
