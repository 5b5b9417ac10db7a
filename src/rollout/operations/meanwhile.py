"""Recording what people say, behind whatever others record meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollout.engine.fold import fold
from rollout.errors import ConflictError
from rollout.frozen import dataclass
from rollout.model.events import Draft, Event
from rollout.model.state import RolloutState
from rollout.operations.desk import Desk
from rollout.operations.record import record

_ATTEMPTS = 20
"""Each that fails means that somebody else has recorded something."""


@dataclass(frozen=True)
class Recorded:
    """The state behind the events; without any it is as it was."""

    state: RolloutState
    events: tuple[Event, ...] = ()


def recorded(desk: Desk, drafts_of: Callable[[RolloutState], Sequence[Draft]]) -> Recorded:
    """`drafts_of` says what there is to record, and says so anew when somebody else was faster."""
    for left in reversed(range(_ATTEMPTS)):
        drafts = drafts_of(desk.state)
        if not drafts:
            break
        try:
            seq, _ = record(desk, desk.state.seq, *drafts)
        except ConflictError:
            if not left:
                raise
            desk = desk.again()
            continue
        events = tuple(event for event in desk.store.events(desk.rollout, desk.state.seq) if event.seq <= seq)
        return Recorded(fold(events, desk.state), events)
    return Recorded(desk.state)
