"""From judged gates and triggers to one verdict, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from rollout.engine.agenda import Agenda
from rollout.frozen import replace
from rollout.model.durations import format_duration
from rollout.model.evidence import Evidence
from rollout.model.gate import Gate, Scope
from rollout.model.plan import EMERGENCY, OnUnknown, Plan, Trigger
from rollout.model.verdicts import (
    Blocker,
    Decision,
    Finding,
    GateJudgement,
    Outcome,
    Stage,
    TriggerJudgement,
    TriggerOutcome,
    Verdict,
)


def decide(
    plan: Plan, agenda: Agenda, evidence: Evidence, scope: Scope, holds: Iterable[Blocker], *, exposed: bool
) -> Decision:
    """`exposed`: a flag has left its safe value, so that a trigger nobody can judge counts."""
    gates = tuple(_judge_gate(stage, gate, evidence, scope) for stage, gate in agenda.gates)
    triggers = tuple(_judge_trigger(trigger, evidence, scope, exposed=exposed) for trigger in agenda.triggers)
    holds = tuple(holds)
    fired = [trigger for trigger in triggers if trigger.finding.outcome is TriggerOutcome.FIRED]
    outcomes = {gate.finding.outcome for gate in gates if gate.required}
    if any(trigger.level for trigger in fired):
        verdict = Verdict.ROLLBACK
    elif Outcome.FAIL in outcomes:
        verdict = Verdict.NO_GO
    elif Outcome.UNKNOWN in outcomes or any(_blocks_unknown(trigger) for trigger in triggers):
        verdict = Verdict.UNKNOWN
    elif Outcome.WAITING in outcomes or holds or fired:
        verdict = Verdict.HOLD
    else:
        verdict = Verdict.GO
    return Decision(verdict, gates, triggers, holds, _rollback_level(plan, fired), _reasons(gates, triggers, holds))


def earliest(decision: Decision) -> datetime | None:
    """From when the next step is possible if all goes on as it does; None when something has no time of its own."""
    times = [hold.until for hold in decision.holds]
    times += [gate.finding.earliest_pass for gate in decision.gates if gate.required and _stands_in_the_way(gate)]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def _judge_gate(stage: Stage, gate: Gate, evidence: Evidence, scope: Scope) -> GateJudgement:
    finding = settled(gate, gate.judge(evidence, scope), scope)
    return GateJudgement(gate.id, gate.kind, stage, gate.title, not gate.advisory, gate.on_fail, gate.runbook, finding)


def settled(gate: Gate, finding: Finding, scope: Scope) -> Finding:
    """Waiting, while what the gate looks at begins before the last change of a value."""
    if scope.changed_at is None:
        return finding
    settled_at = scope.changed_at + gate.settles
    if scope.now >= settled_at:
        return finding
    left = format_duration(settled_at - scope.now)
    so_far = f" (so far: {finding.reason})" if finding.observed is not None else ""
    reason = f"settling for another {left}: the query still looks at the time before the change{so_far}"
    return replace(finding, outcome=Outcome.WAITING, reason=reason, earliest_pass=settled_at)


def _judge_trigger(trigger: Trigger, evidence: Evidence, scope: Scope, *, exposed: bool) -> TriggerJudgement:
    finding = trigger.alarm.judge(evidence, scope)
    counts = exposed and trigger.on_unknown is not OnUnknown.IGNORE
    return TriggerJudgement(trigger.id, trigger.rollback, trigger.review, trigger.automatic, counts, finding)


def _blocks_unknown(trigger: TriggerJudgement) -> bool:
    return trigger.counts and trigger.finding.outcome is TriggerOutcome.UNKNOWN


def _stands_in_the_way(gate: GateJudgement) -> bool:
    return gate.finding.outcome is not Outcome.PASS


def _rollback_level(plan: Plan, fired: list[TriggerJudgement]) -> str:
    """Of the levels that fired triggers name: `emergency` first, then in the plan's order."""
    order: Mapping[str, int] = {name: n for n, name in enumerate((EMERGENCY, *plan.rollback))}
    return min(
        (trigger.level for trigger in fired if trigger.level),
        key=lambda level: order.get(level, len(order)),
        default="",
    )


def _reasons(
    gates: tuple[GateJudgement, ...], triggers: tuple[TriggerJudgement, ...], holds: tuple[Blocker, ...]
) -> tuple[str, ...]:
    """Everything that stands in the way, worst first, each a sentence with its name."""
    reasons = [
        f"trigger {t.id} fired: {t.finding.reason}"
        + (f" (review: {t.review})" if t.review else f" (rollback: {t.level})")
        for t in triggers
        if t.finding.outcome is TriggerOutcome.FIRED
    ]
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING):
        reasons += [f"{g.id}: {g.finding.reason}" for g in gates if g.required and g.finding.outcome is outcome]
        if outcome is Outcome.UNKNOWN:
            reasons += [f"trigger {t.id} cannot be judged: {t.finding.reason}" for t in triggers if _blocks_unknown(t)]
    return tuple(reasons + [hold.text for hold in holds])
