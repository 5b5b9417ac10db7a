"""From judged gates and triggers to one verdict, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from rollout.engine.agenda import Agenda
from rollout.engine.checklist import judge_task, open_tasks
from rollout.engine.scopes import Scopes
from rollout.engine.triggers import judge_trigger
from rollout.engine.windows import opening
from rollout.frozen import dataclass, replace
from rollout.gates.observing import observe
from rollout.gates.recording import BaselineGate
from rollout.model.around import RunbookEntry
from rollout.model.durations import left
from rollout.model.evidence import Evidence
from rollout.model.gate import Gate, Scope
from rollout.model.plan import EMERGENCY, Plan
from rollout.model.record import RecordedBaseline
from rollout.model.verdicts import (
    Blocker,
    Decision,
    Finding,
    GateJudgement,
    Outcome,
    Stage,
    TriggerJudgement,
    Verdict,
)


@dataclass(frozen=True)
class Gathered:
    """What everybody's questions came to `first`, and after further tries for `each`: the gates, then the triggers."""

    first: Evidence
    each: tuple[Evidence, ...]


def decide(
    plan: Plan,
    agenda: Agenda,
    gathered: Gathered,
    scopes: Scopes,
    holds: Iterable[Blocker],
    *,
    exposed: bool,
    overrides: Collection[str] = (),
) -> Decision:
    """`exposed`: a flag has left its safe value, so that a trigger nobody can judge counts.

    `overrides` are the ids of gates and triggers that a person takes out of this verdict.
    """
    of_gates, of_triggers = gathered.each[: len(agenda.gates)], gathered.each[len(agenda.gates) :]
    gates = tuple(
        _judge_gate(stage, gate, evidence, scopes, overridden=gate.id in overrides)
        for (stage, gate), evidence in zip(agenda.gates, of_gates, strict=True)
    )
    triggers = tuple(
        judge_trigger(trigger, evidence, scopes, exposed=exposed, overridden=trigger.id in overrides)
        for trigger, evidence in zip(agenda.triggers, of_triggers, strict=True)
    )
    judged = [(stage, gate, judgement) for (stage, gate), judgement in zip(agenda.gates, gates, strict=True)]
    tasks = tuple(judge_task(plan, task, scopes, judged) for task in agenda.tasks)
    holds = (*holds, *open_tasks(plan, tasks, judged))
    fired = [trigger for trigger in triggers if trigger.fired]
    outcomes = {gate.finding.outcome for gate in gates if gate.counts}
    if any(trigger.level for trigger in fired):
        verdict = Verdict.ROLLBACK
    elif Outcome.FAIL in outcomes:
        verdict = Verdict.NO_GO
    elif Outcome.UNKNOWN in outcomes or any(trigger.unjudged for trigger in triggers):
        verdict = Verdict.UNKNOWN
    elif Outcome.WAITING in outcomes or holds or fired or any(trigger.had_fired for trigger in triggers):
        verdict = Verdict.HOLD
    else:
        verdict = Verdict.GO
    return Decision(
        verdict,
        gates,
        triggers,
        holds,
        _rollback_level(plan, fired),
        _reasons(gates, triggers, holds),
        tuple(observe(metric, gathered.first, scopes.scope) for metric in agenda.observed),
        tuple(_taken(agenda, gates, scopes)),
        tasks=tasks,
        guides=tuple(_guides(plan, agenda, gates, triggers)),
        earliest=_earliest(plan, gates, triggers, holds),
    )


def _earliest(
    plan: Plan,
    gates: Iterable[GateJudgement],
    triggers: Iterable[TriggerJudgement],
    holds: Iterable[Blocker],
) -> datetime | None:
    times = [hold.until for hold in holds]
    times += [gate.finding.earliest_pass for gate in gates if gate.counts and _stands_in_the_way(gate)]
    times += [None for trigger in triggers if trigger.fired or trigger.unjudged or trigger.had_fired]
    known = [time for time in times if time is not None]
    return opening(plan.windows, max(known)) if known and len(known) == len(times) else None


def _guides(
    plan: Plan, agenda: Agenda, gates: Iterable[GateJudgement], triggers: Iterable[TriggerJudgement]
) -> Iterator[RunbookEntry]:
    wanted = [gate.runbook for gate in gates if gate.counts and gate.finding.outcome is Outcome.FAIL]
    wanted += [trigger.runbook for trigger, one in zip(agenda.triggers, triggers, strict=True) if one.fired]
    yield from (plan.around.runbook[id] for id in dict.fromkeys(wanted) if id)


def _judge_gate(stage: Stage, gate: Gate, evidence: Evidence, scopes: Scopes, *, overridden: bool) -> GateJudgement:
    scope = scopes.gate(stage, gate)
    finding = settled(gate, gate.judge(evidence, scope), scope)
    required = not gate.advisory
    return GateJudgement(
        gate.id, gate.kind, stage, gate.title, required, gate.on_fail, gate.runbook, finding, overridden
    )


def settled(gate: Gate, finding: Finding, scope: Scope) -> Finding:
    """Waiting, while what the gate looks at begins before the last change of a value."""
    if scope.changed_at is None:
        return finding
    settled_at = scope.changed_at + gate.settles
    if scope.now >= settled_at:
        return finding
    so_far = f" (so far: {finding.reason})" if finding.observed is not None else ""
    looks = "the query still looks at the time before the change"
    reason = f"settling for another {left(settled_at - scope.now)}: {looks}{so_far}"
    return replace(finding, outcome=Outcome.WAITING, reason=reason, earliest_pass=_once_settled(finding, settled_at))


def _once_settled(finding: Finding, settled_at: datetime) -> datetime | None:
    """A window has a time of its own, which may be never; what passes or has no window is judged anew."""
    if finding.earliest_pass is not None:
        return max(finding.earliest_pass, settled_at)
    return settled_at if finding.for_ is None or finding.outcome is Outcome.PASS else None


def _taken(agenda: Agenda, gates: Iterable[GateJudgement], scopes: Scopes) -> Iterator[RecordedBaseline]:
    for (_, gate), judgement in zip(agenda.gates, gates, strict=True):
        if isinstance(gate, BaselineGate) and judgement.finding.outcome is Outcome.PASS:
            yield gate.taken(judgement.finding, scopes.scope)


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
        if t.fired
    ]
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING):
        reasons += [f"{g.id}: {g.finding.reason}" for g in gates if g.counts and g.finding.outcome is outcome]
        if outcome is Outcome.UNKNOWN:
            reasons += [f"trigger {t.id} cannot be judged: {t.finding.reason}" for t in triggers if t.unjudged]
    reasons += [
        f"trigger {t.id} had fired since the step began, at {t.fired_at:%Y-%m-%d %H:%M:%S} UTC: "
        f"find out why; to go on: `rollout advance --override {t.id} --reason TEXT`"
        for t in triggers
        if t.had_fired
    ]
    return tuple(reasons + [hold.text for hold in holds])
