"""The section on what ships: confusions of the split and the scaffold classifier, calibration of the scores.

`shipped.json` is written by `benches/shipped_figures.py` from labelled rows and the model cards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, cast

from corpusforge.card.pieces import section
from corpusforge.code import CodeConfig
from corpusforge.markdown import code, count, share, table
from corpusforge.shards.snapshot import Index

COMMAND = "`corpusforge/card/shipped.json`, written by `python benches/shipped_figures.py --data DATA`"


@cache
def shipped_figures() -> Mapping[str, Any]:
    """Return the figures of `shipped.json`: `split`, `scaffold`, `math`."""
    return json.loads((resources.files("corpusforge.card") / "shipped.json").read_text("utf-8"))


def shipped(index: Index) -> str:
    """Return how good the split and the classifiers are as they ship, and whether this corpus has them."""
    value, config = shipped_figures(), cast("dict[str, Any]", index.header["config"])
    parts = [
        "Measured on labelled rows that are no part of this corpus, by the thresholds and models that ship. "
        "Rules were written while the misses on the rows of the split were read: on other repositories it "
        "does worse.\n"
    ]
    parts += _split(value["split"], config)
    parts += _classifier("scaffold", value["scaffold"], config)
    parts.append(f"Passages of {value['scaffold']['data']}, by the classifier and by a rule of step words:\n")
    parts.append(confusion(value["scaffold"]["classifier"], "classifier"))
    parts.append(confusion(value["scaffold"]["rule"], "rule"))
    parts += _classifier("math", value["math"], config)
    parts.append(
        "Scores of the language identifier are not calibrated on labelled rows: `docs/measurements.md`.\n"
    )
    pages = ", ".join(
        code(one) for one in (value["split"]["page"], value["math"]["card"], value["scaffold"]["card"])
    )
    return section("How good the labels are, as shipped", "\n".join(parts), f"{COMMAND}; more in {pages}")


def _split(value: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    is_same = config.get("code") == json.loads(json.dumps(CodeConfig().model_dump(mode="json")))
    parts = ["### The split into code, code with explanation, and neither\n", f"Rows: {value['data']}.\n"]
    if not is_same:
        parts.append(
            "**This corpus was split by other thresholds** (`[code]`): these figures are not its own.\n"
        )
    for name, title in (("with_path", "With the path"), ("without_path", "Without the path")):
        parts += [f"{title}, by the split and by a rule of endings, fences and lines:\n"]
        parts += [confusion(value[name][who], who) for who in ("split", "rule")]
    return parts


def confusion(found: Mapping[str, Mapping[str, int]], who: str) -> str:
    """Return a confusion matrix: rows by label, columns by what they were called, shares that are right."""
    labels = list(found)
    rows = [
        [code(label), *(count(found[label][called]) for called in labels), _right(found, label)]
        for label in labels
    ]
    right, whole = sum(found[one][one] for one in labels), sum(sum(row.values()) for row in found.values())
    rows.append(
        ["all", *(count(sum(found[one][called] for one in labels)) for called in labels), share(right, whole)]
    )
    return table([f"label, by the {who}", *(f"called {one}" for one in labels), "right"], rows)


def _right(found: Mapping[str, Mapping[str, int]], label: str) -> str:
    return share(found[label][label], sum(found[label].values()))


def _classifier(name: str, value: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    used = str(config.get("label", {}).get(f"{name}_sha256", ""))
    parts = [f"### {name.capitalize()}\n", f"Model {code(value['model_sha256'][:16] + '…')}.\n"]
    if used != value["model_sha256"]:
        parts.append(
            f"**This corpus was labelled by another model** ({code(used[:16])}): these are not its own.\n"
        )
    parts.append(_of_rows(value["figures"]))
    for where, rows in cast("Mapping[str, Sequence[Sequence[str]]]", value["calibration"]).items():
        parts += [
            f"Calibration, {where.lower()}: of scores from a bound on, their mean and the share "
            "of them that is positive.\n"
        ]
        parts.append(_of_rows(rows))
    return parts


def _of_rows(rows: Sequence[Sequence[str]]) -> str:
    return table(rows[0], rows[1:])
