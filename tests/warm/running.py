"""Commands that run, as copies of a process that has imported everything (see server.py) or by themselves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

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
        """The only document on stdout, read strictly."""
        return json.loads(self.out, parse_constant=refuse_constant)

    def by_no_bug(self) -> Self:
        """Nothing that a test does may end in a traceback, or in the exit code of a bug."""
        assert "Traceback" not in self.err, self.err
        assert self.code != 1, self.out + self.err
        return self


def refuse_constant(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


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

    def wait(self, errors: str = "replace") -> Ended:
        """`errors`: of decoding what it wrote; one that was killed may have written half a character."""
        if self._code is None:
            self._code = int(self._line.readline())
            self._line.close()
        files = (Path(f"{self._output}.{name}") for name in ("out", "err"))
        out, err = (file.read_text(errors=errors) if file.exists() else "" for file in files)
        return Ended(self._code, out, err).by_no_bug()

    def until_stopped(self) -> None:
        until = time.monotonic() + _PATIENCE
        while Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            assert time.monotonic() < until, f"process {self.pid} did not stop"
            time.sleep(0.001)


class Warm:
    """Starts commands as copies of a process that has imported everything (see server.py)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    @property
    def socket(self) -> Path:
        return self._folder / "socket"

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        output: Path | None = None,
        *,
        stdin: str | None = None,
        stopped: bool = False,
    ) -> Command:
        """`variables` are all that it has. Without `stdin` it reads nothing."""
        output = output or self._folder / str(next(self._numbers))
        request = {
            "arguments": arguments,
            "folder": str(folder),
            "variables": dict(variables),
            "stdin": stdin,
            "output": str(output),
            "stopped": stopped,
        }
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self.socket))
            connection.sendall(json.dumps(request).encode() + b"\n")
            command = Command(connection, output)
        if stopped:
            command.until_stopped()
        return command


@contextmanager
def warm_process(folder: Path) -> Iterator[Warm]:
    """It starts as bare as the commands of the tests do: what an interpreter reads at its start is alike in both."""
    warm = Warm(folder)
    variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    variables["PYTHONPATH"] = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
    command = [sys.executable, "-m", "tests.warm.server", str(warm.socket)]
    with subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + _PATIENCE
            while not warm.socket.exists():
                assert process.poll() is None, "the warm process ended"
                assert time.monotonic() < until, "the warm process did not get ready"
                time.sleep(0.01)
            yield warm
        finally:
            process.kill()


def cold(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Ended:
    """A command as a program of its own, without anything in its input."""
    finished = subprocess.run(
        [sys.executable, "-m", "rollout", *arguments],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    return Ended(finished.returncode, finished.stdout, finished.stderr).by_no_bug()
