"""From events to the state of a rollout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from rollout.errors import StoreError
from rollout.frozen import replace
from rollout.model.changes import Slot, change_from_json, settings_from_json
from rollout.model.events import Event, EventKind
from rollout.model.state import Pending, PinnedPlan, Position, RolloutState, Status
from rollout.model.values import Setting


def fold(events: Iterable[Event]) -> RolloutState:
    """StoreError, naming the event, where one cannot be understood: nothing is guessed."""
    state = RolloutState()
    for event in events:
        try:
            state = _STEPS[EventKind(event.kind)](state, event)
        except (KeyError, ValueError, TypeError) as error:
            raise StoreError(
                f"event {event.seq} ({event.kind}) of the record cannot be understood: {error}",
                "`rollout history --verify` shows whether it was altered; a newer rollout may have written it",
            ) from error
        state = replace(state, seq=event.seq, head=event.hash)
    return state


def _started(_state: RolloutState, event: Event) -> RolloutState:
    data = event.data
    pinned = PinnedPlan(str(data["plan_text"]), str(data["plan_sha256"]), str(data["plan_path"]))
    found = settings_from_json(data["found"])
    return RolloutState(pinned=pinned, found=found, settings=found)


def _intended(state: RolloutState, event: Event) -> RolloutState:
    changes = event.data["changes"]
    if not isinstance(changes, list):
        raise ValueError("changes is not a list")
    pending = Pending(
        str(event.data["op"]),
        "advance" if event.kind == EventKind.ADVANCE_INTENDED else "rollback",
        event.actor,
        datetime.fromisoformat(event.at),
        _position(event.data["to"]),
        tuple(change_from_json(change) for change in changes),
    )
    return replace(state, pending=pending)


def _advanced(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _settled(state, event)
    return replace(
        state,
        status=Status.IN_PROGRESS,
        position=_position(event.data["to"]),
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=None,
        restart=None,
        level="",
        verdict="GO",
    )


def _advance_failed(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _settled(state, event)
    changed_at = at if changed else state.changed_at
    if state.status is Status.NOT_STARTED and event.data["restored"] is True:
        return RolloutState(changed_at=changed_at, pinned=state.pinned)  # nothing is left to be recorded
    return replace(state, changed_at=changed_at, settings=settings, pending=None)


def _refused(state: RolloutState, event: Event) -> RolloutState:
    return replace(state, verdict=str(event.data["verdict"]))


def _rolled_back(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _settled(state, event)
    if event.kind == EventKind.ROLLBACK_FAILED and state.pending is not None:
        # What could not be confirmed still shall stand: until it does, it shows as drift.
        settings.update({change.slot: change.after for change in state.pending.changes})
    return replace(
        state,
        status=Status.ROLLED_BACK,
        position=_position(event.data["position"]),
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=None,
        restart=_position(event.data["restart"]),
        level=str(event.data["level"]),
        verdict="",
    )


def _completed(state: RolloutState, event: Event) -> RolloutState:
    return replace(state, status=Status.COMPLETE, since=datetime.fromisoformat(event.at), verdict="GO")


_STEPS: Mapping[EventKind, Callable[[RolloutState, Event], RolloutState]] = {
    EventKind.STARTED: _started,
    EventKind.ADVANCE_INTENDED: _intended,
    EventKind.ADVANCED: _advanced,
    EventKind.ADVANCE_FAILED: _advance_failed,
    EventKind.ADVANCE_REFUSED: _refused,
    EventKind.ROLLBACK_INTENDED: _intended,
    EventKind.ROLLED_BACK: _rolled_back,
    EventKind.ROLLBACK_FAILED: _rolled_back,
    EventKind.COMPLETED: _completed,
}


def _position(value: object) -> Position | None:
    match value:
        case None:
            return None
        case {"phase": str() as phase, "step": int() as step}:
            return Position(phase, step)
        case _:
            raise ValueError(f"not a position: {value!r}")


def _settled(state: RolloutState, event: Event) -> tuple[bool, dict[Slot, Setting]]:
    """Whether any value changed, and what every target holds after the event by what was read back."""
    settings = dict(state.settings)
    rows = event.data["changes"]
    if not isinstance(rows, list):
        raise ValueError("changes is not a list")
    changed = False
    for change in map(change_from_json, rows):
        changed = changed or change.before != change.after
        if change.verified:
            settings[change.slot] = change.after
    return changed, settings
