"""A folder in which the commands of a page run, one after the other, as one person types them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.docs_pages import ROOT, Part, Typed, arguments, is_plain_rollout
from tests.warm.running import Warm

SHOWN_ADDRESS = "127.0.0.1:9090"
SHOWN_HOME = "/home/ana"
_AFTERWARDS = """
code=$?
{ pwd; env -0; } >&3
exit $code
"""


@dataclass
class Session:
    """`speed`: so many times shorter is every `sleep` than the page says; `settled`: seconds until a wait is over."""

    home: Path
    warm: Warm
    url: str
    speed: float = 1.0
    settled: float = 0.0
    folder: Path = field(init=False)
    variables: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.home / "shop"
        self.folder.mkdir(exist_ok=True)
        (self.home / "bin").mkdir()
        program = self.home / "bin" / "rollout"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m rollout "$@"\n')
        program.chmod(0o755)
        self.variables = {
            "PYTHONPATH": str(ROOT / "src"),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "ROLLOUT_ACTOR": "ana@example.com",
            "PROMETHEUS_URL": self.url,
            "TZ": "UTC",
            "COLUMNS": "100",
        }

    def write(self, part: Part) -> None:
        path = self.folder / part.said
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.real(part.text))

    def run(self, command: Typed) -> tuple[int, str]:
        """The exit code, and what a person sees."""
        line = self.real(command.line)
        if "--wait" in line:
            time.sleep(self.settled)  # else it looks again after no less than five seconds
        code, out, err = self._warmly(line) if is_plain_rollout(line) else self._by_shell(line)
        return code, self.as_shown(out if out and "--wait" in line else err + out)

    def real(self, text: str) -> str:
        """As it is here, of what the page says."""
        text = re.sub(r"^sleep (\d+)$", lambda found: f"sleep {int(found[1]) / self.speed:.2f}", text, flags=re.M)
        return text.replace(SHOWN_ADDRESS, self._address).replace(SHOWN_HOME, str(self.home))

    def as_shown(self, text: str) -> str:
        return text.replace(self._address, SHOWN_ADDRESS).replace(str(self.home), SHOWN_HOME)

    @property
    def _address(self) -> str:
        return self.url.removeprefix("http://")

    def _warmly(self, line: str) -> tuple[int, str, str]:
        ended = self.warm.start(arguments(line), self.folder, self.variables).wait("strict")
        return ended.code, ended.out, ended.err

    def _by_shell(self, line: str) -> tuple[int, str, str]:
        """With `cd` and `export` kept for the next line."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as afterwards:
            try:
                ended = subprocess.run(
                    ["bash", "-c", f"exec 3>&{writing}\n{line}{_AFTERWARDS}"],
                    cwd=self.folder,
                    env=self.variables,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    pass_fds=[writing],
                    timeout=60,
                    check=False,
                )
            finally:
                os.close(writing)
            folder, _, variables = afterwards.read().partition("\n")
        self.folder = Path(folder)
        self.variables = dict(one.split("=", 1) for one in variables.split("\0") if one)
        return ended.returncode, ended.stdout, ended.stderr
