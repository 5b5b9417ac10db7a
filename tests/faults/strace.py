"""Which system calls of a command write, and how to make one of them the last, or one that fails."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.warm.running import Command, Ended

_WRITING = (
    "?openat,?write,?writev,?pwrite64,?pwritev,?fsync,?fdatasync,?rename,?renameat,?renameat2,"
    "?unlink,?unlinkat,?link,?linkat,?symlink,?symlinkat,?mkdir,?mkdirat,?rmdir,?truncate,"
    "?ftruncate,?fallocate,?chmod,?fchmod,?fchmodat,?chown,?fchown,?fchownat,?setxattr,"
    "?fsetxattr,?removexattr,?fremovexattr,?flock,?sendfile,?copy_file_range,?kill,"
    "?pidfd_send_signal"
)
"""`?`: not every processor has all of them."""
_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\(")
_STOPPED = re.compile(r"--- SIGSTOP \{.*--- stopped by SIGSTOP", re.DOTALL)
_PATIENCE = 10


@dataclass(frozen=True)
class Point:
    """The `nth` call of that `name` in its thread, as it was seen; `after`: counted from that call on."""

    name: str
    nth: int
    line: str
    after: Point | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.nth}: {self.line[:160]}"


def _writes(line: str) -> bool:
    return " openat(" not in line or re.search(r"O_CREAT|O_TMPFILE|O_TRUNC", line) is not None


class MissedError(Exception):
    """What threads open is not numbered alike in each run: this call did not come, or another one that only reads."""


def installed() -> None:
    """Skips where there is no strace, or where it may not trace; ROLLOUT_TESTS_REQUIRE_STRACE makes that a failure."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: run `make strace`")
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr}")


def writing_calls(command: Command, log: Path) -> tuple[list[Point], Ended]:
    """Every writing call of a command that runs undisturbed, in order, and how it ended."""
    with _tracing(command, log, []):
        ended = command.wait()
    return list(_points(log.read_text(errors="replace"), str(command.pid))), ended


def _points(log: str, first: str) -> Iterator[Point]:
    """strace counts in each thread by itself, so a further thread's call is told from the first one's by `after`."""
    counts: Counter[tuple[str, str]] = Counter()
    last: Point | None = None
    began_after: dict[str, Point | None] = {}
    for line in log.splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        thread, name = match["thread"], match["name"]
        counts[thread, name] += 1
        if thread != first:
            began_after.setdefault(thread, last)
        if _writes(line):
            nth = counts[thread, name]
            hidden = thread != first and nth <= counts[first, name]
            point = Point(name, nth, line, began_after[thread] if hidden else None)
            last = point if thread == first else last
            yield point


def killed_at(command: Command, point: Point, log: Path) -> Ended:
    """kill -9 at the moment of that call, which then does not happen."""
    return _with_fault(command, point, log, "signal=SIGKILL")


def failing_at(command: Command, point: Point, error: str, log: Path, *, from_then_on: bool = False) -> Ended:
    """That call does not happen and reports the error; `from_then_on`: and every later one of its kind."""
    try:
        ended = _with_fault(command, point, log, f"error={error}", "+" if from_then_on else "")
    except AssertionError as what_it_said:
        if _missed(log):
            raise MissedError(point) from what_it_said
        raise
    if _missed(log):
        raise MissedError(point)
    return ended


def _missed(log: Path) -> bool:
    failed = [line for line in _whole_lines(log.read_text(errors="replace")) if "(INJECTED)" in line]
    return not failed or not all(map(_writes, failed))


def _whole_lines(log: str) -> Iterator[str]:
    """Of a call during which another thread had its own, strace writes the beginning and the end."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        thread = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line
        else:
            yield begun.pop(thread, "") + line if " resumed>" in line else line


@contextmanager
def stopped_at(command: Command, point: Point, log: Path) -> Iterator[None]:
    """SIGSTOP behind that call, which does happen."""
    _go_to(command, point.after, log)
    with _tracing(command, log, [_inject(point, "signal=SIGSTOP")]) as process:
        until = time.monotonic() + _PATIENCE
        while not _STOPPED.search(log.read_text(errors="replace")):
            if time.monotonic() > until:
                raise MissedError(point) if point.name == "openat" else AssertionError(f"it did not stop at {point}")
            time.sleep(0.002)
        yield
        process.terminate()


def _with_fault(command: Command, point: Point, log: Path, fault: str, more: str = "") -> Ended:
    _go_to(command, point.after, log)
    with _tracing(command, log, [_inject(point, fault, more)]):
        return command.wait()


def _go_to(command: Command, point: Point | None, log: Path) -> None:
    """It has stopped there, and nobody traces it any more."""
    if point is not None:
        with stopped_at(command, point, log):
            pass


def _inject(point: Point, fault: str, more: str = "") -> str:
    return f"--inject={point.name}:{fault}:when={point.nth}{more}"


@contextmanager
def _tracing(command: Command, log: Path, options: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The command has stopped, and goes on once it is traced."""
    command.until_stopped()
    # -b: what a command of the plan does in its own process is not the product's doing.
    arguments = ["strace", "-f", "-b", "execve", "-yy", "-o", str(log), f"--trace={_WRITING}", *options]
    with subprocess.Popen([*arguments, "-p", str(command.pid)], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert "attached" in said, said
            command.send(signal.SIGCONT)
            yield process
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)  # it writes the rest of its log
        finally:
            process.kill()
