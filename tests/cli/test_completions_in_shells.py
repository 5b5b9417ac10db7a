"""Real shells complete `rollout`: Tab is pressed, and what the command then gets is what was meant."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from tests.cli.completing import NASTY, ODD, shop_in
from tests.cli.desk import Desk
from tests.warm.running import Warm

COMPLETIONS = Path(__file__).parents[2] / "completions"
SHELLS = {
    "bash": (["--norc", "--noprofile"], ". {folder}/rollout.bash; bind 'set enable-bracketed-paste off'; PS1='>> '"),
    "zsh": (["-f"], "unset zle_bracketed_paste; PS1='>> '; autoload -U compinit; compinit -D; . {folder}/rollout.zsh"),
    "fish": (["--no-config"], ". {folder}/rollout.fish; function fish_prompt; echo -n '>> '; end"),
}
"""What each is started with, and what is typed first."""

PROGRAM = """\
#!/bin/sh
[ -z "$_ROLLOUT_COMPLETE" ] || exec {python} -IS "$HOME/complete" {socket} "$HOME/answer"
for word; do printf '%s\\0' "$word"; done >"$HOME/typed"
echo ran-"$#"
"""
"""Says how it was called; but completes as a copy of the warm process, which is `rollout` itself."""

CLIENT = """\
import json, os, socket, sys
_, warm, output = sys.argv
request = {"arguments": [], "folder": os.getcwd(), "variables": dict(os.environ), "stdin": None, "output": output}
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(warm)
    connection.sendall(json.dumps({**request, "stopped": False}).encode() + b"\\n")
    connection.makefile().read()
sys.stdout.write(open(output + ".out").read())
sys.stderr.write(open(output + ".err").read())
"""


@dataclass(frozen=True)
class Shell:
    name: str
    terminal: pexpect.spawn[str]
    desk: Desk

    def complete(self, line: str) -> list[str]:
        """The words that the command gets when Tab and Enter are pressed behind the line."""
        self.terminal.send(f"{line}\t\r")
        self.terminal.expect(r"ran-\d+")
        return (self.desk.folder / "typed").read_text().split("\0")[:-1]

    def sees(self, line: str, *patterns: str) -> None:
        self.terminal.send(f"{line}\t\t")
        for pattern in patterns:
            self.terminal.expect(pattern)
        self.terminal.send("\x03")


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[Shell]:
    """In a folder with a plan that has begun. `rollout` records how it is called, and completes for real."""
    name = request.param
    if not shutil.which(name):
        pytest.skip(f"needs the shells: there is no {name} on PATH")
    folder = tmp_path_factory.mktemp(name)
    desk = shop_in(folder, warm)
    assert desk("advance", "--yes", "shop").code == 0
    assert desk("tick", "runbook").code == 0
    program = folder / "bin" / "rollout"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=shlex.quote(sys.executable), socket=shlex.quote(str(warm.socket))))
    (folder / "complete").write_text(CLIENT)
    program.chmod(0o755)
    options, first = SHELLS[name]
    environment = desk.environment() | {"HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    environment["PATH"] = os.pathsep.join([str(program.parent), environment["PATH"]])
    command = [shutil.which(name) or name, *options, "-i"]
    with closing(
        pexpect.spawn(
            command[0], command[1:], cwd=folder, env=environment, encoding="utf-8", timeout=20, dimensions=(40, 120)
        )
    ) as terminal:
        terminal.delaybeforesend = None
        terminal.sendline(f"{first.format(folder=shlex.quote(str(COMPLETIONS)))}; echo rea''dy")
        terminal.expect("ready")
        yield Shell(name, terminal, desk)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rollout status shop@", ["status", "shop@production"]),
        ("rollout status --env=st", ["status", "--env=staging"]),
        ("rollout close --reas", ["close", "--reason"]),
        ("rollout check-gates --phase ca", ["check-gates", "--phase", "canary"]),
        ("rollout rollback --level pa", ["rollback", "--level", "partial"]),
        ("rollout tick a", ["tick", "alerts"]),
        ("rollout sign --as Eng", ["sign", "--as", "Engineering Lead"]),
        ('rollout sign --as "Eng', ["sign", "--as", "Engineering Lead"]),
        ("rollout sign --as=\\$", ["sign", f"--as={NASTY}"]),
        ("rollout sign --as a:", ["sign", "--as", ODD]),
        ("rollout sign --as 'a:b", ["sign", "--as", ODD]),
        ("bin/rollout untick r", ["untick", "runbook"]),
        ("rollout lint plans/sh", ["lint", "plans/shop.yaml"]),
    ],
)
def test_tab_completes_what_was_begun(shell: Shell, line: str, expected: list[str]) -> None:
    assert shell.complete(line) == expected
    assert not (shell.desk.folder / "stolen").exists()


def test_several_are_shown_with_what_they_are(shell: Shell) -> None:
    words = [] if shell.name == "bash" else ["Something is odd"]
    shell.sees("rollout rollback --level ", "emergency", "partial", *words)
