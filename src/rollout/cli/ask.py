"""Questions, asked only of a terminal and only with the change in view."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from rollout.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def asking(question: str, preview: Callable[[T, Console], None], *, yes: bool) -> Callable[[T], bool]:
    """A confirmation that shows `preview` on stderr; `yes` answers it. UsageError where nobody can be asked."""

    def confirm(result: T) -> bool:
        if yes:
            return True
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            raise UsageError(f"{question} Nobody can be asked: there is no terminal", "--yes answers it")
        from rollout.render.console import console

        preview(result, console(sys.stderr))
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            sys.stderr.write("\n")
        return answer.strip().lower() in ("y", "yes")

    return confirm
