"""Runs the commands of gates, all at once, and says how each run ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from threading import Event

from rollout.model.evidence import Unanswered
from rollout.model.probes import CommandEnd, CommandRun
from rollout.model.variables import UnsetVariableError
from rollout.processes.attended import attended
from rollout.processes.invocation import Invocation, UnfitError, cut_short, prepare, start, unusable
from rollout.processes.output import Tail
from rollout.processes.program import NotStartedError

_AT_ONCE = 8
_KEPT = 2**16
"""Bytes of stdout, and of stderr."""

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
        if flaw := unusable(self._folder):
            return dict.fromkeys(distinct, Unanswered(flaw))
        return dict(zip(distinct, attended(self._ends, distinct, at_once=_AT_ONCE), strict=True))

    def _ends(self, halt: Event, question: CommandRun) -> _Ends:
        try:
            invocation = prepare(
                question.argv,
                environ=self._environ,
                variables=self._variables(question.environment),
                context=self._context,
                secret_names=self._secret_names,
            )
        except UnsetVariableError as error:
            return Unanswered(str(error), unset=error.name)
        except UnfitError as error:
            return Unanswered(str(error))
        ends: list[CommandEnd] = []
        while len(ends) < question.repeat and not halt.is_set():
            ends.append(self._end(halt, question, invocation))
            if ends[-1].exit != question.expected:
                break
        return tuple(ends)

    def _end(self, halt: Event, question: CommandRun, invocation: Invocation) -> CommandEnd:
        mask = invocation.mask
        out, err = Tail(_KEPT + mask.margin), Tail(_KEPT + mask.margin)
        try:
            ended = start(invocation, folder=self._folder, timeout=question.timeout, halt=halt, stdout=out, stderr=err)
        except NotStartedError as error:
            return CommandEnd(None, failure=str(error))
        stdout, stderr = mask.text(out), mask.text(err)
        in_turn = (stdout, stderr) if err.turn > out.turn else (stderr, stdout)
        cut = cut_short(ended, question.timeout)
        return CommandEnd(
            exit=None if cut else ended.code,
            stdout=stdout,
            output="\n".join(text.rstrip("\n") for text in in_turn if text),
            failure=f"it {cut}" if cut else "",
            cut=out.cut or err.cut,
        )
