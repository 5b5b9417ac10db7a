"""Questions, asked only of a terminal and only with the change in view."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from rollout.cli.voice import voice
from rollout.errors import UsageError

if TYPE_CHECKING:
    from rollout.operations.rollback import Rollback

T = TypeVar("T")


def asking(question: str, table: str, *, yes: bool) -> Callable[[T], bool]:
    """A confirmation that shows the preview of that table on stderr; `yes` answers it.

    UsageError where nobody can be asked.
    """

    def confirm(result: T) -> bool:
        return yes or _answer(question, "[y/N]", result, table, "--yes answers it").lower() in ("y", "yes")

    return confirm


def agreeing(*, yes: bool) -> Callable[[str], bool]:
    """Whether an edited plan counts from here on, with the difference in view."""

    def agree(difference: str) -> bool:
        if yes:
            return True
        typed = _typed(lambda: voice.show(difference), "Go on by the edited plan?", "[y/N]", "--yes answers it")
        return typed.lower() in ("y", "yes")

    return agree


def confirming(name: str, *, yes: bool) -> Callable[[Rollback], bool]:
    """As `asking`; for a destructive level the rollout's name must be typed, which no `yes` does."""
    ask = asking("Roll back?", "rollback", yes=yes)

    def confirm(result: Rollback) -> bool:
        if not result.level.destructive:
            return ask(result)
        question = f"The level {result.level.name} is destructive."
        typed = _answer(question, f"Type {name} to go on:", result, "rollback", f"--confirm {name} answers it")
        return typed == name

    return confirm


def _answer(question: str, how: str, preview: object, table: str, otherwise: str) -> str:
    def show() -> None:
        from rollout.render import write_preview

        write_preview(preview, table, sys.stderr)

    return _typed(show, question, how, otherwise)


def _typed(show: Callable[[], object], question: str, how: str, otherwise: str) -> str:
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(f"{question} Nobody can be asked: there is no terminal", otherwise)
    with voice.quiet():
        show()
        sys.stderr.write(f"{question} {how} ")
        sys.stderr.flush()
        answer = ""
        try:
            answer = sys.stdin.readline()
        finally:  # after Ctrl-C and Ctrl-D, too, what is said next begins a line
            if not answer.endswith("\n"):
                sys.stderr.write("\n")
    return answer.strip()
