"""The `command` kind: a command ends as it should, or prints a number that does."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON, CONDITION, check_measured
from rollout.gates.unjudged import UnjudgedGate
from rollout.model.conditions import Condition
from rollout.shapes import Duration, Integer, Key, ListOf, Misfit, Pattern, Record, UnitName
from rollout.shapes.commands import ARGUMENTS


@dataclass(frozen=True)
class ExpectedEnd:
    """`output` is a regular expression found in what it prints."""

    exit: int = 0
    output: str = ""


@dataclass(frozen=True, kw_only=True)
class CommandGate(UnjudgedGate):
    """`fail_exit` empty: every exit code but the expected one is a failure; else these are, and the rest is unknown.

    `require` judges the number on stdout, which is in `unit`.
    """

    kind: ClassVar[str] = "command"

    argv: tuple[str, ...]
    timeout: timedelta | None = None
    repeat: int = 1
    expect: ExpectedEnd = ExpectedEnd()
    fail_exit: tuple[int, ...] = ()
    unit: str = ""
    require: Condition | None = None

    def __post_init__(self) -> None:
        if self.expect.exit in self.fail_exit:
            raise Misfit("fail_exit", f"exit code {self.expect.exit} is the expected one, so it cannot be a failure")
        if self.require is not None:
            check_measured(self.require, self.unit, "require")
        elif self.unit:
            raise Misfit("unit", "a unit is for a number that `require` judges, and there is no `require`")

    @property
    def words(self) -> str:
        return f"{shlex.join(self.argv)} {self.require.text if self.require else f'ends with {self.expect.exit}'}"


_EXIT_CODE = Integer(0, 255)

_EXPECT = Record(
    ExpectedEnd,
    {
        "exit": Key(_EXIT_CODE, "The exit code (default: 0)."),
        "output": Key(Pattern(), "A regular expression that is found in the output."),
    },
    what="expected end",
)

GATE = Record(
    CommandGate,
    {
        "command": Key(ARGUMENTS, "Program and arguments.", required=True, into="argv", example=["npm", "test"]),
        "timeout": Key(Duration(timedelta(seconds=1)), "How long it may take.", example="5m"),
        "repeat": Key(Integer(1, 1000), "How often in a row it must pass.", example=3),
        "expect": Key(_EXPECT, "What makes it pass."),
        "fail_exit": Key(
            ListOf(_EXIT_CODE, or_one=True),
            "Exit codes that mean failure; any other means that it cannot tell.",
            example=[1],
        ),
        "unit": Key(UnitName(), "What the number on stdout measures."),
        "require": Key(CONDITION, "What the number on stdout must satisfy.", example="< 5"),
        **COMMON,
    },
    what="command gate",
)
