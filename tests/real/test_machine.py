"""Whether whoever carries out a change is alive, and how it is ended with its commands, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from rollout.frozen import replace
from rollout.model.state import Holder
from rollout.ports import Fate
from rollout.processes import table
from rollout.processes.machine import ThisMachine
from tests.real.test_command_processes import PATIENCE, gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which process is which")

MACHINE = ThisMachine()
HERE = MACHINE.this_process()

COMMAND = """
trap '' HUP
setsid sh -c 'echo $$ > daemon; exec sleep 1000' &
sleep 1000 & echo $! > child
timeout 1000 sleep 1000 & echo $! > job
(trap '' TERM; echo > armed; while :; do sleep 1000; done) & echo $! > stubborn
while [ ! -s daemon ] || [ ! -e armed ]; do :; done
echo $$ > leader
wait
"""

HOLDER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from rollout.model.plan import Command
from rollout.processes.runner import CommandRunner

folder = Path(sys.argv[1])
runner = CommandRunner(folder, os.environ, {}, tuple, lambda _: None)
ran = runner.run(Command(("sh", "-c", sys.argv[2])), "run", timeout=timedelta(hours=1), context={})
(folder / "failure").write_text(ran.failure)
sys.stdin.read()
"""


class Changing:
    """A process that carries out a change, and its command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder), COMMAND],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        until(lambda: (folder / "leader").exists() and bool((folder / "leader").read_text()))
        self.holder = holder_of(self.process.pid)

    def pid(self, name: str) -> int:
        return int((self.folder / name).read_text())

    def commands_are_gone(self) -> bool:
        return all(gone(self.pid(name)) for name in ("leader", "child", "job", "stubborn"))

    def clear_away(self) -> None:
        for name in ("daemon", "leader", "child", "job", "stubborn"):
            with suppress(ProcessLookupError):
                os.kill(self.pid(name), signal.SIGKILL)
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[Changing]:
    changing = Changing(tmp_path)
    yield changing
    changing.clear_away()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


def holder_of(pid: int) -> Holder:
    return replace(HERE, pid=pid, started=table.process(pid).started)


def until(done: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not done():
        assert monotonic() < deadline
        sleep(0.01)


def test_this_process_is_alive_and_never_ended() -> None:
    assert HERE.pid == os.getpid()
    assert all((HERE.host, HERE.boot, HERE.space, HERE.started))
    assert MACHINE.fate(HERE) is Fate.ALIVE
    assert not MACHINE.end(HERE)
    assert MACHINE.this_process() == HERE


def test_a_process_is_alive_then_stopped_then_a_zombie_then_gone(sleeper: subprocess.Popen[bytes]) -> None:
    holder = holder_of(sleeper.pid)
    assert MACHINE.fate(holder) is Fate.ALIVE
    sleeper.send_signal(signal.SIGSTOP)
    until(lambda: MACHINE.fate(holder) is Fate.STOPPED)
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: MACHINE.fate(holder) is Fate.ALIVE)
    sleeper.kill()
    until(lambda: table.process(sleeper.pid).state == "Z")
    assert MACHINE.fate(holder) is Fate.GONE
    sleeper.wait()
    assert MACHINE.fate(holder) is Fate.GONE
    assert MACHINE.end(holder)


def test_who_has_only_its_number_is_somebody_else(sleeper: subprocess.Popen[bytes]) -> None:
    recycled = replace(holder_of(sleeper.pid), started=1)
    assert MACHINE.fate(recycled) is Fate.GONE
    MACHINE.end_commands(recycled)
    assert MACHINE.end(recycled)
    assert MACHINE.fate(holder_of(sleeper.pid)) is Fate.ALIVE


@pytest.mark.parametrize(
    ("elsewhere", "fate"),
    [
        (replace(HERE, boot="another"), Fate.GONE if HERE.machine else Fate.UNKNOWN),
        (replace(HERE, boot="another", host="another"), Fate.UNKNOWN),
        (replace(HERE, boot="another", machine="another"), Fate.UNKNOWN),
        (replace(HERE, boot="another", machine=""), Fate.UNKNOWN),
        (replace(HERE, boot=""), Fate.UNKNOWN),
        (replace(HERE, space="pid:[1]"), Fate.UNKNOWN),
        (replace(HERE, space=""), Fate.UNKNOWN),
    ],
)
def test_a_process_of_another_boot_is_gone_and_of_another_place_unknown(
    sleeper: subprocess.Popen[bytes], elsewhere: Holder, fate: Fate
) -> None:
    holder = replace(elsewhere, pid=sleeper.pid, started=table.process(sleeper.pid).started)
    assert MACHINE.fate(holder) is fate
    MACHINE.end_commands(holder)
    assert MACHINE.end(holder) is (fate is Fate.GONE)
    assert MACHINE.fate(holder_of(sleeper.pid)) is Fate.ALIVE


@pytest.mark.parametrize("pid", [0, -1, -os.getpid()], ids=["own group", "all", "a group"])
def test_a_number_that_means_many_processes_is_no_process(pid: int) -> None:
    holder = replace(HERE, pid=pid)
    assert MACHINE.fate(holder) is Fate.UNKNOWN
    assert not MACHINE.end(holder)


def test_a_holder_is_ended_with_its_commands_and_daemons_stay(changing: Changing) -> None:
    began = monotonic()
    MACHINE.end(changing.holder)
    assert monotonic() - began < 2
    until(lambda: MACHINE.end(changing.holder))
    assert changing.process.wait(PATIENCE) == -signal.SIGKILL
    until(changing.commands_are_gone)
    assert not gone(changing.pid("daemon"))
    assert not (changing.folder / "failure").exists()


def test_a_stopped_holder_is_ended_and_does_not_wake_up(changing: Changing) -> None:
    changing.process.send_signal(signal.SIGSTOP)
    until(lambda: MACHINE.fate(changing.holder) is Fate.STOPPED)
    until(lambda: MACHINE.end(changing.holder))
    changing.process.send_signal(signal.SIGCONT)
    assert changing.process.wait(PATIENCE) == -signal.SIGKILL
    until(changing.commands_are_gone)
    assert not gone(changing.pid("daemon"))


def test_commands_are_ended_and_their_holder_hears_of_it(changing: Changing) -> None:
    MACHINE.end_commands(changing.holder)
    until(changing.commands_are_gone)
    failure = changing.folder / "failure"
    until(lambda: failure.exists() and bool(failure.read_text()))
    assert failure.read_text() == "run: sh was ended by SIGTERM"
    assert MACHINE.fate(changing.holder) is Fate.ALIVE
    assert not gone(changing.pid("daemon"))


def test_a_stopped_holder_stays_as_it_is_when_its_commands_are_ended(changing: Changing) -> None:
    changing.process.send_signal(signal.SIGSTOP)
    until(lambda: MACHINE.fate(changing.holder) is Fate.STOPPED)
    MACHINE.end_commands(changing.holder)
    until(changing.commands_are_gone)
    assert MACHINE.fate(changing.holder) is Fate.STOPPED


ENDING = """
import sys
from rollout.frozen import replace
from rollout.processes import table
from rollout.processes.machine import ThisMachine

machine, pid = ThisMachine(), int(sys.argv[1])
holder = replace(machine.this_process(), pid=pid, started=table.process(pid).started)
while not machine.end(holder):
    pass
print("ended")
"""


def test_a_command_can_end_the_holder_that_runs_it(tmp_path: Path) -> None:
    script = 'echo $PPID > holder; "$PYTHON" -c "$ENDING" "$PPID" > said; echo here > after'
    environ = {**os.environ, "ENDING": ENDING, "PYTHON": sys.executable}
    command = [sys.executable, "-c", HOLDER, str(tmp_path), script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environ, start_new_session=True) as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    until((tmp_path / "after").exists)
    assert (tmp_path / "said").read_text() == "ended\n"


def test_another_users_process_is_left_alone() -> None:
    child = os.fork()
    if not child:  # nothing but this: it has this process's threads only in part
        code = 1
        with suppress(BaseException):
            if os.geteuid() == 0:
                os.setuid(65534)
            init = holder_of(1)
            MACHINE.end_commands(init)
            code = 0 if MACHINE.fate(init) is not Fate.GONE and not MACHINE.end(init) else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
