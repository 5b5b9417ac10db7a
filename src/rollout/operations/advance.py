"""advance: one step forward: judge, show the change, ask, apply, read back, record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from rollout.engine.agenda import Agenda, for_advance
from rollout.engine.holds import holds
from rollout.engine.path import Stop, find, label_of
from rollout.engine.settings import at_step, changes
from rollout.errors import ConflictError, RolloutError, StoreError, UsageError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.events import Draft, EventKind
from rollout.model.state import Position, Status
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.desk import Desk
from rollout.operations.judging import judge
from rollout.operations.present import Present, read_present
from rollout.operations.record import baselines_json, position_json, record
from rollout.operations.standing import missing, refuse_conflicts
from rollout.operations.take_step import take_step
from rollout.operations.waiting import NO_WAIT, waiting

FRESH = timedelta(seconds=60)
"""Evidence older than this when a prompt is answered is judged again."""


class AdvanceOutcome(StrEnum):
    ADVANCED = "advanced"
    REFUSED = "refused"
    FAILED = "failed"
    DRY_RUN = "dry-run"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Advance:
    """`aim` None: completing the rollout. `failure` says why a change failed, and then the exit code is its own."""

    rollout: str
    environment: str
    outcome: AdvanceOutcome
    origin: Position | None
    origin_label: str
    aim: Position | None
    label: str
    changes: tuple[Change, ...]
    decision: Decision
    soak: timedelta = timedelta()
    head: str = ""
    failure: RolloutError | None = None
    restored: bool = False
    declined: bool = False

    @property
    def exit_code(self) -> int:
        if self.failure is not None:
            return self.failure.exit_code if self.restored and isinstance(self.failure, ConflictError) else 8
        if self.declined:
            return Verdict.HOLD.exit_code
        return self.decision.verdict.exit_code


Confirm = Callable[[Advance], bool]
"""Shows the change and asks; UsageError when nobody can be asked."""


def advance(
    desk: Desk,
    *,
    to: str = "",
    reason: str = "",
    overrides: Sequence[str] = (),
    wait: timedelta = NO_WAIT,
    dry_run: bool = False,
    confirm: Confirm,
) -> Advance:
    """`overrides` are the ids of gates and triggers that do not count this time; `wait`: for so long, for a GO."""
    ask = _Ask(find(desk.stops, to) if to else None, reason, frozenset(overrides), desk.state.position)
    if desk.state.status is Status.COMPLETE and ask.wanted is None and desk.state.pending is None:
        return _result(desk, AdvanceOutcome.COMPLETE, Decision(Verdict.GO))
    judged = waiting(desk, wait, lambda now: _judge(now, ask), lambda judged: judged.decision)
    desk, agenda, decision, present = judged.desk, judged.agenda, judged.decision, judged.present
    if decision.verdict is not Verdict.GO:
        return _refused(desk, agenda, decision, dry_run=dry_run)
    if agenda.index >= len(desk.stops):
        return _complete(desk, decision, ask, dry_run=dry_run)
    if present.failures:
        raise present.failures[0]
    step = _result(desk, AdvanceOutcome.DRY_RUN, decision, agenda, _changes(desk, agenda, present))
    for name, target in desk.targets.items():
        target.preflight({change.slot.key: change.after for change in step.changes if change.slot.target == name})
    if dry_run:
        return step
    if not confirm(step):
        return replace(step, outcome=AdvanceOutcome.REFUSED, declined=True)
    if desk.clock.now() - judged.at > FRESH:
        desk.say("the evidence is older than a minute: judging again")
        judged = _judge(desk.again(), ask)
        desk, decision = judged.desk, judged.decision
        if decision.verdict is not Verdict.GO:
            return _refused(desk, agenda, decision, dry_run=False)
    aim = desk.stops[agenda.index].position
    taken = take_step(desk, aim, step.changes, decision, present, reason=reason, overrides=sorted(ask.overrides))
    return replace(
        step,
        outcome=AdvanceOutcome.FAILED if taken.failure else AdvanceOutcome.ADVANCED,
        changes=taken.changes,
        decision=decision,
        failure=taken.failure,
        restored=taken.restored,
        head=taken.head,
    )


@dataclass(frozen=True)
class _Ask:
    """What the operator typed, and the step they saw; `wanted` None: whatever is next."""

    wanted: Stop | None
    reason: str
    overrides: frozenset[str]
    seen: Position | None

    def __post_init__(self) -> None:
        if self.overrides and not self.reason:
            raise UsageError("--override needs a reason, which is kept in the record", "say why: --reason TEXT")


@dataclass(frozen=True)
class _Judged:
    desk: Desk
    agenda: Agenda
    decision: Decision
    present: Present
    at: datetime


def _judge(desk: Desk, ask: _Ask) -> _Judged:
    """UsageError first for whatever this advance would need and cannot have; ConflictError when it is not the next."""
    agenda = for_advance(desk.plan, desk.stops, desk.state)
    desk.need_carried_out(missing(desk, agenda))
    if desk.unset:
        raise _unset(desk.unset)
    _check_overrides(agenda, ask.overrides)
    if not _is_next(desk, agenda, ask.wanted):
        agenda = replace(agenda, gates=(), observed=())  # nothing but a fired trigger comes before that conflict
    at = desk.clock.now()
    blockers = holds(desk.stops, desk.state, at, restarting=bool(ask.reason))
    decision = judge(desk, agenda, blockers, now=at, standing=True, overrides=ask.overrides)
    if decision.unset:
        raise _unset(decision.unset)
    present = read_present(desk)
    if desk.state.position != ask.seen:
        raise ConflictError("somebody went on while this advance was waiting", "`rollout status` shows the next step")
    _conflicts(desk, agenda, decision, ask.wanted, present)
    return _Judged(desk, agenda, decision, present, at)


def _unset(names: tuple[str, ...]) -> UsageError:
    return UsageError(f"not set: {', '.join(names)}", "the plan needs these variables to advance")


def _check_overrides(agenda: Agenda, overrides: Iterable[str]) -> None:
    known = [gate.id for _, gate in agenda.gates] + [trigger.id for trigger in agenda.triggers]
    for name in overrides:
        if name not in known:
            raise UsageError(
                f"no gate or trigger {name!r} is judged for this advance", f"judged are: {', '.join(known) or 'none'}"
            )


def _conflicts(desk: Desk, agenda: Agenda, decision: Decision, wanted: Stop | None, present: Present) -> None:
    """ConflictError unless `wanted` is next (a retry or a second person takes no step twice) and all is as recorded."""
    if decision.verdict is Verdict.ROLLBACK:
        return  # a fired trigger comes before a conflict
    if wanted is not None and not _is_next(desk, agenda, wanted):
        here = label_of(desk.stops, desk.state.position) or "not started"
        raise ConflictError(f"{wanted.label} is not the next step (now: {here})", "`rollout status` shows the next one")
    refuse_conflicts(desk, present)


def _is_next(desk: Desk, agenda: Agenda, wanted: Stop | None) -> bool:
    following = desk.stops[agenda.index] if agenda.index < len(desk.stops) else None
    return wanted is None or wanted is following


def _refused(desk: Desk, agenda: Agenda, decision: Decision, *, dry_run: bool) -> Advance:
    result = _result(desk, AdvanceOutcome.REFUSED, decision, agenda)
    fired = [trigger.id for trigger in decision.triggers if trigger.fired]
    # A refusal is worth a line when it says something new; a pipeline that asks every minute would bury the record.
    news = desk.state.verdict != decision.verdict or not desk.state.fired.keys() >= set(fired)
    if dry_run or not desk.state.seq or not news:
        return result
    data = {
        "to": position_json(result.aim),
        "verdict": decision.verdict.value,
        "blockers": list(decision.reasons),
        "fired": fired,
    }
    try:
        record(desk, desk.state.seq, Draft(EventKind.ADVANCE_REFUSED, data))
    except StoreError as error:
        desk.say(f"not recorded: {error.message}")
    except ConflictError:
        if decision.verdict is not Verdict.ROLLBACK:  # a fired trigger comes before a conflict
            raise
    return result


def _complete(desk: Desk, decision: Decision, ask: _Ask, *, dry_run: bool) -> Advance:
    result = _result(desk, AdvanceOutcome.DRY_RUN if dry_run else AdvanceOutcome.COMPLETE, decision)
    if dry_run:
        return result
    data = {
        "verdict": decision.verdict.value,
        "reason": ask.reason,
        "overrides": sorted(ask.overrides),
        "baselines": baselines_json(decision.baselines),
    }
    return replace(result, head=record(desk, desk.state.seq, Draft(EventKind.COMPLETED, data))[1])


def _changes(desk: Desk, agenda: Agenda, present: Present) -> tuple[Change, ...]:
    """A restart writes all flags; otherwise what differs."""
    found = desk.state.found or present.settings
    wanted = at_step(desk.plan, desk.environment, desk.stops, agenda.index, found)
    restarting = desk.state.status is Status.ROLLED_BACK
    return changes(wanted, present.settings, desk.slots, all_slots=restarting)


def _result(
    desk: Desk,
    outcome: AdvanceOutcome,
    decision: Decision,
    agenda: Agenda | None = None,
    changed: tuple[Change, ...] = (),
) -> Advance:
    stop = desk.stops[agenda.index] if agenda is not None and agenda.index < len(desk.stops) else None
    return Advance(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        outcome=outcome,
        origin=desk.state.position,
        origin_label=label_of(desk.stops, desk.state.position),
        aim=stop.position if stop else None,
        label=stop.label if stop else "complete",
        changes=changed,
        decision=decision,
        soak=stop.step.soak if stop else timedelta(),
        head=desk.state.head,
    )
