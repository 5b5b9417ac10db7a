"""rollback: back to an earlier step or to a level's values; works from every status, and judges nothing before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from rollout.engine.path import label_of
from rollout.engine.retreat import NEAREST, Retreat, retreat
from rollout.engine.settings import changes, level_named, to_safe
from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change, Slot
from rollout.model.commands import Ran
from rollout.model.events import EventKind
from rollout.model.plan import EMERGENCY, Level
from rollout.model.record_json import position_to_json, positions_to_json
from rollout.model.state import Position
from rollout.model.values import Setting
from rollout.model.verdicts import Verdict
from rollout.operations.carry_out import Withdrawal, carry_out, carry_out_behind
from rollout.operations.desk import Desk
from rollout.operations.insisting import Insisting
from rollout.operations.intent import Intent, keep_card, keep_state, new_op
from rollout.operations.overtaking import may_write_again, until_over
from rollout.operations.present import Present, read_present
from rollout.operations.record import begun


class RollbackOutcome(StrEnum):
    ROLLED_BACK = "rolled-back"
    DRY_RUN = "dry-run"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Rollback:
    """`left_to_do` are sentences and commands for a person; `failures` say why something is not as it should be.

    `open`: not every value stands in effect, so that a recovery tries again. `spooled` names the file that keeps what
    could not be recorded.
    """

    rollout: str
    environment: str
    outcome: RollbackOutcome
    level: Level
    back_to: Position | None
    label: str
    changes: tuple[Change, ...]
    verified: bool = False
    open: bool = False
    recorded: bool = False
    left_to_do: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    commands: tuple[Ran, ...] = ()
    elapsed: timedelta = timedelta()
    spooled: str = ""
    head: str = ""

    @property
    def exit_code(self) -> int:
        match self.outcome:
            case RollbackOutcome.REFUSED:
                return Verdict.HOLD.exit_code
            case RollbackOutcome.FAILED:
                return 8
            case RollbackOutcome.ROLLED_BACK | RollbackOutcome.DRY_RUN:
                return 0


_GLANCE = 1.0
"""Seconds in which an emergency looks at what the targets hold; what it does not see is written as wanted."""

Confirm = Callable[[Rollback], bool]
"""Shows the change and asks, for a destructive level by having the rollout's name typed."""


def rollback(
    desk: Desk,
    *,
    level: str = "",
    to: str = "",
    flags: Sequence[str] = (),
    reason: str = "",
    approved_by: str = "",
    confirmed: str = "",
    dry_run: bool = False,
    confirm: Confirm,
    since: datetime | None = None,
) -> Rollback:
    """`level` names one of the plan's; `to` a step; `flags` go to their safe values; none of them: the nearest earlier
    step whose values differ. `confirmed` is the rollout's name, where a destructive level wants it typed.

    `since`: when the person gave the command, from which on time counts.
    """
    began_at = since or desk.clock.now()
    emergency = level == EMERGENCY
    chosen = _level(desk, level, to, flags)
    if not emergency:
        desk.refuse_under_way()
    present = read_present(desk, _GLANCE if emergency else None)
    if present.failures and not emergency:
        raise present.failures[0]
    way = retreat(desk.plan, desk.environment, desk.stops, desk.state, present.settings, chosen)
    preview = Rollback(
        desk.rollout.name,
        desk.rollout.environment,
        RollbackOutcome.DRY_RUN,
        chosen,
        way.back_to,
        label_of(desk.stops, way.back_to),
        changes(way.settings, present.settings, desk.slots, all_slots=True),
        head=desk.state.head,
    )
    if dry_run:
        return preview
    if not emergency:
        _approved(desk, chosen, approved_by)
        if not _confirmed(desk, preview, confirmed, confirm):
            return replace(preview, outcome=RollbackOutcome.REFUSED)
        began_at = desk.clock.now()  # what the person took to read it is not the tool's
    return _withdraw(desk, preview, way, present, reason, approved_by, began_at)


def _level(desk: Desk, level: str, to: str, flags: Sequence[str]) -> Level:
    if to:
        return Level("", to=to)
    if flags:
        return Level("", set=to_safe(desk.plan, desk.environment, flags), restart="here")
    return level_named(desk.plan, level, desk.rollout.environment) if level else NEAREST


def _approved(desk: Desk, level: Level, approved_by: str) -> None:
    if not level.approval:
        return
    if not approved_by.strip():
        raise UsageError(f"the level {level.name} wants another person's approval", "--approved-by NAME says whose")
    if approved_by.strip().casefold() == desk.who().strip().casefold():
        raise UsageError(f"{approved_by} types this command", f"the level {level.name} wants another person's approval")


def _confirmed(desk: Desk, preview: Rollback, confirmed: str, confirm: Confirm) -> bool:
    if preview.level.destructive and confirmed:
        if confirmed != desk.rollout.name:
            raise UsageError(f"--confirm {confirmed} does not name the rollout", f"it is {desk.rollout.name}")
        return True
    return confirm(preview)


def _kept(desk: Desk, way: Retreat, present: Present) -> dict[Slot, Setting]:
    """What an interrupted change has written and this one leaves; also where a rollback of it was interrupted, too."""
    pending = desk.state.pending
    if pending is None:
        return {}
    slots = dict.fromkeys([*(change.slot for change in pending.changes), *pending.kept])
    left = [slot for slot in slots if slot not in way.settings]
    return {slot: present.settings[slot] for slot in left if slot in present.settings}


def _withdraw(
    desk: Desk, preview: Rollback, way: Retreat, present: Present, reason: str, approved_by: str, began_at: datetime
) -> Rollback:
    """Intent, values and commands, record. In an emergency a dead store stops none of it."""
    op = new_op()
    withdrawal = Withdrawal(
        op=op,
        level=way.level,
        changes=preview.changes,
        passed=tuple(stop.position for stop in way.passed),
        position=way.position,
        restart=way.restart,
        since=began_at,
        reason=reason,
        kept=_kept(desk, way, present),
    )
    data = {
        **withdrawal.data(),
        "to": position_to_json(way.back_to),
        "passed": positions_to_json(withdrawal.passed),
        "approved_by": approved_by,
    }
    intent = Intent(op, EventKind.ROLLBACK_INTENDED, preview.changes, data)
    if not withdrawal.emergency:
        keep_card(desk, intent, present, aim=way.back_to)
    with begun():
        if withdrawal.emergency:
            ledger = Insisting(desk, intent.drafts(desk, present))
            overtaken = ledger.intend()
            until = partial(until_over, desk, overtaken) if overtaken and may_write_again(desk, overtaken) else None
            withdrawn = carry_out(desk, withdrawal, until_over=until)
            head, spooled = ledger.end(withdrawn.draft())
            withdrawn.left.extend(f"keep for the record: {line}" for line in ledger.lost)
            if head and desk.state.begun and not desk.state.seq:
                with suppress(StoreError):  # the card knows of a record that was lost; from here on it is this one
                    keep_state(desk, desk.store.state(desk.rollout))
        else:
            fence = intent.record(desk, present)
            may_write_again(desk, desk.state.pending)  # it is gone, but perhaps not its commands
            (withdrawn, head), spooled = carry_out_behind(desk, withdrawal, fence), ""
    return replace(
        preview,
        outcome=RollbackOutcome.ROLLED_BACK if withdrawn.done else RollbackOutcome.FAILED,
        changes=withdrawn.applied.changes,
        verified=withdrawn.done,
        open=not withdrawn.applied.verified,
        recorded=bool(head),
        left_to_do=tuple(withdrawn.left),
        failures=tuple(withdrawn.failures),
        commands=tuple(withdrawn.crew.ran),
        elapsed=desk.clock.now() - began_at,
        spooled=spooled,
        head=head,
    )
