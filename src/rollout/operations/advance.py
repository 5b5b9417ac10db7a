"""advance: one step forward: judge, show the change, ask, apply, read back, record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from rollout.engine.agenda import Agenda
from rollout.engine.following import following
from rollout.engine.path import find, label_of
from rollout.engine.settings import at_step, changes
from rollout.errors import ConflictError, RolloutError, StoreError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.commands import Ran
from rollout.model.events import Draft, EventKind
from rollout.model.record_json import baseline_to_json, position_to_json
from rollout.model.state import Position, Status
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.accept import Agree, accept_plan
from rollout.operations.desk import Desk
from rollout.operations.judging_advance import Ask, Judged, judge_advance
from rollout.operations.options import NO_OPTIONS, Options
from rollout.operations.preflight import preflight
from rollout.operations.present import Present
from rollout.operations.record import record
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
    """`aim` None: completing the rollout. `instructions` are the step's for a person, `warnings` sentences about what
    else a target's change does, `commands` those that were run.

    `failure` says why a change failed, `restored` whether all is as it was before, `left_to_do` what is not. `command`
    is what to do next.
    """

    rollout: str
    environment: str
    outcome: AdvanceOutcome
    at: datetime
    origin: Position | None
    origin_label: str
    aim: Position | None
    label: str
    changes: tuple[Change, ...]
    decision: Decision
    soak: timedelta = timedelta()
    instructions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    commands: tuple[Ran, ...] = ()
    head: str = ""
    failure: RolloutError | None = None
    restored: bool = False
    left_to_do: tuple[str, ...] = ()
    declined: bool = False
    command: str = ""

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
    options: Options = NO_OPTIONS,
    wait: timedelta = NO_WAIT,
    dry_run: bool = False,
    confirm: Confirm,
    agree: Agree = lambda _: True,
) -> Advance:
    """`wait`: for so long, for a GO. `agree` is asked whether an edited plan counts from here on."""
    options.check(desk)
    wanted = find(desk.stops, options.to) if options.to else None
    accepted = accept_plan(desk, options.reason, agree, dry_run=dry_run) if options.accept else desk
    if accepted is None:
        return replace(_result(desk, AdvanceOutcome.REFUSED, Decision(Verdict.HOLD)), declined=True)
    desk = accepted
    ask = Ask(options, wanted, desk.state.seq)
    if desk.state.status is Status.COMPLETE and ask.wanted is None and desk.state.pending is None:
        return _result(desk, AdvanceOutcome.COMPLETE, Decision(Verdict.GO))
    judged = waiting(desk, wait, lambda now: judge_advance(now, ask), lambda judged: judged.decision)
    desk, agenda, decision, present = judged.desk, judged.agenda, judged.decision, judged.present
    if decision.verdict is not Verdict.GO:
        return _refused(desk, agenda, decision, dry_run=dry_run)
    if present.failures:
        raise present.failures[0]
    if agenda.index >= len(desk.stops):
        return _complete(desk, decision, ask, dry_run=dry_run)
    return _step_forward(judged, ask, dry_run=dry_run, confirm=confirm)


def _step_forward(judged: Judged, ask: Ask, *, dry_run: bool, confirm: Confirm) -> Advance:
    desk, agenda, decision, present = judged.desk, judged.agenda, judged.decision, judged.present
    step = _result(desk, AdvanceOutcome.DRY_RUN, decision, agenda, _changes(desk, agenda, present))
    step = replace(step, warnings=preflight(desk, desk.stops[agenda.index], step.changes, present))
    if dry_run:
        return step
    if not confirm(step):
        return replace(step, outcome=AdvanceOutcome.REFUSED, declined=True)
    if desk.clock.now() - judged.at > FRESH:
        desk.voice.say("the evidence is older than a minute: judging again")
        judged = judge_advance(desk.again(), ask)
        desk, decision = judged.desk, judged.decision
        if decision.verdict is not Verdict.GO:
            return _refused(desk, agenda, decision, dry_run=False)
    taken = take_step(desk, desk.stops[agenda.index], step.changes, decision, present, ask.options.notes())
    return replace(
        step,
        outcome=AdvanceOutcome.FAILED if taken.failure else AdvanceOutcome.ADVANCED,
        changes=taken.changes,
        decision=decision,
        commands=taken.commands,
        failure=taken.failure,
        restored=taken.restored,
        left_to_do=taken.left,
        head=taken.head,
    )


def _refused(desk: Desk, agenda: Agenda, decision: Decision, *, dry_run: bool) -> Advance:
    result = _result(desk, AdvanceOutcome.REFUSED, decision, agenda)
    fired = [trigger.id for trigger in decision.triggers if trigger.fired]
    # A refusal is worth a line when it says something new; a pipeline that asks every minute would bury the record.
    news = desk.state.verdict != decision.verdict or not desk.state.fired.keys() >= set(fired)
    if dry_run or not desk.state.seq or not news:
        return result
    data = {
        "to": position_to_json(result.aim),
        "verdict": decision.verdict.value,
        "blockers": list(decision.reasons),
        "fired": fired,
    }
    try:
        record(desk, desk.state.seq, Draft(EventKind.ADVANCE_REFUSED, data))
    except StoreError as error:
        desk.voice.say(f"not recorded: {error.message}")
    except ConflictError:
        if decision.verdict is not Verdict.ROLLBACK:  # a fired trigger comes before a conflict
            raise
    return result


def _complete(desk: Desk, decision: Decision, ask: Ask, *, dry_run: bool) -> Advance:
    result = _result(desk, AdvanceOutcome.DRY_RUN if dry_run else AdvanceOutcome.COMPLETE, decision)
    if dry_run:
        return result
    data = {
        "verdict": decision.verdict.value,
        **ask.options.notes(),
        "baselines": [baseline_to_json(one) for one in decision.baselines],
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
        at=desk.now,
        origin=desk.state.position,
        origin_label=label_of(desk.stops, desk.state.position),
        aim=stop.position if stop else None,
        label=stop.label if stop else "complete",
        changes=changed,
        decision=decision,
        soak=stop.step.soak if stop else timedelta(),
        instructions=stop.step.instructions if stop else (),
        head=desk.state.head,
        command=following(decision, desk.typed),
    )
