"""What every gate and every trigger's condition has in common; the kinds stand in `rollout.gates`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from rollout.frozen import dataclass, field
from rollout.model.evidence import Evidence, Grid, Question
from rollout.model.record import RecordedBaseline, Said
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome

if TYPE_CHECKING:
    from rollout.model.plan import Metric


@dataclass(frozen=True)
class Scope:
    """When and where something is judged, and what is known without asking.

    `at` is a past moment to judge as of (then `now` is that), None for now. `changed_at` is when a value last changed
    in the running rollout, None where nothing did. `variables` are the environment's own, which queries may use.

    `step_since` and `phase_since` are when the present step and the present visit of its phase began, None where
    nothing runs. `floor` is when a window may begin at the earliest, None: it reaches back as far as it says. `track`
    is the grid over which a trigger's past is wanted.

    `answers` are all that people said, by the gate's or trigger's id, the oldest first; for a gate those count that
    were given no earlier than `answers_since`. `baselines` stand by phase and metric; `recording` says which phases
    record one of a metric.
    """

    environment: str
    now: datetime
    at: datetime | None = None
    changed_at: datetime | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    plan: str = ""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    step_since: datetime | None = None
    phase_since: datetime | None = None
    floor: datetime | None = None
    track: Grid | None = None
    answers: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    answers_since: datetime | None = None
    baselines: Mapping[tuple[str, str], RecordedBaseline] = field(default_factory=dict)
    recording: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gate(ABC):
    """One condition that must hold. It says what it needs and judges what came back; it never fetches."""

    kind: ClassVar[str]

    id: str = ""
    title: str = ""
    advisory: bool = False
    on_fail: str = ""
    runbook: str = ""
    settle: timedelta | None = None

    @property
    def words(self) -> str:
        """The condition as a person says it."""
        return self.kind

    @property
    def reach(self) -> timedelta:
        """How far back what it needs looks: for so long after a change of value it would judge the time before."""
        return timedelta()

    @property
    def settles(self) -> timedelta:
        return self.reach if self.settle is None else self.settle

    @property
    def tries(self) -> int:
        """How often it is asked, a second apart, until it passes."""
        return 1

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts of the plan in which a credential may stand, with their variables not filled in."""
        return ()

    def queries(self, scope: Scope) -> Iterable[str]:
        """The PromQL behind it, as the plan writes it."""
        return ()

    @abstractmethod
    def needs(self, scope: Scope) -> tuple[Question[object], ...]: ...

    @abstractmethod
    def judge(self, evidence: Evidence, scope: Scope) -> Finding: ...

    def past(self, evidence: Evidence, scope: Scope) -> tuple[Outcome, ...]:
        """What it came to at each point of `scope.track`; empty where that leaves no trace."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Alarm(ABC):
    """The condition of a trigger: the same two halves, the other way round."""

    kind: ClassVar[str]

    @property
    def words(self) -> str:
        return self.kind

    @property
    def tries(self) -> int:
        """How often it is asked, a second apart, until it is quiet."""
        return 1

    def queries(self, scope: Scope) -> Iterable[str]:
        """The PromQL behind it, as the plan writes it."""
        return ()

    @abstractmethod
    def needs(self, scope: Scope) -> tuple[Question[object], ...]: ...

    @abstractmethod
    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding: ...

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        """What it would have come to at each point of `scope.track`; where that leaves no trace it was quiet."""
        points = scope.track.count if scope.track else 1
        return (TriggerOutcome.QUIET,) * (points - 1) + (self.judge(evidence, scope).outcome,)
