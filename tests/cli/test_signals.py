"""A change that a signal meets in the middle: it ends orderly, or leaves what `recover` mends."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.rig import VALUES, Place
from tests.warm.running import Warm

ADVANCE = ("advance", "--yes")
RESTART = """\
cp app/.env effect/.env
echo restarted >> effect/log
[ -e hang ] || exit 0
[ -e always ] || rm hang
echo hangs >> effect/log
exec sleep 60
"""


@pytest.fixture
def place(tmp_path: Path, warm: Warm) -> Place:
    """At the first step; the service's next restart does not end."""
    made = Place(tmp_path / "place", warm)
    made.must(*ADVANCE)
    (made.folder / "restart.sh").write_text(RESTART)
    (made.folder / "hang").touch()
    return made


def hung(place: Place) -> int:
    return (place.folder / "effect" / "log").read_text().count("hangs")


def wait_until(true: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_change_puts_everything_back_and_says_8(
    place: Place, number: signal.Signals
) -> None:
    before = place.env.read_bytes()
    advance = place.start(*ADVANCE)
    wait_until(lambda: hung(place))
    assert place.env.read_bytes() != before
    advance.send(number)
    ended = advance.wait()
    assert (ended.code, "interrupted" in ended.err + ended.out) == (8, True)
    assert place.env.read_bytes() == place.in_effect.read_bytes() == before
    assert place.status()["pending"] is None
    assert [kind for _, kind, _ in place.events()][-1] == "advance-failed"


def test_a_second_signal_stops_at_once_and_recover_mends_it(place: Place) -> None:
    (place.folder / "always").touch()
    advance = place.start(*ADVANCE)
    wait_until(lambda: hung(place) == 1)
    advance.send(signal.SIGTERM)
    wait_until(lambda: hung(place) == 2)
    advance.send(signal.SIGTERM)
    assert advance.wait().code == 8
    assert place.status()["pending"] is not None
    assert place.run(*ADVANCE).code == 7
    (place.folder / "hang").unlink()
    place.must("recover")
    place.assert_consistent()
    assert place.flags() == VALUES["some", 1]


def test_a_job_that_is_cancelled_and_soon_killed_is_mended_by_recover(place: Place) -> None:
    """As a CI does it: SIGTERM, and SIGKILL to what has not ended in time."""
    (place.folder / "always").touch()
    advance = place.start(*ADVANCE)
    wait_until(lambda: hung(place) == 1)
    advance.send(signal.SIGTERM)
    wait_until(lambda: hung(place) == 2)
    advance.send(signal.SIGKILL)
    assert advance.wait().code == -signal.SIGKILL
    (place.folder / "hang").unlink()
    place.must("recover")
    place.assert_consistent()
    assert place.flags() == VALUES["some", 1]


def test_whoever_ignores_a_hangup_is_not_stopped_by_it(place: Place) -> None:
    """As under nohup."""
    (place.folder / "restart.sh").write_text(RESTART.replace("exec sleep 60", "while [ ! -e go ]; do sleep 0.01; done"))
    command = f"trap '' HUP; exec {shlex.quote(sys.executable)} -m rollout advance --yes"
    with subprocess.Popen(["sh", "-c", command], cwd=place.folder, env=place.variables("ana")) as advance:
        wait_until(lambda: hung(place))
        os.kill(advance.pid, signal.SIGHUP)
        (place.folder / "go").touch()
    assert advance.returncode == 0
    assert place.flags() == VALUES["some", 2]


@pytest.mark.parametrize("way", ["--yes", "--emergency"])
def test_a_rollback_that_is_interrupted_stays_open_until_recover_finishes_it(place: Place, way: str) -> None:
    rollback = place.start("rollback", way)
    wait_until(lambda: hung(place))
    rollback.send(signal.SIGTERM)
    ended = rollback.wait()
    assert (ended.code, "rollout recover" in ended.err) == (8, True)
    assert place.status()["pending"] is not None
    assert place.run(*ADVANCE, "--reason", "on").code == 7
    place.must("recover")
    place.assert_consistent()
    place.assert_safe()
    assert place.status()["status"] == "rolled-back"
