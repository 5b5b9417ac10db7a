"""What a trigger comes to: now, and since the step began."""

from __future__ import annotations

from datetime import datetime, timedelta

from rollout.engine.scopes import Scopes
from rollout.frozen import replace
from rollout.model.durations import lasted
from rollout.model.evidence import Evidence, Grid, Unanswered
from rollout.model.gate import Alarm, Scope
from rollout.model.plan import OnUnknown, Trigger
from rollout.model.verdicts import TriggerFinding, TriggerJudgement, TriggerOutcome

FIRED, QUIET, UNKNOWN = TriggerOutcome.FIRED, TriggerOutcome.QUIET, TriggerOutcome.UNKNOWN


def judge_trigger(
    trigger: Trigger, evidence: Evidence, scopes: Scopes, *, exposed: bool, overridden: bool
) -> TriggerJudgement:
    """`exposed`: a flag has left its safe value, so that it counts when the trigger cannot be judged."""
    scope, alarm = scopes.trigger(trigger), trigger.alarm
    finding = alarm.judge(evidence, scope)
    counts = exposed and trigger.on_unknown is not OnUnknown.IGNORE
    fired_at = scopes.state.fired.get(trigger.id) if scopes.under_way else None
    if scope.track is not None:
        past = alarm.past(evidence, scope)
        lost = _unanswered(alarm, evidence, scope)
        if finding.outcome is UNKNOWN and counts and trigger.on_unknown is OnUnknown.ROLLBACK:
            lasted = timedelta() if lost else _unknown_for(past, scope.track)
            finding = _given_up(finding, lasted, trigger.unknown_after)
        if finding.outcome is QUIET and lost:
            reason = f"it is unknown whether it fired since the step began: {lost}"
            finding = replace(finding, outcome=UNKNOWN, reason=reason)
        if scopes.under_way:
            fired_at = _last_fired(past, scope.track, scopes.state.since) or fired_at
    return TriggerJudgement(
        trigger.id,
        trigger.rollback,
        trigger.review,
        trigger.automatic,
        counts,
        finding,
        fired_at if finding.outcome is not FIRED else None,
        overridden,
    )


def _unanswered(alarm: Alarm, evidence: Evidence, scope: Scope) -> str:
    """Why its past cannot be told; empty where it can."""
    present = set(alarm.needs(replace(scope, track=None)))
    asked = [evidence[question] for question in alarm.needs(scope) if question not in present]
    return next((answer.reason for answer in asked if isinstance(answer, Unanswered)), "")


def _unknown_for(past: tuple[TriggerOutcome, ...], track: Grid) -> timedelta:
    """Up to now without a break."""
    known = max((point for point, outcome in enumerate(past) if outcome is not UNKNOWN), default=-1)
    return timedelta(milliseconds=max(len(past) - 2 - known, 0) * track.step)


def _given_up(finding: TriggerFinding, silent: timedelta, allowed: timedelta) -> TriggerFinding:
    if silent < allowed:
        return finding
    reason = f"it could not be judged for {lasted(max(silent, allowed))}: {finding.reason}"
    return replace(finding, outcome=FIRED, reason=reason)


def _last_fired(past: tuple[TriggerOutcome, ...], track: Grid, since: datetime | None) -> datetime | None:
    points = (point for point in reversed(range(len(past))) if past[point] is FIRED)
    last = next((track.at(point) for point in points), None)
    return last if last and since and last >= since else None
