"""Outcome of one gate, outcome of one trigger, verdict over all of them: three types, never one."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.evidence import Series


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAITING = "waiting"


class TriggerOutcome(StrEnum):
    QUIET = "quiet"
    FIRED = "fired"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """Where a gate stands: to enter a phase, to leave a step, to leave the phase."""

    ENTRY = "entry"
    STEP = "step"
    EXIT = "exit"


class Verdict(StrEnum):
    """`exit_code` is the same in every output format."""

    GO = "GO"
    HOLD = "HOLD"
    NO_GO = "NO-GO"
    UNKNOWN = "UNKNOWN"
    ROLLBACK = "ROLLBACK"

    @property
    def exit_code(self) -> int:
        return {"GO": 0, "NO-GO": 3, "HOLD": 4, "UNKNOWN": 5, "ROLLBACK": 6}[self.value]


@dataclass(frozen=True)
class Finding:
    """What judging one condition came to; `observed` is in `unit`, None where there is no number.

    `reason` is a sentence with numbers. `earliest_pass` is when it can pass if all goes on as it does.
    """

    outcome: Outcome
    reason: str
    observed: float | None = None
    unit: str = ""
    require: str = ""
    query: str = ""
    series: tuple[Series, ...] = ()
    for_: timedelta | None = None
    held: timedelta | None = None
    earliest_pass: datetime | None = None


@dataclass(frozen=True)
class GateJudgement:
    id: str
    kind: str
    stage: Stage
    title: str
    required: bool
    on_fail: str
    runbook: str
    finding: Finding


@dataclass(frozen=True)
class TriggerFinding:
    """As `Finding`, for a condition that calls for a rollback or a review."""

    outcome: TriggerOutcome
    reason: str
    observed: float | None = None
    unit: str = ""
    when: str = ""
    query: str = ""
    series: tuple[Series, ...] = ()
    for_: timedelta | None = None


@dataclass(frozen=True)
class TriggerJudgement:
    """`level` is empty for a review; `counts` says whether an unknown outcome counts into the verdict."""

    id: str
    level: str
    review: str
    automatic: bool
    counts: bool
    finding: TriggerFinding


@dataclass(frozen=True)
class Blocker:
    """Something besides gates and triggers that stands in the way: soak, pause, an open change; it holds."""

    id: str
    text: str
    until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """Everything that was judged and the verdict it comes to."""

    verdict: Verdict
    gates: tuple[GateJudgement, ...] = ()
    triggers: tuple[TriggerJudgement, ...] = ()
    holds: tuple[Blocker, ...] = ()
    rollback_level: str = ""
    reasons: tuple[str, ...] = field(default=())
