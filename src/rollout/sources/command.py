"""Runs the commands of gates, all at once, and says how each run ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

from rollout.model.durations import format_duration
from rollout.model.evidence import Unanswered
from rollout.model.probes import CommandEnd, CommandRun
from rollout.model.variables import UnsetVariableError, expand
from rollout.sources.command_process import Exit, run
from rollout.sources.command_program import NoProgramError, find_program, why_not_started
from rollout.sources.command_secrets import Mask

_AT_ONCE = 8
_KEPT = 2**16
"""Bytes of stdout, and of stderr."""
_SIGNALS = {number.value: number.name for number in signal.Signals}

_Ends = tuple[CommandEnd, ...] | Unanswered


class CommandSource:
    """`environ` is inherited by every command, then come an environment's `variables`, then `context` (ROLLOUT_…)."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        context: Mapping[str, str],
        variables: Callable[[str], Mapping[str, str]],
        secret_names: Collection[str] = (),
    ) -> None:
        """`secret_names` are of variables that hold a credential, whatever they are called."""
        self._folder = folder
        self._environ = environ
        self._context = context
        self._variables = variables
        self._secret_names = secret_names

    def ask(self, questions: Sequence[CommandRun]) -> Mapping[CommandRun, _Ends]:
        """In the main thread: an interruption goes on only when every process that was started here has ended."""
        distinct = tuple(dict.fromkeys(questions))
        if not os.access(f"{self._folder}/.", os.X_OK):
            where = f"no command can run in {self._folder}"
            return dict.fromkeys(distinct, Unanswered(f"{where}: there is no such folder, or it may not be entered"))
        if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
            # Inherited: the system would drop every exit code, and Python would take each for 0.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        halt = Event()
        # Its threads are no daemons: after a second interruption, too, this process ends when their commands have.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                return dict(zip(distinct, pool.map(partial(self._ends, halt), distinct), strict=True))
            finally:
                halt.set()

    def _ends(self, halt: Event, question: CommandRun) -> _Ends:
        variables = self._variables(question.environment)
        try:
            argv = [expand(argument, variables.get) for argument in question.argv]
        except UnsetVariableError as error:
            return Unanswered(str(error), unset=error.name)
        if flaw := _flaw("an argument", argv) or _flaw("a variable", variables.values()):
            return Unanswered(flaw)
        environ = {**self._environ, **variables, **self._context}
        mask = Mask(environ, self._secret_names)
        ends: list[CommandEnd] = []
        while len(ends) < question.repeat and not halt.is_set():
            ends.append(self._end(halt, question, argv, environ, mask))
            if ends[-1].exit != question.expected:
                break
        return tuple(ends)

    def _end(
        self, halt: Event, question: CommandRun, argv: Sequence[str], environ: Mapping[str, str], mask: Mask
    ) -> CommandEnd:
        shown = mask.quote(argv[0])
        try:
            program = find_program(argv[0], shown, self._folder, self._environ.get("PATH", os.defpath))
            ended = run(
                argv,
                program,
                folder=self._folder,
                environ=environ,
                timeout=question.timeout.total_seconds(),
                keep=_KEPT + mask.margin,
                halt=halt,
            )
        except NoProgramError as error:
            return CommandEnd(None, failure=str(error))
        except OSError as error:
            return CommandEnd(None, failure=f"{shown!r} cannot be started: {why_not_started(error)}")
        stdout, stderr = mask.text(ended.stdout), mask.text(ended.stderr)
        in_turn = (stdout, stderr) if ended.stderr.turn > ended.stdout.turn else (stderr, stdout)
        return CommandEnd(
            exit=None if ended.code is None or ended.code < 0 else ended.code,
            stdout=stdout,
            output="\n".join(text.rstrip("\n") for text in in_turn if text),
            failure=_failure(ended, question),
            cut=ended.stdout.cut or ended.stderr.cut,
        )


def _flaw(what: str, texts: Iterable[str]) -> str:
    """Why the system takes none of them, or nothing."""
    for text in texts:
        if "\0" in text:
            return f"{what} of the command holds a NUL character, which no program can be given"
        try:
            os.fsencode(text)
        except UnicodeEncodeError:
            return f"{what} of the command holds a character that this system's encoding does not have"
    return ""


def _failure(ended: Exit, question: CommandRun) -> str:
    if ended.code is None:
        left = f", and its process {ended.left} could not be ended" if ended.left else ""
        return f"it took longer than {format_duration(question.timeout)}{left}"
    return f"it was ended by {_SIGNALS.get(-ended.code, f'signal {-ended.code}')}" if ended.code < 0 else ""
