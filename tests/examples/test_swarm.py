"""The fit of the example finds a known optimum from the swarm's own table, and `mix --fit` takes it."""

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from corpusforge.cli import app
from tests.shards.corpus import build_corpus

EXAMPLE = Path(__file__).parents[2] / "examples" / "swarm"
RECIPE = """
name = "r"
budget_tokens = 128000
sequence_length = 64
max_epochs = 12
[weights]
web = 0.4
code = 0.2
math = 0.3
books = 0.1
[swarm]
runs = 40
fraction = "1/2"
"""


def test_from_a_recipe_to_a_fit_and_back(tmp_path: Path) -> None:
    corpus = str(build_corpus(tmp_path, 300))
    (tmp_path / "r.toml").write_text(RECIPE)
    common = ["mix", corpus, "--recipe", str(tmp_path / "r.toml")]
    assert CliRunner().invoke(app, [*common, "--swarm"]).exit_code == 0
    [swarm] = Path(corpus, "plans", "swarms").iterdir()
    for script, *args in (("made_losses.py", "metrics.csv"), ("fit.py", "metrics.csv", "fit.json")):
        command = [sys.executable, EXAMPLE / script, swarm, *args]
        subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    weights = json.loads((tmp_path / "fit.json").read_bytes())["weights"]
    # The optimum of the made losses over four domains: its shares, and a quarter of what is left.
    for unit, known in {"web": 0.35, "code": 0.25, "math": 0.25, "books": 0.15}.items():
        assert abs(weights[unit] - known) < 0.05
    assert CliRunner().invoke(app, [*common, "--fit", str(tmp_path / "fit.json")]).exit_code == 0
