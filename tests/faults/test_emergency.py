"""`rollback --emergency` while everything else is dead, or in its way."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager

import pytest

from tests.faults.conftest import Rigs, Say
from tests.faults.rig import LONG, PLAN, RESTART, Place
from tests.faults.strace import Point, stopped_at
from tests.faults.sweep import ADVANCE, CHANGES, Rig, sweep

TIMES = 25 if LONG else 1
LIMIT = 2.0
"""Seconds that 99 of 100 take, on the machine of the tests."""

HANGS = RESTART + "if rm hang 2> /dev/null; then echo hangs >> effect/log; exec sleep 60; fi\n"


@contextmanager
def locked(place: Place) -> Iterator[None]:
    with closing(sqlite3.connect(place.store, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def corrupt(place: Place) -> Iterator[None]:
    content = bytearray(place.store.read_bytes())
    content[: len(content) // 2] = os.urandom(len(content) // 2)
    place.store.write_bytes(content)
    yield


@contextmanager
def missing(place: Place) -> Iterator[None]:
    place.store.unlink()
    yield


@contextmanager
def a_folder(place: Place) -> Iterator[None]:
    place.store.unlink()
    place.store.mkdir()
    yield


STORES: Mapping[str, Callable[[Place], AbstractContextManager[None]]] = {
    "locked": locked,
    "corrupt": corrupt,
    "missing": missing,
    "a folder": a_folder,
}


@pytest.fixture(name="silent")
def place_with_a_silent_prometheus(place: Place) -> Iterator[Place]:
    """It accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        plan = PLAN.replace("  test:\n", f'  test:\n    prometheus: {{url: "{url}"}}\n')
        (place.folder / "plan.yaml").write_text(plan + GATES)
        place.must(*ADVANCE)
        place.must(*ADVANCE)
        place.save("start")
        yield place


GATES = """\
metrics: {errors: {query: errors, unit: ratio}}
triggers: {spike: {metric: errors, when: "> 1%", rollback: emergency, phases: [full]}}
"""


@pytest.mark.parametrize("plan", ["there", "gone"])
@pytest.mark.parametrize("store", STORES)
def test_an_emergency_needs_neither_store_nor_prometheus_nor_plan_file(
    silent: Place, store: str, plan: str, say: Say
) -> None:
    took = [one_emergency(silent, STORES[store], plan) for _ in range(TIMES)]
    if not LONG and took[0] > LIMIT:
        took = [one_emergency(silent, STORES[store], plan)]  # a busy machine is slow once
    say(f"emergency, store {store}, plan {plan}: median {statistics.median(took):.2f} s, longest {max(took):.2f} s")
    assert sum(one > LIMIT for one in took) <= len(took) // 25, took


def one_emergency(place: Place, store: Callable[[Place], AbstractContextManager[None]], plan: str) -> float:
    """The seconds that it took: a program of its own, as a person starts it."""
    place.restore("start")
    file, away = place.folder / "plan.yaml", place.folder / "away.yaml"
    variables = place.variables("ana")
    if plan == "gone":
        file.rename(away)
        variables["ROLLOUT_PLAN"] = "shop"
    with store(place):
        began_at = time.monotonic()
        arguments = [sys.executable, "-m", "rollout", "rollback", "--emergency"]
        ended = subprocess.run(arguments, cwd=place.folder, env=variables, capture_output=True, text=True, check=False)
        took = time.monotonic() - began_at
    if plan == "gone":
        away.rename(file)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    place.assert_safe()
    assert place.in_effect.read_bytes() == place.env.read_bytes()
    return took


def test_an_emergency_overtakes_an_advance_whose_service_hangs(place: Place) -> None:
    place.must(*ADVANCE)
    (place.folder / "restart.sh").write_text(HANGS)
    (place.folder / "hang").touch()
    hanging = place.start(*ADVANCE, actor="ben")
    until = time.monotonic() + 30
    while "hangs" not in (place.folder / "effect" / "log").read_text():
        assert time.monotonic() < until
        time.sleep(0.01)
    place.must("rollback", "--emergency")
    place.assert_safe()
    assert hanging.wait().code != 0
    place.must("recover")
    place.assert_consistent()
    place.assert_safe()


@pytest.mark.parametrize("name", ["advance", "rollback", "recover an advance"])
def test_a_change_that_was_stopped_at_any_call_and_goes_on_late_undoes_no_emergency(
    rigs: Rigs, name: str, say: Say
) -> None:
    def overtake(rigged: Rig, point: Point) -> None:
        command = rigged.command()
        with stopped_at(command, point, rigged.place.folder / "trace"):
            rigged.place.must("rollback", "--emergency")
        command.send(signal.SIGCONT)
        command.wait()
        rigged.place.assert_safe()

    swept = sweep(rigs(CHANGES[name]), 2, overtake, ends_safe=True)
    say(f"stopped at a call and overtaken, {name}: {swept}")
    assert not swept.bad, "\n".join(swept.bad)
