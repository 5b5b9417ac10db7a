"""Everything that stops a command, each with its exit code.

RolloutError
├── UsageError 2            options, names or settings that do not fit; an answer nobody can give
│   └── PlanError 2         a plan that cannot be read or is not valid
├── ConflictError 7         someone was faster, the plan was edited, a target drifted
├── ChangeError 8           a change failed or could not be verified
│   └── TargetError 8       one target cannot be read or written
├── UnwrittenError 8        what was asked for cannot be shown
└── StoreError 8            the record cannot be read or written
    ├── StoreBusyError 7    somebody else holds its lock
    └── UnusableStoreError 2  it is named, and is none; nothing else is wrong, so an emergency goes on without

Interrupted 130, 143      a person or the system ended the command before anything changed; no Exception, so that
                          nothing but the boundary and a change under way catches it

A verdict (NO-GO, HOLD, UNKNOWN, ROLLBACK) is a result, never an exception.
"""

from __future__ import annotations

from typing import ClassVar


class RolloutError(Exception):
    """A sentence that says what and where, and a hint that says what to do next."""

    exit_code: ClassVar[int] = 8

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RolloutError):
    exit_code = 2


class PlanError(UsageError):
    """`message` holds every finding of the file, one block of lines each."""


class UnwrittenError(RolloutError):
    """What was asked for cannot be shown."""


class ConflictError(RolloutError):
    exit_code = 7


class ChangeError(RolloutError):
    exit_code = 8


class TargetError(ChangeError):
    pass


class StoreError(RolloutError):
    exit_code = 8


class StoreBusyError(StoreError):
    exit_code = 7


class UnusableStoreError(StoreError):
    exit_code = 2


class Interrupted(BaseException):
    """Ctrl-C, or a signal that Python would otherwise obey without any clean-up."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code
