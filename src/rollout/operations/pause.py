"""pause and resume: a person's hold on advancing; triggers stay live, and the soak goes on counting."""

from __future__ import annotations

from datetime import datetime

from rollout.engine.path import label_of
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.model.events import Draft, EventKind
from rollout.model.state import RolloutState, Status
from rollout.operations.desk import Desk
from rollout.operations.meanwhile import Recorded, recorded


@dataclass(frozen=True)
class Paused:
    """Whether it is paused by now, and who said so, when and why; nobody, of one that ran all the time.

    `unchanged`: it was so already, and nothing was recorded. `everything`: `watch` does not act at all meanwhile.
    """

    rollout: str
    environment: str
    status: Status
    label: str
    by: str
    at: datetime | None
    reason: str
    everything: bool
    unchanged: bool
    now: datetime
    head: str


def pause(desk: Desk, reason: str = "", *, everything: bool = False) -> Paused:
    """One that is paused already is paused anew only where that says more."""

    def draft(state: RolloutState) -> list[Draft]:
        _check(desk, state, "a rollout in progress can be paused")
        if state.hold is not None and (state.hold.everything or not everything):
            return []
        why = reason or (state.hold.reason if state.hold is not None else "")
        return [Draft(EventKind.PAUSED, {"reason": why, "all": everything})]

    return _result(desk, recorded(desk, draft), reason)


def resume(desk: Desk, reason: str = "") -> Paused:
    def draft(state: RolloutState) -> list[Draft]:
        _check(desk, state, "a paused rollout can be resumed")
        return [Draft(EventKind.RESUMED, {"reason": reason})] if state.hold is not None else []

    return _result(desk, recorded(desk, draft), reason)


def _check(desk: Desk, state: RolloutState, what: str) -> None:
    if state.status not in (Status.IN_PROGRESS, Status.PAUSED):
        raise UsageError(
            f"{desk.rollout} is {state.status.value}: only {what}", "`rollout status` shows where it stands"
        )


def _result(desk: Desk, done: Recorded, reason: str) -> Paused:
    state, hold = done.state, done.state.hold
    by, at = (hold.by, hold.at) if hold is not None else ("", None)
    for event in done.events:
        by, at = event.actor, datetime.fromisoformat(event.at)
    return Paused(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        status=state.status,
        label=label_of(desk.stops, state.position),
        by=by,
        at=at,
        reason=hold.reason if hold is not None else reason if done.events else "",
        everything=hold is not None and hold.everything,
        unchanged=not done.events,
        now=desk.clock.now(),
        head=state.head,
    )
