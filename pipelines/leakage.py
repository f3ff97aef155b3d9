"""leakage: what dedup's pass counted across domains, or a pass of its own; nothing goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from corpusforge.config import BuildConfig
from corpusforge.dedup.leakage import leakage_summary
from corpusforge.domains import Domain
from corpusforge.parts.compared import LEAKAGE
from corpusforge.parts.plan import Plan
from corpusforge.parts.waves import waves
from corpusforge.sealed import read_json
from corpusforge_pipelines.dedup import compare, has_leakage, leakage_path, remove_work
from corpusforge_pipelines.runs import Run


def run_leakage(
    run: Run, plan: Plan, config: BuildConfig, totals: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the leakage of a build whose dedup is done; `totals` are those of its sources, duplicates added.

    The result lies beside the dedup's, and is found there by a build that goes on.
    """
    last = waves(plan, config)[-1]
    if not has_leakage(last):
        documents = {name: source["kept"] for name, source in totals.items()}
        compare(run, plan, config, replace(last, first_new=0), documents, (LEAKAGE,))
    else:
        remove_work(last, (LEAKAGE,))
    before, after = np.array(read_json(leakage_path(last))["matrices"], dtype=np.int64)
    had, removed = Counter[str](), Counter[str]()
    for source in totals.values():
        had.update(source["kept_by_domain"])
        removed.update(source["duplicates_by_domain"])
    in_order = {domain.value: had[domain] for domain in Domain if had[domain]}
    return leakage_summary(before, after, in_order, removed)
