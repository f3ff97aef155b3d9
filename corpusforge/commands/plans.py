"""An arm of a plan as an argument names it: `PLAN.json`, `PLAN.json:ARM`."""

from __future__ import annotations

from corpusforge.files import exists, read_bytes
from corpusforge.mixture.planfile import FULL, Arm, Plan, arm_names, plan_from_bytes


def named_arm(named: str) -> tuple[Plan, Arm]:
    """Return the plan and arm of `PLAN.json` or `PLAN.json:ARM`, `full` unless named.

    Raises ValueError, in one line, where there is no such plan or arm.
    """
    path, _, name = named.rpartition(":") if not exists(named) else (named, "", FULL)
    if not path or not exists(path):
        raise ValueError(f"{named}: no such plan: give PLAN.json, or PLAN.json:ARM")
    plan = plan_from_bytes(read_bytes(path), path)
    if name not in plan.arms:
        raise ValueError(f"{path}: no arm {name!r}: it has {arm_names(plan)}")
    return plan, plan.arms[name]
