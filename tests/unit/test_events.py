"""A chain of events shows every change that was made to it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.events import GENESIS, Draft, Event, EventKind, RolloutId, canonical, first_broken, seal
from tests.fakes import ROLLOUT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


def chain(length: int = 6) -> list[Event]:
    events: list[Event] = []
    for seq in range(1, length + 1):
        draft = Draft(EventKind.ADVANCED, {"n": seq, "allow": ["a", "b"]})
        previous = events[-1].hash if events else GENESIS
        events.append(seal(draft, ROLLOUT, seq, f"2026-03-02T12:00:0{seq}.000Z", "ann", previous))
    return events


def resealed(event: Event) -> Event:
    """With a hash that fits what it holds."""
    return seal(Draft(EventKind(event.kind), event.data), ROLLOUT, event.seq, event.at, event.actor, event.previous)


def test_a_chain_as_it_was_sealed_is_whole() -> None:
    assert first_broken(ROLLOUT, chain()) is None
    assert first_broken(ROLLOUT, []) is None
    assert chain()[0].previous == GENESIS


EDITS: dict[str, Callable[[Event], Event]] = {
    "seq": lambda event: replace(event, seq=event.seq + 1),
    "at": lambda event: replace(event, at="2026-03-02T13:00:00.000Z"),
    "actor": lambda event: replace(event, actor="bob"),
    "kind": lambda event: replace(event, kind="completed"),
    "data": lambda event: replace(event, data={**event.data, "n": 99}),
    "data gone": lambda event: replace(event, data={}),
    "hash": lambda event: replace(event, hash="0" * 64),
    "previous": lambda event: replace(event, previous="0" * 64),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("place", range(6))
def test_an_edited_event_breaks_the_chain_there(edit: str, place: int) -> None:
    events = chain()
    events[place] = EDITS[edit](events[place])
    assert first_broken(ROLLOUT, events) == place + 1


@pytest.mark.parametrize("place", range(5))
def test_an_edited_event_with_a_fitting_hash_breaks_the_chain_behind_it(place: int) -> None:
    events = chain()
    events[place] = resealed(replace(events[place], data={"n": 99}))
    assert first_broken(ROLLOUT, events) == place + 2


@pytest.mark.parametrize("place", range(5))
def test_a_removed_an_inserted_and_a_moved_event_break_the_chain(place: int) -> None:
    events = chain()
    swapped = [*events[:place], events[place + 1], events[place], *events[place + 2 :]]
    inserted: Sequence[Event] = [*events[: place + 1], events[place], *events[place + 1 :]]
    assert first_broken(ROLLOUT, events[:place] + events[place + 1 :]) == place + 1
    assert first_broken(ROLLOUT, swapped) == place + 1
    assert first_broken(ROLLOUT, inserted) == place + 2


def test_a_chain_belongs_to_its_rollout() -> None:
    assert first_broken(RolloutId("checkout-v2", "staging"), chain()) == 1


@settings(deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.text())
def test_any_data_can_be_sealed(data: dict[str, object], actor: str) -> None:
    event = seal(Draft(EventKind.STARTED, data), ROLLOUT, 1, "2026-03-02T12:00:00.000Z", actor, GENESIS)
    assert first_broken(ROLLOUT, [event]) is None
    assert canonical(dict(reversed(data.items()))) == canonical(data)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_hold_is_not_sealed(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        seal(Draft(EventKind.STARTED, {"x": number}), ROLLOUT, 1, "", "ann", GENESIS)


def test_a_rollout_is_written_as_name_at_environment() -> None:
    assert str(ROLLOUT) == "checkout-v2@production"
