"""What to do next about a verdict, as a command where there is one."""

from __future__ import annotations

import re
import shlex

from rollout.model.plan import EMERGENCY
from rollout.model.verdicts import Decision, GateJudgement, Outcome, Stage, Task, Verdict

_HOLDS = {
    "paused": "rollout resume",
    "rolled-back": "rollout advance --reason TEXT",
    "closed": "rollout advance --new",
}
"""What ends each, in the order in which that is done."""


def following(decision: Decision, typed: str = "") -> str:
    """`typed` are options that said which rollout is meant: without them another one could be."""
    return re.sub(r"rollout [a-z-]+", lambda command: command[0] + typed, _following(decision), count=1)


def _following(decision: Decision) -> str:
    match decision.verdict:
        case Verdict.GO:
            return "rollout advance"
        case Verdict.ROLLBACK:
            return _fired(decision)
        case Verdict.NO_GO:
            return _failed(decision)
        case Verdict.UNKNOWN:
            return "find out why there is nothing to judge by; unknown never advances"
        case Verdict.HOLD:
            return _held(decision)


def _fired(decision: Decision) -> str:
    level = decision.rollback_level
    if any(hold.level in (EMERGENCY, level) for hold in decision.holds):
        return f"{_stopped(decision)[0]}, once it has recovered"
    return f"rollout rollback {'--emergency' if level == EMERGENCY else f'--level {shlex.quote(level)}'}"


def _failed(decision: Decision) -> str:
    """Where only what comes next may not begin, there is nothing to take back."""
    failing = [gate.stage for gate in decision.gates if gate.counts and gate.finding.outcome is Outcome.FAIL]
    stopped = _stopped(decision)
    if stopped or all(stage is Stage.ENTRY for stage in failing):
        return f"{[*stopped, 'rollout advance'][0]}, once it has recovered"
    return "rollout rollback, if it does not recover"


def by_person(task: Task) -> str:
    """The command that does it; empty where a gate does."""
    if task.signed:
        return f"rollout sign --as {shlex.quote(task.id)}"
    return "" if task.gate else f"rollout tick {shlex.quote(task.id)}"


def _said(gate: GateJudgement) -> str:
    if gate.finding.outcome is not Outcome.WAITING or gate.kind not in ("ask", "confirm"):
        return ""
    name = shlex.quote(gate.id)
    return f"rollout tick {name}" if gate.kind == "confirm" else f"rollout answer {name} VALUE"


def _stopped(decision: Decision) -> list[str]:
    held = {hold.id for hold in decision.holds}
    return [command for id, command in _HOLDS.items() if id in held]


def _held(decision: Decision) -> str:
    people = [wanted for task in decision.tasks if not task.done and (wanted := by_person(task))]
    people += [wanted for gate in decision.gates if gate.counts and (wanted := _said(gate))]
    looks = [trigger.id for trigger in decision.triggers if trigger.fired or trigger.had_fired]
    overrides = [f"look at it, then rollout advance --override {shlex.quote(id)} --reason TEXT" for id in looks]
    return [*_stopped(decision), *people, *overrides, "rollout advance"][0]
