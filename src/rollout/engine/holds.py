"""What holds an advance besides gates and triggers: the soak, a rollback nobody restarted from, an open change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rollout.engine.path import Stop, index_of
from rollout.model.durations import format_duration
from rollout.model.state import RolloutState, Status
from rollout.model.verdicts import Blocker


def holds(
    stops: Sequence[Stop], state: RolloutState, now: datetime, *, restarting: bool = False
) -> tuple[Blocker, ...]:
    """`restarting`: a person gave a reason to start again after a rollback."""
    if state.status is Status.ROLLED_BACK and not restarting:
        level = f" by {state.level}" if state.level else ""
        return (Blocker("rolled-back", f"rolled back{level}: `rollout advance --reason TEXT` starts again"),)
    if state.status is Status.IN_PROGRESS and state.since is not None:
        stop = stops[index_of(stops, state.position)]
        until = state.since + stop.step.soak
        if now < until:
            left, whole = format_duration(until - now), format_duration(stop.step.soak)
            return (Blocker("soak", f"soak of {stop.label}: {left} of {whole} left", until),)
    return ()
