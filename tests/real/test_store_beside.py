"""What lies beside the store: the log, rollback cards, and what could not be recorded."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from rollout.errors import StoreError
from rollout.model.card import Card
from rollout.model.events import Draft, EventKind, RolloutId, first_broken
from rollout.model.state import PinnedPlan, RolloutState, Status
from rollout.store.beside import Beside
from rollout.store.card_file import read_card
from rollout.store.join import join
from rollout.store.log import Log
from rollout.store.mirrored import Mirrored
from rollout.store.sqlite import SqliteStore
from tests.fakes import NOON

SHOP = RolloutId("shop", "production")
STARTED = Draft(EventKind.STARTED, {"plan_text": "rollout: 1\n", "plan_sha256": "", "plan_path": "/p", "found": []})
ANSWERED = Draft(EventKind.ANSWERED, {"id": "tickets", "value": 3.0})
INTENDED = Draft(EventKind.ROLLBACK_INTENDED, {"op": "7", "to": None, "changes": []})
BACK = Draft(EventKind.ROLLED_BACK, {"op": "7", "position": None, "restart": None, "changes": [], "level": "emergency"})
CARD = Card(SHOP, RolloutState(Status.IN_PROGRESS, pinned=PinnedPlan("caf\udce9", "", "/p"), seq=3), {"FLAGS": "/x"})


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    return Beside(tmp_path / "state" / "store.db", tmp_path / "refuge")


@pytest.fixture
def store(beside: Beside, tmp_path: Path) -> Mirrored:
    return Mirrored(SqliteStore(tmp_path / "state" / "store.db"), Log(beside.log, lambda _: None), beside)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_event_is_in_the_log_with_its_rollout(store: Mirrored, beside: Beside) -> None:
    first = store.append(SHOP, [STARTED, ANSWERED], after=0, at=NOON, actor="ann")
    store.append(RolloutId("other", "x"), [STARTED], after=0, at=NOON, actor="ben")
    rows = lines(beside.log)
    assert [(row["rollout"], row["seq"]) for row in rows] == [("shop", 1), ("shop", 2), ("other", 1)]
    assert [row["hash"] for row in rows[:2]] == [event.hash for event in first]
    assert mode(beside.log) == 0o600


def test_a_line_that_was_never_finished_is_left_alone(store: Mirrored, beside: Beside) -> None:
    store.append(SHOP, [STARTED], after=0, at=NOON, actor="ann")
    with beside.log.open("a") as log:
        log.write('{"rollout":"sho')
    store.append(SHOP, [ANSWERED], after=1, at=NOON, actor="ann")
    *_, torn, last = beside.log.read_text().splitlines()
    assert (torn, json.loads(last)["seq"]) == ('{"rollout":"sho', 2)
    assert (set(beside_witness := store.witnesses(SHOP)[1].hashes), beside_witness and True) == ({1, 2}, True)


@pytest.mark.parametrize("obstacle", [Path.mkdir, os.mkfifo])
def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, obstacle: Callable[[Path], None]) -> None:
    obstacle(tmp_path / "store.db-log.jsonl")
    beside, said = Beside(tmp_path / "store.db"), list[str]()
    store = Mirrored(SqliteStore(tmp_path / "store.db"), Log(beside.log, said.append), beside)
    store.append(SHOP, [STARTED], after=0, at=NOON, actor="ann")
    assert (len(store.events(SHOP)), len(said)) == (1, 1)


def test_a_card_comes_back_as_it_was_in_the_place_of_the_last(beside: Beside, tmp_path: Path) -> None:
    beside.keep_card(Card(SHOP, RolloutState(), {}))
    beside.keep_card(CARD)
    assert (beside.card(SHOP), beside.cards()) == (CARD, [CARD])
    (path,) = (tmp_path / "state").iterdir()
    assert (path.name, mode(path)) == ("store.db-card-shop@production.json", 0o600)
    assert beside.card(RolloutId("other", "x")) is None


def test_a_card_that_is_broken_anywhere_is_an_error(beside: Beside, tmp_path: Path) -> None:
    beside.keep_card(CARD)
    path = tmp_path / "state" / "store.db-card-shop@production.json"
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(StoreError):
            read_card(path)
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(StoreError):
            read_card(path)
    assert beside.cards() == []


def test_what_a_killed_writer_of_a_card_left_is_removed_by_the_next(beside: Beside, tmp_path: Path) -> None:
    beside.keep_card(CARD)
    left = tmp_path / "state" / "store.db-card-shop@production.json.0123abcd"
    left.write_text("half")
    script = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, left], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        beside.keep_card(CARD)
        assert left.exists(), "its writer lives"
        writer.send_signal(signal.SIGKILL)
    beside.keep_card(CARD)
    assert not left.exists()


def spool(beside: Beside, *drafts: Draft) -> Path:
    return Path(beside.spool(SHOP, drafts, at=NOON - timedelta(hours=1), actor="ben"))


def kinds(store: Mirrored) -> list[str]:
    return [event.kind for event in store.events(SHOP)]


def test_what_was_spooled_joins_behind_the_head_with_its_own_time_and_actor(store: Mirrored, beside: Beside) -> None:
    store.append(SHOP, [STARTED, ANSWERED], after=0, at=NOON, actor="ann")
    path = spool(beside, STARTED, INTENDED, BACK)
    assert mode(path) == 0o600
    join(store, beside.spooled())
    assert kinds(store) == ["started", "answered", "rollback-intended", "rolled-back"]
    last = store.events(SHOP)[-1]
    assert (last.at, last.actor, last.data["late"]) == ("2026-03-02T11:00:00.000Z", "ben", True)
    assert (first_broken(SHOP, store.events(SHOP)), store.state(SHOP).status) == (None, Status.ROLLED_BACK)
    assert beside.spooled() == []


def test_what_was_joined_before_a_crash_is_not_joined_twice(store: Mirrored, beside: Beside) -> None:
    path = spool(beside, STARTED, INTENDED, BACK)
    content = path.read_bytes()
    join(store, beside.spooled())
    path.write_bytes(content)
    join(store, beside.spooled())
    assert kinds(store) == ["started", "rollback-intended", "rolled-back"]
    assert not path.exists()


def test_many_who_join_at_once_join_once(store: Mirrored, beside: Beside) -> None:
    for _ in range(5):
        spool(beside, INTENDED, BACK)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: join(store, beside.spooled()), range(8)))
    assert kinds(store) == ["rollback-intended", "rolled-back"]


def test_what_cannot_be_understood_or_joined_now_stays(store: Mirrored, beside: Beside, tmp_path: Path) -> None:
    path = spool(beside, INTENDED)
    path.write_bytes(path.read_bytes()[:-5])
    join(store, beside.spooled())
    assert (kinds(store), path.exists()) == ([], True)
    path.unlink()
    path = spool(beside, INTENDED)
    (tmp_path / "state" / "store.db").mkdir()
    join(store, beside.spooled())
    assert path.exists()


def test_where_the_stores_folder_cannot_be_written_the_refuge_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    beside, other = (Beside(tmp_path / name / "store.db", tmp_path / "refuge") for name in ("file", "other"))
    path = spool(beside, INTENDED)
    assert (path.parent, beside.spooled(), other.spooled()) == (tmp_path / "refuge", [path], [])
    assert Beside(tmp_path / "refuge" / "store.db", tmp_path / "refuge").spooled() == [], "another store's"


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be kept either"):
        spool(Beside(tmp_path / "file" / "store.db", tmp_path / "file" / "x"), INTENDED)
