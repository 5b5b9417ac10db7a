"""Variables in a target's keys: replaced when the target is used, not when the plan is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import TypeVar

from rollout.model.plan import Command, TargetSpec
from rollout.model.variables import expand

Lookup = Callable[[str], str | None]
S = TypeVar("S", bound=TargetSpec)


def expanded(spec: S, lookup: Lookup, vars_alone: Lookup) -> S:
    """The target with every `${VAR}` of its texts replaced; commands take variables from `vars` alone.

    UnsetVariableError names the first that is not set.
    """
    parts = {field.name: getattr(spec, field.name) for field in fields(spec)}
    rebuild: Callable[..., S] = type(spec)
    return rebuild(**{name: _expanded(part, lookup, vars_alone) for name, part in parts.items()})


def _expanded(part: object, lookup: Lookup, vars_alone: Lookup) -> object:
    match part:
        case StrEnum():
            return part
        case str():
            return expand(part, lookup)
        case Command():
            return replace(part, argv=tuple(expand(argument, vars_alone) for argument in part.argv))
        case tuple():
            return tuple(_expanded(item, lookup, vars_alone) for item in part)
        case Mapping():
            return {key: _expanded(value, lookup, vars_alone) for key, value in part.items()}
        case _:
            return part
