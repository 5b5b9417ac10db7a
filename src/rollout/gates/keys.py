"""Keys that every gate has, whatever its kind, and shapes that several kinds share."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from rollout.frozen import dataclass
from rollout.model.conditions import Condition, parse_condition
from rollout.model.durations import format_duration
from rollout.model.gate import Gate
from rollout.model.plan import Metric
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
    Reference,
    Schema,
    Text,
    Unreadable,
)

COMMON = {
    "title": Key(Text(), "A longer name, for documents."),
    "advisory": Key(Boolean(), "Reported, but never stands in the way."),
    "on_fail": Key(Text(), "What to do when it fails, shown beside the verdict.", example="Roll back to 10 %"),
    "runbook": Key(Reference("runbook entry"), "The runbook entry for a failure."),
    "settle": Key(
        Duration(), "How long after a change of value nothing is judged (default: the query's longest range)."
    ),
}

CONDITION = Mapped(Text(loose=True, expected='a condition such as "< 0.1%"'), parse_condition)

LABELS = MapOf(Text(loose=True, empty=True), Name("[a-zA-Z_][a-zA-Z0-9_]*", "a label's name"))

VALID_FOR = Key(
    Duration(timedelta(seconds=1)), "How long an answer counts (default: for the present visit of its phase)."
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
