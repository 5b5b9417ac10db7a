"""The SQLite store against real files: creation, locks, crashes, foreign files, durability."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollout.errors import StoreError
from rollout.model.events import Draft, EventKind, RolloutId
from rollout.store.sqlite import SqliteStore

ROLLOUT = RolloutId("checkout-v2", "production")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def add(store: SqliteStore, count: int = 1, after: int = 0) -> None:
    draft = Draft(EventKind.ADVANCED, {"values": {"PERCENT": 10}})
    store.append(ROLLOUT, [draft] * count, after=after, at=NOON, actor="ann")


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, parameters)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rollout" / "store.db"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    return SqliteStore(path, busy_timeout=0.05)


def test_reading_a_store_that_is_not_there_creates_nothing(store: SqliteStore, tmp_path: Path) -> None:
    assert (list(store.rollouts()), list(store.events(ROLLOUT))) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_folders_and_file_are_created_for_the_owner_only(store: SqliteStore, path: Path) -> None:
    before = os.umask(0)
    try:
        add(store)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(made.stat().st_mode) for made in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert [made.name for made in path.parent.iterdir()] == ["store.db"]


def test_the_location_is_what_the_user_wrote() -> None:
    assert SqliteStore(Path("state/store.db")).location == "sqlite:state/store.db"


@pytest.mark.parametrize("name", ["a b", "100%?mode=memory#x", "it's", "caf\udce9", "漢字"])
def test_any_file_name_is_a_file_name(tmp_path: Path, name: str) -> None:
    store = SqliteStore(tmp_path / name)
    add(store)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert len(store.events(ROLLOUT)) == 1


def test_the_columns_of_the_contract_are_there_for_any_sqlite_client(store: SqliteStore, path: Path) -> None:
    add(store)
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT seq, at, actor, kind, data, previous FROM events").fetchone()
        modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "user_version")]
    assert row == (1, "2026-03-01T12:00:00.000Z", "ann", "advanced", '{"values":{"PERCENT":10}}', "")
    assert modes == ["delete", 2]


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_store_that_another_process_has_locked_says_so(store: SqliteStore, path: Path, lock: str) -> None:
    add(store)
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(f'BEGIN {sys.argv[2]}'); print(flush=True)"
    )
    command = [sys.executable, "-c", f"{script}; input()", os.fspath(path), lock]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StoreError, match=r"store\.db is locked by another process: waited 0\.05 s") as caught:
            add(store, after=1)
        assert "try again" in caught.value.hint
        holder.communicate(b"\n")
    add(store, after=1)


def test_what_a_killed_writer_left_is_undone_by_the_next_reader(store: SqliteStore, path: Path) -> None:
    add(store, 3)
    script = """
import os, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.executescript("PRAGMA cache_size=1; BEGIN IMMEDIATE; UPDATE events SET actor = hex(zeroblob(9999))")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", script, os.fspath(path)], check=False)
    journal = path.with_name("store.db-journal")
    assert journal.stat().st_size > 0
    assert [event.actor for event in store.events(ROLLOUT)] == ["ann"] * 3
    assert not journal.exists()


def test_a_newer_schema_is_refused_and_left_alone(store: SqliteStore, path: Path) -> None:
    add(store)
    change(path, "PRAGMA user_version = 3")
    refused_and_left_alone(store, path, r"version 3 of the store, written by a newer rollout")


@pytest.mark.parametrize("setup", ["PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL", "PRAGMA user_version=1"])
def test_another_programs_sqlite_file_is_refused_and_left_alone(store: SqliteStore, path: Path, setup: str) -> None:
    path.parent.mkdir(parents=True)
    change(path, setup)
    change(path, "CREATE TABLE events (seq, at, actor, kind, data, hash, previous, name, environment)")
    refused_and_left_alone(store, path, "another program")


@pytest.mark.parametrize("text", ["rollout: 1\n", "x" * 5000, "SQLite format 3\0", "\n"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(store: SqliteStore, path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)
    refused_and_left_alone(store, path, "is damaged: ")


def refused_and_left_alone(store: SqliteStore, path: Path, reason: str) -> None:
    before = path.read_bytes()
    for call in (store.rollouts, lambda: store.events(ROLLOUT), lambda: add(store), lambda: add(store, after=1)):
        with pytest.raises(StoreError, match=reason) as caught:
            call()
        assert os.fspath(path) in caught.value.message
        assert caught.value.hint
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["store.db"]


def test_a_store_switched_to_wal_is_switched_back(store: SqliteStore, path: Path) -> None:
    add(store)
    change(path, "PRAGMA journal_mode=WAL")
    add(store, after=1)
    assert len(store.events(ROLLOUT)) == 2
    assert path.read_bytes()[18:20] == b"\1\1"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: apt-get install strace")
def test_an_event_is_on_the_disk_before_append_returns(path: Path, tmp_path: Path) -> None:
    script = f"""
from datetime import datetime, UTC
from pathlib import Path
from rollout.model.events import *
from rollout.store.sqlite import SqliteStore
SqliteStore(Path({os.fspath(path)!r})).append(
    RolloutId("a", "b"), [Draft(EventKind.STARTED, {{}})], after=0, at=datetime.now(UTC), actor="ann")
print("returned", flush=True)
"""
    trace = tmp_path / "trace"
    calls = "pwrite64,write,fsync,fdatasync,unlink"
    subprocess.run(
        ["strace", "-y", "-o", trace, "-e", f"trace={calls}", sys.executable, "-c", script],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    lines = [line for line in trace.read_text().splitlines() if str(path.parent) in line or "returned" in line]

    def last(*words: str) -> int:
        return max(index for index, line in enumerate(lines) if all(word in line for word in words))

    order = [
        last("sync(", "store.db-journal>"),
        last("pwrite64(", "store.db>"),
        last("sync(", "store.db>"),
        last("unlink(", "store.db-journal"),
        last("sync(", "rollout>"),
        last("write(1", "returned"),
    ]
    assert order == sorted(order), lines
