"""What kinds have in common that can be written in a plan and cannot be judged yet: they are never a pass."""

from __future__ import annotations

from rollout.frozen import dataclass
from rollout.model.evidence import Evidence, Query
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome


@dataclass(frozen=True, kw_only=True)
class UnjudgedGate(Gate):
    @property
    def gap(self) -> str:
        return f"`{self.kind}` gates cannot be judged yet"

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        return ()

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        return Finding(Outcome.UNKNOWN, self.gap)


@dataclass(frozen=True, kw_only=True)
class UnjudgedAlarm(Alarm):
    @property
    def gap(self) -> str:
        return f"`{self.kind}` triggers cannot be judged yet"

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        return ()

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        return TriggerFinding(TriggerOutcome.UNKNOWN, self.gap)
