"""The state beside the events: read without them, and never trusted where it does not fit them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollout.engine.fold import fold
from rollout.errors import ConflictError, StoreError
from rollout.model.events import Draft, EventKind, RolloutId
from rollout.model.state import Status
from rollout.store.sqlite import SqliteStore
from rollout.store.standing import FINISHED, LIVE

SHOP = RolloutId("shop", "production")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STEP = {"phase": "all", "step": 1}
STARTED = Draft(EventKind.STARTED, {"plan_text": "rollout: 1\n", "plan_sha256": "", "plan_path": "/p", "found": []})
INTENDED = Draft(EventKind.ADVANCE_INTENDED, {"op": "1", "to": STEP, "changes": []})
ADVANCED = Draft(EventKind.ADVANCED, {"op": "1", "to": STEP, "changes": []})
ANSWERED = Draft(EventKind.ANSWERED, {"id": "tickets", "value": 3.0})
COMPLETED = Draft(EventKind.COMPLETED, {})
RUNNING = (STARTED, INTENDED, ADVANCED)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    return SqliteStore(path)


def add(store: SqliteStore, *drafts: Draft, rollout: RolloutId = SHOP) -> None:
    store.append(rollout, drafts, after=store.state(rollout).seq, at=NOON, actor="ann")


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_state_is_what_the_events_come_to_after_every_append(store: SqliteStore) -> None:
    for draft in (*RUNNING, ANSWERED, ANSWERED, COMPLETED):
        add(store, draft)
        assert store.state(SHOP) == fold(store.events(SHOP))
    assert store.state(RolloutId("other", "production")).seq == 0


def test_no_event_is_read_but_the_last(store: SqliteStore, path: Path) -> None:
    add(store, *RUNNING, *[ANSWERED] * 20)
    state = store.state(SHOP)
    change(path, "UPDATE events SET data = '[' WHERE seq < 23")
    assert store.state(SHOP) == state
    with pytest.raises(StoreError):
        fold(store.events(SHOP))


@pytest.mark.parametrize("last", [22, 15, 1, 0])
def test_a_tail_that_was_cut_is_an_error_and_stays_one(store: SqliteStore, path: Path, last: int) -> None:
    add(store, *RUNNING, *[ANSWERED] * 20)
    change(path, f"DELETE FROM events WHERE seq > {last}")
    for _ in range(23 - last + 2):
        with pytest.raises(StoreError, match=r"was cut|is not the one that its state was made from"):
            store.state(SHOP)
        events = store.events(SHOP)
        store.append(SHOP, [ANSWERED], after=len(events), at=NOON, actor="ben")  # an emergency is recorded all the same
    assert store.find(standing=LIVE) == (SHOP,)


@pytest.mark.parametrize("column", ["seq", "head", "standing", "state", "digest"])
@pytest.mark.parametrize("value", ["'x'", "99", "x'fffe'", "'{}'", "'closed'"])
def test_a_state_that_was_edited_is_an_error(store: SqliteStore, path: Path, column: str, value: str) -> None:
    add(store, *RUNNING)
    change(path, f"UPDATE states SET {column} = {value}")
    with pytest.raises(StoreError):
        store.state(SHOP)
    store.append(SHOP, [ANSWERED], after=3, at=NOON, actor="ann")
    with pytest.raises(StoreError):
        store.state(SHOP)


def test_the_state_of_another_rollout_is_an_error(store: SqliteStore, path: Path) -> None:
    add(store, *RUNNING)
    add(store, *RUNNING, rollout=RolloutId("other", "production"))
    change(path, "DELETE FROM states WHERE name = 'shop'", "UPDATE states SET name = 'shop'")
    with pytest.raises(StoreError, match="is damaged"):
        store.state(SHOP)


def test_events_behind_the_state_count_and_must_follow(store: SqliteStore, path: Path) -> None:
    add(store, *RUNNING)
    change(path, "CREATE TABLE kept AS SELECT * FROM states")
    add(store, ANSWERED, ANSWERED)
    state = store.state(SHOP)
    change(path, "DELETE FROM states", "INSERT INTO states SELECT * FROM kept")
    assert store.state(SHOP) == state
    change(path, "UPDATE events SET actor = 'eve' WHERE seq = 4")
    with pytest.raises(StoreError, match="event 4"):
        store.state(SHOP)


def of_version_1(path: Path) -> None:
    change(path, "DROP TABLE states", "PRAGMA user_version = 1")


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_file_of_version_1_is_read_and_upgraded_with_the_next_append(store: SqliteStore, path: Path) -> None:
    other = RolloutId("other", "production")
    add(store, *RUNNING)
    add(store, *RUNNING, COMPLETED, rollout=other)
    states = store.state(SHOP), store.state(other)
    of_version_1(path)
    before = path.read_bytes()
    assert (store.state(SHOP), store.state(other)) == states
    assert set(store.find(standing=LIVE)) >= {SHOP}
    assert list(store.find(name="other")) == [other]
    assert (path.read_bytes(), version(path)) == (before, 1)
    add(store, ANSWERED)
    assert version(path) == 2
    assert (store.state(SHOP), store.state(other)) == (fold(store.events(SHOP)), states[1])
    assert set(store.find(standing=FINISHED)) >= {other}
    add(store, ANSWERED, rollout=other)
    assert (list(store.find(standing=LIVE)), list(store.find(standing=FINISHED))) == ([SHOP], [other])


def test_rollouts_are_found_by_name_and_by_how_they_stand(store: SqliteStore) -> None:
    drafts: dict[RolloutId, Sequence[Draft]] = {
        RolloutId("a", "x"): RUNNING,
        RolloutId("a", "y"): (*RUNNING, COMPLETED),
        RolloutId("ab", "x"): (STARTED, INTENDED),
        RolloutId("b", "x"): (*RUNNING, Draft(EventKind.CLOSED, {"reason": ""})),
    }
    for rollout, given in drafts.items():
        add(store, *given, rollout=rollout)
    assert list(map(str, store.find(standing=LIVE))) == ["a@x", "ab@x"]
    assert list(map(str, store.find(standing=FINISHED))) == ["a@y"]
    assert list(map(str, store.find(name="a"))) == ["a@x", "a@y"]
    assert list(store.find(name="c")) == []
    assert list(store.rollouts()) == list(drafts)
    assert store.state(RolloutId("b", "x")).status is Status.CLOSED


def test_an_event_that_cannot_be_understood_stops_no_append_and_hides_no_rollout(store: SqliteStore) -> None:
    store.append(SHOP, [*RUNNING, COMPLETED, Draft(EventKind.ANSWERED, {})], after=0, at=NOON, actor="ann")
    with pytest.raises(StoreError, match="event 5"):
        store.state(SHOP)
    assert list(store.find(standing=LIVE)) == [SHOP]
    with pytest.raises(ConflictError):
        store.append(SHOP, [ANSWERED], after=4, at=NOON, actor="ann")
    store.append(SHOP, [ANSWERED], after=5, at=NOON, actor="ann")
