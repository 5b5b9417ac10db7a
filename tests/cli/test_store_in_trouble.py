"""A store that is old, newer, elsewhere, full or closed: no advance by it, and no emergency that waits for it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.rig import FLAGS, PLAN, Place
from tests.warm.running import Warm

ADVANCE = ("advance", "--yes")
EMERGENCY = ("rollback", "--emergency", "-o", "json")


@pytest.fixture
def place(tmp_path: Path, warm: Warm) -> Place:
    """At the first step."""
    made = Place(tmp_path / "place", warm)
    made.must(*ADVANCE)
    return made


def test_a_backup_that_was_put_back_leads_to_no_advance_and_to_safety_in_an_emergency(place: Place) -> None:
    """The flags, the log and the rollback card are further than the record."""
    shutil.copy(place.store, place.folder / "backup")
    place.must(*ADVANCE)
    shutil.copy(place.folder / "backup", place.store)
    env = place.env.read_bytes()
    assert place.run(*ADVANCE).code == 7
    assert place.env.read_bytes() == env
    assert place.run("history", "--verify").code == 3
    place.must(*EMERGENCY)
    place.assert_safe()


def test_a_store_of_a_newer_version_is_left_alone_and_stops_no_emergency(place: Place) -> None:
    with closing(sqlite3.connect(place.store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    content, env = place.store.read_bytes(), place.env.read_bytes()
    refused = place.run(*ADVANCE)
    assert (refused.code, "newer" in refused.err) == (8, True)
    assert place.env.read_bytes() == env
    assert place.must(*EMERGENCY).json["recorded"] is False
    place.assert_safe()
    assert place.store.read_bytes() == content


def test_a_store_that_cannot_be_used_yet_stops_an_advance_and_no_emergency(tmp_path: Path, warm: Warm) -> None:
    plan = PLAN.replace("  test:\n", "  test:\n    store: kubernetes:rollouts\n")
    place = Place(tmp_path / "place", warm, plan)
    place.env.write_text(FLAGS.replace("NEW=false", "NEW=true").replace("PERCENT=0", "PERCENT=50"))
    ended = [
        warm.start(line, place.folder, planned(place), place.folder / "out" / line[0], stopped=False).wait()
        for line in (ADVANCE, EMERGENCY)
    ]
    assert [one.code for one in ended] == [2, 0], ended
    assert ended[1].json["recorded"] is False
    place.assert_safe()


def planned(place: Place) -> Mapping[str, str]:
    """Nothing but the plan names a store."""
    return {name: value for name, value in place.variables("ana").items() if name != "ROLLOUT_STORE"}


FULL = """cp -r "$0" "$0.copy"; mount -t tmpfs -o size=128k tmpfs "$0"; cp -r "$0.copy"/. "$0"
head -c 1000000 /dev/zero > "$0/zero" 2> /dev/null || true"""
CLOSED = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'


@pytest.mark.parametrize("trouble", [FULL, CLOSED], ids=["full", "read-only"])
def test_where_nothing_can_be_recorded_the_flags_are_safe_and_the_next_command_records_it(
    place: Place, trouble: str
) -> None:
    script = f'set -e; {trouble}; exec "$@"'
    command = [
        "unshare",
        "-m",
        "sh",
        "-c",
        script,
        str(place.store.parent),
        sys.executable,
        "-m",
        "rollout",
        *EMERGENCY,
    ]
    done = subprocess.run(
        command, cwd=place.folder, env=place.variables("ana"), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert '"recorded": false' in done.stdout
    place.assert_safe()
    assert place.in_effect.read_bytes() == place.env.read_bytes()
    place.must("history", "--verify")
    assert [kind for _, kind, _ in place.events()][-1] == "rolled-back"
    place.assert_consistent()


def test_a_user_whom_the_system_does_not_know_names_a_store_and_works(place: Place) -> None:
    """As in a container: no name, no home directory."""
    unknown = may("unshare", "-U", "--map-user=54321")
    variables = {name: value for name, value in planned(place).items() if name not in ("HOME", "XDG_STATE_HOME")}

    def run(*line: str) -> subprocess.CompletedProcess[str]:
        command = [*unknown, sys.executable, "-m", "rollout", *line]
        return subprocess.run(command, cwd=place.folder, env=variables, capture_output=True, text=True, check=False)

    refused = run(*ADVANCE)
    assert (refused.returncode, "--store" in refused.stderr) == (2, True), refused.stderr
    for line in (ADVANCE, EMERGENCY):
        done = run(*line, "--store", f"sqlite:{place.store}")
        assert done.returncode == 0, done.stderr
    place.assert_safe()


def may(*command: str) -> tuple[str, ...]:
    probe = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"not permitted here: {probe.stderr.strip()}")
    return command
