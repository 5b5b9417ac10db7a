"""What a change still runs whose holder was killed, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rollout.processes.machine import ThisMachine
from tests.real.test_command_processes import gone
from tests.real.test_machine import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which process is which")

COMMAND = """
setsid sh -c 'echo $$ > daemon; exec sleep 1000' > /dev/null 2>&1 &
sleep 1000 & echo $! > child
while [ ! -s daemon ]; do :; done
echo $$ > leader
wait
"""


def test_the_commands_of_a_killed_holder_are_ended_and_its_daemons_live_on(tmp_path: Path) -> None:
    started = subprocess.Popen(
        ["sh", "-c", COMMAND],
        cwd=tmp_path,
        env={**os.environ, "ROLLOUT_OP_ID": "0123456789abcdef"},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert started.stdout is not None
    with started.stdout:
        until(lambda: (tmp_path / "leader").exists() and bool((tmp_path / "leader").read_text()))
    pids = {name: int((tmp_path / name).read_text()) for name in ("daemon", "child", "leader")}
    try:
        ThisMachine().end_left("another")
        assert not gone(pids["leader"])
        ThisMachine().end_left("0123456789abcdef")
        started.wait(5)
        until(lambda: gone(pids["child"]))
        assert not gone(pids["daemon"])
    finally:
        for pid in pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
