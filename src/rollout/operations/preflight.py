"""Whether a step could be made and taken back: no proven way back, no step forward."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.engine.path import Stop
from rollout.engine.settings import safe_values
from rollout.errors import ChangeError
from rollout.model.changes import Change
from rollout.operations.desk import Desk
from rollout.operations.present import Present, by_target
from rollout.operations.standing import commands_back


def preflight(desk: Desk, stop: Stop, changes: Sequence[Change], present: Present) -> tuple[str, ...]:
    """What the operator should know besides. ChangeError, with nothing changed, where a value could not be written, put
    back or made safe, or where a command before the step, or of the way back, could not be started: what the step runs
    after it may be made by then.
    """
    safe = safe_values(desk.plan, desk.environment)
    known: list[str] = []
    for name, slots in by_target(desk.slots).items():
        target = desk.targets[name]
        part = [change for change in changes if change.slot.target == name]
        known += target.preflight({change.slot.key: change.after for change in part})
        known += target.preflight({slot.key: present.settings[slot] for slot in slots})
        known += target.preflight({slot.key: safe[slot.flag] for slot in slots if slot.flag in safe})
    for command in (*stop.step.before, *commands_back(desk, stop)):
        if lacking := desk.runner.lacks(command):
            raise ChangeError(lacking, "the step or the way back needs it: no proven way back, no step forward")
    return tuple(dict.fromkeys(known))
