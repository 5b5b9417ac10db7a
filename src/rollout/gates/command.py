"""The `command` kind: a command ends as it should, or prints a number that does."""

from __future__ import annotations

import math
import re
import shlex
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON, CONDITION, check_measured
from rollout.model.conditions import Condition, Op
from rollout.model.evidence import Evidence, Question, Unanswered, answer_to
from rollout.model.gate import Gate, Scope
from rollout.model.probes import CommandEnd, CommandRun
from rollout.model.verdicts import Finding, Outcome
from rollout.shapes import Duration, Integer, Key, ListOf, Misfit, Pattern, Record, UnitName
from rollout.shapes.commands import ARGUMENTS

_NOT_STARTED = {126: "it cannot be executed", 127: "there is no such program"}
"""What shells, `env` and the like say with their own exit code."""
_PAST = "a command says nothing about a past moment"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_QUOTED = 160
"""Characters of what it printed that a reason repeats."""


@dataclass(frozen=True)
class ExpectedEnd:
    """`output` is a regular expression found in what it prints."""

    exit: int = 0
    output: str = ""


@dataclass(frozen=True)
class _Judged:
    """One run; `value` is the number that decided, if one did."""

    outcome: Outcome
    reason: str
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class CommandGate(Gate):
    """`fail_exit` empty: every exit code but the expected one is a failure; else these are, and the rest is unknown.

    `require` judges the number on stdout, which is in `unit`. `timeout` is of each of the `repeat` runs.
    """

    kind: ClassVar[str] = "command"

    argv: tuple[str, ...]
    timeout: timedelta = timedelta(minutes=5)
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

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return (self._run(scope),) if scope.at is None else ()

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        if scope.at is not None:
            return self._finding(_Judged(Outcome.UNKNOWN, _PAST))
        ends = answer_to(evidence, self._run(scope))
        if isinstance(ends, Unanswered):
            return self._finding(_Judged(Outcome.UNKNOWN, ends.reason))
        runs = [self._judged(end, number) for number, end in enumerate(ends, 1)]
        decisive = next((run for run in runs if run.outcome is not Outcome.PASS), None)
        return self._finding(decisive or self._summary(runs))

    def _run(self, scope: Scope) -> CommandRun:
        return CommandRun(scope.environment, self.argv, self.timeout, self.repeat, self.expect.exit)

    def _finding(self, run: _Judged) -> Finding:
        unit, require = (self.unit or "number", self.require.text) if self.require else ("", "")
        return Finding(run.outcome, run.reason, run.value, unit, require)

    def _judged(self, end: CommandEnd, number: int) -> _Judged:
        who = f"run {number} of {self.repeat}" if self.repeat > 1 else "it"
        if end.exit is None:
            failure = f"{who}: {end.failure}" if self.repeat > 1 else end.failure
            return _Judged(Outcome.UNKNOWN, _with_last_line(failure, end))
        if end.exit != self.expect.exit:
            outcome, ended = self._unexpected(end.exit)
            return _Judged(outcome, _with_last_line(f"{who} ended with {ended}", end))
        if self.expect.output and not _found(self.expect.output, end):
            lacks = f"{who} printed nothing that matches {self.expect.output}"
            if end.cut:
                return _Judged(Outcome.UNKNOWN, f"{lacks} at the end of its output, and the rest was not kept")
            return _Judged(Outcome.FAIL, _with_last_line(lacks, end))
        if self.require is None:
            return _Judged(Outcome.PASS, "")
        value = _number(end.stdout)
        if value is None:
            printed = _one_line(end.stdout)
            shown = repr(printed) if printed else "nothing"
            return _Judged(Outcome.UNKNOWN, f"{who} printed {shown} where a number was expected")
        holds, sentence = self.require.judge(value, self.unit or "number")
        reason = f"{who}: {sentence}" if self.repeat > 1 else sentence
        return _Judged(Outcome.PASS if holds else Outcome.FAIL, reason, value)

    def _unexpected(self, code: int) -> tuple[Outcome, str]:
        expected = self.expect.exit
        if code in self.fail_exit:
            return Outcome.FAIL, f"{code}, expected {expected}"
        if code in _NOT_STARTED:
            return Outcome.UNKNOWN, f"{code} ({_NOT_STARTED[code]}), expected {expected}"
        if self.fail_exit:
            failing = " or ".join(map(str, self.fail_exit))
            return Outcome.UNKNOWN, f"{code}, neither {expected} (pass) nor {failing} (fail)"
        return Outcome.FAIL, f"{code}, expected {expected}"

    def _summary(self, runs: list[_Judged]) -> _Judged:
        """Of runs that all pass: the number that passes with the least to spare."""
        if len(runs) < self.repeat:
            return _Judged(Outcome.UNKNOWN, f"it ran {len(runs)} of {self.repeat} times")
        if self.require:
            closest = max if self.require.comparisons[0].op in (Op.LT, Op.LE) else min
            return closest(runs, key=lambda run: run.value or 0)
        ended = f"all {self.repeat} runs ended" if self.repeat > 1 else "it ended"
        matching = f" and printed what matches {self.expect.output}" if self.expect.output else ""
        return _Judged(Outcome.PASS, f"{ended} with {self.expect.exit}{matching}")


def _found(pattern: str, end: CommandEnd) -> bool:
    # Where a part is missing nothing begins with the text: a pattern may say what must not follow.
    return re.compile(pattern).search(end.output, 1 if end.cut else 0) is not None


def _number(printed: str) -> float | None:
    """What was printed, if it is one finite number and nothing else."""
    value = float(printed) if _NUMBER.fullmatch(printed.strip()) else math.inf
    return value if math.isfinite(value) else None


def _with_last_line(sentence: str, end: CommandEnd) -> str:
    lines = (line for line in map(_one_line, reversed(end.output.splitlines())) if line)
    last = next(lines, "")
    return f"{sentence}: {last}" if last else sentence


def _one_line(text: str) -> str:
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"


_EXIT_CODE = Integer(0, 255)

_EXPECT = Record(
    ExpectedEnd,
    {
        "exit": Key(_EXIT_CODE, "The exit code that is fine. Without it: 0.", example=0, default=0),
        "output": Key(
            Pattern(),
            "A regular expression that is found in what it prints. Without it the output does not matter.",
            example="[0-9]+ passed",
        ),
    },
    what="expected end",
)

GATE = Record(
    CommandGate,
    {
        "command": Key(
            ARGUMENTS,
            "Program and arguments, one text each. They run without a shell, in the plan's folder (or `workdir`).",
            example=["npm", "test"],
            required=True,
            into="argv",
        ),
        "timeout": Key(
            Duration(timedelta(seconds=1)),
            "How long each run may take; then it is ended and the gate is unknown. Without it: 5m.",
            example="2m",
            default="5m",
        ),
        "repeat": Key(Integer(1, 1000), "How often in a row it must pass. Without it: once.", example=3, default=1),
        "expect": Key(
            _EXPECT,
            "What makes it pass. Without it: exit code 0.",
            example={"exit": 0, "output": "all good"},
        ),
        "fail_exit": Key(
            ListOf(_EXIT_CODE, or_one=True),
            "The exit codes that mean failure; any other unexpected one means that it cannot tell. Without it every "
            "unexpected code is a failure.",
            example=[1],
        ),
        "unit": Key(
            UnitName(),
            "What the number on stdout measures; it needs `require`. Without it: a bare number.",
            example="count",
        ),
        "require": Key(
            CONDITION,
            "What the number on stdout must satisfy. Without it no number is read.",
            example="< 5",
            also=(">= 90% and <= 100%",),
        ),
        **COMMON,
    },
    what="command gate",
    rules={"dependentRequired": {"unit": ["require"]}},
)
