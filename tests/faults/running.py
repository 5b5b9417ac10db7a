"""Commands that run, as copies of a process that has imported everything (see warm.py)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_PATIENCE = 60


@dataclass(frozen=True)
class Ended:
    """`code` is negative for a signal."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """One that runs."""

    def __init__(self, connection: socket.socket, output: Path) -> None:
        self._line = connection.makefile("r")
        self._output = output
        self._code: int | None = None
        self.pid = int(self._line.readline())

    def send(self, number: signal.Signals) -> None:
        """To it alone; one that has ended hears nothing."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self) -> Ended:
        """Nothing that a test does may end in a traceback, or in the exit code of a bug."""
        if self._code is None:
            self._code = int(self._line.readline())
            self._line.close()
        files = (Path(f"{self._output}.{name}") for name in ("out", "err"))
        out, err = (file.read_text(errors="replace") if file.exists() else "" for file in files)
        assert "Traceback" not in err, err
        assert self._code != 1, out + err
        return Ended(self._code, out, err)

    def until_stopped(self) -> None:
        until = time.monotonic() + _PATIENCE
        while Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            assert time.monotonic() < until, f"process {self.pid} did not stop"
            time.sleep(0.001)


class Warm:
    """Starts commands as copies of a process that has imported everything (see warm.py)."""

    def __init__(self, socket_path: Path) -> None:
        self._path = str(socket_path)

    def start(
        self, arguments: tuple[str, ...], folder: Path, variables: Mapping[str, str], output: Path, *, stopped: bool
    ) -> Command:
        request = {
            "arguments": arguments,
            "folder": str(folder),
            "variables": dict(variables),
            "output": str(output),
            "stopped": stopped,
        }
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(self._path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            command = Command(connection, output)
        if stopped:
            command.until_stopped()
        return command


@contextmanager
def warm(folder: Path) -> Iterator[Warm]:
    path = folder / "socket"
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)])}
    with subprocess.Popen([sys.executable, "-m", "tests.faults.warm", str(path)], env=variables) as process:
        try:
            until = time.monotonic() + _PATIENCE
            while not path.exists():
                assert process.poll() is None, "the warm process ended"
                assert time.monotonic() < until, "the warm process did not get ready"
                time.sleep(0.01)
            yield Warm(path)
        finally:
            process.kill()
