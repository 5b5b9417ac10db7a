"""How far a rollout is, for a gate of another one, or of this one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rollout.engine.path import Stop
from rollout.errors import StoreError
from rollout.model.events import Event, EventKind
from rollout.model.probes import Progress
from rollout.model.state import RolloutState

_BACK = (EventKind.ROLLBACK_INTENDED, EventKind.ROLLED_BACK, EventKind.ROLLBACK_FAILED)
"""An intent too: what became of a rollback that was interrupted is not known."""


def up_to(events: Sequence[Event], at: datetime | None) -> Sequence[Event]:
    """What was recorded by then; `at` None: all of it."""
    return events if at is None else [event for event in events if _when(event) <= at]


def progress(events: Sequence[Event], state: RolloutState, stops: Sequence[Stop]) -> Progress:
    """`state` is what the events come to, `stops` are the path of the plan that it has pinned."""
    started = [event for event in events if event.kind == EventKind.STARTED]
    back = [event for event in events if event.kind in _BACK]
    return Progress(
        state.status,
        state.position,
        tuple((stop.position, stop.step.name) for stop in stops),
        started_at=_when(started[-1]) if started and state.begun else None,
        rolled_back_at=_when(back[-1]) if back else None,
    )


def _when(event: Event) -> datetime:
    try:
        when = datetime.fromisoformat(event.at)
        if when.tzinfo is None:
            raise ValueError("without a zone")
        return when
    except ValueError as error:
        raise StoreError(f"event {event.seq} of the record has no time: {event.at!r}") from error
