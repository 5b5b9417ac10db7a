"""Whether events follow from each other, wherever one begins."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.errors import StoreError
from rollout.model.events import Draft, Event, EventKind, RolloutId, seal


def unbroken(rollout: RolloutId, events: Sequence[Event], seq: int, head: str) -> tuple[Event, ...]:
    """The events, behind the one with this seq and hash. StoreError, naming the first that does not follow."""
    for event in events:
        if event.previous != head or event.seq != seq + 1 or not genuine(rollout, event):
            raise StoreError(
                f"event {event.seq} ({event.kind}) of the record of {rollout} cannot be understood: it does not follow "
                f"from event {seq}",
                "`rollout history --verify` shows whether it was altered; a newer rollout may have written it",
            )
        seq, head = event.seq, event.hash
    return tuple(events)


def genuine(rollout: RolloutId, event: Event) -> bool:
    """Whether its hash is that of what it says."""
    try:
        draft = Draft(EventKind(event.kind), event.data)
    except ValueError:
        return False
    return seal(draft, rollout, event.seq, event.at, event.actor, event.previous) == event
