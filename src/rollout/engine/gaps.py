"""What a plan asks for that cannot be carried out yet: a command that would need it stops, and says so."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from rollout.engine.path import Stop
from rollout.model.around import Occasion
from rollout.model.durations import format_duration
from rollout.model.plan import EMERGENCY, Environment, Level, Plan
from rollout.model.verdicts import Stage


def to_leave(stop: Stop) -> tuple[str, ...]:
    """What leaving the step needs besides gates."""
    phase = stop.phase
    if not stop.last_of_phase:
        return ()
    return _sentences(
        phase.id,
        {"checklist": phase.checklist, "sign_off": phase.sign_off},
    )


def to_take(plan: Plan, environment: Environment, stop: Stop) -> tuple[str, ...]:
    """What taking the step needs besides writing its flags."""
    step, phase = stop.step, stop.phase
    entry: dict[str, tuple[object, ...]] = {
        "checklist": tuple(item for item in phase.checklist if item.before is Stage.ENTRY),
        "sign_off": tuple(signature for signature in phase.sign_off if signature.before is Stage.ENTRY),
    }
    return (
        *_sentences(stop.label, {"before": step.before, "run": step.run, "instructions": step.instructions}),
        *(_sentences(phase.id, entry) if step.number == 1 else ()),
        *_verified(environment),
        *_sentences("the plan", {"windows": (*plan.windows.allow, *plan.windows.freeze)}),
        *_sentences("announcements", {"send": tuple(one for one in plan.around.announcements if one.send)}),
    )


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


def to_roll_back(environment: Environment, level: Level, passed: Iterable[Stop]) -> tuple[str, ...]:
    """What a rollback over the steps `passed` needs besides writing flags.

    An emergency goes on without and leaves it to a person, so each says what to do by hand.
    """
    undone = (
        f"{stop.label}, by hand: {item if isinstance(item, str) else shlex.join(item.argv)}"
        for stop in passed
        for item in stop.step.undo
    )
    agreed: dict[str, tuple[object, ...]] = {
        "approval": (level.approval,) if level.approval else (),
        "destructive": (level.destructive,) if level.destructive else (),
    }
    return (
        *undone,
        *(f"level {level.name}, by hand: {shlex.join(command.argv)}" for command in level.run),
        *(f"level {level.name}, by hand: see that the gate {gate} passes" for gate in level.verify),
        *(f"level {level.name}, when all is confirmed, by hand: {shlex.join(c.argv)}" for c in level.then),
        *(_sentences(f"level {level.name}", agreed) if level.name != EMERGENCY else ()),
        *_verified(environment),
    )


def _verified(environment: Environment) -> tuple[str, ...]:
    return tuple(
        f"target {name}, by hand: see that the gate {gate} passes"
        for name, spec in environment.targets.items()
        for gate in spec.verify
    )


def _sentences(where: str, parts: dict[str, tuple[object, ...]]) -> tuple[str, ...]:
    return tuple(f"{where}: `{key}` cannot be carried out yet" for key, items in parts.items() if items)
