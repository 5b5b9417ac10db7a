"""What the next advance would meet besides the verdict: parts that cannot be carried out yet, and conflicts.

`check-gates` and `status` ask the same, so that none of them says GO where another refuses. Only what takes a target
to know, whether it can be read and written, is left to the advance: a pipeline that judges may not reach the targets.
"""

from __future__ import annotations

from collections.abc import Iterator

from rollout.engine import gaps
from rollout.engine.agenda import Agenda
from rollout.engine.path import Stop
from rollout.engine.settings import drift, level_named
from rollout.errors import ConflictError
from rollout.model.plan import EMERGENCY, Command
from rollout.model.values import Setting, Verbatim, words
from rollout.model.variables import references
from rollout.operations.desk import Desk
from rollout.operations.present import Present
from rollout.operations.record import faster

DRIFTED = "put the value back, or roll back, which writes over it"
"""What to do about drift."""


def missing(desk: Desk, agenda: Agenda) -> tuple[str, ...]:
    """What the advance would need that cannot be carried out yet."""
    return (*gaps.to_advance(desk.plan), *desk.target_gaps) if agenda.index < len(desk.stops) else ()


def unset(desk: Desk, agenda: Agenda) -> tuple[str, ...]:
    """The variables without a value that the advance would need, its commands and those of the way back included."""
    stop = desk.stops[agenda.index] if agenda.index < len(desk.stops) else None
    commands = (*stop.step.before, *stop.step.run, *commands_back(desk, stop)) if stop else ()
    texts = (text for command in commands for text in command.argv)
    needed = [name for text in texts for name, has_default in references(text) if not has_default]
    return tuple(dict.fromkeys((*desk.unset, *(name for name in needed if name not in desk.variables))))


def commands_back(desk: Desk, stop: Stop) -> Iterator[Command]:
    """What taking the step back would run."""
    emergency = level_named(desk.plan, EMERGENCY, desk.rollout.environment)
    yield from (item for item in stop.step.undo if not isinstance(item, str))
    for spec in desk.environment.targets.values():
        yield from (*spec.apply, *spec.emergency_apply)
    yield from (*emergency.run, *emergency.then)


def refuse_conflicts(desk: Desk, present: Present) -> None:
    """ConflictError when somebody is at it or was faster, the plan was edited, or a target drifted."""
    desk.conflicts()
    drifted = drift(desk.state.settings, present.settings, desk.slots)
    if not drifted:
        return
    # What looks like drift may be an advance that began after we read the record.
    behind = desk.store.events(desk.rollout, desk.state.seq)
    if behind:
        raise faster(behind[-1])
    sentences = [
        f"{change.slot.flag} at {change.slot.target} is {_shown(change.after)}, recorded is {_shown(change.before)}"
        for change in drifted
    ]
    raise ConflictError("; ".join(sentences), DRIFTED)


def _shown(setting: Setting) -> str:
    if setting is None:
        return "absent"
    return words(setting.held if isinstance(setting, Verbatim) else setting)
