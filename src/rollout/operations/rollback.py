"""rollback: back to an earlier step or to a level's values; works from every status, and judges nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from rollout.engine import gaps
from rollout.engine.fold import fold
from rollout.engine.path import label_of
from rollout.engine.retreat import NEAREST, Retreat, retreat
from rollout.engine.settings import changes, level_named
from rollout.errors import ConflictError, StoreError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.events import Draft, EventKind
from rollout.model.plan import EMERGENCY, Level
from rollout.model.state import Position
from rollout.model.values import Setting
from rollout.model.verdicts import Verdict
from rollout.operations.apply import Applied, apply
from rollout.operations.desk import Desk
from rollout.operations.present import Present, by_target, read_present
from rollout.operations.record import begun, changes_json, position_json, record, started


class RollbackOutcome(StrEnum):
    ROLLED_BACK = "rolled-back"
    DRY_RUN = "dry-run"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Rollback:
    """`left_to_do` are sentences and commands for a person; `failures` say why a target is not as it should be."""

    rollout: str
    environment: str
    outcome: RollbackOutcome
    level: Level
    back_to: Position | None
    label: str
    changes: tuple[Change, ...]
    verified: bool = False
    recorded: bool = False
    left_to_do: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    elapsed: timedelta = timedelta()
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


Confirm = Callable[[Rollback], bool]


def rollback(
    desk: Desk,
    *,
    level: str = "",
    to: str = "",
    reason: str = "",
    dry_run: bool = False,
    confirm: Confirm,
    since: datetime | None = None,
) -> Rollback:
    """`level` names one of the plan's; `to` a step; neither: the nearest earlier step whose values differ.

    `since`: when the person gave the command, from which on time counts.
    """
    began_at = since or desk.clock.now()
    emergency = level == EMERGENCY
    chosen = _level(desk, level, to)
    present = read_present(desk)
    if present.failures and not emergency:
        raise present.failures[0]
    way = retreat(desk.plan, desk.environment, desk.stops, desk.state, present.settings, chosen)
    missing = (*gaps.to_roll_back(desk.environment, chosen, way.passed), *desk.target_gaps)
    if not emergency:
        desk.need_carried_out(missing)
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
    if not emergency and not confirm(preview):
        return replace(preview, outcome=RollbackOutcome.REFUSED)
    return _carry_out(desk, preview, way, present, missing, reason, began_at)


def _level(desk: Desk, level: str, to: str) -> Level:
    if to:
        return Level("", to=to)
    return level_named(desk.plan, level, desk.rollout.environment) if level else NEAREST


def _carry_out(
    desk: Desk,
    preview: Rollback,
    way: Retreat,
    present: Present,
    missing: tuple[str, ...],
    reason: str,
    began_at: datetime,
) -> Rollback:
    """Intent, apply to every target whatever happens to another, read back, record. A dead store never stops it."""
    op = secrets.token_hex(8)
    intent = {
        "op": op,
        "level": way.level.name,
        "to": position_json(way.back_to),
        "changes": changes_json(preview.changes),
        "reason": reason,
    }
    drafts = [Draft(EventKind.ROLLBACK_INTENDED, intent)]
    if not desk.state.begun:
        drafts.insert(0, started(desk, present))
    insist = way.level.name == EMERGENCY
    seq, _ = _record(desk, desk.state.seq, drafts, insist=insist)
    # An advance that was under way may write once more before it finds itself overtaken.
    under_way = desk.state.pending is not None or seq > desk.state.seq + len(drafts)
    with begun():
        return _write(desk, preview, way, missing, reason, began_at, drafts, seq, op, again=insist and under_way)


def _write(
    desk: Desk,
    preview: Rollback,
    way: Retreat,
    missing: tuple[str, ...],
    reason: str,
    began_at: datetime,
    intent: list[Draft],
    seq: int,
    op: str,
    *,
    again: bool,
) -> Rollback:
    applied = apply(desk, preview.changes, bools_first=True)
    if again:
        desk.say(f"an advance was under way: reading back once more in {_OVERTAKEN.total_seconds():.0f} s")
        desk.clock.sleep(_OVERTAKEN.total_seconds())
        applied = apply(desk, preview.changes, bools_first=True)
    done = applied.verified and not missing
    data = {
        "op": op,
        "level": way.level.name,
        "position": position_json(way.position),
        "restart": position_json(way.restart),
        "changes": changes_json(applied.changes),
        "reason": reason,
        "errors": [error.message for _, error in applied.failures],
    }
    kind = EventKind.ROLLED_BACK if applied.verified else EventKind.ROLLBACK_FAILED
    # Where the intent could not be recorded, perhaps both can by now.
    late = [] if seq else intent
    head = _record(desk, seq or desk.state.seq, [*late, Draft(kind, data)], insist=True)[1]
    return replace(
        preview,
        outcome=RollbackOutcome.ROLLED_BACK if done else RollbackOutcome.FAILED,
        changes=applied.changes,
        verified=applied.verified,
        recorded=bool(head),
        left_to_do=_left_to_do(desk, way.level, applied, missing),
        failures=tuple(f"{name}: {error.message}" for name, error in applied.failures),
        elapsed=desk.clock.now() - began_at,
        head=head,
    )


def _record(desk: Desk, after: int, drafts: list[Draft], *, insist: bool) -> tuple[int, str]:
    """`insist`: behind whatever has been recorded meanwhile, and (0, "") where nothing can be: that stops nothing."""
    if not insist:
        return record(desk, after, *drafts)
    try:
        for _ in range(_RECORD_ATTEMPTS):
            try:
                return record(desk, after, *drafts)
            except ConflictError:
                events = desk.store.events(desk.rollout)
                after = events[-1].seq if events else 0
                if fold(events).begun:
                    drafts = [draft for draft in drafts if draft.kind is not EventKind.STARTED]
    except StoreError as error:
        desk.say(f"not recorded: {error.message}")
    return 0, ""


_RECORD_ATTEMPTS = 5

_OVERTAKEN = timedelta(seconds=5)
"""After so long an advance that was overtaken has made its last write."""


def _left_to_do(desk: Desk, level: Level, applied: Applied, missing: tuple[str, ...]) -> tuple[str, ...]:
    """The exact command for each target that could not be confirmed, then what the level asks of a person."""
    open_changes = {change.slot: change.after for change in applied.changes if not change.verified}
    commands = []
    for name, slots in by_target(open_changes).items():
        settings: dict[str, Setting] = {slot.key: open_changes[slot] for slot in slots}
        commands.append(desk.targets[name].manual(settings))
    told = gaps.to_tell(desk.plan, desk.rollout.environment)
    return (*commands, *missing, *level.instructions, *told)
