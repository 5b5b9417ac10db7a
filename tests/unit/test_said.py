"""However often people answer, the state stays small and forgets nothing that may still count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.engine.said import KEPT, with_answer
from rollout.frozen import replace
from rollout.model.record import Said
from rollout.model.state import RolloutState
from tests.fakes import NOON


def answered(*values: float | bool, state: RolloutState | None = None) -> tuple[Said, ...]:
    state = state or RolloutState(since=NOON)
    for number, value in enumerate(values):
        at = NOON + timedelta(seconds=number)
        state = replace(state, answers=with_answer(state, "q", value, f"who {number}", at))
    return state.answers["q"]


def test_a_few_answers_are_all_kept() -> None:
    assert [said.value for said in answered(*map(float, range(2 * KEPT)))] == list(range(2 * KEPT))


@pytest.mark.parametrize("count", [2 * KEPT + 1, 1000, 5000])
def test_many_answers_do_not_grow_the_state(count: int) -> None:
    given = answered(*(float(n % 997) for n in range(count)))
    assert KEPT <= len(given) <= 2 * KEPT
    assert given[-1].by == f"who {count - 1}"
    assert sorted(given, key=lambda said: said.at) == list(given)


def test_the_one_answer_that_fired_a_trigger_is_never_forgotten() -> None:
    assert any(said.value is True for said in answered(False, True, *[False] * 1000))
    values = [said.value for said in answered(5.0, 99.0, 1.0, *[5.0] * 1000)]
    assert {99.0, 1.0} <= set(values)


def test_what_was_said_before_the_step_goes_first() -> None:
    old = (Said(99.0, "old", NOON - timedelta(days=1)),)
    assert "old" not in [said.by for said in answered(*[5.0] * 200, state=RolloutState(since=NOON, answers={"q": old}))]
