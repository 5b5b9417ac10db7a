"""What an advance would need, and meet: whether it may go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rollout.engine import windows
from rollout.engine.agenda import Agenda, for_advance
from rollout.engine.holds import holds
from rollout.engine.path import Stop, label_of
from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass, replace
from rollout.model.events import BESIDE
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.desk import Desk
from rollout.operations.judging import judge
from rollout.operations.options import Options
from rollout.operations.present import Present, read_present
from rollout.operations.record import faster
from rollout.operations.standing import missing, refuse_conflicts, unset


@dataclass(frozen=True)
class Ask:
    """What the operator typed, and the last event they saw; `wanted` None: whatever is next."""

    options: Options
    wanted: Stop | None
    seen: int


@dataclass(frozen=True)
class Judged:
    desk: Desk
    agenda: Agenda
    decision: Decision
    present: Present
    at: datetime


def judge_advance(desk: Desk, ask: Ask) -> Judged:
    """UsageError first for whatever this advance would need and cannot have; ConflictError when it is not the next."""
    options = ask.options
    agenda = for_advance(desk.plan, desk.stops, desk.state, options.start_of(desk))
    desk.need_carried_out(missing(desk, agenda))
    if names := unset(desk, agenda):
        raise _unset(names)
    _check_overrides(agenda, options.overrides)
    if not _is_next(desk, agenda, ask.wanted):
        agenda = replace(agenda, gates=(), observed=())  # nothing but a fired trigger comes before that conflict
    at = desk.clock.now()
    restarting = bool(options.reason.strip())
    blockers = holds(desk.plan, desk.stops, desk.state, at, restarting=restarting, waived=options.waived)
    decision = judge(desk, agenda, blockers, now=at, standing=True, overrides=options.overrides)
    if decision.unset:
        raise _unset(decision.unset)
    present = read_present(desk)
    if decision.verdict is not Verdict.ROLLBACK:  # a fired trigger comes before a conflict
        _refuse_conflicts(desk, agenda, ask, present)
    return Judged(desk, agenda, decision, present, at)


def _unset(names: tuple[str, ...]) -> UsageError:
    return UsageError(f"not set: {', '.join(names)}", "the plan needs these variables to advance")


def _check_overrides(agenda: Agenda, overrides: Iterable[str]) -> None:
    known = [gate.id for _, gate in agenda.gates] + [trigger.id for trigger in agenda.triggers] + [windows.ID]
    for name in overrides:
        if name not in known:
            raise UsageError(
                f"no gate or trigger {name!r} is judged for this advance", f"judged are: {', '.join(known) or 'none'}"
            )


def _refuse_conflicts(desk: Desk, agenda: Agenda, ask: Ask, present: Present) -> None:
    """ConflictError unless the step is next (a retry or a second person takes no step twice) and all is as recorded."""
    if meanwhile := [event for event in desk.store.events(desk.rollout, ask.seen) if event.kind not in BESIDE]:
        raise faster(meanwhile[-1])
    if ask.wanted is not None and not _is_next(desk, agenda, ask.wanted):
        here = label_of(desk.stops, desk.state.position) or "not started"
        raise ConflictError(
            f"{ask.wanted.label} is not the next step (now: {here})", "`rollout status` shows the next one"
        )
    refuse_conflicts(desk, present)


def _is_next(desk: Desk, agenda: Agenda, wanted: Stop | None) -> bool:
    following = desk.stops[agenda.index] if agenda.index < len(desk.stops) else None
    return wanted is None or wanted is following
