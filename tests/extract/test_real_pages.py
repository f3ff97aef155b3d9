"""The bars on real pages, where the development data are at hand (a small sample; the bench has all)."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "benches" / "extract.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    pytest.importorskip("rich")
    spec = importlib.util.spec_from_file_location("bench_extract", BENCH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "field", "count", "least"),
    [("math_dev", "formulas", "formulas_found", 0.9), ("code_dev", "codes", "code_found", 0.9)],
)
def test_formulas_and_code_survive(
    shared_data, bench, name: str, field: str, count: str, least: float
) -> None:
    extract = bench.EXTRACTORS["corpusforge fast"]
    pages = list(
        itertools.islice(bench.rows(Path(shared_data) / "extraction" / f"{name}.jsonl.xz"), 0, 60, 2)
    )
    pairs = [getattr(bench, count)(extract(page["html"]), page[field]) for page in pages]
    assert sum(found for found, _ in pairs) >= least * sum(wanted for _, wanted in pairs)
