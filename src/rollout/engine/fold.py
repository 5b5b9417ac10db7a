"""From events to the state of a rollout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from rollout.errors import StoreError
from rollout.frozen import replace
from rollout.model.changes import Slot, change_from_json, settings_from_json
from rollout.model.events import Event, EventKind
from rollout.model.evidence import Series
from rollout.model.record import RecordedBaseline, Said
from rollout.model.state import Pending, PinnedPlan, Position, RolloutState, Status
from rollout.model.values import Setting


def fold(events: Iterable[Event]) -> RolloutState:
    """StoreError, naming the event, where one cannot be understood: nothing is guessed."""
    state = RolloutState()
    for event in events:
        try:
            state = _STEPS[EventKind(event.kind)](state, event)
        except (KeyError, ValueError, TypeError, OverflowError) as error:
            raise StoreError(
                f"event {event.seq} ({event.kind}) of the record cannot be understood: {error}",
                "`rollout history --verify` shows whether it was altered; a newer rollout may have written it",
            ) from error
        state = replace(state, seq=event.seq, head=event.hash)
    return state


def _started(state: RolloutState, event: Event) -> RolloutState:
    data = event.data
    pinned = PinnedPlan(str(data["plan_text"]), str(data["plan_sha256"]), str(data["plan_path"]))
    found = settings_from_json(data["found"])
    # What was said before the start is for it; what was said in a run that is over is not for the next one.
    answers = {} if state.begun else state.answers
    return RolloutState(pinned=pinned, found=found, settings=found, answers=answers)


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
    changed, settings = _read_back(state, event)
    position = _position(event.data["to"])
    if state.status is Status.ROLLED_BACK or _phase(position) != _phase(state.position):
        state = _opened(state, at)
    return replace(
        state,
        status=Status.IN_PROGRESS,
        position=position,
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=None,
        restart=None,
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
    return replace(state, changed_at=changed_at, settings=settings, pending=None)


def _refused(state: RolloutState, event: Event) -> RolloutState:
    ids = event.data.get("fired", [])
    if not isinstance(ids, list):
        raise ValueError("fired is not a list")
    seen = dict.fromkeys(map(str, ids), datetime.fromisoformat(event.at))
    return replace(state, verdict=str(event.data["verdict"]), fired=seen | dict(state.fired))


def _rolled_back(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    changed, settings = _read_back(state, event)
    if event.kind == EventKind.ROLLBACK_FAILED and state.pending is not None:
        # What could not be confirmed still shall stand: until it does, it shows as drift.
        settings.update({change.slot: change.after for change in state.pending.changes})
    return replace(
        _opened(state, at),
        status=Status.ROLLED_BACK,
        position=_position(event.data["position"]),
        since=at,
        changed_at=at if changed else state.changed_at,
        settings=settings,
        pending=None,
        restart=_position(event.data["restart"]),
        level=str(event.data["level"]),
        verdict="",
        fired={},
    )


def _completed(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    baselines = _with_baselines(state, event)
    return replace(state, status=Status.COMPLETE, since=at, verdict="GO", baselines=baselines)


def _answered(state: RolloutState, event: Event) -> RolloutState:
    at = datetime.fromisoformat(event.at)
    match event.data:
        case {"id": str() as id, "value": bool() | int() | float() as value}:
            value = value if isinstance(value, bool) else float(value)
        case _:
            raise ValueError("not an answer")
    # What is recorded in a visit was said in it, and before it (below) before it, whatever two machines' clocks show.
    said = Said(value, event.actor, max(at, state.visit_since or at))
    return replace(state, answers={**state.answers, id: (*state.answers.get(id, ()), said)})


def _opened(state: RolloutState, at: datetime) -> RolloutState:
    """A new visit of a phase begins."""
    latest = at - timedelta(microseconds=1)
    answers = {
        id: tuple(replace(said, at=min(said.at, latest)) for said in given) for id, given in state.answers.items()
    }
    return replace(state, visit_since=at, opened_since=state.visit_since, answers=answers)


def _with_baselines(state: RolloutState, event: Event) -> dict[tuple[str, str], RecordedBaseline]:
    """Those of the state and the event's, of which the earlier counts."""
    rows = event.data.get("baselines", [])
    if not isinstance(rows, list):
        raise ValueError("baselines is not a list")
    new = map(_baseline, rows)
    return {(baseline.phase, baseline.metric): baseline for baseline in new} | dict(state.baselines)


def _baseline(row: Mapping[str, object]) -> RecordedBaseline:
    match row:
        case {
            "phase": str() as phase,
            "metric": str() as metric,
            "at": str() as at,
            "over": int() | float() as over,
            "means": list() as means,
        }:
            return RecordedBaseline(
                phase, metric, datetime.fromisoformat(at), timedelta(seconds=over), tuple(map(_mean, means))
            )
        case _:
            raise ValueError(f"not a baseline: {row!r}")


def _mean(row: Mapping[str, object]) -> Series:
    match row:
        case {"labels": dict() as labels, "value": int() | float() as value}:
            return Series(tuple(sorted((str(name), str(text)) for name, text in labels.items())), float(value))
        case _:
            raise ValueError(f"not a mean: {row!r}")


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
}


def _position(value: object) -> Position | None:
    match value:
        case None:
            return None
        case {"phase": str() as phase, "step": int() as step}:
            return Position(phase, step)
        case _:
            raise ValueError(f"not a position: {value!r}")


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
