"""Nothing that a command starts outlives it, and nothing that it leaves behind is waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from rollout.model.probes import CommandEnd
from tests.real.test_command_source import one, source

PATIENCE = 20.0


def gone(pid: int) -> bool:
    """Ended; whoever adopted it may not have noted it yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " in stat.read_text()


def pids(folder: Path) -> list[int]:
    return [int(file.read_text()) for file in folder.glob("*.pid")]


@pytest.mark.parametrize(
    "left",
    [
        "sleep 1000 & echo $! > a.pid",
        "sleep 1000 > /dev/null 2>&1 & echo $! > a.pid",
        "sleep 1000 & echo $! > a.pid; sleep 1000 & echo $! > b.pid",
        "nohup sleep 1000 & echo $! > a.pid",
        "(sleep 1000 & echo $! > a.pid) &",
        "yes & echo $! > a.pid",
        "set -m; sleep 1000 & echo $! > a.pid",
        "timeout 1000 sleep 1000 & echo $! > a.pid",
    ],
)
def test_children_in_the_background_are_ended_and_not_waited_for(tmp_path: Path, left: str) -> None:
    began = monotonic()
    end = one(source(tmp_path), "sh", "-c", f"{left}\nwhile [ ! -s a.pid ]; do :; done; echo hi >&2; exit 7")
    assert monotonic() - began < PATIENCE
    assert (end.exit, end.failure) == (7, "")
    assert "hi" in end.output
    assert pids(tmp_path)
    assert all(map(gone, pids(tmp_path)))


def test_children_that_ignore_sigterm_are_ended(tmp_path: Path) -> None:
    end = one(source(tmp_path), "sh", "-c", "trap '' TERM; sleep 1000 & echo $! > a.pid; echo hi")
    assert end == CommandEnd(0, "hi\n", "hi")
    assert all(map(gone, pids(tmp_path)))


@pytest.mark.parametrize("daemon", ["exec sleep 1000", "exec yes"])
def test_a_daemon_with_a_session_of_its_own_is_not_waited_for(tmp_path: Path, daemon: str) -> None:
    start = f"(setsid sh -c 'echo $$ > a.pid; {daemon}' &); while [ ! -s a.pid ]; do :; done; echo hi >&2"
    began = monotonic()
    end = one(source(tmp_path), "sh", "-c", start)
    assert monotonic() - began < PATIENCE
    assert (end.exit, "hi" in end.output) == (0, True)
    for pid in pids(tmp_path):
        if not gone(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGHUP"])
def test_a_signal_is_no_exit_code(tmp_path: Path, name: str) -> None:
    end = one(source(tmp_path), "sh", "-c", f"echo half; kill -{name[3:]} $$; sleep 1000")
    assert end == CommandEnd(None, "half\n", "half", f"it was ended by {name}")


@pytest.mark.parametrize(
    "script",
    [
        "echo half; exec sleep 1000",
        "echo half; sleep 1000; true",
        "trap '' TERM; echo half; sleep 1000; sleep 1000",
        "trap '' TERM; sleep 1000 & echo $! > b.pid; echo half; exec >&- 2>&-; wait",
        "echo half; kill -STOP $$",
        "echo half; timeout 1000 sh -c 'echo $$ > b.pid; exec sleep 1000'; true",
        "trap 'exit 0' TERM; echo half; while :; do sleep 0.01; done",
    ],
)
def test_what_takes_too_long_is_ended_with_all_its_children(tmp_path: Path, script: str) -> None:
    began = monotonic()
    end = one(source(tmp_path), "sh", "-c", f"echo $$ > a.pid; {script}", timeout=0.2)
    assert monotonic() - began < PATIENCE
    assert end == CommandEnd(None, "half\n", "half", "it took longer than 1s")
    assert all(map(gone, pids(tmp_path)))


def test_a_command_may_clean_up_before_it_is_killed(tmp_path: Path) -> None:
    script = "trap 'echo cleaned > up; exit 0' TERM; while :; do sleep 0.01; done"
    assert one(source(tmp_path), "sh", "-c", script, timeout=0.2).exit is None
    assert (tmp_path / "up").read_text() == "cleaned\n"


def test_printing_without_end_is_ended_too(tmp_path: Path) -> None:
    end = one(source(tmp_path), "yes", timeout=0.2)
    assert (end.exit, end.failure, end.cut) == (None, "it took longer than 1s", True)


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_no_file_stays_open(tmp_path: Path) -> None:
    one(source(tmp_path), "true")
    before = open_files()
    for script in ("exit 1", "sleep 1000 &", "kill -9 $$"):
        one(source(tmp_path), "sh", "-c", script)
    one(source(tmp_path), "./no-such-program")
    assert open_files() == before


STUBBORN = "trap '' TERM INT HUP; sleep 1000 & echo $! > $0.child.pid; echo $$ > $0.pid; while :; do sleep 1000; done"

ASKING = f"""
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from rollout.errors import Interrupted
from rollout.model.probes import CommandRun
from rollout.sources.command import CommandSource

def interrupt(number, _frame):
    raise Interrupted(128 + number)

folder, handled, leave = Path(sys.argv[1]), sys.argv[2] == "handled", sys.argv[3] == "at once"
if handled:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
asked = [
    CommandRun("production", ("sh", "-c", {STUBBORN!r}, str(number)), timedelta(seconds=60)) for number in range(10)
]
try:
    CommandSource(folder, os.environ, {{}}, lambda _: {{}}).ask(asked)
except KeyboardInterrupt:
    code = 100
except Interrupted as interrupted:
    code = interrupted.exit_code
if leave:
    os._exit(code)  # nothing is ended any more, by nobody
sys.exit(code)
"""


def interrupted(folder: Path, mode: str, leave: str, *signals: int) -> int:
    """The exit code of a process that asks, and is sent signals when all that runs at once has begun."""
    command = [sys.executable, "-c", ASKING, str(folder), mode, leave]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as asking:
        deadline = monotonic() + PATIENCE
        while len([file for file in folder.glob("*.pid") if file.stat().st_size]) < 16:
            assert asking.poll() is None, asking.stderr and asking.stderr.read()
            assert monotonic() < deadline
            sleep(0.01)
        for number in signals:
            asking.send_signal(number)
            sleep(0.1)
        return asking.wait(PATIENCE)


@pytest.mark.parametrize(
    ("mode", "number", "code"),
    [
        ("plain", signal.SIGINT, 100),
        ("handled", signal.SIGINT, 130),
        ("handled", signal.SIGTERM, 143),
    ],
)
def test_an_interruption_ends_every_group_before_it_goes_on(tmp_path: Path, mode: str, number: int, code: int) -> None:
    assert interrupted(tmp_path, mode, "at once", number) == code
    assert len(pids(tmp_path)) == 16, "those that had not begun never do"
    assert all(map(gone, pids(tmp_path)))


def test_a_second_interruption_leaves_nothing_behind_either(tmp_path: Path) -> None:
    assert interrupted(tmp_path, "handled", "in order", signal.SIGINT, signal.SIGTERM) != 0
    assert all(map(gone, pids(tmp_path)))


ADOPTING = """
import ctypes, os, sys
from datetime import timedelta
from pathlib import Path
from rollout.model.probes import CommandRun
from rollout.sources.command import CommandSource

assert ctypes.CDLL(None).prctl(36, 1) == 0  # PR_SET_CHILD_SUBREAPER: orphans become children of this process
asked = CommandRun("production", ("sh", "-c", "sleep 1000 & sleep 1000 & exit 5"), timedelta(seconds=60))
(end,) = CommandSource(Path("/"), os.environ, {}, lambda _: {}).ask([asked])[asked]
assert end.exit == 5
try:
    print("left", os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("none left")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets any process adopt orphans")
def test_the_first_process_of_a_container_clears_away_its_orphans() -> None:
    done = subprocess.run([sys.executable, "-c", ADOPTING], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("none left\n", "")
