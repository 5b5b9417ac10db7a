"""An emergency that finds everything on the rollback card: no plan file, no store, another shell."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.desk import Desk

CARD = "store.db-card-shop@test.json"


@pytest.fixture(name="started")
def a_desk_that_has_advanced(desk: Desk) -> Desk:
    """Its target's path is told by a variable."""
    desk.plan.write_text(desk.plan.read_text().replace("../.env", '"${FLAGS}"'))
    desk.variables["FLAGS"] = str(desk.folder / ".env")
    assert desk("advance", "--yes").code == 0
    assert "CHECKOUT=true" in desk.flags
    return desk


def elsewhere(desk: Desk, *, flags: str = "") -> Desk:
    """Another folder and another shell, that knows the store and, if anything, another file."""
    folder = desk.folder / "elsewhere"
    folder.mkdir(exist_ok=True)
    variables = {"ROLLOUT_STORE": f"sqlite:{desk.folder / 'store.db'}"}
    return replace(desk, folder=folder, variables=variables | ({"FLAGS": flags} if flags else {}))


def missing(store: Path) -> None:
    store.unlink()


def empty(store: Path) -> None:
    store.write_bytes(b"")


def corrupt(store: Path) -> None:
    store.write_bytes(b"ruined" * 1000)


def cut_in_half(store: Path) -> None:
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def a_folder(store: Path) -> None:
    store.unlink()
    store.mkdir()


def a_pipe(store: Path) -> None:
    store.unlink()
    os.mkfifo(store)


def without_the_rollout(store: Path) -> None:
    change(store, "DELETE FROM events")
    change(store, "DELETE FROM states")


def cut_at_the_tail(store: Path) -> None:
    change(store, "DELETE FROM events WHERE seq = 3")


def change(store: Path, statement: str) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(statement)


RUINS = [missing, empty, corrupt, cut_in_half, a_folder, a_pipe, without_the_rollout, cut_at_the_tail]


@pytest.mark.parametrize("ruin", RUINS)
def test_with_neither_plan_file_nor_record_the_card_says_everything(
    started: Desk, ruin: Callable[[Path], None]
) -> None:
    started.plan.unlink()
    ruin(started.folder / "store.db")
    assert (started.folder / CARD).stat().st_mode & 0o777 == 0o600
    result = elsewhere(started).cold("rollback", "--emergency", "-o", "json")
    assert (result.code, result.json["outcome"]) == (0, "rolled-back"), result.err
    assert "CHECKOUT=false" in started.flags
    assert "CHECKOUT_PERCENT=0" in started.flags


def test_the_cards_places_win_over_another_shells_variables(started: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.env"
    other.write_text("CHECKOUT=true\nCHECKOUT_PERCENT=10\n")
    assert elsewhere(started, flags=str(other))("rollback", "--emergency").code == 0
    assert "CHECKOUT=false" in started.flags
    assert "CHECKOUT=true" in other.read_text()


def test_a_rollout_on_a_card_is_known_by_its_name(started: Desk) -> None:
    (started.folder / "store.db").unlink()
    shell = elsewhere(started)
    told = shell("status", "shop@test")
    assert (told.code, "there is a rollback card" in told.err) == (8, True)
    assert shell("rollback", "--emergency", "shop@prod").code == 2
    assert shell("rollback", "--emergency", "shop").code == 0
    assert "CHECKOUT=false" in started.flags


def test_a_card_that_was_altered_is_not_used(started: Desk) -> None:
    card = started.folder / CARD
    card.write_text(card.read_text().replace("CHECKOUT", "CHECKIN"))
    (started.folder / "store.db").unlink()
    assert elsewhere(started)("rollback", "--emergency").code == 2
    assert started("rollback", "--emergency").code == 0, "by the plan file"
    assert "CHECKOUT=false" in started.flags


@contextmanager
def locked(store: Path, lock: str) -> Iterator[None]:
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(f'BEGIN {sys.argv[2]}'); print(flush=True)"
    )
    command = [sys.executable, "-c", f"{script}; input()", os.fspath(store), lock]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.communicate(b"\n")


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_what_a_locked_store_could_not_take_joins_the_record_with_the_next_command(started: Desk, lock: str) -> None:
    started.plan.unlink()
    with locked(started.folder / "store.db", lock):
        began = time.monotonic()
        result = elsewhere(started).cold("rollback", "--emergency", "-o", "json")
        took = time.monotonic() - began
    assert (result.code, result.json["recorded"]) == (0, False), result.err
    assert took < 5
    (spool,) = started.folder.glob("store.db-spool-*.jsonl")
    assert spool.stat().st_mode & 0o777 == 0o600
    events = elsewhere(started)("history", "--verify", "-o", "json")
    assert events.code == 0, events.out
    kinds = [(event["kind"], event["data"].get("late")) for event in events.json["events"]]
    assert kinds[-2:] == [("rollback-intended", True), ("rolled-back", True)]
    assert not spool.exists()
    assert elsewhere(started)("status", "-o", "json").json["status"] == "rolled-back"
