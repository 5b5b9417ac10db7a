"""Which values stand where: at a step, after a rollback, and what of it differs from what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rollout.engine.path import Stop
from rollout.errors import UsageError
from rollout.model.changes import Change, Slot
from rollout.model.plan import EMERGENCY, Environment, Level, Plan, Step
from rollout.model.values import Flag, FlagType, FlagValue, Held, Setting

Settings = Mapping[Slot, Setting]


def slots(plan: Plan, environment: Environment) -> dict[Slot, Flag]:
    """Every place in the environment where a flag of the plan is written."""
    found = {}
    for flag in plan.flags.values():
        targets = flag.targets or dict.fromkeys(environment.targets, "")
        for target, key in targets.items():
            if target in environment.targets:
                found[Slot(flag.name, target, key or flag.key or flag.name)] = flag
    return found


def at_step(plan: Plan, environment: Environment, stops: Sequence[Stop], index: int, found: Settings) -> Settings:
    """All values up to the step: those found at the start, the environment's, every `set`, its `override` on top.

    Before the first step (`index` -1) that is what was found.
    """
    if index < 0:
        return found
    values: dict[str, FlagValue] = dict(environment.values)
    for stop in stops[: index + 1]:
        values.update(stop.step.set)
    values.update(environment.override)
    return {slot: values.get(slot.flag, found.get(slot)) for slot in slots(plan, environment)}


def step_values(step: Step, environment: Environment) -> dict[str, FlagValue]:
    """What the step sets, as it comes out in the environment."""
    return {flag: environment.override.get(flag, value) for flag, value in step.set.items()}


def safe_values(plan: Plan, environment: Environment) -> dict[str, FlagValue]:
    """The harmless value of each flag that declares one, by the plan or for this environment."""
    declared = {flag.name: flag.safe for flag in plan.flags.values() if flag.safe is not None}
    return declared | dict(environment.safe)


def to_safe(plan: Plan, environment: Environment, names: Iterable[str]) -> dict[str, FlagValue]:
    """The safe values of these flags. UsageError for one that the plan does not have, or that has none."""
    safe = safe_values(plan, environment)
    values: dict[str, FlagValue] = {}
    for name in names:
        if name not in plan.flags:
            raise UsageError(f"the plan has no flag {name!r}", f"flags: {', '.join(plan.flags)}")
        if name not in safe and plan.flags[name].type is not FlagType.PERCENT:
            raise UsageError(f"the flag {name} has no safe value", "give it one in the plan, or name a level or a step")
        values[name] = safe.get(name, 0)
    return values


def after_rollback(
    plan: Plan,
    environment: Environment,
    level: Level,
    target_settings: Settings | None,
    present: Settings,
) -> Settings:
    """What a rollback leaves behind. `target_settings` are those of the step it goes back to, if it names one.

    Nothing moves away from `safe`: each bool, percent and int ends at whichever of present and wanted is nearer to it.
    """
    wanted_values = level.set
    if wanted_values is None:
        wanted_values = safe_values(plan, environment) if level.name == EMERGENCY and target_settings is None else {}
    safe = safe_values(plan, environment)
    after = {}
    for slot, flag in slots(plan, environment).items():
        now = present.get(slot)
        if slot.flag in wanted_values:
            wanted: Setting = wanted_values[slot.flag]
        elif target_settings is not None:
            wanted = target_settings.get(slot)
        else:
            continue
        after[slot] = nearer_to_safe(flag, safe.get(slot.flag), now, wanted)
    return after


def nearer_to_safe(flag: Flag, safe: FlagValue | None, present: Setting, wanted: Setting) -> Setting:
    """`wanted`, unless that would raise exposure above `present`. What cannot be read is written as wanted."""
    if flag.type in (FlagType.STRING, FlagType.LIST):
        return wanted
    if safe is None and flag.type is FlagType.PERCENT:
        safe = 0
    now, then = flag.meaning(present), flag.meaning(wanted)
    if not isinstance(safe, bool | int | float) or not isinstance(now, bool | int | float):
        return wanted
    if not isinstance(then, bool | int | float):
        return wanted
    return present if abs(now - safe) <= abs(then - safe) else wanted


def changes(
    wanted: Settings, present: Settings, flags: Mapping[Slot, Flag], *, all_slots: bool = False
) -> tuple[Change, ...]:
    """What must be written, in the plan's order; `all_slots` also lists what stands already."""
    return tuple(
        Change(slot, present.get(slot), wanted[slot])
        for slot in flags
        if slot in wanted and (all_slots or not same(flags[slot], wanted[slot], present.get(slot)))
    )


def same(flag: Flag, one: Setting, other: Setting) -> bool:
    """Whether a service reads the same from both, even where they are spelt differently."""
    if one == other and isinstance(one, bool) == isinstance(other, bool):
        return True
    if one is None or other is None:
        return False
    meaning = flag.meaning(one)
    return meaning is not None and meaning == flag.meaning(other)


def lead_to_safe(plan: Plan, environment: Environment, changes: Iterable[Change]) -> bool:
    """Whether every bool among the changes ends at its safe value; where none is declared, at false."""
    safe = safe_values(plan, environment)
    flags = slots(plan, environment)
    return all(
        same(flags[change.slot], change.after, safe.get(change.slot.flag, False))
        for change in changes
        if flags[change.slot].type is FlagType.BOOL
    )


def as_settings(flags: Mapping[Slot, Flag], held: Mapping[Slot, Held]) -> dict[Slot, Setting]:
    return {slot: flags[slot].found(value) for slot, value in held.items()}


def drift(recorded: Settings, present: Settings, flags: Mapping[Slot, Flag]) -> tuple[Change, ...]:
    """Slots that no longer hold what was recorded; `before` is the record, `after` what is there.

    Of what `present` leaves out, because it could not be read, nothing is known.
    """
    return tuple(
        Change(slot, recorded[slot], present[slot])
        for slot in flags
        if slot in recorded and slot in present and not same(flags[slot], recorded[slot], present[slot])
    )


def exposed(plan: Plan, environment: Environment, settings: Settings) -> bool:
    """Whether any flag has left its safe value. One that is absent has not: nobody has set it yet."""
    safe = safe_values(plan, environment)
    return any(
        slot.flag in safe and settings.get(slot) is not None and not same(flag, safe[slot.flag], settings[slot])
        for slot, flag in slots(plan, environment).items()
    )


def level_named(plan: Plan, name: str, environment: str) -> Level:
    """A level of the plan; `emergency` always exists. UsageError names the others."""
    levels = {
        key: level
        for key, level in plan.rollback.items()
        if not level.environments or environment in level.environments
    }
    levels.setdefault(EMERGENCY, Level(EMERGENCY))
    if name not in levels:
        raise UsageError(f"there is no rollback level {name!r} in {environment}", f"levels: {', '.join(levels)}")
    return levels[name]


def values_of(settings: Settings, flags: Iterable[Slot]) -> dict[str, Setting]:
    """By flag, for people: where a flag stands at several targets, the first one's value."""
    values: dict[str, Setting] = {}
    for slot in flags:
        values.setdefault(slot.flag, settings.get(slot))
    return values
