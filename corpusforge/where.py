"""`where`: a condition over the columns of a table, as text, made into an Arrow expression.

    "scaffold_score > 0.8 and language = 'en'"
    "domain in ('web', 'books') and not (title is null or title like 'Talk:%')"
    "signals.code_line_share >= 0.2"

condition  = all ("or" all)*          all = one ("and" one)*        one = ["not"] (test | "(" condition ")")
test       = value ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=") value
           | column ["not"] "in" "(" literal ("," literal)* ")" | column "is" ["not"] "null"
           | column ["not"] "like" text | column               -- of booleans
A text stands in '…', a quote in it doubled; a number, `true` and `false` stand bare; `"…"` is a column.
As in SQL, a test of a null holds for nothing, nor does its `not`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow
import pyarrow.compute

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_0-9]+)?)
      | (?P<sign><=|>=|<>|!=|==|[=<>(),])
    )""",
    re.VERBOSE,
)
_COMPARISONS = {
    "=": "equal", "==": "equal", "!=": "not_equal", "<>": "not_equal",
    "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
}  # fmt: skip
_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "like", "true", "false"})
_MAX_DEPTH = 100


class WhereError(ValueError):
    """Text that is no condition over a table: one line with the place."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read."""

    expression: Any
    """`pyarrow.compute.Expression`."""
    columns: frozenset[str]
    """Of the table, that it looks at."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class _Operand:
    expression: Any
    type: Any
    """The Arrow type of a column; None of a literal."""
    name: str


def parse_where(where: str, schema: Any) -> Condition:
    """Return a condition over a table of this Arrow schema.

    Raises WhereError, one line with the place, for what is no condition, an unknown column (the
    line names those there are), or values that cannot be compared.
    """
    parser = _Parser(where, schema)
    expression = parser.condition(0)
    parser.end()
    return Condition(expression, frozenset(parser.columns))


class _Parser:
    def __init__(self, where: str, schema: Any) -> None:
        self._where = where
        self._schema = schema
        self._tokens = [*_tokens(where), _Token("end", "the end", len(where))]
        self._at = 0
        self.columns: set[str] = set()

    def condition(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise self._fault(f"more than {_MAX_DEPTH} parentheses within each other")
        result = self._all(depth)
        while self._takes("or"):
            result = result | self._all(depth)
        return result

    def end(self) -> None:
        if self._token.kind != "end":
            raise self._fault("expected `and`, `or` or the end")

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    def _all(self, depth: int) -> Any:
        result = self._one(depth)
        while self._takes("and"):
            result = result & self._one(depth)
        return result

    def _one(self, depth: int) -> Any:
        if self._takes("not"):
            if depth > _MAX_DEPTH:
                raise self._fault(f"more than {_MAX_DEPTH} times `not`")
            return ~self._one(depth + 1)
        if self._takes("("):
            result = self.condition(depth + 1)
            self._needs(")")
            return result
        return self._test()

    def _test(self) -> Any:
        left = self._value()
        sign = self._token.text
        if self._token.kind == "sign" and sign in _COMPARISONS:
            self._at += 1
            return self._compared(left, sign, self._value())
        if left.type is None:
            raise self._fault("expected a comparison (= != < <= > >=)")
        if self._takes("is"):
            is_not = self._takes("not")
            self._needs("null")
            missing = left.expression.is_null()
            return ~missing if is_not else missing
        is_not = self._takes("not")
        if self._takes("in"):
            found = self._in(left)
        elif self._takes("like"):
            found = self._like(left)
        elif not is_not and pa.types.is_boolean(left.type):
            return left.expression
        else:
            raise self._fault("expected = != < <= > >=, in (…), like '…' or is null")
        return ~found if is_not else found

    def _compared(self, left: _Operand, sign: str, right: _Operand) -> Any:
        if left.type is None and right.type is None:
            raise self._fault("two values are compared, and no column")
        for one, other in ((left, right), (right, left)):
            if one.type is not None and other.type is None:
                self._check(one, [other])
        if left.type is not None and right.type is not None and _family(left.type) != _family(right.type):
            raise self._fault(f"{left.name} ({left.type}) and {right.name} ({right.type}) do not compare")
        return getattr(pc, _COMPARISONS[sign])(left.expression, right.expression)

    def _in(self, left: _Operand) -> Any:
        self._needs("(")
        values = [self._literal()]
        while self._takes(","):
            values.append(self._literal())
        self._needs(")")
        self._check(left, values)
        any_of = self._compared(left, "=", values[0])
        for value in values[1:]:
            any_of = any_of | self._compared(left, "=", value)
        return any_of

    def _like(self, left: _Operand) -> Any:
        pattern = self._token
        if pattern.kind != "text" or _family(left.type) != "text":
            raise self._fault("like compares a column of text with a pattern in '…' (% any, _ one character)")
        self._at += 1
        return pc.match_like(left.expression, _text(pattern.text))

    def _check(self, column: _Operand, values: Sequence[_Operand]) -> None:
        for value in values:
            if _family(column.type) != value.name.partition(" ")[0]:
                raise self._fault(f"{column.name} is {column.type}, and is compared with the {value.name}")

    def _value(self) -> _Operand:
        token = self._token
        if token.kind == "quoted" or (token.kind == "name" and token.text.lower() not in _WORDS):
            return self._column()
        return self._literal()

    def _literal(self) -> _Operand:
        token = self._token
        word = token.text.lower()
        if token.kind == "number":
            is_whole = re.fullmatch(r"[+-]?\d{1,18}", token.text) is not None
            value: object = int(token.text) if is_whole else float(token.text)
            kind = "number"
        elif token.kind == "text":
            value, kind = _text(token.text), "text"
        elif token.kind == "name" and word in ("true", "false"):
            value, kind = word == "true", "boolean"
        else:
            raise self._fault("expected a column or a value")
        self._at += 1
        return _Operand(pc.scalar(value), None, f"{kind} {token.text}")

    def _column(self) -> _Operand:
        token = self._token
        name = token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
        outer, _, inner = name.partition(".")
        known = self._schema.names
        if outer == "id" and "id" not in known:
            outer = "doc_id"
        column = name if name in known else outer
        if column not in known:
            hint = f"; a signal of that name: signals.{name}" if "signals" in known and not inner else ""
            raise self._fault(f"no column {name!r}; there are: {', '.join(known)}{hint}")
        self._at += 1
        self.columns.add(column)
        type_ = self._schema.field(column).type
        if pa.types.is_map(type_) and inner and column != name:
            found = pc.map_lookup(pc.field(column), query_key=pa.scalar(inner), occurrence="first")
            return _Operand(found, type_.item_type, name)
        if _family(type_) == "" and self._token.text.lower() != "is":
            of_map = f"; a value of it: {column}.NAME" if pa.types.is_map(type_) else ""
            raise self._fault(f"{column} is {type_}, and does not compare{of_map}")
        if inner and column != name:
            raise self._fault(f"{column} is {type_}, and has no {inner!r}")
        return _Operand(pc.field(column), type_, column)

    def _takes(self, word: str) -> bool:
        token = self._token
        if token.kind in ("name", "sign") and token.text.lower() == word:
            self._at += 1
            return True
        return False

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise self._fault(f"expected {word!r}")

    def _fault(self, message: str) -> WhereError:
        token = self._token
        return WhereError(f"where: at character {token.at} ({token.text[:40]}): {message}")


def _tokens(where: str) -> Iterator[_Token]:
    at = 0
    while at < len(where.rstrip()):
        match = _TOKEN.match(where, at)
        if match is None:
            place = at + len(where[at:]) - len(where[at:].lstrip())
            raise WhereError(f"where: at character {place} ({where[place : place + 40]}): not understood")
        kind = cast(str, match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind))
        at = match.end()


def _text(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


def _family(type_: Any) -> str:
    """Return what a column's values compare with: text, number, boolean; "" with nothing."""
    types = pa.types
    if types.is_string(type_) or types.is_large_string(type_):
        return "text"
    if types.is_integer(type_) or types.is_floating(type_):
        return "number"
    return "boolean" if types.is_boolean(type_) else ""
