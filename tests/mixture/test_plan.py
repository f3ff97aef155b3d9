"""Recipes become plans that are exact to the sample, arm by arm."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.mixture.plan import arms_table, make_plan, plan_on_paper, write_plan
from corpusforge.mixture.planfile import plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import KEYS, load_recipe, parse_recipe
from tests.shards.corpus import build_corpus

RECIPES = Path(__file__).parents[2] / "examples" / "recipes"
T = 10**12
SUPPLY = {
    "web": 6 * T,
    "code": T,
    "code_nl": 4 * T // 10,
    "math/generic": 3 * T // 10 + 17,
    "math/scaffold": T // 10,
    "wikipedia": T // 10,
    "books": 3 * T // 10,
    "multilingual": 2 * T,
}
HEAD = 'name="r"\nbudget_tokens=1000\nsequence_length=10\nmax_epochs=2\n'


def counts(arm) -> dict[str, int]:  # type: ignore[no-untyped-def]
    return {f"{row.domain}/{row.subset}": row.samples for row in arm.rows}


def paper(toml: str, supply: dict[str, int]) -> dict[str, dict[str, int]]:
    return {name: counts(arm) for name, arm in plan_on_paper(supply, parse_recipe(toml, "r.toml")).items()}


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_exact_at_ten_trillion_tokens(path: Path) -> None:
    recipe = load_recipe(str(path))
    arms = plan_on_paper(SUPPLY, recipe)
    assert recipe.name == path.stem
    assert set(arms) == {"full", path.stem}
    for arm in arms.values():
        assert arm.samples == 10**13 // 4096
        for row in arm.rows:
            assert row.samples <= 4 * row.supply_samples


def test_arms_of_the_study_move_only_what_they_say() -> None:
    arms = {
        path.stem: counts(plan_on_paper(SUPPLY, load_recipe(str(path)))[path.stem])
        for path in RECIPES.glob("*")
    }
    full = arms["full"]
    changed = {n: {k for k in full if a[k] != full[k]} for n, a in arms.items()}
    assert changed["scaffold_swap"] == {"math/generic", "math/scaffold"}
    assert arms["scaffold_swap"]["math/scaffold"] - full["math/scaffold"] == 10**11 // 4096
    assert not changed["code_to_non_math"] & {"math/generic", "math/scaffold"}
    assert arms["without_code"]["code/all"] == arms["code_to_non_math"]["code/all"] == 0
    assert arms["without_math"]["math/generic"] == arms["without_math"]["math/scaffold"] == 0
    assert all(arms["without_code"][k] >= v for k, v in full.items() if k != "code/all")


def test_subsets_share_by_supply_unless_weighed_themselves() -> None:
    supply = {"web": 10000, "math/generic": 3000, "math/scaffold": 1000}
    assert paper(HEAD + "[weights]\nweb=0.6\nmath=0.4", supply)["full"] == {
        "web/all": 60, "math/generic": 30, "math/scaffold": 10,
    }  # fmt: skip
    weighed = HEAD + '[weights]\nweb=0.6\n"math/generic"=0.1\n"math/scaffold"=0.3'
    assert paper(weighed, supply)["full"] == {"web/all": 60, "math/generic": 10, "math/scaffold": 30}


def test_decimals_are_exact() -> None:
    # 0.1 + 0.2 as floats is not 0.3: a tie would go the wrong way.
    recipe = parse_recipe(HEAD + "[weights]\nweb=0.1\ncode=0.2\nbooks=0.3", "r")
    assert recipe.units() == {"web": Fraction(1, 10), "code": Fraction(1, 5), "books": Fraction(3, 10)}


def test_caps_freeze_and_the_rest_goes_to_the_others() -> None:
    arms = paper(
        HEAD + "[weights]\nweb=0.5\ncode=0.3\nbooks=0.2", {"web": 100, "code": 10000, "books": 10000}
    )
    assert arms["full"] == {"books/all": 32, "code/all": 48, "web/all": 20}


def test_targets_in_tokens() -> None:
    toml = HEAD + "[tokens]\nweb=700\ncode=300"
    assert paper(toml, {"web": 1000, "code": 1000})["full"] == {"code/all": 30, "web/all": 70}
    with pytest.raises(ValueError, match="sum to 1100, budget_tokens is 1000: 100 too many"):
        parse_recipe(HEAD + "[tokens]\nweb=800\ncode=300", "r")


def test_impossible_budgets_say_what_is_short_and_by_how_much() -> None:
    with pytest.raises(
        ValueError, match=r"recipe r: 600 tokens short: 1,000 wanted, 400 left at 2 epochs \(web 400\)"
    ):
        paper(HEAD + "[weights]\nweb=1", {"web": 200})
    swap = '[arms.s]\nswap={from="math/generic",to="math/scaffold",tokens=%d}'
    head = HEAD + "[weights]\nweb=0.5\nmath=0.5\n"
    supply = {"web": 10000, "math/generic": 9000, "math/scaffold": 100}
    with pytest.raises(ValueError, match="arm s: 110 tokens short: math/scaffold can take 190 more"):
        paper(head + swap % 300, supply)
    with pytest.raises(ValueError, match="arm s: 510 tokens short: math/generic has 490"):
        paper(head + swap % 1000, supply)
    limited = (
        HEAD
        + "[weights]\nweb=0.5\nmath=0.5\n[%s]\n%s=0.5\n[arms.s]\nswap={from='web',to='math/scaffold',tokens=100}"
    )
    plenty = {"web": 10000, "math/generic": 9000, "math/scaffold": 9000}
    with pytest.raises(ValueError, match=r"arm s: 100 tokens more of math than maximum\.math allows"):
        paper(limited % ("maximum", "math"), plenty)
    with pytest.raises(ValueError, match=r"arm s: 100 tokens short: minimum\.web asks for more of it"):
        paper(limited % ("minimum", "web"), plenty)
    with pytest.raises(
        ValueError, match="recipe r: all minima together are 110 samples, 10 over the whole of 100"
    ):
        paper(HEAD + "[weights]\nweb=0.5\nmath=0.5\n[minimum]\nweb=0.6\nmath=0.5", plenty)
    with pytest.raises(ValueError, match="arm a: 300 tokens short"):
        paper(HEAD + "[weights]\nweb=0.5\ncode=0.5\n[arms.a]\nwithout=['code']", {"web": 350, "code": 9999})


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (HEAD + "[weights]\nwbe=1", "r.toml: weights.wbe: unknown 'wbe': did you mean 'web'?"),
        (HEAD + "max_epoch=1\n[weights]\nweb=1", "r.toml: max_epoch"),
        (HEAD, r"give either \[weights\] or \[tokens\]"),
        (HEAD + "[weights]\nweb=-1", "r.toml: weights.web"),
        (HEAD + "[weights]\nweb=0", "no weight is above zero"),
        (
            HEAD + "[weights]\nmath=1\n'math/generic'=1",
            "'math/generic' and 'math', which holds it, both have a weight",
        ),
        (HEAD + "[weights]\nweb=1\n[arms.full]", "is the recipe itself"),
        (HEAD + "[weights]\nweb=1\n[arms.x]\nwithout=['cod']", "did you mean 'code'"),
        (HEAD + "[weights]\nweb=1\n[arms.x]\nswap={from='math',to='web',tokens=1}", "unknown 'math'"),
        ("name = ", "r.toml: not TOML"),
    ],
)
def test_bad_recipes_are_one_clear_line(toml: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        parse_recipe(toml, "r.toml")
    assert "\n" not in str(error.value)


SUPPLIES = st.fixed_dictionaries({key: st.integers(0, 10**7) for key in KEYS})


@settings(deadline=None)
@given(
    SUPPLIES, st.integers(1, 10**5), st.integers(1, 4096), st.sampled_from(["web", "code", "math", "books"])
)
def test_every_arm_sums_to_the_budget_or_is_refused(
    supply: dict[str, int], samples: int, length: int, gone: str
) -> None:
    toml = (
        f'name="r"\nbudget_tokens={samples * length + length - 1}\nsequence_length={length}\nmax_epochs=3.5\n'
        "[weights]\nweb=0.3\ncode=0.1\ncode_nl=0.05\nmath=0.15\nwikipedia=0.1\nbooks=0.2\nmultilingual=0.1\n"
        f'[arms.less]\nwithout=["{gone}"]\n[arms.named]\nwithout=["{gone}"]\nredistribute=["multilingual"]\n'
    )
    try:
        arms = plan_on_paper(supply, parse_recipe(toml, "r"))
    except ValueError as error:
        assert "tokens short" in str(error)
        return
    full = counts(arms["full"])
    for arm in arms.values():
        assert arm.samples == samples
        assert all(row.samples <= row.supply_samples * 7 // 2 for row in arm.rows)
    # Arms are nested: nobody who stays loses a sample.
    for name in ("less", "named"):
        assert all(n >= full[key] for key, n in counts(arms[name]).items() if key.split("/")[0] != gone)
    assert all(
        n == full[key]
        for key, n in counts(arms["named"]).items()
        if key.split("/")[0] not in (gone, "multilingual")
    )


def test_plan_pins_its_snapshot_and_is_canonical(tmp_path: Path) -> None:
    corpus = str(build_corpus(tmp_path, 120))
    toml = 'name="r"\nbudget_tokens=6400\nsequence_length=64\nmax_epochs=8\n[weights]\nweb=0.5\nmath=0.5\n'
    recipe = parse_recipe(toml + '[arms.less]\nwithout=["web"]', "r")
    plan = make_plan(corpus, recipe)
    assert make_plan(corpus, recipe) == plan
    path = Path(write_plan(corpus, plan))
    assert path.name == f"r-{plan.id}.json"
    assert plan_from_bytes(path.read_bytes(), "p") == plan
    value = json.loads(path.read_bytes())
    assert value["arms"]["less"]["samples"] == 100 and value["arms"]["less"]["tokens"] == 6400
    assert "." not in json.dumps({k: v for k, v in value.items() if isinstance(v, int)})
    with pytest.raises(ValueError, match="p: changed since it was written"):
        plan_from_bytes(plan_to_bytes(plan).replace(b'"samples":100', b'"samples":101'), "p")


def test_table_for_json_output() -> None:
    recipe = parse_recipe(HEAD + "[weights]\nweb=0.5\ncode=0.5\n[arms.a]\nwithout=['code']", "r")
    table = arms_table(plan_on_paper({"web": 1000, "code": 400}, recipe))
    assert table["arms"]["a"] == {
        "samples": 100,
        "rows": [{"domain": "web", "subset": "all", "samples": 100, "tokens": 1000, "epochs": 1.0}],
    }
    assert table["arms"]["full"]["rows"][0]["epochs"] == 1.25
