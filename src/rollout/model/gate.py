"""What every gate and every trigger's condition has in common; the kinds stand in `rollout.gates`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.model.evidence import Evidence, Query
from rollout.model.verdicts import Finding, TriggerFinding


@dataclass(frozen=True)
class Scope:
    """When and where something is judged.

    `at` is a past moment to judge as of, None for now. `changed_at` is when a value last changed in the running
    rollout, None where nothing did. `variables` are the environment's own, which queries may use.
    """

    environment: str
    now: datetime
    at: datetime | None = None
    changed_at: datetime | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


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
    @abstractmethod
    def gap(self) -> str:
        """What of this gate cannot be carried out yet, as the end of a sentence; empty when all can."""

    @abstractmethod
    def needs(self, scope: Scope) -> tuple[Query, ...]: ...

    @abstractmethod
    def judge(self, evidence: Evidence, scope: Scope) -> Finding: ...


@dataclass(frozen=True, kw_only=True)
class Alarm(ABC):
    """The condition of a trigger: the same two halves, the other way round."""

    kind: ClassVar[str]

    @property
    def words(self) -> str:
        return self.kind

    @property
    @abstractmethod
    def gap(self) -> str: ...

    @abstractmethod
    def needs(self, scope: Scope) -> tuple[Query, ...]: ...

    @abstractmethod
    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding: ...
