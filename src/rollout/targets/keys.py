"""Keys that every target has, and those of targets that are files."""

from __future__ import annotations

import re
from datetime import timedelta

from rollout.frozen import dataclass
from rollout.model.plan import TargetSpec
from rollout.shapes import Boolean, Duration, Key, ListOf, Name, Reference, Template, Text
from rollout.shapes.commands import Commands

COMMON = {
    "type": Key(Text(), "The kind of target.", required=True),
    "prefix": Key(Name(), "Put before every flag's key."),
    "verify": Key(
        ListOf(Reference("gate", "verify"), or_one=True), "Gates judged after every change, in both directions."
    ),
    "shared": Key(Boolean(), "Written true where two environments share this target."),
}

FILE = {
    "apply": Key(Commands(), "Commands that bring a change into effect.", example=["pm2", "restart", "api"]),
    "emergency_apply": Key(Commands(), "The same in an emergency (default: `apply`)."),
    "apply_timeout": Key(Duration(timedelta(seconds=1)), "How long each of these commands may take."),
    "host": Key(Template(empty=False), "The file is on this host, reached over ssh."),
}

PATH = Key(Template(empty=False), "The file, relative to the plan's folder.", required=True, example="deploy/.env")


@dataclass(frozen=True, kw_only=True)
class FileSpec(TargetSpec):
    """A target that is a file."""

    path: str
    host: str = ""

    @property
    def gaps(self) -> tuple[str, ...]:
        host = f"target {self.name}: a file on another host ({self.host}) cannot be written to yet"
        return (host,) if self.host else ()

    @property
    def places(self) -> tuple[str, ...]:
        return (self.path, self.host)


def check_variable(name: str) -> None:
    """ValueError for anything but the name of an environment variable."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is not the name of a variable: letters, digits and '_', no digit first")
