"""The arithmetic of `{{#expr: …}}` (mediawiki.org/wiki/Help:Extension:ParserFunctions)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(<>|!=|<=|>=|\*\*|[-+*/^()=<>])|([A-Za-z]+))", re.S
)
_MAX_CHARS, _MAX_DEPTH = 2000, 50
_UNARY: dict[str, Callable[[float], float]] = {
    "not": lambda a: float(not a),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "exp": math.exp,
    "ln": math.log,
    "abs": abs,
    "trunc": lambda a: float(math.trunc(a)),
    "floor": lambda a: float(math.floor(a)),
    "ceil": lambda a: float(math.ceil(a)),
    "sqrt": math.sqrt,
}
_BINARY: tuple[dict[str, Callable[[float, float], float]], ...] = (
    {"or": lambda a, b: float(bool(a) or bool(b))},
    {"and": lambda a, b: float(bool(a) and bool(b))},
    {
        "=": lambda a, b: float(a == b),
        "<>": lambda a, b: float(a != b),
        "!=": lambda a, b: float(a != b),
        "<": lambda a, b: float(a < b),
        ">": lambda a, b: float(a > b),
        "<=": lambda a, b: float(a <= b),
        ">=": lambda a, b: float(a >= b),
    },
    {"round": lambda a, b: _rounded(a, int(b))},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "div": lambda a, b: a / b,
        "mod": lambda a, b: math.fmod(int(a), int(b)),
        "fmod": math.fmod,
    },
    {"^": lambda a, b: _power(a, b), "**": lambda a, b: _power(a, b)},
    {"e": lambda a, b: a * _power(10.0, b)},
)
"""Operators from the loosest to the tightest."""


class ExpressionError(ValueError):
    """An expression that MediaWiki shows an error for."""


def evaluated(text: str) -> str:
    """Return the value of an expression as MediaWiki writes it, "" for an empty one.

    Raises ExpressionError for what is no expression or has no value.
    """
    text = text.replace("−", "-").replace("×", "*").replace("÷", "/").strip()
    if not text:
        return ""
    if len(text) > _MAX_CHARS:
        raise ExpressionError("too long")
    parser = _Parser(_tokens(text))
    try:
        value = parser.binary(0)
        if parser.at != len(parser.tokens):
            raise ExpressionError("more than one value")
        return written(value)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise ExpressionError(str(error)) from None


def written(value: float) -> str:
    """Return a number as MediaWiki writes it: 14 digits, no trailing zeros."""
    if math.isnan(value) or math.isinf(value):
        raise ExpressionError("no number")
    text = f"{value:.14G}"
    number, e, power = text.partition("E")
    if e:
        return f"{number if '.' in number else number + '.0'}E{power[0]}{power[1:].lstrip('0')}"
    return "0" if text == "-0" else text


def _tokens(text: str) -> list[float | str]:
    tokens: list[float | str] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"no expression at {text[at : at + 10]!r}")
        tokens.append(float(found[1]) if found[1] else str(found[2] or found[3]).lower())
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent over tokens; `at` is the next one."""

    def __init__(self, tokens: list[float | str]) -> None:
        self.tokens = tokens
        self.at = 0
        self._depth = 0

    def _peek(self) -> float | str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def binary(self, level: int) -> float:
        if level == len(_BINARY):
            return self._unary()
        value = self.binary(level + 1)
        while isinstance(token := self._peek(), str) and (operator := _BINARY[level].get(token)):
            self.at += 1
            value = operator(value, self.binary(level + 1))
        return value

    def _unary(self) -> float:
        token = self._peek()
        self.at += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ExpressionError("too deep")
        try:
            return self._value(token)
        finally:
            self._depth -= 1

    def _value(self, token: float | str | None) -> float:
        if isinstance(token, float):
            return token
        if token == "(":
            value = self.binary(0)
            if self._peek() != ")":
                raise ExpressionError("a bracket is not closed")
            self.at += 1
            return value
        if token in ("-", "+"):
            value = self._unary()
            return -value if token == "-" else value
        if token == "pi":
            return math.pi
        if token == "e":
            return math.e
        if isinstance(token, str) and (function := _UNARY.get(token)):
            return function(self._unary())
        raise ExpressionError(f"no value at {token}")


def _power(a: float, b: float) -> float:
    value = a**b
    if isinstance(value, complex):
        raise ExpressionError("no real number")
    return value


def _rounded(value: float, digits: int) -> float:
    if abs(digits) > 30:
        raise ExpressionError("too many digits")
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
