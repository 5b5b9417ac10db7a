"""Taking one step: card, intent, commands before, flags, apply, verify, commands after, read back, record.

Whatever fails in between is put back and recorded.
"""

from __future__ import annotations

from collections.abc import Sequence

from rollout.engine.path import Stop
from rollout.engine.settings import lead_to_safe
from rollout.errors import ChangeError, ConflictError, Interrupted, RolloutError, StoreError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.commands import Ran, ran_to_json
from rollout.model.events import Draft, EventKind
from rollout.model.record_json import baseline_to_json, position_to_json
from rollout.model.verdicts import Decision
from rollout.operations.apply import Applied, grouped, read_back, write
from rollout.operations.commanding import Crew
from rollout.operations.desk import Desk
from rollout.operations.fence import Fence
from rollout.operations.giving_way import give_way
from rollout.operations.intent import Intent, keep_card, new_op
from rollout.operations.present import Present
from rollout.operations.put_back import put_back
from rollout.operations.record import begun, changes_json, interrupted, unrecorded
from rollout.operations.verifying import sentence, verify_soon


@dataclass(frozen=True)
class Taken:
    """`failure` says why the step failed, `restored`: all is as it was before; `left` is why it is not."""

    changes: tuple[Change, ...]
    head: str
    commands: tuple[Ran, ...]
    failure: RolloutError | None = None
    restored: bool = False
    left: tuple[str, ...] = ()


def take_step(
    desk: Desk,
    stop: Stop,
    changes: Sequence[Change],
    decision: Decision,
    present: Present,
    notes: dict[str, object],
) -> Taken:
    """`notes` are kept with the intent: why, and what did not count."""
    op = new_op()
    data = {
        **notes,
        "from": position_to_json(desk.state.position),
        "to": position_to_json(stop.position),
        "verdict": decision.verdict.value,
    }
    intent = Intent(op, EventKind.ADVANCE_INTENDED, tuple(changes), data)
    keep_card(desk, intent, present, aim=stop.position)
    with begun():
        fence = intent.record(desk, present)
        crew = Crew(desk, op, stop.position, before_each=fence.check)
        return _Step(desk, stop, tuple(changes), present, fence, crew).take(decision)


@dataclass(frozen=True)
class _Step:
    desk: Desk
    stop: Stop
    changes: tuple[Change, ...]
    present: Present
    fence: Fence
    crew: Crew

    @property
    def _bools_first(self) -> bool:
        return lead_to_safe(self.desk.plan, self.desk.environment, self.changes)

    def take(self, decision: Decision) -> Taken:
        touched: set[str] = set()
        try:
            applied = self._carry_out(touched)
        except RolloutError as error:
            return self._failed(error, frozenset(touched))
        except (Interrupted, KeyboardInterrupt):
            self.desk.voice.say("interrupted: putting everything back (once more stops that, too)")
            return self._failed(interrupted(), frozenset(touched))
        done = {
            "op": self.crew.op,
            "to": position_to_json(self.stop.position),
            "changes": changes_json(applied),
            "baselines": [baseline_to_json(one) for one in decision.baselines],
            "commands": self._commands(),
        }
        try:
            return Taken(applied, self.fence.record(Draft(EventKind.ADVANCED, done)), tuple(self.crew.ran))
        except ConflictError as error:
            return self._failed(error, frozenset(touched))
        except StoreError as error:
            raise unrecorded("the flags were changed", error) from error

    def _carry_out(self, touched: set[str]) -> tuple[Change, ...]:
        """The changes, read back. RolloutError for whatever fails."""
        desk, step, crew = self.desk, self.stop.step, self.crew
        targets = [desk.environment.targets[name] for name in grouped(self.changes)]
        crew.run(step.before, f"before {self.stop.label}")
        seen = self.present.held
        write(desk, self.changes, bools_first=self._bools_first, seen=seen, fence=self.fence.check, touched=touched)
        for spec in targets:
            crew.apply(spec, emergency=False)
        self._read_back()
        failing = verify_soon(desk, [spec.name for spec in targets])
        if failing:
            raise ChangeError(f"not verified: {sentence(failing[0])}", failing[0].on_fail)
        crew.run(step.run, f"run of {self.stop.label}")
        return self._read_back()

    def _read_back(self) -> tuple[Change, ...]:
        applied = Applied(read_back(self.desk, self.changes))
        if not applied.verified:
            raise applied.failure
        return applied.changes

    def _failed(self, failure: RolloutError, touched: frozenset[str]) -> Taken:
        give_way(self.desk, self.fence, self.crew, failure, touched, self.changes)
        crew = replace(self.crew, before_each=None)
        restored = put_back(self.desk, self.changes, touched, crew, bools_first=not self._bools_first)
        data = {
            "op": self.crew.op,
            "error": failure.message,
            "restored": restored.verified,
            "changes": changes_json(restored.changes),
            "commands": self._commands(),
        }
        try:
            head = self.fence.record(Draft(EventKind.ADVANCE_FAILED, data))
        except RolloutError as error:
            give_way(self.desk, self.fence, self.crew, failure, touched, self.changes)
            now = "every value is as it was before" if restored.verified else "not every value could be put back"
            raise unrecorded(f"{failure.message}; {now}", error) from error
        changes = read_back(self.desk, self.changes)
        left = tuple(f"{name}: {error.message}" for name, error in restored.failures)
        left = left if left or restored.verified else (restored.failure.message,)
        left += tuple(f"not verified: {sentence(one)}" for one in verify_soon(self.desk, touched))
        return Taken(changes, head, tuple(self.crew.ran), failure, restored.verified, left)

    def _commands(self) -> list[dict[str, object]]:
        return [ran_to_json(ran) for ran in self.crew.ran]
