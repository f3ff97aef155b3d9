"""Plans as arguments name them: an arm of one (`PLAN.json`, `PLAN.json:ARM`), and where one is to go."""

from __future__ import annotations

from corpusforge.commands.errors import usage_error
from corpusforge.commands.output import refuse_overlap
from corpusforge.files import exists, join, overlapping, path_below, read_bytes
from corpusforge.mixture.planfile import FULL, Arm, Plan, arm_names, plan_from_bytes
from corpusforge.mixture.swarmfiles import FOLDER, PLAN, is_plan, is_plan_of_swarm


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


def check_place(corpus: str, output: str | None, *, is_swarm: bool) -> None:
    """Raise `CommandError` where a plan, or a swarm's folder, would lie in a corpus and not be known there.

    What `gc`, `verify` and `view` take for a plan lies in `plans/`; elsewhere in a corpus nothing of it goes.
    """
    if output is None:
        return
    place = path_below(corpus, output)
    if place is None or not overlapping([join(corpus, "plans")], output):
        refuse_overlap([corpus], output)
        return
    name = f"{place}/{PLAN}" if is_swarm else place
    if is_plan(name) and is_plan_of_swarm(name) == is_swarm:
        return
    if is_swarm:
        known = f"a swarm in a corpus is a folder of {join(corpus, FOLDER)}/"
    else:
        known = f"a plan in a corpus is a .json in {join(corpus, 'plans')}/ or a folder of it, "
        known += "samples/ and swarms/ apart"
    raise usage_error(f"--output {output}: {known}; or name a place outside of the corpus")
