"""show: a plan as read, for one environment."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.engine.dilution import Dilution, dilutions
from rollout.engine.path import Stop, path
from rollout.engine.settings import safe_values
from rollout.frozen import dataclass
from rollout.model.plan import Plan
from rollout.model.values import FlagValue


@dataclass(frozen=True)
class Shown:
    """`environment` is empty for the plan as a whole."""

    plan: Plan
    environment: str
    stops: tuple[Stop, ...]
    safe: Mapping[str, FlagValue]
    dilutions: Mapping[str, Dilution]


def show(plan: Plan, environment: str) -> Shown:
    where = plan.environments[environment]
    stops = path(plan, environment)
    return Shown(plan, environment, stops, safe_values(plan, where), dilutions(plan, where, stops))
