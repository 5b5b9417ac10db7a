"""recover: finishes or undoes what a crash left half done: an advance is taken back, a rollback is finished."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum

from rollout.engine.retreat import NEAREST
from rollout.engine.settings import lead_to_safe, level_named, nearer_to_safe, safe_values, same
from rollout.errors import ConflictError, StoreError, TargetError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change, Slot
from rollout.model.commands import Ran, ran_to_json
from rollout.model.events import Draft, EventKind
from rollout.model.plan import Level
from rollout.model.record_json import holder_to_json
from rollout.model.state import Pending, Position
from rollout.model.values import Held
from rollout.operations.apply import grouped
from rollout.operations.carry_out import Withdrawal, carry_out
from rollout.operations.commanding import Crew
from rollout.operations.desk import Desk
from rollout.operations.fence import Fence
from rollout.operations.giving_way import give_way
from rollout.operations.overtaking import may_write_again
from rollout.operations.push import push
from rollout.operations.record import begun, changes_json, record, unrecorded
from rollout.operations.verifying import sentence, verify_soon


class RecoveryOutcome(StrEnum):
    NOTHING = "nothing"
    UNDONE = "undone"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class Recovery:
    """`kind` and `aim` are of the change that was interrupted, `by` whose it was.

    `changes` lead from what was found to what shall stand. `left_to_do` and `failures` as for a rollback.
    """

    rollout: str
    environment: str
    outcome: RecoveryOutcome
    kind: str = ""
    aim: Position | None = None
    by: str = ""
    changes: tuple[Change, ...] = ()
    left_to_do: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    commands: tuple[Ran, ...] = ()
    head: str = ""

    @property
    def exit_code(self) -> int:
        return 8 if self.failures or self.outcome is RecoveryOutcome.FAILED else 0


def recover(desk: Desk, *, force: bool = False, reason: str = "") -> Recovery:
    """ConflictError where somebody is at it, or where a value is neither the one before nor the one after.

    `force` writes over such a value.
    """
    result = Recovery(desk.rollout.name, desk.rollout.environment, RecoveryOutcome.NOTHING, head=desk.state.head)
    desk.refuse_under_way()
    pending = desk.state.pending
    if pending is None:
        _sweep(desk)
        return result
    found = _classified(desk, pending, force=force)
    others = [change for change, kept in zip(pending.changes, found, strict=True) if kept is None]
    unreadable = [error for error in found if isinstance(error, TargetError)]
    ours = tuple(change for change in found if isinstance(change, Change))
    with begun():
        data = {"op": pending.op, "holder": holder_to_json(desk.machine.this_process()), "reason": reason}
        fence = Fence(desk, *record(desk, desk.state.seq, Draft(EventKind.RECOVERING, data)))
        may_write_again(desk, pending)  # it is gone, but perhaps not its commands
        crew = Crew(desk, pending.op, desk.state.position, again=True, before_each=fence.check_overtaken)
        try:
            if pending.kind == "advance" or others or unreadable:
                recovery, draft = _undo(desk, crew, ours, result)
            else:
                recovery, draft = _finish(desk, pending, fence, ours, result, reason)
            fence.check_overtaken()
            if unreadable:
                raise unreadable[0]
            if others:
                raise _strange(others)
            if draft is not None:
                recovery = replace(recovery, head=fence.record(draft))
        except ConflictError as error:
            give_way(desk, fence, crew, error, grouped(ours))
            raise
        except StoreError as error:
            raise unrecorded("the values stand as they should", error) from error
    return replace(recovery, kind=pending.kind, aim=pending.aim, by=pending.actor)


def _undo(desk: Desk, crew: Crew, changes: tuple[Change, ...], result: Recovery) -> tuple[Recovery, Draft | None]:
    """Only values, and what brings them into effect. Without a draft it is not done, and stays open."""
    bools_first = lead_to_safe(desk.plan, desk.environment, changes)
    restored = push(desk, changes, crew, bools_first=bools_first)
    data = {
        "op": crew.op,
        "error": "it was interrupted, and taken back by recover",
        "restored": restored.verified,
        "changes": changes_json(restored.changes),
        "commands": [ran_to_json(ran) for ran in crew.ran],
    }
    failures = [f"{name}: {error.message}" for name, error in restored.failures]
    if restored.verified:
        failures += [f"not verified: {sentence(one)}" for one in verify_soon(desk, grouped(changes))]
    recovery = replace(
        result,
        outcome=RecoveryOutcome.UNDONE if restored.verified else RecoveryOutcome.FAILED,
        changes=restored.changes,
        left_to_do=tuple(f"unless it was done before: {desk.runner.by_hand(command)}" for command in crew.skipped),
        failures=tuple(failures),
        commands=tuple(crew.ran),
    )
    return recovery, Draft(EventKind.ADVANCE_FAILED, data) if restored.verified else None


def _finish(
    desk: Desk, pending: Pending, fence: Fence, changes: tuple[Change, ...], result: Recovery, reason: str
) -> tuple[Recovery, Draft | None]:
    way = Withdrawal(
        op=pending.op,
        level=_level(desk, pending),
        changes=changes,
        passed=pending.passed,
        position=pending.position,
        restart=pending.restart,
        since=desk.clock.now(),
        reason=reason or pending.reason,
        kept=pending.kept,
        again=True,
    )
    withdrawn = carry_out(desk, way, fence)
    recovery = replace(
        result,
        outcome=RecoveryOutcome.FINISHED if withdrawn.done else RecoveryOutcome.FAILED,
        changes=withdrawn.applied.changes,
        left_to_do=tuple(withdrawn.left),
        failures=tuple(withdrawn.failures),
        commands=tuple(withdrawn.crew.ran),
    )
    return recovery, withdrawn.draft() if withdrawn.applied.verified else None


def _level(desk: Desk, pending: Pending) -> Level:
    return level_named(desk.plan, pending.level, desk.rollout.environment) if pending.level else NEAREST


def _classified(desk: Desk, pending: Pending, *, force: bool) -> list[Change | TargetError | None]:
    """For each change the one that is to be made now, from what is held; None: somebody else's value, which stays."""
    found: dict[Slot, Change | TargetError | None] = {}
    for name, part in grouped(pending.changes).items():
        try:
            held = desk.targets[name].read([change.slot.key for change in part])
        except TargetError as error:
            found.update(dict.fromkeys((change.slot for change in part), error))
            continue
        found.update({one.slot: _now(desk, one, pending, held[one.slot.key], force=force) for one in part})
    return [found[change.slot] for change in pending.changes]


def _now(desk: Desk, change: Change, pending: Pending, held: Held, *, force: bool) -> Change | None:
    flag = desk.slots[change.slot]
    now = flag.found(held)
    wanted = change.before if pending.kind == "advance" else change.after
    known = any(same(flag, now, one) for one in (change.before, change.after))
    if pending.kind == "rollback" and not known:
        safe = safe_values(desk.plan, desk.environment).get(change.slot.flag)
        wanted = nearer_to_safe(flag, safe, now, wanted)
    return replace(change, before=now, after=wanted, verified=False) if known or force else None


def _strange(others: list[Change]) -> ConflictError:
    names = ", ".join(f"{change.slot.flag} at {change.slot.target}" for change in others)
    return ConflictError(
        f"neither the value before nor the one after: {names}; what is there stays",
        "put it right by hand and recover again; or write over it: rollout recover --force",
    )


def _sweep(desk: Desk) -> None:
    """What a killed writer left beside a target goes with the next write, were it of nothing."""
    for target in desk.targets.values():
        with suppress(TargetError):
            target.write({}, None)
