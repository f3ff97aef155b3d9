"""Generated lists and notes with signs in them: prices, shell, chess, chemistry, law, and the like."""

from __future__ import annotations

import random
from collections.abc import Callable

from corpusforge_classifiers.generated_tables import CLUBS, PEOPLE, REGIONS

_GOODS = ("Garden chair", "Steel kettle", "Desk lamp", "Wool blanket", "Bread knife", "Rain coat", "Door mat")
_ZH_GOODS = ("花园椅", "不锈钢水壶", "台灯", "羊毛毯", "面包刀", "雨衣")


def _lines(draw: random.Random, least: int, most: int, write: Callable[[], str]) -> str:
    return "\n".join(write() for _ in range(draw.randint(least, most)))


def _price_list(draw: random.Random) -> str:
    currency = draw.choice("$€£¥")
    goods = _ZH_GOODS if currency == "¥" else _GOODS

    def line() -> str:
        price = draw.uniform(2, 400)
        saved = (
            f" was {currency}{price * 1.25:.2f}, save {draw.randint(5, 60)}%" if draw.random() < 0.5 else ""
        )
        return f"{draw.choice(goods)} {currency}{price:.2f}{saved} x {draw.randint(1, 9)}"

    return _lines(draw, 5, 40, line)


def _shell_page(draw: random.Random) -> str:
    names = ["PATH", "HOME", "PREFIX", "TMPDIR", "USER", "LANG", "BUILD"]

    def line() -> str:
        a, b = draw.sample(names, 2)
        return draw.choice([
            f'export {a}="${b}/bin:${a}"', f"echo ${a} > ${b}/log.{draw.randint(1, 99)}",
            f'if [ "${a}" = "${b}" ]; then exit {draw.randint(0, 3)}; fi',
            f"Set ${a} to the folder of ${b}, then run make -j{draw.randint(2, 16)}.",
        ])  # fmt: skip

    return "#!/bin/sh\n" + _lines(draw, 5, 40, line)


def _program(draw: random.Random) -> str:
    names = ["count", "total", "left", "right", "node", "value", "index", "buffer", "offset", "size"]

    def line() -> str:
        a, b, c = draw.sample(names, 3)
        n = draw.randint(0, 64)
        return draw.choice([
            f"{a} = {b} + {c} * {n}", f"if {a} >= {b} and {c} != {n}:", f"    {a}[{b}] = {c}[{n}] << 2",
            f"for (int {a} = 0; {a} < {b}; {a}++) {{", f"  {a} += {b} ^ ({c} & 0x{n:02x});",
            f"return {a} % {b} == {n};",
            f"# the {a} of {b} is never above {n}",
        ])  # fmt: skip

    return _lines(draw, 6, 60, line)


def _expressions(draw: random.Random) -> str:
    parts = ["[A-Z]+", r"\d{3}", r"\w*", "(?:foo|bar)", r"[^\s]+", r"\.", "(ab)?", r"\b", "^", "$", ".*?"]

    def line() -> str:
        pattern = "".join(draw.choice(parts) for _ in range(draw.randint(2, 7)))
        return draw.choice(
            [f"/{pattern}/g matches a name", f"grep -E '{pattern}' log.txt", f"re.match(r'{pattern}', line)"]
        )

    return _lines(draw, 4, 30, line)


def _chess(draw: random.Random) -> str:
    moves: list[str] = []
    for number in range(1, draw.randint(12, 50)):
        pair = [
            draw.choice(["", "", "N", "B", "R", "Q", "K"])
            + draw.choice(["", "x"])
            + draw.choice("abcdefgh")
            + str(draw.randint(1, 8))
            + draw.choice(["", "", "+", "!", "?"])
            for _ in range(2)
        ]
        moves.append(f"{number}. {' '.join(pair)}")
    white, black = draw.sample(PEOPLE, 2)
    return (
        f"{white} - {black}, {draw.choice(CLUBS)} {draw.randint(1950, 2024)}\n" + " ".join(moves) + " 1/2-1/2"
    )


def _chords(draw: random.Random) -> str:
    chords = ["C", "G7", "Am", "F#m", "Dm7", "E", "Bb", "Cmaj7", "Gsus4", "A/C#", "B7b9"]
    return _lines(
        draw, 6, 24, lambda: "| " + " | ".join(draw.choice(chords) for _ in range(4)) + " |  4/4, 2x"
    )


def _recipe(draw: random.Random) -> str:
    things = ["flour", "sugar", "butter", "milk", "salt", "baking powder", "oats", "honey"]
    amounts = ["1/2 cup", "3/4 cup", "1 1/2 tsp", "2 tbsp", "½ cup", "250 g", "¼ tsp"]
    listed = _lines(draw, 5, 10, lambda: f"- {draw.choice(amounts)} {draw.choice(things)}")
    return (
        f"{listed}\n\nHeat the oven to {draw.randint(160, 230)} °C. Mix, then bake for"
        f" {draw.randint(15, 60)} minutes (makes {draw.randint(4, 24)})."
    )


def _checksums(draw: random.Random) -> str:
    size = draw.choice([32, 40, 64])
    return _lines(
        draw,
        5,
        40,
        lambda: (
            f"{draw.getrandbits(size * 4):0{size}x}  {draw.choice(REGIONS)}"
            f"-{draw.randint(1, 9)}.{draw.randint(0, 9)}.tar.gz"
        ),
    )


def _chemistry(draw: random.Random) -> str:
    sides = [
        "2 H2O",
        "CO2",
        "NaCl",
        "H2SO4",
        "CaCO3",
        "2 NaOH",
        "Fe2O3",
        "3 CO",
        "NH4+",
        "SO4^2-",
        "O2",
        "CH3COOH",
    ]

    def line() -> str:
        a, b, c, d = draw.sample(sides, 4)
        return draw.choice([
            f"{a} + {b} -> {c} + {d}", f"{a} + {b} → {c} + {d}  (ΔH = {draw.randint(-900, -20)} kJ/mol)",
            f"Dissolve {draw.uniform(0.1, 9):.2f} g of {a} in {draw.randint(10, 500)} ml of water at"
            f" {draw.randint(10, 90)} °C.",
        ])  # fmt: skip

    return _lines(draw, 4, 25, line)


def _bibliography(draw: random.Random) -> str:
    words = [
        "Trade",
        "Rivers",
        "Memory",
        "Cities",
        "Labour",
        "Language",
        "Birds",
        "Climate",
        "Migration",
        "Letters",
    ]

    def line() -> str:
        a, b = draw.sample(words, 2)
        first = draw.randint(1, 400)
        return (f"[{draw.randint(1, 99)}] {draw.choice(PEOPLE)} ({draw.randint(1950, 2024)}). {a} and {b}. "
                f"Journal of {a} {draw.randint(1, 60)}({draw.randint(1, 12)}):"
                f" {first}–{first + draw.randint(4, 40)}.")  # fmt: skip

    return _lines(draw, 4, 40, line)


def _telephones(draw: random.Random) -> str:
    return _lines(
        draw,
        5,
        40,
        lambda: (
            f"{draw.choice(PEOPLE)}  +{draw.randint(1, 99)} {draw.randint(100, 999)}"
            f" {draw.randint(100, 999)}-{draw.randint(1000, 9999)}, ext. {draw.randint(1, 99)}"
        ),
    )


def _statute(draw: random.Random) -> str:
    def line() -> str:
        return (f"§ {draw.randint(1, 400)}({draw.randint(1, 9)})({draw.choice('abcdef')}) Where a person"
        f" fails to comply with section "
                f"{draw.randint(1, 99)}.{draw.randint(1, 30)}, subsections ({draw.randint(1, 4)}) to"
                f" ({draw.randint(5, 9)}) apply, "
                f"and the tribunal may, under article {draw.randint(1, 60)}, order payment of up to"
                f" {draw.randint(1, 90)},000.")  # fmt: skip

    return _lines(draw, 3, 20, line)


def _numerology(draw: random.Random) -> str:
    signs = ["Aries", "Taurus", "Gemini", "Leo", "Virgo", "Libra", "Pisces"]

    def line() -> str:
        a, b = draw.randint(1, 31), draw.randint(1, 12)
        return draw.choice([
            f"Born on the {a} of month {b}: {a} + {b} = {a + b}, so your life path number is"
            f" {(a + b - 1) % 9 + 1}, the number of the dreamer.",
            f"{draw.choice(signs)} with the Moon at {draw.randint(0, 29)}°{draw.randint(0, 59)}′: a"
            f" square to Mars brings tension at work.",
            f"People whose name adds up to {b} are loved by {draw.choice(signs)} and lucky on day {a}.",
        ])  # fmt: skip

    return _lines(draw, 4, 20, line)


def _settings(draw: random.Random) -> str:
    names = ["timeout", "max_size", "retries", "port", "log.level", "cache-dir", "enabled", "ratio"]
    values = ["30", "0.75", "true", "/var/tmp", "8080", '"info"', "1e-6", "[1, 2, 3]"]
    return _lines(
        draw, 6, 40, lambda: f"{draw.choice(names)}{draw.choice([' = ', '=', ': '])}{draw.choice(values)}"
    )


def _match_report(draw: random.Random) -> str:
    def line() -> str:
        a, b = draw.sample(CLUBS, 2)
        return (f"{a} beat {b} {draw.randint(1, 5)}-{draw.randint(0, 1)} after"
        f" {draw.choice(PEOPLE).split(',')[0]} scored in minute "
                f"{draw.randint(2, 90)}; the value of the set piece was worth {draw.randint(1, 9)}"
                f" points, and the team is "
                f"{draw.randint(1, 20)}th with {draw.randint(1, 90)} points from {draw.randint(1, 38)}"
                f" matches.")  # fmt: skip

    return _lines(draw, 3, 12, line)


def _market_report(draw: random.Random) -> str:
    def line() -> str:
        x = draw.uniform(1, 90)
        return draw.choice([
            f"Shares of {draw.choice(CLUBS)} rose {x:.1f}% to ${x * 7:.2f} as sales grew by"
            f" {draw.randint(2, 40)}% to ${x:.1f} million.",
            f"The price of a barrel fell to ${x:.2f}; if demand rises, quantity supplied and price move"
            f" together along the curve.",
            f"Net present value = {x * 100:.0f} / 1.0{draw.randint(2, 9)} = ${x * 95:.2f}, so the firm"
            f" makes the investment.",
            f"Current ratio = current assets / current liabilities = ${x * 20:,.0f} / ${x * 9:,.0f} ="
            f" {20 / 9:.2f}",
            f"Quarterly profit was {x:.0f} million euros, against {x * 0.8:.0f} million a year before;"
            f" costs were {draw.randint(1, 9)}% lower.",
        ])  # fmt: skip

    return _lines(draw, 3, 15, line)


LISTS: dict[str, Callable[[random.Random], str]] = {
    "bibliography": _bibliography,
    "checksums": _checksums,
    "chemistry": _chemistry,
    "chess": _chess,
    "chords": _chords,
    "expressions": _expressions,
    "market-report": _market_report,
    "match-report": _match_report,
    "numerology": _numerology,
    "prices": _price_list,
    "program": _program,
    "recipe": _recipe,
    "settings": _settings,
    "shell": _shell_page,
    "statute": _statute,
    "telephones": _telephones,
}
"""Writers of lists and notes by the name of their kind."""
