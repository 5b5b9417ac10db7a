"""What the next advance would meet besides the verdict: parts that cannot be carried out yet, and conflicts.

`check-gates` and `status` ask the same, so that none of them says GO where another refuses. Only what takes a target
to know, whether it can be read and written, is left to the advance: a pipeline that judges may not reach the targets.
"""

from __future__ import annotations

from rollout.engine import gaps
from rollout.engine.agenda import Agenda
from rollout.engine.path import index_of
from rollout.engine.settings import drift
from rollout.errors import ConflictError
from rollout.model.state import Status
from rollout.model.values import Setting, Verbatim, words
from rollout.operations.desk import Desk
from rollout.operations.present import Present
from rollout.operations.record import faster


def missing(desk: Desk, agenda: Agenda) -> tuple[str, ...]:
    """What the advance would need that cannot be carried out yet."""
    found: tuple[str, ...] = ()
    if desk.state.status is Status.IN_PROGRESS:
        found += gaps.to_leave(desk.stops[index_of(desk.stops, desk.state.position)])
    if agenda.index < len(desk.stops):
        found += gaps.to_take(desk.plan, desk.environment, desk.stops[agenda.index]) + desk.target_gaps
    return found


def refuse_conflicts(desk: Desk, present: Present) -> None:
    """ConflictError when somebody is at it or was faster, the plan was edited, or a target drifted."""
    desk.conflicts()
    drifted = drift(desk.state.settings, present.settings, desk.slots)
    if not drifted:
        return
    # What looks like drift may be an advance that began after we read the record.
    events = desk.store.events(desk.rollout)
    if events and events[-1].seq != desk.state.seq:
        raise faster(events[-1])
    sentences = [
        f"{change.slot.flag} at {change.slot.target} is {_shown(change.after)}, recorded is {_shown(change.before)}"
        for change in drifted
    ]
    raise ConflictError("; ".join(sentences), "put the value back, or roll back, which writes over it")


def _shown(setting: Setting) -> str:
    if setting is None:
        return "absent"
    return words(setting.held if isinstance(setting, Verbatim) else setting)
