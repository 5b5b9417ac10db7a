"""The variables that a plan's parts may refer to."""

from __future__ import annotations

from collections.abc import Callable

from rollout.model.plan import Environment
from rollout.model.variables import resolved
from rollout.settings import Settings

Lookup = Callable[[str], str | None]


def lookup_of(settings: Settings, environment: Environment) -> Lookup:
    """`vars` first, then the process environment."""
    own = own_variables(settings, environment)
    return lambda name: own.get(name) if name in environment.vars else settings.plan_variables.get(name)


def own_variables(settings: Settings, environment: Environment) -> dict[str, str]:
    """`vars` alone, filled in."""
    return resolved(environment.vars, settings.plan_variables.get)
