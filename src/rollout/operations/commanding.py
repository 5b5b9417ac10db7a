"""Running the commands of a change: what they are told, how long they may take, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from rollout.errors import ChangeError
from rollout.frozen import dataclass, field
from rollout.model.commands import Ran
from rollout.model.plan import Command, TargetSpec
from rollout.model.state import Position
from rollout.operations.desk import Desk

USUAL = timedelta(minutes=5)
"""How long a command may take that says nothing itself."""


@dataclass(frozen=True)
class Crew:
    """Runs commands for one change, known as `op`. `again`: what may run only `once` may have run before.

    `longest` is for commands that have no time-out of their own. `before_each` may raise, and then the command is not
    run. `ran` fills as they end, `skipped` with those that may run only once.
    """

    desk: Desk
    op: str
    position: Position | None
    level: str = ""
    longest: timedelta = USUAL
    again: bool = False
    before_each: Callable[[], None] | None = None
    skipped: list[Command] = field(default_factory=list)
    ran: list[Ran] = field(default_factory=list)

    def run(self, commands: Iterable[Command], what: str) -> None:
        """One after the other; ChangeError for the first that fails."""
        for command in commands:
            self._one(command, what, self.longest)

    def run_all(self, commands: Iterable[Command], what: str) -> list[tuple[Command, ChangeError]]:
        """One after the other, whatever becomes of any; those that failed."""
        failed = []
        for command in commands:
            try:
                self.run([command], what)
            except ChangeError as error:
                failed.append((command, error))
        return failed

    def apply(self, spec: TargetSpec, *, emergency: bool) -> None:
        """Bring a target's change into effect. ChangeError as for `run`."""
        for command in applying(spec, emergency=emergency):
            self._one(command, f"apply of {spec.name}", spec.apply_timeout or self.longest)

    def _one(self, command: Command, what: str, timeout: timedelta) -> None:
        if command.once and self.again:
            self.skipped.append(command)
            return
        if self.before_each is not None:
            self.before_each()
        with self.desk.voice.working(f"{what}: {command.argv[0]}"):
            ran = self.desk.runner.run(command, what, timeout=timeout, context=self._context())
        self.ran.append(ran)
        if ran.failure:
            raise ChangeError(ran.failure, _hint(ran))

    def _context(self) -> dict[str, str]:
        position = self.position
        return {
            "ROLLOUT_NAME": self.desk.rollout.name,
            "ROLLOUT_ENVIRONMENT": self.desk.rollout.environment,
            "ROLLOUT_PHASE": position.phase if position else "",
            "ROLLOUT_STEP": str(position.step) if position else "",
            "ROLLOUT_LEVEL": self.level,
            "ROLLOUT_OP_ID": self.op,
        }


def applying(spec: TargetSpec, *, emergency: bool) -> Sequence[Command]:
    return (spec.emergency_apply or spec.apply) if emergency else spec.apply


def _hint(ran: Ran) -> str:
    last = ran.output.strip().rpartition("\n")[2]
    return f"the last it printed: {last}" if last else ""
