"""Carrying out a rollback, whichever door it came through: values, undo, run, verify, then.

Nothing that fails stops what comes after it; it is said, recorded, and left to a person with the exact command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from rollout.engine import gaps
from rollout.engine.path import index_of
from rollout.errors import ConflictError, StoreError
from rollout.frozen import dataclass, field, replace
from rollout.model.changes import Change, Slot, settings_to_json
from rollout.model.commands import ran_to_json
from rollout.model.events import Draft, EventKind
from rollout.model.plan import EMERGENCY, Command, Level
from rollout.model.record_json import position_to_json
from rollout.model.state import Position
from rollout.model.values import Setting, Verbatim, words
from rollout.operations.apply import Applied, grouped
from rollout.operations.commanding import USUAL, Crew, applying
from rollout.operations.desk import Desk
from rollout.operations.fence import Fence
from rollout.operations.giving_way import give_way
from rollout.operations.push import push
from rollout.operations.record import changes_json, unrecorded
from rollout.processes.in_time import within


@dataclass(frozen=True)
class Withdrawal:
    """What a rollback does. `position` is where the rollout stands afterwards, `since` when its objective began. `kept`
    is what it leaves as an interrupted change has set it.

    `again`: part of it may have been done before, by one that was interrupted.
    """

    op: str
    level: Level
    changes: tuple[Change, ...]
    passed: tuple[Position, ...]
    position: Position | None
    restart: Position | None
    since: datetime
    reason: str = ""
    kept: Mapping[Slot, Setting] = field(default_factory=dict)
    again: bool = False

    @property
    def emergency(self) -> bool:
        return self.level.name == EMERGENCY

    def data(self) -> dict[str, object]:
        """For its events."""
        return {
            "level": self.level.name,
            "position": position_to_json(self.position),
            "restart": position_to_json(self.restart),
            "reason": self.reason,
            "kept": settings_to_json(self.kept),
        }


@dataclass(frozen=True)
class Withdrawn:
    """`left` are commands and texts for a person, `failures` sentences."""

    way: Withdrawal
    applied: Applied
    crew: Crew
    failures: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.applied.verified and not self.failures

    def draft(self) -> Draft:
        """The event that ends it."""
        data = {
            "op": self.way.op,
            **self.way.data(),
            "changes": changes_json(self.applied.changes),
            "errors": self.failures,
            "commands": [ran_to_json(ran) for ran in self.crew.ran],
        }
        return Draft(EventKind.ROLLED_BACK if self.applied.verified else EventKind.ROLLBACK_FAILED, data)


def crew_of(desk: Desk, way: Withdrawal, fence: Fence | None = None) -> Crew:
    return Crew(
        desk,
        way.op,
        way.position,
        way.level.name,
        longest=way.level.objective if way.emergency else USUAL,
        again=way.again,
        before_each=fence.check_overtaken if fence else None,
    )


def carry_out(
    desk: Desk, way: Withdrawal, fence: Fence | None = None, until_over: Callable[[], None] | None = None
) -> Withdrawn:
    """`until_over` is there where a change was overtaken that may write once more: it returns when that is over.

    ConflictError when it is overtaken itself, which the `fence` tells.
    """
    crew = crew_of(desk, way, fence)
    applied = push(desk, way.changes, crew, bools_first=True, emergency=way.emergency)
    if until_over is not None:
        until_over()
        applied = push(desk, way.changes, replace(crew, again=True), bools_first=True, emergency=way.emergency)
    withdrawn = Withdrawn(way, applied, crew)
    withdrawn.failures.extend(f"{name}: {error.message}" for name, error in applied.failures)
    withdrawn.left.extend(_by_hand(desk, withdrawn))
    _undo(desk, withdrawn)
    _run(desk, withdrawn, way.level.run, f"run of {way.level.name}")
    verified = _verify(desk, withdrawn)
    if applied.verified and verified:
        _run(desk, withdrawn, way.level.then, f"then of {way.level.name}")
    else:
        withdrawn.left.extend(f"when all is confirmed: {desk.runner.by_hand(command)}" for command in way.level.then)
    withdrawn.left.extend(f"unless it was done before: {desk.runner.by_hand(command)}" for command in crew.skipped)
    withdrawn.left.extend((*way.level.instructions, *gaps.to_tell(desk.plan, desk.rollout.environment)))
    return withdrawn


def carry_out_behind(desk: Desk, way: Withdrawal, fence: Fence) -> tuple[Withdrawn, str]:
    """And record it behind its intent, with the hash; where it was overtaken, it gives way."""
    try:
        withdrawn = carry_out(desk, way, fence)
        return withdrawn, fence.record(withdrawn.draft())
    except ConflictError as error:
        give_way(desk, fence, crew_of(desk, way), error, grouped(way.changes))
        raise
    except StoreError as error:
        raise unrecorded("the values were changed", error) from error


def _by_hand(desk: Desk, withdrawn: Withdrawn) -> Iterable[str]:
    """For each target that could not be confirmed: its values, then what brings them into effect."""
    failed = {name for name, _ in withdrawn.applied.failures}
    for name, part in grouped(withdrawn.applied.changes).items():
        unconfirmed = {change.slot.key: change.after for change in part if not change.verified}
        if unconfirmed:
            yield _manual(desk, name, unconfirmed)
        if unconfirmed or name in failed:
            spec = desk.environment.targets[name]
            yield from (desk.runner.by_hand(command) for command in applying(spec, emergency=withdrawn.way.emergency))


def _manual(desk: Desk, target: str, settings: Mapping[str, Setting]) -> str:
    """In time, for a target that hangs."""
    try:
        return within(1.0, lambda: desk.targets[target].manual(settings))
    except OSError:
        values = ", ".join(f"{key} {_words(value)}" for key, value in settings.items())
        return f"set by hand at the target {target}, which does not answer: {values}"


def _words(setting: Setting) -> str:
    if setting is None:
        return "absent"
    return words(setting.held if isinstance(setting, Verbatim) else setting)


def _undo(desk: Desk, withdrawn: Withdrawn) -> None:
    """Of the steps that are gone back over, the last one first."""
    for position in reversed(withdrawn.way.passed):
        index = index_of(desk.stops, position)
        for item in desk.stops[index].step.undo if index >= 0 else ():
            if isinstance(item, str):
                withdrawn.left.append(f"{desk.stops[index].label}: {item}")
            else:
                _run(desk, withdrawn, [item], f"undo of {desk.stops[index].label}")


def _run(desk: Desk, withdrawn: Withdrawn, commands: Iterable[Command], what: str) -> None:
    for command, error in withdrawn.crew.run_all(commands, what):
        withdrawn.failures.append(error.message)
        withdrawn.left.append(desk.runner.by_hand(command))


def _verify(desk: Desk, withdrawn: Withdrawn) -> bool:
    way = withdrawn.way
    targets = grouped(withdrawn.applied.changes)
    names = [*desk.verifying(targets), *way.level.verify]
    if not names:
        return True
    from rollout.operations.verifying import sentence, verify  # an emergency pays for what it loads

    failing = verify(desk, names, way.since + way.level.objective)
    withdrawn.failures.extend(f"not verified: {sentence(judgement)}" for judgement in failing)
    withdrawn.left.extend(f"see that the gate {judgement.id} passes" for judgement in failing)
    return not failing
