"""Where a rollout stands: by its record, and in an emergency by whatever still tells it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rollout.errors import StoreError
from rollout.frozen import replace
from rollout.model.events import Event, RolloutId
from rollout.model.state import PinnedPlan, RolloutState, Status
from rollout.ports import Store
from rollout.wiring.stores import Stores


def state_of(stores: Stores, store: Store, rollout: RolloutId) -> RolloutState:
    """StoreError where the record cannot be read or understood; never in an emergency."""
    if not stores.emergency:
        return store.state(rollout)
    state = None
    with suppress(StoreError):
        state = store.state(rollout)
    card = stores.card(store, rollout)
    if card and (state is None or state.seq == 0 or state.seq < card.state.seq):
        # Recorded behind whatever is there.
        return replace(card.state, seq=0, head="")
    return _salvaged(store, rollout) if state is None else state


def _salvaged(store: Store, rollout: RolloutId) -> RolloutState:
    """Of a record that cannot be understood as a whole: the plan that it pinned."""
    events: Sequence[Event] = ()
    with suppress(StoreError):
        events = store.events(rollout)
    for event in reversed(events):
        match event.data:
            case {"plan_text": str(text), "plan_sha256": str(sha256), "plan_path": str(path)}:
                pinned = PinnedPlan(text, sha256, path)
                return RolloutState(Status.IN_PROGRESS, pinned=pinned, seq=events[-1].seq)
            case _:
                pass
    return RolloutState()
