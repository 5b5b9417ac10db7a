"""Questions, asked only of a terminal and only with the change in view."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from rollout.errors import UsageError

T = TypeVar("T")


def asking(question: str, table: str, *, yes: bool) -> Callable[[T], bool]:
    """A confirmation that shows the preview of that table on stderr; `yes` answers it.

    UsageError where nobody can be asked.
    """

    def confirm(result: T) -> bool:
        if yes:
            return True
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            raise UsageError(f"{question} Nobody can be asked: there is no terminal", "--yes answers it")
        from rollout.render import write_preview

        write_preview(result, table, sys.stderr)
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            sys.stderr.write("\n")
        return answer.strip().lower() in ("y", "yes")

    return confirm
