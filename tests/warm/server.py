"""A process that has imported the whole command line once, and forks a copy of itself for every command.

    python -m tests.warm.server SOCKET

Whoever connects sends one line, a JSON object: `arguments`, `folder`, `variables`, `stdin` (a text, or null for none),
`output` (what stdout and stderr are written beside) and `stopped` (wait for SIGCONT before the first step). It hears
the process' id, and later its exit code, negative for a signal. The copy executes no new program; from its first step
on it is an ordinary `rollout`: a process of its own, in a session of its own, that can be killed, stopped and traced.
What an interpreter reads only at its start (PYTHON…, the locale) is what this process was started with.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import time
import traceback
from functools import cache
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_PTRACER, ANYBODY = 1, 0x59616D61, -1
_C = ctypes.CDLL(None)


def serve(path: str) -> None:
    import typer.main

    import rollout
    from rollout.cli.app import app

    for module in pkgutil.walk_packages(rollout.__path__, "rollout."):
        if module.name != "rollout.__main__":
            importlib.import_module(module.name)
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(app)
    gc.freeze()  # else every copy copies all of it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{path}.new")
        listening.listen(64)
        Path(f"{path}.new").rename(path)
        while True:
            connection, _ = listening.accept()
            with connection:
                if os.fork() == 0:
                    listening.close()
                    attend(connection)


def attend(connection: socket.socket) -> None:
    """One command, from the request to its exit code."""
    _C.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection, connection.makefile("rw") as line:
        request = json.loads(line.readline())
        pid = os.fork()
        if pid == 0:
            connection.detach()
            run(**request)
        line.write(f"{pid}\n")
        line.flush()
        _, status = os.waitpid(pid, 0)
        line.write(f"{os.waitstatus_to_exitcode(status)}\n")
    os._exit(0)


def run(
    arguments: list[str], folder: str, variables: dict[str, str], stdin: str | None, output: str, stopped: bool
) -> None:
    code: object = 1
    try:
        _C.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nothing outlives the tests, not even what was left stopped
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        time.tzset()
        os.dup2(os.open(os.devnull, os.O_RDONLY) if stdin is None else a_pipe_with(stdin), 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.closerange(3, 64)
        if stopped:
            _C.prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
        sys.argv = ["rollout", *arguments]
        code = entry(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:  # noqa: BLE001  whatever it is, the test shall see it
        traceback.print_exc()
    finally:
        os._exit(code if isinstance(code, int) else 1)


def a_pipe_with(text: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def entry(arguments: list[str]) -> object:
    """As the program that is installed; `wrong-order` is the control, which no user can call."""
    if arguments[:1] == ["wrong-order"]:
        from tests.faults.wrong_order import advance

        return advance()
    from rollout._boot import main

    try:
        main()
    except SystemExit as ended:
        return ended.code
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
