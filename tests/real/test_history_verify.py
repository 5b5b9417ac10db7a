"""Whatever is done to one event of a record, `history --verify` finds it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from rollout.errors import StoreError, UsageError
from rollout.model.card import Card
from rollout.model.events import Draft, EventKind, RolloutId
from rollout.operations.history import history
from rollout.store.beside import Beside
from rollout.store.log import Log
from rollout.store.mirrored import Mirrored
from rollout.store.sqlite import SqliteStore
from tests.fakes import NOON

SHOP = RolloutId("shop", "production")
COUNT = 40
STARTED = Draft(EventKind.STARTED, {"plan_text": "rollout: 1\n", "plan_sha256": "", "plan_path": "/p", "found": []})


def store_in(folder: Path) -> Mirrored:
    beside = Beside(folder / "store.db")
    return Mirrored(SqliteStore(folder / "store.db"), Log(beside.log, pytest.fail), beside)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    store = store_in(folder)
    store.append(SHOP, [STARTED], after=0, at=NOON, actor="ann")
    for seq in range(1, COUNT):
        draft = Draft(EventKind.ANSWERED, {"id": "tickets", "value": float(seq)})
        store.append(SHOP, [draft], after=seq, at=NOON, actor=f"actor {seq}")
    return folder


@pytest.fixture
def found(whole: Path, tmp_path: Path) -> Callable[..., bool]:
    """Whether verifying finds what these statements did; `without` are witnesses that were removed."""

    folder = Path(shutil.copytree(whole, tmp_path / "copy"))
    store, log = store_in(folder), folder / "store.db-log.jsonl"

    def verify(*statements: str, without: tuple[str, ...] = (), expect: str = "") -> bool:
        shutil.copy(whole / "store.db", folder)
        shutil.copy(whole / log.name, folder)
        with closing(sqlite3.connect(folder / "store.db")) as connection, connection:
            connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY")
            for statement in statements:
                connection.execute(statement)
        if LOG in without:
            log.unlink()
        try:
            result = history(store, SHOP, verify=True, expect_head=expect, witnesses=store.witnesses)
            assert bool(result.broken or result.findings) == (result.exit_code == 3)
            return result.exit_code == 3
        except StoreError:
            return True

    return verify


LOG, STATE = "log", "DELETE FROM states"


def test_a_record_that_nobody_touched_is_whole(found: Callable[..., bool]) -> None:
    assert not found()
    assert not found(without=(LOG,))


def test_every_row_that_was_edited_is_found(found: Callable[..., bool]) -> None:
    """Each in another column; that every cell counts is in test_sqlite_damage."""
    for seq, column in zip(range(1, COUNT + 1), cycle(("at", "actor", "kind", "data", "hash", "previous"))):
        assert found(f"UPDATE events SET {column} = 'x' WHERE seq = {seq}", without=(LOG,)), (seq, column)


def test_every_deletion_is_found(found: Callable[..., bool]) -> None:
    for seq in range(1, COUNT + 1):
        assert found(f"DELETE FROM events WHERE seq = {seq}", without=(LOG,)), seq


def test_every_tail_that_was_cut_is_found_by_the_state_alone_and_by_the_log_alone(found: Callable[..., bool]) -> None:
    for seq in range(COUNT):
        assert found(f"DELETE FROM events WHERE seq > {seq}", without=(LOG,)), seq
        assert found(f"DELETE FROM events WHERE seq > {seq}", "UPDATE states SET seq = 1"), seq


def test_every_pair_of_neighbours_that_was_swapped_is_found(found: Callable[..., bool]) -> None:
    for seq in range(1, COUNT):
        swap = [f"UPDATE events SET seq = {new} WHERE seq = {old}" for old, new in ((seq, 99), (seq + 1, seq))]
        assert found(*swap, f"UPDATE events SET seq = {seq + 1} WHERE seq = 99", without=(LOG,)), seq


def test_every_copy_that_was_inserted_is_found(found: Callable[..., bool]) -> None:
    columns = "name, environment, at, actor, kind, data, hash, previous"
    for seq in range(1, COUNT + 1):
        insert = f"INSERT INTO events (seq, {columns}) SELECT {COUNT + 1}, {columns} FROM events WHERE seq = {seq}"
        assert found(insert, without=(LOG,)), seq


def test_a_state_that_is_gone_or_another_is_found(found: Callable[..., bool]) -> None:
    assert found(STATE)
    for column in ("seq", "head", "standing", "state", "digest"):
        assert found(f"UPDATE states SET {column} = 'x'"), column


def test_an_altered_log_is_found(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "copy"))
    log = folder / "store.db-log.jsonl"
    log.write_text(log.read_text().replace("actor 7", "eve"))
    store = store_in(folder)
    (finding,) = history(store, SHOP, verify=True, witnesses=store.witnesses).findings
    assert finding.startswith("line 8 of the log")


def test_a_card_that_knows_more_than_the_record_is_believed(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "copy"))
    store = store_in(folder)
    state = store.state(SHOP)
    store.beside.keep_card(Card(SHOP, state, {}))
    assert history(store, SHOP, verify=True, witnesses=store.witnesses).exit_code == 0
    (folder / "store.db-log.jsonl").unlink()
    with closing(sqlite3.connect(folder / "store.db")) as connection, connection:
        connection.execute("DELETE FROM events WHERE seq > 30")
        connection.execute("DELETE FROM states")
    findings = history(store, SHOP, verify=True, witnesses=store.witnesses).findings
    assert any("rollback card" in finding and "event 40" in finding for finding in findings)


def test_a_hash_that_was_printed_once_must_be_there(whole: Path, found: Callable[..., bool]) -> None:
    events = store_in(whole).events(SHOP)
    for event in (events[0], events[20], events[-1]):
        assert not found(expect=event.hash[:12])
        assert not found(expect=event.hash.upper())
    assert found(expect="0" * 12)
    for wrong in ("abc", events[0].hash[:11], "x" * 12):
        with pytest.raises(UsageError):
            found(expect=wrong)
