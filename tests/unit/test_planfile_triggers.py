"""Triggers over several conditions: `any` and `all`, with outcomes of every sort."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from rollout.frozen import dataclass
from rollout.gates.combined import AllAlarm, AnyAlarm
from rollout.model.evidence import Evidence, Query
from rollout.model.gate import Alarm, Scope
from rollout.model.verdicts import TriggerFinding, TriggerOutcome

FIRED, QUIET, UNKNOWN = TriggerOutcome.FIRED, TriggerOutcome.QUIET, TriggerOutcome.UNKNOWN
SCOPE = Scope("production", datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Known(Alarm):
    """An alarm whose outcome is given."""

    kind: ClassVar[str] = "known"

    outcome: TriggerOutcome

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        return (Query(self.outcome, scope.environment),)

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        return TriggerFinding(self.outcome, f"it is {self.outcome}")


def alarms(*outcomes: TriggerOutcome) -> tuple[Alarm, ...]:
    return tuple(Known(outcome=outcome) for outcome in outcomes)


@pytest.mark.parametrize(
    ("outcomes", "any_of", "all_of"),
    [
        ((QUIET, QUIET), QUIET, QUIET),
        ((QUIET, FIRED), FIRED, QUIET),
        ((FIRED, FIRED), FIRED, FIRED),
        ((UNKNOWN, FIRED), FIRED, UNKNOWN),
        ((UNKNOWN, QUIET), UNKNOWN, QUIET),
        ((UNKNOWN, UNKNOWN), UNKNOWN, UNKNOWN),
        ((QUIET, UNKNOWN, FIRED), FIRED, QUIET),
        ((QUIET,), QUIET, QUIET),
    ],
)
def test_several_conditions_come_to_one_outcome(
    outcomes: tuple[TriggerOutcome, ...], any_of: TriggerOutcome, all_of: TriggerOutcome
) -> None:
    assert AnyAlarm(parts=alarms(*outcomes)).judge({}, SCOPE).outcome is any_of
    assert AllAlarm(parts=alarms(*outcomes)).judge({}, SCOPE).outcome is all_of


def test_the_reason_is_that_of_the_condition_that_decides() -> None:
    assert AnyAlarm(parts=alarms(QUIET, FIRED)).judge({}, SCOPE).reason == "it is fired"
    assert AllAlarm(parts=alarms(FIRED, UNKNOWN)).judge({}, SCOPE).reason == "it is unknown"
    assert AllAlarm(parts=alarms(FIRED, FIRED)).judge({}, SCOPE).reason == "it is fired and it is fired"


def test_each_query_is_needed_once() -> None:
    nested = AnyAlarm(parts=(AllAlarm(parts=alarms(QUIET, FIRED)), *alarms(FIRED)))
    assert nested.needs(SCOPE) == (Query("quiet", "production"), Query("fired", "production"))
