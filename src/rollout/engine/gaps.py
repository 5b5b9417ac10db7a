"""What a plan asks for that cannot be carried out yet: a command that would need it stops, and says so."""

from __future__ import annotations

from collections.abc import Iterable

from rollout.engine.agenda import Agenda
from rollout.engine.path import Stop
from rollout.model.plan import EMERGENCY, Environment, Level, OnUnknown, Plan
from rollout.model.verdicts import Stage


def to_judge(agenda: Agenda) -> tuple[str, ...]:
    found = [f"gate {gate.id}: {gate.gap}" for _, gate in agenda.gates if gate.gap]
    for trigger in agenda.triggers:
        if trigger.alarm.gap:
            found.append(f"trigger {trigger.id}: {trigger.alarm.gap}")
        if trigger.on_unknown is OnUnknown.ROLLBACK:
            found.append(f"trigger {trigger.id}: `on_unknown: rollback` cannot be carried out yet")
    return tuple(dict.fromkeys(found))


def to_leave(stop: Stop) -> tuple[str, ...]:
    """What leaving the step needs besides gates."""
    phase = stop.phase
    if not stop.last_of_phase:
        return ()
    return _sentences(
        phase.id,
        {"checklist": phase.checklist, "sign_off": phase.sign_off, "baseline": phase.baseline},
    )


def to_take(plan: Plan, environment: Environment, stop: Stop) -> tuple[str, ...]:
    """What taking the step needs besides writing its flags."""
    step, phase = stop.step, stop.phase
    entry: dict[str, tuple[object, ...]] = {
        "checklist": tuple(item for item in phase.checklist if item.before is Stage.ENTRY),
        "sign_off": tuple(signature for signature in phase.sign_off if signature.before is Stage.ENTRY),
        "baseline": tuple(rule for rule in phase.baseline if rule.at is Stage.ENTRY),
    }
    return (
        *_sentences(stop.label, {"before": step.before, "run": step.run, "instructions": step.instructions}),
        *(_sentences(phase.id, entry) if step.number == 1 else ()),
        *_verified(environment),
        *_sentences("the plan", {"windows": (*plan.windows.allow, *plan.windows.freeze)}),
    )


def to_roll_back(environment: Environment, level: Level, passed: Iterable[Stop]) -> tuple[str, ...]:
    """What a rollback over the steps `passed` needs besides writing flags; an emergency goes on without and says so."""
    undone = (sentence for stop in passed for sentence in _sentences(stop.label, {"undo": stop.step.undo}))
    asks = level.name != EMERGENCY
    return (
        *undone,
        *_sentences(
            f"level {level.name}",
            {
                "run": level.run,
                "then": level.then,
                "verify": level.verify,
                "approval": (level.approval,) if level.approval and asks else (),
                "destructive": (level.destructive,) if level.destructive and asks else (),
            },
        ),
        *_verified(environment),
    )


def _verified(environment: Environment) -> tuple[str, ...]:
    found = (_sentences(f"target {name}", {"verify": spec.verify}) for name, spec in environment.targets.items())
    return tuple(sentence for sentences in found for sentence in sentences)


def _sentences(where: str, parts: dict[str, tuple[object, ...]]) -> tuple[str, ...]:
    return tuple(f"{where}: `{key}` cannot be carried out yet" for key, items in parts.items() if items)
