"""What a plan asks for that cannot be carried out yet."""

from __future__ import annotations

from rollout.model.around import Occasion
from rollout.model.durations import format_duration
from rollout.model.plan import Plan


def to_advance(plan: Plan) -> tuple[str, ...]:
    """What stops a command that would need it."""
    sent = any(announcement.send for announcement in plan.around.announcements)
    return ("announcements: `send` cannot be carried out yet",) if sent else ()


def to_tell(plan: Plan, environment: str) -> tuple[str, ...]:
    """Whom the plan wants told of a rollback: sent by nobody yet, so left to a person, and no reason to stop."""
    around = plan.around
    announced = [
        f"tell {', '.join(one.to) or one.channel or 'everybody'}: {one.message}"
        for one in around.announcements
        if one.when is Occasion.ROLLBACK and (not one.environments or environment in one.environments)
    ]
    escalated = [
        f"tell {one.who}" + (f" after {format_duration(one.after)}" if one.after else "")
        for one in around.escalation
        if one.send and one.if_ in ("", "rollback")
    ]
    return (*announced, *escalated)
