"""Plans of mixtures: arms beside each other, and what one arm reads that another does not."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from corpusforge.domains import supply_key
from corpusforge.files import join, list_files, read_bytes
from corpusforge.mixture.difference import Difference
from corpusforge.mixture.planfile import FULL, Arm, Plan, PlanRow, plan_from_bytes
from corpusforge.mixture.swarmfiles import is_plan, is_plan_of_swarm
from corpusforge.report.html import count, escape, table
from corpusforge.report.plots import Part, Stage, colour_class, funnel
from corpusforge.shards.inside import path_inside
from corpusforge.view.errors import NotHere
from corpusforge.view.explorer import Explorer
from corpusforge.view.html import chip, code, lead, link, message, path_of, section, select
from corpusforge.view.pages import swarms
from corpusforge.view.pages.snapshots import moved


def show(explorer: Explorer, _: Request) -> str:
    """Return the plans that lie in the corpus."""
    rows: list[list[str]] = []
    for name in _names(explorer.corpus):
        try:
            plan = _read(explorer.corpus, name)
        except ValueError as error:
            rows.append([escape(name), f'<span class="bad">{escape(str(error))}</span>', "", "", "", ""])
            continue
        mine = "this one" if plan.snapshot == explorer.index.snapshot else plan.snapshot[:8]
        rows.append([
            link(path_of("plans", name), plan.name), f"<code>{plan.id[:8]}</code>", mine,
            count(plan.tokens), count(plan.sequence_length), escape(", ".join(_arms(plan))),
        ])  # fmt: skip
    columns = ["plan", "id", "of snapshot", "tokens", "of a sample", "arms"]
    none = message("No plan lies in plans/: `corpusforge mix CORPUS --recipe TOML` makes one.")
    listed = table(columns, rows, words=3) if rows else none
    body = f"<h1>Plans</h1>{section('', listed, 'plans')}{swarms.listed(explorer)}"
    return explorer.page("Plans", body, "/plans")


def _names(corpus: str) -> list[str]:
    """Return where plans lie in `plans/`; those of swarms are listed beside them."""
    folder = join(corpus, "plans")
    names = (path[len(folder) + 1 :] for path in list_files(folder))
    return sorted(
        name for name in names if is_plan(f"plans/{name}") and not is_plan_of_swarm(f"plans/{name}")
    )


def _read(corpus: str, name: str) -> Plan:
    path = path_inside(corpus, f"plans/{name}")
    return plan_from_bytes(read_bytes(path), path)


def _arms(plan: Plan) -> list[str]:
    return sorted(plan.arms, key=lambda name: (name != FULL, name))


def show_one(explorer: Explorer, request: Request) -> str:
    """Return the arms of a plan beside each other; with `a` and `b`, documents and tokens that each reads."""
    name = str(request.path_params["name"])
    if name not in _names(explorer.corpus):
        raise NotHere(f"{name[:80]}: no plan in this corpus")
    plan = _read(explorer.corpus, name)
    a, b = (request.query_params.get(key, "") for key in ("a", "b"))
    for key, arm in (("a", a), ("b", b)):
        if arm and arm not in plan.arms:
            raise NotHere(f"{key}: no arm {arm!r}; there are: {', '.join(_arms(plan))}")
    told = (
        f"{count(plan.tokens)} tokens in samples of {count(plan.sequence_length)}, packed by "
        f"{escape(plan.packing)}, over snapshot {code(plan.snapshot[:8])}. Plan {code(plan.id)}"
        + (f", made again from {code(plan.parent)}." if plan.parent else ".")
    )
    body = f"<h1>{escape(plan.name)}</h1>{lead(told)}{_beside(plan)}{_choice(plan, name, a, b)}"
    if a and b:
        from corpusforge.mixture.difference import compare  # loads compiled loops

        body += _moved(compare(explorer.corpus, (plan, plan.arms[a]), (plan, plan.arms[b])), a, b)
    return explorer.page(plan.name, body, "/plans")


def _key(domain: str, subset: str, selection: str) -> str:
    return supply_key(domain, subset) + (f"#{selection}" if selection else "")


def _read_by(arm: Arm) -> dict[str, PlanRow]:
    """Return the rows of an arm that it reads of, by `domain/subset#selection`."""
    return {_key(row.domain, row.subset, row.selection): row for row in arm.rows if row.samples}


def _beside(plan: Plan) -> str:
    arms = {name: _read_by(plan.arms[name]) for name in _arms(plan)}
    keys = list(dict.fromkeys(key for rows in arms.values() for key in rows))
    stages = [
        Stage(
            name,
            count(plan.arms[name].tokens),
            [Part(key, rows[key].tokens, colour_class(key.partition("#")[0])) for key in keys if key in rows],
        )
        for name, rows in arms.items()
    ]
    lines = [[chip(key), *(_cell(rows.get(key), plan.tokens) for rows in arms.values())] for key in keys]
    total = ["all", *(count(plan.arms[name].tokens) for name in arms)]
    plot = funnel("Tokens of each arm by domain", stages)
    body = f'<div class="split"><aside>{plot}</aside>{table(["tokens", *arms], lines, total=total)}</div>'
    return section("Arms beside each other", body, "arms")


def _cell(row: PlanRow | None, whole: int) -> str:
    if row is None:
        return '<span class="soft">–</span>'
    epochs = row.samples / row.supply_samples
    return f"{count(row.tokens)}<br><small>{100 * row.tokens / whole:.1f} %, {epochs:.3g} epochs</small>"


def _choice(plan: Plan, name: str, a: str, b: str) -> str:
    arms = [(arm, arm) for arm in _arms(plan)]
    other = b or next((arm for arm, _ in arms if arm != FULL), FULL)
    first, second = select("a", "Arm A", a or FULL, arms), select("b", "Arm B", other, arms)
    form = (
        f'<form action="{path_of("plans", name)}#moved" id="compare"><div class="grid"><div>{first}</div>'
        f'<div>{second}</div></div><div class="actions"><button class="main">Compare</button></div></form>'
    )
    return section("What moved", form)


def _moved(found: Sequence[Difference], a: str, b: str) -> str:
    rows = [
        [
            chip(supply_key(entry.domain, entry.subset)),
            count(entry.tokens[0]), count(entry.tokens[1]), moved(*entry.tokens), count(entry.shared_tokens),
            count(entry.docs[0]), count(entry.docs[1]), moved(*entry.docs), count(entry.shared_docs),
        ]
        for entry in found
    ]  # fmt: skip
    columns = [
        "domain",
        f"tokens of {a}",
        f"of {b}",
        "",
        "of both",
        f"documents of {a}",
        f"of {b}",
        "",
        "of both",
    ]
    return section(f"{a} and {b}", table(columns, rows), "moved")
