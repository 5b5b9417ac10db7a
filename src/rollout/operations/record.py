"""Events as operations write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rollout.errors import ChangeError, ConflictError, Interrupted, RolloutError, UsageError
from rollout.model.changes import Change, change_to_json, settings_to_json
from rollout.model.events import Draft, Event, EventKind
from rollout.operations.desk import Desk
from rollout.operations.present import Present


def record(desk: Desk, after: int, *drafts: Draft) -> tuple[int, str]:
    """The last event's seq and hash."""
    events = desk.store.append(desk.rollout, drafts, after=after, at=desk.clock.now(), actor=desk.who())
    return events[-1].seq, events[-1].hash


def started(desk: Desk, present: Present) -> Draft:
    """Pins the plan and keeps what was found, by a first advance that could not be taken back too."""
    pinned = desk.file or desk.state.pinned
    if pinned is None:
        raise UsageError("the plan's file is gone, so the rollout cannot start")
    return Draft(
        EventKind.STARTED,
        {
            "plan_text": pinned.text,
            "plan_sha256": pinned.sha256,
            "plan_path": pinned.path,
            "found": settings_to_json({**present.settings, **desk.state.found}),
            "places": dict(desk.places),
        },
    )


def faster(event: Event) -> ConflictError:
    """Somebody recorded this event while we were at it."""
    return ConflictError(f"{event.actor} was faster: {event.kind} at {event.at}", "`rollout status` shows the rest")


def changes_json(changes: Iterable[Change]) -> list[dict[str, object]]:
    return [change_to_json(change) for change in changes]


@contextmanager
def begun() -> Iterator[None]:
    """Between intent and record an interruption is no longer harmless: it becomes a ChangeError that says so."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt) as interruption:
        raise interrupted() from interruption


def interrupted() -> ChangeError:
    return ChangeError(
        "interrupted while the change was being made",
        "`rollout status` shows what stands where; `rollout recover` finishes or undoes what is half done",
    )


def unrecorded(what: str, error: RolloutError) -> ChangeError:
    return ChangeError(
        f"{what}, but that could not be recorded: {error.message}",
        "`rollout recover` finishes or undoes it; `rollout status` shows where it stands",
    )
