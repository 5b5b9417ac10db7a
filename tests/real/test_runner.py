"""Commands of a change with real programs: what they are given, how they end, and what stays of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from rollout.model.commands import Ran
from rollout.model.plan import Command
from rollout.processes.runner import CommandRunner
from tests.real.test_command_processes import PATIENCE, gone, pids

PATH = {"PATH": os.environ["PATH"]}
MINUTE = timedelta(minutes=1)


class Shop:
    """A folder with commands, and what was shown of them."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = PATH, **variables: str) -> None:
        self.shown: list[str] = []
        self.runner = CommandRunner(folder, environ, variables, tuple, self.shown.append)

    def run(self, *argv: str, timeout: timedelta = MINUTE, own: timedelta | None = None) -> Ran:
        return self.runner.run(
            Command(argv, own), "apply of api", timeout=timeout, context={"ROLLOUT_OP_ID": "01", "BOTH": "context"}
        )

    def sh(self, script: str, timeout: timedelta = MINUTE) -> Ran:
        return self.run("sh", "-c", script, timeout=timeout)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def wait_until_gone(pid: int) -> None:
    until = monotonic() + PATIENCE
    while not gone(pid):
        assert monotonic() < until
        sleep(0.01)


def test_what_ran_well_says_so(shop: Shop) -> None:
    ran = shop.sh("echo restarted; echo warned >&2; printf done")
    assert (ran.what, ran.exit, ran.failure, ran.output) == ("apply of api", 0, "", "restarted\nwarned\ndone")
    assert timedelta() < ran.took < MINUTE
    assert shop.shown == ["[apply of api] restarted", "[apply of api] warned", "[apply of api] done"]


def test_a_line_is_shown_when_it_comes(tmp_path: Path) -> None:
    def answer(_: str) -> None:
        (tmp_path / "shown").touch()

    runner = CommandRunner(tmp_path, PATH, {}, tuple, answer)
    script = "echo first; while [ ! -e shown ]; do :; done; echo last"
    assert runner.run(Command(("sh", "-c", script)), "run", timeout=MINUTE, context={}).exit == 0


def test_variables_come_from_the_plan_and_the_context_is_nobodys_to_change(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {**PATH, "ENV": "inherited", "KEPT": "inherited"}, ENV="var", BOTH="var")
    ran = shop.run("sh", "-c", "echo $0 $ENV $KEPT $BOTH $ROLLOUT_OP_ID", "${ENV} $${x}")
    assert ran.output == "var ${x} var inherited context 01"
    assert ran.argv[3:] == ("${ENV} $${x}",), "as the plan writes it"


@pytest.mark.parametrize(
    ("argv", "failure"),
    [
        (["sh", "-c", "exit 3"], "apply of api: sh ended with 3"),
        (["sh", "-c", "kill -KILL $$"], "apply of api: sh was ended by SIGKILL"),
        (["no-such"], "apply of api: there is no program 'no-such' on PATH"),
        (["./script"], "apply of api: './script' is not executable"),
        (["./lost"], "apply of api: './lost' cannot be started: the interpreter that its first line names does not ex"),
        (["echo", "${HOME}"], "apply of api: the variable HOME is not set"),
        (["echo", "a\0b"], "apply of api: an argument of the command holds a NUL character"),
        (["echo", "\ud800"], "apply of api: an argument of the command holds a character that this system's encoding"),
        (["${TOKEN}"], "apply of api: there is no program '***' on PATH"),
    ],
)
def test_a_failure_is_one_sentence(tmp_path: Path, argv: list[str], failure: str) -> None:
    (tmp_path / "script").touch()
    (tmp_path / "lost").write_text("#!/no/such/interpreter\n")
    (tmp_path / "lost").chmod(0o755)
    ran = Shop(tmp_path, TOKEN="canary-1").run(*argv)
    assert ran.failure.startswith(failure)
    assert ran.exit == (3 if "exit 3" in argv else None)


def test_a_folder_that_is_gone_fails_the_command(tmp_path: Path) -> None:
    assert Shop(tmp_path / "gone").run("true").failure.startswith("apply of api: no command can run in")


def test_a_command_ends_at_its_own_time_out_with_all_that_it_started(tmp_path: Path, shop: Shop) -> None:
    script = "set -m; sleep 1000 & echo $! > a.pid; nohup sleep 1000 & echo $! > b.pid; echo half; wait"
    ran = shop.run("sh", "-c", script, own=timedelta(seconds=0.3))
    assert (ran.exit, ran.failure, "half" in ran.output) == (None, "apply of api: sh took longer than 1s", True)
    assert len(pids(tmp_path)) == 2
    assert all(map(gone, pids(tmp_path)))
    assert (
        shop.run("sleep", "1000", timeout=timedelta(seconds=0.1)).failure == "apply of api: sleep took longer than 1s"
    )


SERVICE = "trap 'exit 0' USR1; echo $$ > a.pid; while :; do echo line || exit 1; echo x >> alive; sleep 0.01; done"


@pytest.mark.parametrize("start", ["sh -c '{}' &", "nohup sh -c '{}' &", "(sh -c '{}' &)", "setsid sh -c '{}' &"])
def test_a_service_that_a_command_starts_lives_on_and_may_go_on_printing(tmp_path: Path, start: str) -> None:
    script = start.format(SERVICE.replace("'", "'\\''"))
    began = monotonic()
    ran = Shop(tmp_path).sh(f"{script}\nwhile [ ! -s a.pid ]; do :; done; echo started")
    assert (ran.exit, "started" in ran.output) == (0, True)
    assert monotonic() - began < PATIENCE
    (service,) = pids(tmp_path)
    try:
        lines = (tmp_path / "alive").stat().st_size
        while (tmp_path / "alive").stat().st_size < lines + 20:  # it prints, and each of its lines finds a reader
            assert not gone(service)
            sleep(0.01)
    finally:
        os.kill(service, signal.SIGKILL)
    wait_until_gone(service)


RUNNING = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from rollout.errors import Interrupted
from rollout.model.plan import Command
from rollout.processes.runner import CommandRunner

def interrupt(number, _frame):
    raise Interrupted(128 + number)

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, interrupt)
script = "trap '' TERM INT; (setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); sleep 1000 & echo $! > child.pid;"
script += "while [ ! -s daemon ]; do :; done; echo $$ > a.pid; while :; do sleep 1000; done"
try:
    runner = CommandRunner(Path(sys.argv[1]), os.environ, {}, tuple, print)
    runner.run(Command(("sh", "-c", script)), "run", timeout=timedelta(hours=1), context={})
except Interrupted as interrupted:
    os._exit(interrupted.exit_code)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_the_command_and_goes_on_but_daemons_stay(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with subprocess.Popen([sys.executable, "-c", RUNNING, str(tmp_path)]) as running:
        until = monotonic() + PATIENCE
        while len(list(tmp_path.glob("a.pid"))) < 1 or not (tmp_path / "a.pid").read_text():
            assert monotonic() < until
            sleep(0.01)
        running.send_signal(number)
        assert running.wait(PATIENCE) == code
    assert len(pids(tmp_path)) == 2
    assert all(map(gone, pids(tmp_path)))
    daemon = int((tmp_path / "daemon").read_text())
    assert not gone(daemon)
    os.kill(daemon, signal.SIGKILL)


IGNORING = """
import signal, sys
from rollout.processes.signals import hear_of_children
hear_of_children()
assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
import subprocess
sys.exit(subprocess.run(["sh", "-c", "exit 5"]).returncode)
"""


def test_an_exit_code_survives_a_parent_that_ignores_its_children() -> None:
    parent = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", parent, sys.executable, "-c", IGNORING]
    assert subprocess.run(command, check=False, timeout=60).returncode == 5
