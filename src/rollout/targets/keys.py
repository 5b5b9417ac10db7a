"""Keys that every target has, and those of targets that are files."""

from __future__ import annotations

import re
from datetime import timedelta

from rollout.frozen import dataclass
from rollout.model.plan import TargetSpec
from rollout.shapes import Boolean, Duration, Key, ListOf, Name, Reference, Template, Text
from rollout.shapes.commands import Commands

COMMON = {
    "type": Key(Text(), "The kind of target; it decides which other keys there are.", example="dotenv", required=True),
    "prefix": Key(Name(), "Put before every flag's key. Without it: nothing.", example="SHOP_"),
    "verify": Key(
        ListOf(Reference("gate", "verify"), or_one=True),
        "Gates that are judged after every change here, in both directions; a failed one takes an advance back. "
        "Without it reading the values back is all.",
        example=["health"],
    ),
    "shared": Key(
        Boolean(),
        "Written `true` where two environments share this target on purpose. Without it that is a warning.",
        example=True,
        default=False,
    ),
}

FILE = {
    "apply": Key(
        Commands(),
        "One command, or a list of them, that brings a change into effect. Without it whoever reads the file must "
        "notice by itself.",
        example=["pm2", "restart", "api", "--update-env"],
        also=([["docker", "compose", "up", "-d", "api"]],),
    ),
    "emergency_apply": Key(
        Commands(),
        "What takes the place of `apply` in an emergency. Without it: `apply`.",
        example=["./deploy.sh", "--emergency"],
    ),
    "apply_timeout": Key(
        Duration(timedelta(seconds=1)),
        "How long each of these commands may take before it counts as failed. Without it: 5m; in an emergency the "
        "level's `objective`.",
        example="2m",
    ),
    "host": Key(
        Template(empty=False),
        "The host that the file is on, reached over ssh. Without it: this machine.",
        example="deploy@web-1.example.com",
    ),
}

PATH = Key(
    Template(empty=False),
    "The file, relative to the plan's folder (or `workdir`). It must exist; only the lines of flags are changed.",
    example="deploy/.env",
    required=True,
)


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
