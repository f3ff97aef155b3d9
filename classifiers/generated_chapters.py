"""Generated pages of textbooks that apply mathematics: formulas, worked figures, and a field's own words."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_FIRMS = (
    "Alder Foods",
    "Brightwater Energy",
    "Clover Hotels",
    "Delta Freight",
    "Evergreen Mills",
    "Fern Tools",
)

_FINANCE = (
    "The present value of the cash flows of {firm} is $PV = \\frac{{{n}}}{{(1+{r})^{{{t}}}}}$, so the"
    " bond trades"
    " below par.",
    "$$WACC = w_d \\times r_d (1 - T) + w_e \\times r_e$$ The weighted average cost of capital of"
    " {firm} is {p}%.",
    "By the capital asset pricing model, $r_e = r_f + \\beta (r_m - r_f) = {r} + {b} \\times {r2}$:"
    " the return"
    " that shareholders require.",
    "An annuity of ${n} a year for {t} years has $FV = PMT \\times \\frac{{(1+i)^n - 1}}{{i}}$ at an interest"
    " rate of {p}%.",
    "The portfolio's standard deviation is $\\sigma_p = \\sqrt{{w_1^2 \\sigma_1^2 + w_2^2"
    " \\sigma_2^2}}$; investors"
    " diversify to lower their risk.",
    "Managers accept a project whose net present value is positive and whose internal rate of return"
    " exceeds {p}%.",
    "The dividend discount model gives \\(P_0 = \\frac{{D_1}}{{r - g}}\\) = ${n}, where dividends grow"
    " at {p}% a year.",
    "A lender quotes {p}% compounded monthly; the effective annual rate is $(1 + {r}/12)^{{12}} - 1$.",
)
_ACCOUNTING = (
    "$$\\text{{Current ratio}} = \\frac{{\\text{{current assets}}}}{{\\text{{current liabilities}}}} = "
    "\\frac{{{n}}}{{{m}}}$$",
    "{firm} records a debit to inventory and a credit to accounts payable of ${n}.",
    "Assets = Liabilities + Equity: ${n} = ${m} + ${k}, and the ledger balances.",
    "Straight-line depreciation is $\\frac{{\\text{{cost}} - \\text{{salvage value}}}}{{\\text{{useful"
    " life}}}}$,"
    " or ${k} a year for {t} years.",
    "The break-even point in units = fixed costs / (sales price - variable cost) = {n} / ({b} - {r}).",
    "The flexible budget shows an unfavourable labour variance: (actual hours − standard hours) ×"
    " standard rate"
    " = ${k}.",
    "Overhead is applied at ${b} per direct labour hour; cost of goods sold is adjusted at the end of"
    " the period.",
    "Under accrual accounting {firm} recognises revenue of ${n} when it is earned, not when cash is"
    " received.",
)
_SPORT = (
    "Slugging percentage is $SLG = \\frac{{1B + 2 \\times 2B + 3 \\times 3B + 4 \\times HR}}{{AB}}$;"
    " the batter"
    " ended the season at .{d}.",
    "Expected goals: $xG = \\frac{{1}}{{1 + e^{{-({b} - {r} \\cdot d)}}}}$ for a shot from distance d,"
    " header or foot.",
    "By the Pythagorean expectation the club wins $\\frac{{RS^2}}{{RS^2 + RA^2}}$ of its games, {p}%"
    " this season.",
    "The Elo rating of the home team rises by $K (S - E)$ = {t} × (1 − {r}) after the match.",
    "His true shooting percentage is PTS / (2 × (FGA + 0.44 × FTA)) = {p}%, third in the league.",
    "The goalkeeper saved {t} of {m} shots on target; passes per possession rose to {b}.",
)
_PHYSICS = (
    "A charge of {b} C in the field feels a force $F = qE = {b} \\times {n}$ N, and is accelerated to"
    " {m} m/s.",
    "The temperature rises to {n} K, and with $PV = nRT$ the pressure of the gas to {m} kPa.",
    "The photon's energy is $E = hf = \\frac{{hc}}{{\\lambda}}$ with a wavelength of {n} nm: the"
    " electron leaves"
    " the metal.",
    "Kinetic energy, $\\frac{{1}}{{2}} m v^2$, of the {b} kg cart is {n} J; friction turns {p}% of it"
    " into heat.",
    "The spectrometer shows an emission line at {n} nm, shifted as the star recedes at {m} km/s.",
    "Measure the period of the pendulum {t} times; the laboratory value of g is {b} m/s², with an"
    " error of {p}%.",
)
_ENGINEERING = (
    "The beam carries {n} kN at midspan; the bending stress is $\\sigma = \\frac{{M y}}{{I}}$ = {m}"
    " MPa, below the"
    " yield strength of the steel.",
    "The pump delivers {b} L/s against a head of {t} m; its power is $P = \\rho g Q H / \\eta$ = {k} W.",
    "The voltage across the resistor is $V = IR$ = {b} V; choose a capacitor of {t} µF for the filter.",
    "The Reynolds number $Re = \\frac{{\\rho v D}}{{\\mu}}$ = {n} shows that the flow in the pipe is"
    " turbulent.",
    "The gear ratio is {m}:{t}, so the motor's torque of {b} N·m becomes {k} N·m at the shaft.",
    "The controller's bandwidth is {n} Hz with a gain margin of {t} dB; the sensor adds a delay of {k} ms.",
)


def _writer(sentences: Sequence[str]) -> Callable[[random.Random], str]:
    def write(draw: random.Random) -> str:
        parts = [
            draw.choice(sentences).format(
                firm=draw.choice(_FIRMS),
                n=draw.randint(100, 90_000),
                m=draw.randint(20, 900),
                k=draw.randint(50, 9_000),
                t=draw.randint(2, 30),
                d=draw.randint(200, 600),
                p=round(draw.uniform(1, 60), 1),
                b=round(draw.uniform(0.4, 9), 2),
                r=round(draw.uniform(0.01, 0.3), 3),
                r2=round(draw.uniform(0.01, 0.1), 3),
            )
            for _ in range(draw.randint(4, 20))
        ]
        return draw.choice((" ", "\n", "\n\n")).join(parts)

    return write


CHAPTERS: dict[str, Callable[[random.Random], str]] = {
    "accounting-chapter": _writer(_ACCOUNTING),
    "engineering-notes": _writer(_ENGINEERING),
    "finance-chapter": _writer(_FINANCE),
    "physics-notes": _writer(_PHYSICS),
    "sport-statistics": _writer(_SPORT),
}
"""Writers of pages by the name of their kind."""
