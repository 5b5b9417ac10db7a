"""The `sql` kind: a read-only query returns so many rows, or such a value."""

from __future__ import annotations

from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON, CONDITION, check_measured
from rollout.gates.unjudged import UnjudgedGate
from rollout.model.conditions import Condition, Quantity
from rollout.model.units import UNITS
from rollout.shapes import Key, Misfit, Record, Template, Text, UnitName
from rollout.shapes.book import Book
from rollout.shapes.nodes import Node, Scalar
from rollout.shapes.shape import Schema


@dataclass(frozen=True)
class Statement:
    """`url` may hold `${VAR}`; the query is taken as written."""

    url: str
    query: str


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


@dataclass(frozen=True, kw_only=True)
class SqlGate(UnjudgedGate):
    kind: ClassVar[str] = "sql"

    statement: Statement
    expect: ExpectedRows
    unit: str = ""

    def __post_init__(self) -> None:
        if self.expect.value is not None:
            check_measured(self.expect.value, self.measured_in, "expect")

    @property
    def words(self) -> str:
        rows, value = self.expect.rows, self.expect.value
        return f"{self.statement.query}: {f'rows {rows.text}' if rows else value.text if value else ''}"

    @property
    def measured_in(self) -> str:
        """The value's unit: as written, else the first of the bound's dimension (`ratio` for `< 0.1%`)."""
        bounds = [comparison.bound for comparison in self.expect.value.comparisons] if self.expect.value else []
        units = [self.unit, *(bound.unit for bound in bounds if isinstance(bound, Quantity))]
        written = next((unit for unit in units if unit), "number")
        return self.unit or next(name for name, unit in UNITS.items() if unit.dimension is UNITS[written].dimension)


@dataclass(frozen=True)
class _Rows:
    """A number, or a condition."""

    def read(self, node: Node, book: Book) -> Condition:
        if isinstance(node, Scalar) and isinstance(node.value(), int):
            node = Scalar(node.place, f"== {node.text}", plain=False)
        return CONDITION.read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": ["integer", "string"]}


_STATEMENT = Record(
    Statement,
    {
        "url": Key(Template(empty=False), "The database.", required=True, example="${DATABASE_URL}"),
        "query": Key(Text(), "One statement that only reads.", required=True, example="select 1 where false"),
    },
    what="SQL statement",
)

_EXPECT = Record(
    ExpectedRows,
    {
        "rows": Key(_Rows(), 'How many rows: a number, or a condition such as "> 0".', example=0),
        "value": Key(CONDITION, "What the value of the only row must satisfy.", example="< 0.1%"),
    },
    what="expected result",
)

GATE = Record(
    SqlGate,
    {
        "sql": Key(_STATEMENT, "What is asked of which database.", required=True, into="statement"),
        "expect": Key(_EXPECT, "What makes it pass.", required=True),
        "unit": Key(UnitName(), "What the value measures (default: what the bound does, percents as ratio)."),
        **COMMON,
    },
    what="sql gate",
)
