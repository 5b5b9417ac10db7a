"""From events to the state of a rollout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from rollout.engine import said
from rollout.errors import StoreError
from rollout.frozen import replace
from rollout.model.changes import Slot, change_from_json, settings_from_json
from rollout.model.events import Event, EventKind
from rollout.model.record import RecordedBaseline, signature_of
from rollout.model.record_json import baseline_from_json, holder_from_json, position_from_json, positions_from_json
from rollout.model.state import Hold, Pending, PinnedPlan, Position, RolloutState, Status
from rollout.model.values import Setting


def fold(events: Iterable[Event], state: RolloutState | None = None) -> RolloutState:
    """`state` is what the events before came to. StoreError, naming the event, where one cannot be understood."""
    state = state or RolloutState()
    last = None
    for event in events:
        try:
            state = _STEPS[EventKind(event.kind)](state, event)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise StoreError(
                f"event {event.seq} ({event.kind}) of the record cannot be understood: {error}",
                "`rollout history --verify` shows whether it was altered; a newer rollout may have written it",
            ) from error
        last = event
    return replace(state, seq=last.seq, head=last.hash) if last else state


def _started(state: RolloutState, event: Event) -> RolloutState:
    found = settings_from_json(event.data["found"])
    # What was said before the start is for it; what was said in a run that is over is not for the next one.
    answers = said.since_it_was_over(state) if state.begun else state.answers
    return RolloutState(pinned=_pinned(event), places=_places(event), found=found, settings=found, answers=answers)


def _intended(state: RolloutState, event: Event) -> RolloutState:
    changes = event.data["changes"]
    if not isinstance(changes, list):
        raise ValueError("changes is not a list")
    pending = Pending(
        str(event.data["op"]),
        "advance" if event.kind == EventKind.ADVANCE_INTENDED else "rollback",
        event.actor,
        datetime.fromisoformat(event.at),
        position_from_json(event.data["to"]),
        tuple(change_from_json(change) for change in changes),
        reason=str(event.data.get("reason", "")),
        level=str(event.data.get("level", "")),
        position=position_from_json(event.data.get("position")),
        restart=position_from_json(event.data.get("restart")),
        passed=positions_from_json(event.data.get("passed", [])),
        kept=settings_from_json(event.data.get("kept", [])),
        holder=holder_from_json(event.data.get("holder")),
    )
    away = event.kind == EventKind.ROLLBACK_INTENDED
    return replace(state, pending=pending, reached=state.reached or _furthest(state) if away else state.reached)


def _recovering(state: RolloutState, event: Event) -> RolloutState:
    """Somebody else carries on with it."""
    if state.pending is None:
        return state
    pending = replace(state.pending, holder=holder_from_json(event.data["holder"]), actor=event.actor, released=False)
    return replace(state, pending=pending)


def _advanced(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _read_back(state, event)
    position = position_from_json(event.data["to"])
    if state.status is Status.ROLLED_BACK or _phase(position) != _phase(state.position):
        state = _opened(state, at)
    return replace(
        state,
        status=Status.PAUSED if state.hold else Status.IN_PROGRESS,
        position=position,
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=None,
        restart=None,
        reached=None,
        undone=tuple(one for one in state.undone if one != position),
        level="",
        verdict="GO",
        baselines=_with_baselines(state, event),
        fired={},
    )


def _advance_failed(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _read_back(state, event)
    changed_at = at if changed else state.changed_at
    if state.status is Status.NOT_STARTED and event.data["restored"] is True:
        # Nothing else is left to be recorded.
        return RolloutState(changed_at=changed_at, pinned=state.pinned, answers=state.answers)
    pending = None
    if event.data["restored"] is not True and state.pending is not None:
        pending = replace(state.pending, released=True)  # for `recover` to finish
    return replace(state, changed_at=changed_at, settings=settings, pending=pending)


def _refused(state: RolloutState, event: Event) -> RolloutState:
    ids = event.data.get("fired", [])
    if not isinstance(ids, list):
        raise ValueError("fired is not a list")
    seen = dict.fromkeys(map(str, ids), datetime.fromisoformat(event.at))
    return replace(state, verdict=str(event.data["verdict"]), fired=seen | dict(state.fired))


def _rolled_back(state: RolloutState, event: Event) -> RolloutState:
    if state.pending is None or state.pending.op != event.data["op"]:
        return state  # overtaken itself: what others have set since stands
    at = datetime.fromisoformat(event.at)
    changed, settings = _read_back(state, event)
    pending = None
    if event.kind == EventKind.ROLLBACK_FAILED:
        # What could not be confirmed still shall stand: until then it shows as drift, and is for `recover` to finish.
        settings.update({change.slot: change.after for change in state.pending.changes})
        pending = replace(state.pending, released=True)
    settings |= settings_from_json(event.data.get("kept", []))
    return replace(
        _opened(state, at),
        status=Status.ROLLED_BACK,
        position=position_from_json(event.data["position"]),
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=pending,
        restart=position_from_json(event.data["restart"]),
        reached=state.reached or _furthest(state),
        undone=tuple(dict.fromkeys((*state.undone, *state.pending.passed))),
        level=str(event.data["level"]),
        hold=None,
        verdict="",
        fired={},
    )


def _completed(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    baselines = _with_baselines(state, event)
    return replace(state, status=Status.COMPLETE, since=at, verdict="GO", baselines=baselines, hold=None)


def renewed(state: RolloutState) -> RolloutState:
    """Before the first step of the next run."""
    return RolloutState(answers=said.since_it_was_over(state), seq=state.seq, head=state.head)


def _furthest(state: RolloutState) -> Position | None:
    """A change that was under way may have got where it was going."""
    forward = state.pending is not None and state.pending.kind == "advance"
    return state.pending.aim if state.pending and forward else state.position


def _paused(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    hold = Hold(event.actor, at, str(event.data["reason"]), event.data.get("all") is True)
    return replace(state, status=Status.PAUSED, hold=hold)


def _resumed(state: RolloutState, _event: Event) -> RolloutState:
    return replace(state, status=Status.IN_PROGRESS, hold=None)


def _plan_accepted(state: RolloutState, event: Event) -> RolloutState:
    new = settings_from_json(event.data["found"])
    found, settings = new | dict(state.found), new | dict(state.settings)
    return replace(state, pinned=_pinned(event), places=_places(event), found=found, settings=settings)


def _unlocked(state: RolloutState, _event: Event) -> RolloutState:
    return replace(state, pending=replace(state.pending, released=True) if state.pending else None)


def _closed(state: RolloutState, event: Event) -> RolloutState:
    return replace(state, status=Status.CLOSED, since=datetime.fromisoformat(event.at), pending=None, hold=None)


def _places(event: Event) -> dict[str, str]:
    match event.data.get("places", {}):
        case dict() as places:
            return {str(name): str(value) for name, value in places.items()}
        case other:
            raise ValueError(f"not places: {other!r}")


def _pinned(event: Event) -> PinnedPlan:
    data = event.data
    return PinnedPlan(str(data["plan_text"]), str(data["plan_sha256"]), str(data["plan_path"]))


def _signed(state: RolloutState, event: Event) -> RolloutState:
    return _said(state, event, signature_of(str(event.data["role"])), True)


def _answered(state: RolloutState, event: Event) -> RolloutState:
    match event.data:
        case {"id": str() as id, "value": bool() | int() | float() as value}:
            return _said(state, event, id, value if isinstance(value, bool) else float(value))
        case _:
            raise ValueError("not an answer")


def _said(state: RolloutState, event: Event, id: str, value: float | bool) -> RolloutState:
    answers = said.with_answer(state, id, value, event.actor, datetime.fromisoformat(event.at))
    return replace(state, answers=answers)


def _opened(state: RolloutState, at: datetime) -> RolloutState:
    """A new visit of a phase begins."""
    return replace(state, visit_since=at, opened_since=state.visit_since, answers=said.before(state.answers, at))


def _with_baselines(state: RolloutState, event: Event) -> dict[tuple[str, str], RecordedBaseline]:
    """Those of the state and the event's, of which the earlier counts."""
    rows = event.data.get("baselines", [])
    if not isinstance(rows, list):
        raise ValueError("baselines is not a list")
    new = map(baseline_from_json, rows)
    return {(baseline.phase, baseline.metric): baseline for baseline in new} | dict(state.baselines)


def _phase(position: Position | None) -> str | None:
    return position.phase if position else None


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
    EventKind.ANSWERED: _answered,
    EventKind.SIGNED: _signed,
    EventKind.PAUSED: _paused,
    EventKind.RESUMED: _resumed,
    EventKind.PLAN_ACCEPTED: _plan_accepted,
    EventKind.UNLOCKED: _unlocked,
    EventKind.RECOVERING: _recovering,
    EventKind.CLOSED: _closed,
}


def _read_back(state: RolloutState, event: Event) -> tuple[bool, dict[Slot, Setting]]:
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
