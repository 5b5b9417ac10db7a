"""What holds an advance besides gates, triggers and people's tasks.

That is a rollback nobody restarted from, a pause, an end, the soak, and the hours in which no advance is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from rollout.engine.path import Stop, index_of
from rollout.engine.windows import closed
from rollout.model.durations import left
from rollout.model.plan import Plan
from rollout.model.state import OVER, RolloutState, Status
from rollout.model.verdicts import Blocker


def holds(
    plan: Plan,
    stops: Sequence[Stop],
    state: RolloutState,
    now: datetime,
    *,
    restarting: bool = False,
    waived: Collection[str] = frozenset(),
) -> tuple[Blocker, ...]:
    """`restarting`: a person gave a reason to start again after a rollback. `waived` takes out `soak` and `window`."""
    found = tuple(_stopped(state, restarting=restarting))
    if state.status in OVER:
        return found
    timed = (_soak(stops, state, now), closed(plan.windows, now))
    return found + tuple(hold for hold in timed if hold is not None and hold.id not in waived)


def _stopped(state: RolloutState, *, restarting: bool) -> Iterator[Blocker]:
    if state.status is Status.ROLLED_BACK and not restarting:
        level = f" by {state.level}" if state.level else ""
        text = f"rolled back{level}: `rollout advance --reason TEXT` starts again"
        yield Blocker("rolled-back", text, level=state.level)
    if state.hold is not None:
        why = f": {state.hold.reason}" if state.hold.reason else ""
        since = f"{state.hold.at:%Y-%m-%d %H:%M:%S} UTC"
        yield Blocker("paused", f"paused by {state.hold.by} since {since}{why} (`rollout resume` goes on)")
    if state.status is Status.CLOSED:
        yield Blocker("closed", "closed: `rollout advance --new` starts another run")


def _soak(stops: Sequence[Stop], state: RolloutState, now: datetime) -> Blocker | None:
    if state.status not in (Status.IN_PROGRESS, Status.PAUSED) or state.since is None:
        return None
    stop = stops[index_of(stops, state.position)]
    until = state.since + stop.step.soak
    if now >= until:
        return None
    return Blocker("soak", f"soak of {stop.label}: {left(until - now)} of {left(stop.step.soak)} left", until)
