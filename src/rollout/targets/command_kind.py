"""Keys of `command` targets: flags behind two commands."""

from __future__ import annotations

from rollout.frozen import dataclass
from rollout.model.plan import Command, TargetSpec
from rollout.shapes import Key, Mapped, Misfit, Record
from rollout.shapes.commands import ARGUMENTS
from rollout.targets.keys import COMMON


@dataclass(frozen=True, kw_only=True)
class CommandSpec(TargetSpec):
    """Argument lists in which `{key}` and `{value}` stand for a flag's key and its value."""

    set: Command
    get: Command

    def __post_init__(self) -> None:
        if not any("{value}" in argument for argument in self.set.argv):
            raise Misfit("set", "no argument holds {value}")


_ARGUMENTS = Mapped(ARGUMENTS, Command)

KEYS = Record(
    CommandSpec,
    {
        **COMMON,
        "set": Key(
            Mapped(ARGUMENTS, Command, rules={"contains": {"pattern": r"\{value\}"}}),
            "The command that writes one flag, with {key} and {value} in its arguments.",
            example=["flagctl", "set", "{key}", "{value}"],
            required=True,
        ),
        "get": Key(
            _ARGUMENTS,
            "The command that prints one flag's value, to read back what was written.",
            example=["flagctl", "get", "{key}"],
            required=True,
        ),
    },
    what="command target",
)
