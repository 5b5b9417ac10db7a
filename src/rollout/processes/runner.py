"""Runs the commands of a change."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from rollout.model.commands import Ran
from rollout.model.plan import Command
from rollout.model.variables import UnsetVariableError

_KEPT = 2**12
"""Bytes of what it prints."""


class CommandRunner:
    """`environ` is inherited by every command, then come the `variables` of the plan, then the context (ROLLOUT_…)."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        variables: Mapping[str, str],
        secret_names: Callable[[], Collection[str]],
        show: Callable[[str], None],
    ) -> None:
        """`show` gets each line that a command prints. `secret_names` are of variables that hold a credential."""
        self._folder = folder
        self._environ = environ
        self._variables = variables
        self._secret_names = secret_names
        self._show = show

    def run(self, command: Command, what: str, *, timeout: timedelta, context: Mapping[str, str]) -> Ran:
        """A service that the command leaves in the background lives on, whatever it does with its output.

        Where the time is up or the main thread is interrupted, all that it started is ended, but for daemons with a
        session of their own.
        """
        from rollout.processes.attended import attended

        def work(halt: Event, one: Command) -> Ran:
            return self._run(halt, one, what, one.timeout or timeout, context)

        (ran,) = attended(work, [command], at_once=1)
        return ran

    def by_hand(self, command: Command) -> str:
        return f"cd {shlex.quote(str(self._folder))} && {shlex.join(command.argv)}"

    def lacks(self, command: Command) -> str:
        from rollout.processes.invocation import UnfitError, prepare, unusable
        from rollout.processes.program import NotStartedError, find_program

        if flaw := unusable(self._folder):
            return flaw
        try:
            invocation = prepare(
                command.argv,
                environ=self._environ,
                variables=self._variables,
                context={},
                secret_names=self._secret_names(),
            )
            find_program(invocation.argv[0], invocation.shown, self._folder, invocation.path)
        except (UnsetVariableError, UnfitError, NotStartedError) as error:
            return str(error)
        return ""

    def _run(self, halt: Event, command: Command, what: str, timeout: timedelta, context: Mapping[str, str]) -> Ran:
        from rollout.processes.invocation import UnfitError, cut_short, prepare, start, unusable
        from rollout.processes.lines import Lines
        from rollout.processes.program import NotStartedError

        began = monotonic()

        def ran(failure: str, code: int | None = None, output: str = "") -> Ran:
            sentence = f"{what}: {failure}" if failure else ""
            return Ran(what, command.argv, code, output, sentence, timedelta(seconds=monotonic() - began))

        if flaw := unusable(self._folder):
            return ran(flaw)
        try:
            invocation = prepare(
                command.argv,
                environ=self._environ,
                variables=self._variables,
                context=context,
                secret_names=self._secret_names(),
            )
            lines = Lines(what, invocation.mask, self._show, keep=_KEPT)
            ended = start(
                invocation, folder=self._folder, timeout=timeout, halt=halt, stdout=lines, stderr=None, leave=True
            )
        except (UnsetVariableError, UnfitError, NotStartedError) as error:
            return ran(str(error))
        cut = cut_short(ended, timeout)
        code = None if cut else ended.code
        failure = cut or (f"ended with {code}" if code else "")
        return ran(f"{invocation.shown} {failure}" if failure else "", code, lines.finish())
