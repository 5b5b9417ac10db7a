"""Keys that every gate has, whatever its kind, and shapes that several kinds share."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from rollout.frozen import dataclass
from rollout.model.conditions import Condition, parse_condition
from rollout.model.durations import format_duration
from rollout.model.gate import Gate
from rollout.model.plan import EvidenceRule, Metric
from rollout.model.units import UNITS
from rollout.shapes import (
    Book,
    Boolean,
    Duration,
    Key,
    MapOf,
    Mapped,
    Misfit,
    Name,
    Node,
    Number,
    Record,
    Reference,
    Schema,
    Text,
    Unreadable,
)
from rollout.shapes.shape import defined, matching

COMMON = {
    "title": Key(
        Text(),
        "A longer name, for tables and documents. Without it the gate's own name is shown.",
        example="Error rate",
    ),
    "advisory": Key(
        Boolean(),
        "With `true` it is judged and reported, but never stands in the way. Without it the gate is required.",
        example=True,
        default=False,
    ),
    "on_fail": Key(
        Text(),
        "What to do when it fails, shown beside the verdict. Without it nothing is suggested.",
        example="Roll back to 10 %",
    ),
    "runbook": Key(
        Reference("runbook entry"),
        "The id of the entry in `runbook` that is shown when it fails. Without it none is.",
        example="high-errors",
    ),
    "settle": Key(
        Duration(),
        "How long after a change of value nothing is judged, because the window still holds the old step. Without it: "
        "the longest range in the query; other kinds of gates do not settle.",
        example="5m",
    ),
}


@dataclass(frozen=True)
class ConditionText:
    """`OP BOUND`, joined by `and`."""

    def read(self, node: Node, book: Book) -> Condition:
        return _CONDITION.read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        number = r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?"
        quantity = rf"{number}\s*(?:{'|'.join(UNITS)})?"
        change = rf"\s*(?:[-+]\s*{quantity}|\*\s*{number})"
        bound = rf"(?:{quantity}|baseline(?:\s*\(\s*[A-Za-z0-9_.-]+\s*\))?(?:{change})?)"
        comparison = rf"\s*(?:<=|>=|==|!=|<|>)\s*{bound}\s*"
        pattern = matching(rf"{comparison}(?:\band\b{comparison})*", _EXPECTED)
        return defined(
            "comparison", {"title": "Comparison", "description": _CONDITION_IS, "type": "string"} | pattern, definitions
        )


_CONDITION_IS = (
    "Comparisons joined by `and`, each an operator (<, <=, >, >=, ==, !=) and a bound: a number with its unit, or "
    "`baseline`, `baseline + NUMBER`, `baseline * NUMBER`, `baseline(PHASE)`. A bare number is in the metric's unit."
)
_EXPECTED = 'a condition such as "< 0.1%"'
_CONDITION = Mapped(Text(loose=True, expected=_EXPECTED), parse_condition)

CONDITION = ConditionText()

LABELS = MapOf(Text(loose=True, empty=True), Name("[a-zA-Z_][a-zA-Z0-9_]*", "a label's name"))

EVIDENCE = Record(
    EvidenceRule,
    {
        "metric": Key(
            Reference("metric"),
            "The metric that counts how much there is to judge by.",
            example="requests",
            required=True,
        ),
        "at_least": Key(
            Number(least=0),
            "The least that there must be, in that metric's unit. With less the number says nothing.",
            example=200,
            required=True,
        ),
    },
    what="evidence rule",
)

VALID_FOR = Key(
    Duration(timedelta(seconds=1)),
    "How long an answer counts. Without it: as long as the present visit of its phase.",
    example="24h",
)


class Since(StrEnum):
    """A window that begins with the step or the phase."""

    STEP = "step"
    PHASE = "phase"


def window_words(window: timedelta | Since) -> str:
    return window.value if isinstance(window, Since) else format_duration(window)


@dataclass(frozen=True)
class WindowLength:
    """`for`: a duration, `step` or `phase`."""

    def read(self, node: Node, book: Book) -> timedelta | Since:
        text = Text(expected="a duration such as 48h, or step, or phase").read(node, book)
        if text in (Since.STEP, Since.PHASE):
            return Since(text)
        return Duration().read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [{"enum": [since.value for since in Since]}, Duration().schema(definitions)]}


@dataclass(frozen=True)
class MetricName:
    """A metric of the plan, which is read before anything that refers to it."""

    def read(self, node: Node, book: Book) -> Metric:
        name = Reference("metric").read(node, book)
        if name not in book.metrics:
            raise Unreadable
        return book.metrics[name]

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Reference("metric").schema(definitions)


@dataclass(frozen=True)
class GateName:
    """A gate of the section `gates`, which is read before anything that refers to it."""

    def read(self, node: Node, book: Book) -> Gate:
        name = Reference("gate").read(node, book)
        if name not in book.gates:
            raise Unreadable
        return book.gates[name]

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Reference("gate").schema(definitions)


def check_unit(condition: Condition, unit: str, key: str) -> None:
    """Misfit at `key` for a bound that cannot be compared with numbers of `unit`."""
    try:
        condition.check(unit)
    except ValueError as error:
        raise Misfit(key, f"{condition.text!r}: {error}", id="dimension") from None


def check_measured(condition: Condition, unit: str, key: str) -> None:
    """As `check_unit`, for numbers that no metric measures; `unit` empty: a bare number."""
    if condition.baselines:
        raise Misfit(key, f"{condition.text!r}: only a metric has a baseline")
    try:
        condition.check(unit or "number")
    except ValueError as error:
        hint = "" if unit else "say what the number measures, such as unit: ratio"
        raise Misfit(key, f"{condition.text!r}: {error}", "dimension", hint) from None
