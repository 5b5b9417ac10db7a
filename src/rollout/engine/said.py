"""What people said, as it stands in the state: bounded, and each in the visit that it was recorded in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from rollout.frozen import replace
from rollout.model.record import Said
from rollout.model.state import OVER, RolloutState

Answers = Mapping[str, tuple[Said, ...]]

KEPT = 50
"""How many of the last answers to a question stand in the state at least: it must not grow for ever."""


def with_answer(state: RolloutState, id: str, value: float | bool, by: str, at: datetime) -> Answers:
    # What is recorded in a visit was said in it, and before it (below) before it, whatever two machines' clocks show.
    began = state.since if state.status in OVER else state.visit_since
    said = Said(value, by, max(at, began or at))
    given = (*state.answers.get(id, ()), said)
    return {**state.answers, id: _thinned(given, state.since) if len(given) > 2 * KEPT else given}


def before(answers: Answers, at: datetime) -> Answers:
    """All that was said before a visit that begins."""
    latest = at - timedelta(microseconds=1)
    return {id: tuple(replace(said, at=min(said.at, latest)) for said in given) for id, given in answers.items()}


def since_it_was_over(state: RolloutState) -> Answers:
    """That is for the next run."""
    since = state.since if state.status in OVER else None
    if since is None:
        return {}
    return {id: tuple(said for said in given if said.at >= since) for id, given in state.answers.items()}


def _thinned(given: tuple[Said, ...], since: datetime | None) -> tuple[Said, ...]:
    """A gate takes the last. Of a trigger it counts too whether it has fired since the step began.

    So of those since then the largest and the smallest number (a yes and a no) stay as well.
    """
    early, late = given[:-KEPT], given[-KEPT:]
    of_the_step = [said for said in early if since is None or said.at >= since]
    extremes = (min(of_the_step, key=_size), max(of_the_step, key=_size)) if of_the_step else ()
    return (*(said for said in early if any(said is one for one in extremes)), *late)


def _size(said: Said) -> float:
    return said.value
