"""Where a rollout stands is what its events say, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from rollout.engine.fold import fold
from rollout.errors import StoreError
from rollout.model.changes import Change, Slot, change_to_json, settings_to_json
from rollout.model.events import Draft, Event, EventKind
from rollout.model.state import Position, RolloutState, Status
from rollout.model.values import Setting, Verbatim
from tests.fakes import NOON, ROLLOUT, MemoryStore

ON, PERCENT = Slot("ON", "api", "on"), Slot("PERCENT", "api", "PERCENT")
FOUND: Mapping[Slot, Setting] = {ON: Verbatim("FALSE"), PERCENT: None}
EXPOSE = (Change(ON, Verbatim("FALSE"), True, verified=True), Change(PERCENT, None, 20, verified=True))
BACK = (Change(ON, True, Verbatim("FALSE"), verified=True), Change(PERCENT, 20, None, verified=True))
ONE, TWO = Position("limited", 1), Position("limited", 2)


def place(position: Position | None) -> dict[str, object] | None:
    return {"phase": position.phase, "step": position.step} if position else None


def rows(changes: tuple[Change, ...]) -> list[dict[str, object]]:
    return [change_to_json(change) for change in changes]


STARTED = Draft(
    EventKind.STARTED,
    {"plan_text": "rollout: 1\n", "plan_sha256": "abc", "plan_path": "/p.yaml", "found": settings_to_json(FOUND)},
)


def intended(to: Position | None = ONE, changes: tuple[Change, ...] = EXPOSE) -> Draft:
    return Draft(EventKind.ADVANCE_INTENDED, {"op": "1", "to": place(to), "changes": rows(changes)})


def advanced(to: Position = ONE, changes: tuple[Change, ...] = EXPOSE) -> Draft:
    return Draft(EventKind.ADVANCED, {"op": "1", "to": place(to), "changes": rows(changes)})


def failed(changes: tuple[Change, ...] = BACK, *, restored: bool = True) -> Draft:
    return Draft(EventKind.ADVANCE_FAILED, {"op": "1", "restored": restored, "changes": rows(changes)})


def rolled_back(
    changes: tuple[Change, ...] = BACK, position: Position | None = None, kind: EventKind = EventKind.ROLLED_BACK
) -> Draft:
    data = {
        "op": "2",
        "level": "emergency",
        "position": place(position),
        "restart": place(ONE),
        "changes": rows(changes),
    }
    return Draft(kind, data)


ROLLBACK_INTENDED = Draft(EventKind.ROLLBACK_INTENDED, {"op": "2", "to": None, "changes": rows(BACK)})
COMPLETED = Draft(EventKind.COMPLETED, {"verdict": "GO"})


def events(*drafts: Draft) -> list[Event]:
    """A minute apart, the first at noon."""
    store = MemoryStore()
    for number, draft in enumerate(drafts):
        store.append(ROLLOUT, [draft], after=number, at=minute(number), actor="ann")
    return store.chains.get(ROLLOUT, [])


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def folded(*drafts: Draft) -> RolloutState:
    return fold(events(*drafts))


def test_without_events_nothing_has_started() -> None:
    assert folded() == RolloutState()


def test_a_start_pins_the_plan_and_keeps_what_was_found() -> None:
    chain = events(STARTED, intended())
    state = fold(chain)
    assert (state.status, state.position, state.begun) == (Status.NOT_STARTED, None, True)
    assert state.pinned is not None
    assert (state.pinned.text, state.pinned.sha256, state.pinned.path) == ("rollout: 1\n", "abc", "/p.yaml")
    assert state.found == state.settings == FOUND
    assert (state.seq, state.head) == (2, chain[-1].hash)


def test_a_change_that_has_not_ended_is_pending() -> None:
    pending = folded(STARTED, intended()).pending
    assert pending is not None
    assert (pending.kind, pending.actor, pending.at, pending.aim) == ("advance", "ann", minute(1), ONE)
    assert pending.changes == EXPOSE
    after = folded(STARTED, intended(), advanced(), ROLLBACK_INTENDED).pending
    assert after is not None
    assert (after.kind, after.aim) == ("rollback", None)


def test_an_advance_moves_and_what_was_read_back_stands() -> None:
    state = folded(STARTED, intended(), advanced())
    assert (state.status, state.position, state.pending) == (Status.IN_PROGRESS, ONE, None)
    assert (state.since, state.changed_at) == (minute(2), minute(2))
    assert state.settings == {ON: True, PERCENT: 20}
    assert (state.found, state.verdict) == (FOUND, "GO")


def test_a_step_that_changes_no_value_soaks_but_settles_nothing() -> None:
    same = (Change(ON, True, True, verified=True),)
    for changes in ((), same):
        state = folded(STARTED, intended(), advanced(), intended(TWO, changes), advanced(TWO, changes))
        assert (state.position, state.since, state.changed_at) == (TWO, minute(4), minute(2))
        assert state.settings == {ON: True, PERCENT: 20}


def test_a_failed_advance_stays_where_it_was_and_settles_again() -> None:
    more = (Change(PERCENT, 20, 35, verified=True),)
    undone = (Change(PERCENT, 35, 20, verified=True),)
    state = folded(STARTED, intended(), advanced(), intended(TWO, more), failed(undone))
    assert (state.status, state.position, state.pending) == (Status.IN_PROGRESS, ONE, None)
    assert (state.since, state.changed_at) == (minute(2), minute(4))
    assert state.settings == {ON: True, PERCENT: 20}


def test_a_first_advance_that_failed_leaves_not_started() -> None:
    state = folded(STARTED, intended(), failed())
    assert (state.status, state.position, state.pending, state.begun) == (Status.NOT_STARTED, None, None, False)
    assert state.settings == {}
    assert (state.changed_at, state.seq) == (minute(2), 3)


def test_a_first_advance_that_could_not_be_put_back_is_remembered() -> None:
    stuck = (Change(ON, True, Verbatim("FALSE")), Change(PERCENT, 20, None, verified=True))
    state = folded(STARTED, intended(), failed(stuck, restored=False))
    assert (state.status, state.begun) == (Status.NOT_STARTED, True)
    assert state.pending is not None
    assert state.pending.released
    assert state.settings == state.found == FOUND


@pytest.mark.parametrize("kind", [EventKind.ROLLED_BACK, EventKind.ROLLBACK_FAILED])
def test_every_rollback_ends_rolled_back_and_one_that_failed_is_to_be_recovered(kind: EventKind) -> None:
    state = folded(STARTED, intended(), advanced(), ROLLBACK_INTENDED, rolled_back(position=ONE, kind=kind))
    assert (state.status, state.position) == (Status.ROLLED_BACK, ONE)
    assert (state.pending is not None and state.pending.released) == (kind is EventKind.ROLLBACK_FAILED)
    assert (state.restart, state.level, state.verdict) == (ONE, "emergency", "")
    assert (state.since, state.changed_at) == (minute(4), minute(4))
    assert state.settings == FOUND


def test_what_a_rollback_could_not_confirm_shall_stand() -> None:
    half = (BACK[0], Change(PERCENT, 20, None))
    state = folded(
        STARTED, intended(), advanced(), ROLLBACK_INTENDED, rolled_back(half, kind=EventKind.ROLLBACK_FAILED)
    )
    assert state.settings == FOUND


def test_the_end_of_a_rollback_that_was_overtaken_counts_no_more() -> None:
    state = folded(STARTED, intended(), advanced())
    assert folded(STARTED, intended(), advanced(), rolled_back()).settings == state.settings


def test_an_advance_after_a_rollback_is_in_progress_again() -> None:
    state = folded(STARTED, intended(), advanced(), rolled_back(), intended(), advanced())
    assert (state.status, state.position, state.restart, state.level) == (Status.IN_PROGRESS, ONE, None, "")
    assert (state.since, state.found) == (minute(5), FOUND)


def test_completion_keeps_the_last_step() -> None:
    state = folded(STARTED, intended(), advanced(), COMPLETED)
    assert (state.status, state.position, state.verdict) == (Status.COMPLETE, ONE, "GO")
    assert state.settings == {ON: True, PERCENT: 20}


def test_a_refusal_leaves_only_its_verdict() -> None:
    refused = Draft(EventKind.ADVANCE_REFUSED, {"verdict": "NO-GO", "to": None, "blockers": []})
    before, after = folded(STARTED, intended(), advanced()), folded(STARTED, intended(), advanced(), refused)
    assert after.verdict == "NO-GO"
    assert (after.status, after.position, after.since) == (before.status, before.position, before.since)


def test_a_new_start_forgets_the_one_that_failed() -> None:
    state = folded(STARTED, intended(), failed(), STARTED, intended(), advanced())
    assert (state.status, state.settings) == (Status.IN_PROGRESS, {ON: True, PERCENT: 20})


DAMAGED: dict[str, Event] = {
    "a kind that a newer version wrote": Event(2, "2026-03-02T12:00:00.000Z", "ann", "paused-forever", {}, "h", "p"),
    "no data": Event(2, "2026-03-02T12:00:00.000Z", "ann", "advanced", {}, "h", "p"),
    "unreadable data": Event(2, "2026-03-02T12:00:00.000Z", "ann", "started", {"unreadable": "{"}, "h", "p"),
    "changes that are none": Event(
        2, "2026-03-02T12:00:00.000Z", "ann", "advanced", {"to": place(ONE), "changes": "all"}, "h", "p"
    ),
    "a change that is none": Event(
        2, "2026-03-02T12:00:00.000Z", "ann", "advanced", {"to": place(ONE), "changes": ["x"]}, "h", "p"
    ),
    "a value that is none": Event(
        2,
        "2026-03-02T12:00:00.000Z",
        "ann",
        "advanced",
        {"to": place(ONE), "changes": [{**change_to_json(EXPOSE[0]), "after": {}}]},
        "h",
        "p",
    ),
    "a position that is none": Event(
        2, "2026-03-02T12:00:00.000Z", "ann", "advanced", {"to": "limited/1", "changes": []}, "h", "p"
    ),
    "a time that is none": Event(2, "noon", "ann", "advanced", {"to": place(ONE), "changes": []}, "h", "p"),
}


@pytest.mark.parametrize("event", DAMAGED.values(), ids=DAMAGED)
def test_an_event_that_cannot_be_understood_is_named_and_nothing_is_guessed(event: Event) -> None:
    with pytest.raises(StoreError, match="event 2 ") as caught:
        fold([*events(STARTED), event])
    assert "--verify" in caught.value.hint
