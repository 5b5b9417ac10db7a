"""The SQLite store when its file was damaged or edited: the right history, a broken chain or an error of ours."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollout.errors import ConflictError, StoreError
from rollout.model.events import Draft, Event, EventKind, RolloutId, first_broken
from rollout.store.sqlite import SqliteStore

ROLLOUT = RolloutId("checkout-v2", "production")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COLUMNS = ("name", "environment", "seq", "at", "actor", "kind", "data", "hash", "previous")


def add(store: SqliteStore, count: int = 1, after: int = 0) -> None:
    draft = Draft(EventKind.ADVANCED, {"values": {"PERCENT": 10}})
    store.append(ROLLOUT, [draft] * count, after=after, at=NOON, actor="ann")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Nobody pulls the plug while it is changed, so nothing waits for the disk."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY")
        with connection:
            yield connection


def change(path: Path, statement: str, *parameters: object) -> None:
    with opened(path) as connection:
        connection.execute(statement, parameters)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rollout" / "store.db"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    return SqliteStore(path, busy_timeout=0.05)


def history(path: Path) -> tuple[Event, ...] | None:
    """What passes for the history: None when it cannot be read or its chain is broken."""
    try:
        events = tuple(SqliteStore(path).events(ROLLOUT))
    except StoreError:
        return None
    return events if first_broken(ROLLOUT, events) is None else None


def test_a_flipped_byte_never_passes_for_another_history(store: SqliteStore, path: Path, tmp_path: Path) -> None:
    add(store, 20)
    whole, content = tuple(store.events(ROLLOUT)), path.read_bytes()
    chance = random.Random(7)
    used = [index for index, byte in enumerate(content) if byte]
    places = [*range(100), *chance.sample(used, 300), *chance.sample(range(len(content)), 50)]
    damaged = tmp_path / "damaged.db"
    for place in places:
        changed = bytearray(content)
        changed[place] ^= chance.choice([1 << bit for bit in range(8)] + [0xFF])
        damaged.write_bytes(changed)
        assert history(damaged) in (whole, None), f"byte {place}: {content[place]} is now {changed[place]}"
        with suppress(StoreError, ConflictError):
            SqliteStore(damaged).append(ROLLOUT, [], after=20, at=NOON, actor="ann")


def test_a_truncated_file_never_passes_for_a_shorter_history(store: SqliteStore, path: Path, tmp_path: Path) -> None:
    add(store, 20)
    content = path.read_bytes()
    damaged = tmp_path / "damaged.db"
    for length in [1, 15, 16, 17, 99, 100, 101, 511, 512, 513, *range(1000, len(content), 1000), 4096, 8192]:
        damaged.write_bytes(content[:length])
        assert history(damaged) is None, f"{length} of {len(content)} bytes"


def test_a_file_of_no_bytes_is_a_store_that_was_never_written(store: SqliteStore, path: Path) -> None:
    """A crash before the first commit leaves one; it must not be in the way."""
    path.parent.mkdir(parents=True)
    path.touch()
    assert (list(store.rollouts()), list(store.events(ROLLOUT))) == ([], [])
    add(store)
    assert len(store.events(ROLLOUT)) == 1


@pytest.mark.parametrize(
    "data", ["", "{", "[1]", "null", '{"a":NaN}', '{"a":1e999}', '{"a": 1}', '{"a":1,"a":1}', "[" * 9999]
)
def test_data_that_is_not_ours_comes_back_as_unreadable_and_breaks_the_chain(
    store: SqliteStore, path: Path, data: str
) -> None:
    add(store, 3)
    change(path, "UPDATE events SET data = ? WHERE seq = 2", data)
    events = store.events(ROLLOUT)
    assert events[1].data == {"unreadable": data}
    assert first_broken(ROLLOUT, events) == 2


def broken(path: Path) -> bool:
    return first_broken(ROLLOUT, SqliteStore(path).events(ROLLOUT)) is not None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty events that all differ."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    for n in range(20):
        draft = Draft(EventKind.ADVANCED, {"values": {"PERCENT": n}})
        SqliteStore(path).append(ROLLOUT, [draft], after=n, at=NOON.replace(minute=n), actor=f"actor {n}")
    assert not broken(path)
    return path


@pytest.fixture
def twenty(whole: Path, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy of it."""
    return lambda: Path(shutil.copy(whole, tmp_path / "copy.db"))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ["x", 99, b"\xff\xfe"])
def test_every_cell_that_is_edited_breaks_the_chain(twenty: Callable[[], Path], column: str, value: object) -> None:
    """The last event in another rollout's name is a cut at the tail, and seen as another rollout."""
    for seq in range(1, 21):
        copy = twenty()
        change(copy, f"UPDATE events SET {column} = ? WHERE seq = ?", value, seq)
        moved = seq == 20 and column in {"name", "environment"}
        assert len(SqliteStore(copy).rollouts()) == 2 if moved else broken(copy), f"{column} of {seq}"


def test_every_event_that_is_deleted_breaks_the_chain_except_the_last(twenty: Callable[[], Path]) -> None:
    for seq in range(1, 20):
        copy = twenty()
        change(copy, "DELETE FROM events WHERE seq = ?", seq)
        assert broken(copy), seq


def test_a_cut_at_the_tail_is_not_in_the_chain_but_met_by_whoever_knows_the_last_event(
    twenty: Callable[[], Path],
) -> None:
    copy = twenty()
    change(copy, "DELETE FROM events WHERE seq > 15")
    assert not broken(copy)
    with pytest.raises(ConflictError, match="was replaced or cut"):
        add(SqliteStore(copy), after=20)


def test_every_pair_that_is_swapped_breaks_the_chain(twenty: Callable[[], Path]) -> None:
    for first in range(1, 21):
        for second in range(first + 1, 21):
            copy = twenty()
            with opened(copy) as connection:
                for old, new in ((first, 100), (second, first), (100, second)):
                    connection.execute("UPDATE events SET seq = ? WHERE seq = ?", (new, old))
            assert broken(copy), (first, second)


def test_an_event_that_is_inserted_breaks_the_chain(twenty: Callable[[], Path]) -> None:
    for seq in range(1, 21):
        copy = twenty()
        columns = ", ".join(COLUMNS).replace("seq", "seq + 20")
        change(copy, f"INSERT INTO events ({', '.join(COLUMNS)}) SELECT {columns} FROM events WHERE seq = ?", seq)
        assert broken(copy), seq


def test_a_tampered_head_stops_no_append_with_anything_but_our_errors(twenty: Callable[[], Path]) -> None:
    for seq in ("x", 2**63 - 1, -1, 1.5):
        copy = twenty()
        change(copy, "UPDATE events SET seq = ? WHERE seq = 20", seq)
        for after in (0, 19, 2**63 - 1):
            with suppress(ConflictError, StoreError):
                add(SqliteStore(copy), after=after)
        assert broken(copy), seq
