"""The `sql` kind: a read-only query returns so many rows, or such a value."""

from __future__ import annotations

import re
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.gates.keys import COMMON, CONDITION, check_measured
from rollout.model.conditions import Condition, Quantity
from rollout.model.evidence import Evidence, Question, Unanswered, answer_to
from rollout.model.gate import Gate, Scope
from rollout.model.probes import Rows, SqlQuestion
from rollout.model.units import UNITS
from rollout.model.verdicts import Finding, Outcome
from rollout.shapes import Key, Misfit, Record, Template, Text, UnitName
from rollout.shapes.book import Book
from rollout.shapes.nodes import Node, Scalar
from rollout.shapes.shape import Schema

_READING = ("select", "with", "values", "table", "show", "explain")

# No quantifier here is possessive: Python 3.11.2, which Debian 12 has, matches possessive groups wrongly.
_BEGIN = re.compile(r"(?:[\s(]|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*(?P<word>\w*)", re.DOTALL)
_APART = re.compile(
    r"""\b[eE]'(?:[^'\\]|''|\\.|\\\Z)*(?:'|\Z) | '[^']*(?:'|\Z) | "[^"]*(?:"|\Z) | `[^`]*(?:`|\Z)
    | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z) | --[^\n]* | /\*.*?(?:\*/|\Z)""",
    re.DOTALL | re.VERBOSE,
)
"""Texts, names in quotes and comments, where a semicolon ends no statement."""


def first_word(query: str) -> str:
    """What a statement begins with after comments and brackets, in small letters."""
    begin = _BEGIN.match(query)
    return begin["word"].lower() if begin else ""


@dataclass(frozen=True)
class Statement:
    """`url` may hold `${VAR}`; the query is taken as written.

    Only what cannot be meant to read is refused here. That nothing is written, the database itself sees to.
    """

    url: str = field(repr=False)
    query: str

    def __post_init__(self) -> None:
        word, rest = first_word(self.query), _APART.sub(" ", self.query).partition(";")[2]
        if word not in _READING:
            begins = f"begins with {word!r}" if word else "is empty, or begins with no word"
            raise Misfit("query", f"this statement {begins}, not with {', '.join(_READING)}", hint="a gate only reads")
        if rest.strip("; \t\r\n"):
            raise Misfit("query", "these are several statements", hint="write one statement, which only reads")


@dataclass(frozen=True)
class ExpectedRows:
    """One of both: how many rows there are, or what the only value of the only row must satisfy."""

    rows: Condition | None = None
    value: Condition | None = None

    def __post_init__(self) -> None:
        if (self.rows is None) == (self.value is None):
            raise Misfit("value", "expect `rows` or `value`, one of them")
        if self.rows is not None:
            check_measured(self.rows, "count", "rows")

    @property
    def condition(self) -> Condition:
        return next(one for one in (self.rows, self.value) if one is not None)


@dataclass(frozen=True, kw_only=True)
class SqlGate(Gate):
    kind: ClassVar[str] = "sql"

    statement: Statement
    expect: ExpectedRows
    unit: str = ""

    def __post_init__(self) -> None:
        if self.expect.value is not None:
            check_measured(self.expect.value, self.measured_in, "expect")
        elif self.unit:
            raise Misfit("unit", "a unit is for a value, and rows are counted")

    @property
    def words(self) -> str:
        return f"{self.statement.query}: {'rows ' if self.expect.rows else ''}{self.expect.condition.text}"

    @property
    def measured_in(self) -> str:
        """The value's unit: as written, else the first of the bound's dimension (`ratio` for `< 0.1%`)."""
        bounds = [comparison.bound for comparison in self.expect.value.comparisons] if self.expect.value else []
        units = [self.unit, *(bound.unit for bound in bounds if isinstance(bound, Quantity))]
        written = next((unit for unit in units if unit), "number")
        return self.unit or next(name for name, unit in UNITS.items() if unit.dimension is UNITS[written].dimension)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.statement.url,)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return () if scope.at else (self._question(scope),)

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        if scope.at:
            return self._unknown("a database cannot be asked as of a past moment")
        rows = answer_to(evidence, self._question(scope))
        if isinstance(rows, Unanswered):
            return self._unknown(rows.reason)
        if self.expect.rows:
            return self._judged(rows.count, "count", "number of rows: ")
        if rows.value is None or rows.count != 1:
            return self._unknown(_no_value(rows))
        return self._judged(rows.value, self.measured_in)

    def _judged(self, observed: float, unit: str, of_what: str = "") -> Finding:
        holds, sentence = self.expect.condition.judge(observed, unit)
        outcome = Outcome.PASS if holds else Outcome.FAIL
        return self._finding(outcome, of_what + sentence, observed, unit)

    def _unknown(self, reason: str) -> Finding:
        return self._finding(Outcome.UNKNOWN, reason, None, "count" if self.expect.rows else self.measured_in)

    def _finding(self, outcome: Outcome, reason: str, observed: float | None, unit: str) -> Finding:
        return Finding(outcome, reason, observed, unit, self.expect.condition.text, self.statement.query)

    def _question(self, scope: Scope) -> SqlQuestion:
        return SqlQuestion(scope.environment, self.statement.url, self.statement.query)


def _no_value(rows: Rows) -> str:
    if rows.count == 1:
        return f"the only row holds {rows.described} where a number was expected"
    return f"{rows.count or 'no'} rows came back where the value of one was expected"


@dataclass(frozen=True)
class _Rows:
    """A number, or a condition."""

    def read(self, node: Node, book: Book) -> Condition:
        if isinstance(node, Scalar) and isinstance(node.value(), int):
            node = Scalar(node.place, f"== {node.text}", plain=False)
        return CONDITION.read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [{"type": "integer"}, CONDITION.schema(definitions)]}


_STATEMENT = Record(
    Statement,
    {
        "url": Key(
            Template(empty=False),
            "The database's address, as SQLAlchemy writes it; `${VAR}` keeps its password out of the plan.",
            example="${DATABASE_URL}",
            required=True,
        ),
        "query": Key(
            Text(),
            "One statement that only reads. It runs in a transaction that cannot write.",
            example="select 1 where false",
            required=True,
        ),
    },
    what="SQL statement",
)

_EXPECT = Record(
    ExpectedRows,
    {
        "rows": Key(
            _Rows(),
            'How many rows come back: a number, or a condition such as "> 0". Without it `value` is judged.',
            example=0,
            also=("> 0",),
        ),
        "value": Key(
            CONDITION,
            "What the only value of the only row must satisfy. Without it `rows` is judged.",
            example="< 0.1%",
        ),
    },
    what="expected result",
    rules={"oneOf": [{"required": ["rows"]}, {"required": ["value"]}]},
)

GATE = Record(
    SqlGate,
    {
        "sql": Key(
            _STATEMENT,
            "What is asked of which database.",
            example={"url": "${DATABASE_URL}", "query": "select id from jobs where failed"},
            required=True,
            into="statement",
        ),
        "expect": Key(
            _EXPECT,
            "What makes it pass: so many `rows`, or a `value`.",
            example={"rows": 0},
            required=True,
            also=({"value": "< 0.1%"},),
        ),
        "unit": Key(
            UnitName(),
            "What the value measures. Without it: what its bound measures, with percents as a ratio.",
            example="s",
        ),
        **COMMON,
    },
    what="sql gate",
)
