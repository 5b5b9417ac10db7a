"""show: a plan as read, for one environment."""

from __future__ import annotations

from rollout.engine.path import Stop, path
from rollout.frozen import dataclass
from rollout.model.plan import Plan


@dataclass(frozen=True)
class Shown:
    """`environment` is empty for the plan as a whole."""

    plan: Plan
    environment: str
    stops: tuple[Stop, ...]


def show(plan: Plan, environment: str) -> Shown:
    return Shown(plan, environment, path(plan, environment))
