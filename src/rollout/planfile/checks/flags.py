"""Flags against targets, and steps against gates."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import normpath

from rollout.model.plan import Environment, Phase, Plan
from rollout.model.values import Flag, FlagType, FlagValue
from rollout.shapes import Book


def every_flag_has_a_place(plan: Plan, book: Book) -> None:
    for environment in plan.environments.values():
        for flag in plan.flags.values():
            at = book.defined["flag"][flag.name]
            if not flag.targets and len(environment.targets) > 1:
                names = ", ".join(environment.targets)
                message = f"{flag.name} has no `target`, and {environment.name} has several: {names}"
                book.error(at, message, f"write target: {next(iter(environment.targets))}, or a list", "no-target")
            for target, key in _places(flag, environment):
                try:
                    environment.targets[target].check_key(key)
                except ValueError as error:
                    book.error(at, f"{flag.name} at {target} in {environment.name}: {error}", id="key")


def no_environment_lacks_a_target(plan: Plan, book: Book) -> None:
    for environment in plan.environments.values():
        if plan.flags and not environment.targets:
            at = book.defined["environment"][environment.name]
            book.warn(at, "no-target", f"{environment.name} has no target, so no flag can be written there")
        for flag in plan.flags.values() if environment.targets else ():
            lacking = [name for name in flag.targets if name not in environment.targets]
            if lacking:
                message = f"{flag.name} is written to {', '.join(lacking)}, which {environment.name} does not have"
                book.warn(book.defined["flag"][flag.name], "target-missing", message)


def no_key_is_written_twice(plan: Plan, book: Book) -> None:
    for environment in plan.environments.values():
        first: dict[tuple[str, ...], tuple[Flag, str]] = {}
        for flag in plan.flags.values():
            for target, key in _places(flag, environment):
                spec = environment.targets[target]
                place = tuple(map(normpath, spec.places)) or (target,)
                other, there = first.setdefault((spec.type, *place, spec.prefix + key), (flag, target))
                if other is not flag:
                    where = (
                        f"the target {target!r}"
                        if target == there
                        else f"{there!r} and {target!r}, which are one place"
                    )
                    message = f"{flag.name} and {other.name} are both {key!r} at {where}"
                    book.error(book.defined["flag"][flag.name], message, id="same-key")


def exposure_is_judged(plan: Plan, book: Book) -> None:
    """A warning for each phase that takes a flag away from safe and has no gate at all."""
    values: dict[str, FlagValue] = {}
    for phase in plan.phases:
        raises = []
        for step in phase.steps:
            for name, value in step.set.items():
                if name not in raises and _raises(plan.flags[name], values.get(name), value):
                    raises.append(name)
            values |= step.set
        if raises and not _has_gates(phase):
            message = f"the phase {phase.id!r} changes {', '.join(raises)} and no gate judges it"
            book.warn(book.defined["phase"][phase.id], "no-gates", message)


def _places(flag: Flag, environment: Environment) -> Iterator[tuple[str, str]]:
    """Where the flag is written in this environment, and under which key."""
    if flag.targets:
        yield from ((target, key) for target, key in flag.targets.items() if target in environment.targets)
    elif len(environment.targets) == 1:
        yield next(iter(environment.targets)), flag.key or flag.name


def _has_gates(phase: Phase) -> bool:
    return bool(phase.entry or phase.gates or phase.exit or any(step.gates for step in phase.steps))


def _raises(flag: Flag, before: FlagValue | None, after: FlagValue) -> bool:
    """Whether users feel more of the flag than before; where it has no safe value, only bools and percents tell."""
    harmless = {FlagType.BOOL: False, FlagType.PERCENT: 0}.get(flag.type)
    safe = flag.safe if flag.safe is not None else harmless
    if safe is None:
        return False
    if isinstance(safe, int | float) and isinstance(after, int | float):
        before = before if isinstance(before, int | float) else safe
        return abs(after - safe) > abs(before - safe)
    return after not in (safe, before)
