"""The `ask` and `confirm` kinds: what only a person knows."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON, CONDITION, VALID_FOR, check_measured
from rollout.gates.unjudged import UnjudgedAlarm, UnjudgedGate
from rollout.model.conditions import Condition
from rollout.shapes import Key, Record, Text, UnitName


@dataclass(frozen=True, kw_only=True)
class AskGate(UnjudgedGate):
    """A number that a person gives."""

    kind: ClassVar[str] = "ask"

    question: str
    require: Condition
    unit: str = "number"
    valid_for: timedelta | None = None

    def __post_init__(self) -> None:
        check_measured(self.require, self.unit, "require")

    @property
    def words(self) -> str:
        return f"{self.question} {self.require.text}"


@dataclass(frozen=True, kw_only=True)
class ConfirmGate(UnjudgedGate):
    """Something that a person confirms."""

    kind: ClassVar[str] = "confirm"

    statement: str
    valid_for: timedelta | None = None

    @property
    def words(self) -> str:
        return self.statement


@dataclass(frozen=True, kw_only=True)
class AskAlarm(UnjudgedAlarm):
    kind: ClassVar[str] = "ask"

    question: str
    when: Condition
    unit: str = "number"

    def __post_init__(self) -> None:
        check_measured(self.when, self.unit, "when")

    @property
    def words(self) -> str:
        return f"{self.question} {self.when.text}"


@dataclass(frozen=True, kw_only=True)
class ConfirmAlarm(UnjudgedAlarm):
    kind: ClassVar[str] = "confirm"

    statement: str

    @property
    def words(self) -> str:
        return self.statement


_ASK = {
    "ask": Key(Text(), "What a person is asked.", required=True, into="question", example="Support tickets"),
    "unit": Key(UnitName(), "What the answer counts or measures (default: number).", example="count"),
}
_CONFIRM = {"confirm": Key(Text(), "What a person confirms.", required=True, into="statement")}

ASK_GATE = Record(
    AskGate,
    {
        **_ASK,
        "require": Key(CONDITION, "What the answer must satisfy.", required=True, example="< 5"),
        "valid_for": VALID_FOR,
        **COMMON,
    },
    what="ask gate",
)
CONFIRM_GATE = Record(ConfirmGate, {**_CONFIRM, "valid_for": VALID_FOR, **COMMON}, what="confirm gate")

ASK_ALARM = Record(
    AskAlarm,
    {**_ASK, "when": Key(CONDITION, "When it fires.", required=True, example="> 10%")},
    what="ask trigger",
)
CONFIRM_ALARM = Record(ConfirmAlarm, _CONFIRM, what="confirm trigger")
