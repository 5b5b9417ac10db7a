"""Outcome of one gate, outcome of one trigger, verdict over all of them: three types, never one."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.around import RunbookEntry
from rollout.model.evidence import Series
from rollout.model.record import RecordedBaseline


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
    """`overridden`: a person has said that it does not count for this advance."""

    id: str
    kind: str
    stage: Stage
    title: str
    required: bool
    on_fail: str
    runbook: str
    finding: Finding
    overridden: bool = False

    @property
    def counts(self) -> bool:
        return self.required and not self.overridden


@dataclass(frozen=True)
class Observation:
    """A metric that is shown and not judged; `reason` says why there is no number."""

    metric: str
    unit: str
    query: str
    series: tuple[Series, ...]
    reason: str = ""


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
    """`level` is empty for a review; `counts` says whether an unknown outcome counts into the verdict.

    `fired_at` is when it fired since the step began, where it does not fire now. `overridden` as for a gate.
    """

    id: str
    level: str
    review: str
    automatic: bool
    counts: bool
    finding: TriggerFinding
    fired_at: datetime | None = None
    overridden: bool = False

    @property
    def fired(self) -> bool:
        return self.finding.outcome is TriggerOutcome.FIRED and not self.overridden

    @property
    def unjudged(self) -> bool:
        return self.finding.outcome is TriggerOutcome.UNKNOWN and self.counts and not self.overridden

    @property
    def had_fired(self) -> bool:
        return self.finding.outcome is not TriggerOutcome.FIRED and self.fired_at is not None and not self.overridden


@dataclass(frozen=True)
class Blocker:
    """Something besides gates and triggers that stands in the way: soak, pause, a window, an open item; it holds.

    `level` is that of a rollback from which nobody has started again.
    """

    id: str
    text: str
    until: datetime | None = None
    level: str = ""


@dataclass(frozen=True)
class Task:
    """An item of a checklist, or a sign-off, before a phase is entered or left; `id` is the role where it is signed.

    `gate` names the gate that ticks it by itself. `by` and `at` say who did it and when, where a person did.
    """

    id: str
    text: str
    phase: str
    stage: Stage
    signed: bool = False
    gate: str = ""
    done: bool = False
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """Everything that was judged and the verdict it comes to. What is open of `tasks` stands among the `holds`.

    `baselines` are those that the advance will record; `unset` the variables that something needs and that have none.
    `guides` say what to do about what failed and what fired; `earliest` is from when an advance may be possible if all
    goes on as it does, None where something has no time of its own.
    """

    verdict: Verdict
    gates: tuple[GateJudgement, ...] = ()
    triggers: tuple[TriggerJudgement, ...] = ()
    holds: tuple[Blocker, ...] = ()
    rollback_level: str = ""
    reasons: tuple[str, ...] = field(default=())
    observed: tuple[Observation, ...] = ()
    baselines: tuple[RecordedBaseline, ...] = ()
    unset: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    guides: tuple[RunbookEntry, ...] = ()
    earliest: datetime | None = None
