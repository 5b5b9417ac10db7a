"""What people tick and sign before a phase is entered or left, and whether they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rollout.engine.following import by_person
from rollout.engine.scopes import Scopes
from rollout.frozen import replace
from rollout.model.gate import Gate, Scope
from rollout.model.plan import Phase, Plan
from rollout.model.record import Said, signature_of
from rollout.model.verdicts import Blocker, GateJudgement, Outcome, Stage, Task

Judged = tuple[Stage, Gate, GateJudgement]


def tasks(phase: Phase, stage: Stage) -> Iterator[Task]:
    for item in phase.checklist:
        if item.before is stage:
            yield Task(item.id, item.text, phase.id, stage, gate=item.gate)
    for sign_off in phase.sign_off:
        if sign_off.before is stage:
            yield Task(sign_off.role, f"{sign_off.role} signs", phase.id, stage, signed=True)


def ticking_gates(plan: Plan, phase: Phase, stage: Stage) -> Iterator[Gate]:
    """Those that tick an item of its checklist by themselves."""
    return (plan.gates[item.gate] for item in phase.checklist if item.before is stage and item.gate)


def judge_task(plan: Plan, task: Task, scopes: Scopes, gates: Iterable[Judged]) -> Task:
    if not task.gate:
        id = signature_of(task.id) if task.signed else task.id
        said = _last(id, scopes.said(task.phase, task.stage, id))
        return replace(task, done=True, by=said.by, at=said.at) if said is not None and said.value else task
    if scopes.opened(task.phase, task.stage):
        return replace(task, done=True)
    judgement = _by_gate(plan, task, gates)
    return replace(task, done=judgement is not None and judgement.finding.outcome is Outcome.PASS)


def open_tasks(plan: Plan, done: Iterable[Task], gates: Sequence[Judged]) -> Iterator[Blocker]:
    """What holds an advance. An item whose gate was overridden does not."""
    for task in done:
        if task.done:
            continue
        if not task.gate:
            yield Blocker(task.id, _sentence(task))
            continue
        judgement = _by_gate(plan, task, gates)
        if judgement is not None and not judgement.overridden:
            text = f"{task.id} is open: {task.text} (ticked by its gate {task.gate})"
            yield Blocker(task.id, text, judgement.finding.earliest_pass)


def _sentence(task: Task) -> str:
    if task.signed:
        return f"nobody has signed as {task.id} ({by_person(task)})"
    return f"{task.id} is not ticked: {task.text} ({by_person(task)})"


def _by_gate(plan: Plan, task: Task, gates: Iterable[Judged]) -> GateJudgement | None:
    """By the gate as it is named: a variant that the phase judges beside it ticks nothing."""
    wanted = plan.gates[task.gate]
    return next((judged for stage, gate, judged in gates if stage is task.stage and gate == wanted), None)


def _last(id: str, scope: Scope) -> Said | None:
    """What stands. Judging now, all that is recorded has been said, whatever the speaker's clock showed."""
    since, until = scope.answers_since, scope.at
    counting = (
        said
        for said in reversed(scope.answers.get(id, ()))
        if isinstance(said.value, bool) and (since is None or said.at >= since) and (until is None or said.at <= until)
    )
    return next(counting, None)
