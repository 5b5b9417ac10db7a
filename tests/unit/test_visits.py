"""Answers count for the visit of a phase in which they were given, by the order of the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.engine.fold import fold
from rollout.errors import StoreError
from rollout.model.events import Draft, EventKind
from rollout.model.evidence import Series
from rollout.model.record import Said
from rollout.model.state import RolloutState
from rollout.operations.record import record
from tests.fakes import NOON, ROLLOUT, MemoryStore
from tests.small_plans import PHASES, make_plan
from tests.workbench import Workbench, full_rollout, workbench

MINUTE = timedelta(minutes=1)


def say(made: Workbench, id: str, value: object = True, by: str = "ann") -> Said:
    """A minute passes, then it is said."""
    made.clock.advance(MINUTE)
    record(made.desk(by), made.state.seq, Draft(EventKind.ANSWERED, {"id": id, "value": value}))
    return made.state.answers[id][-1]


def later(made: Workbench) -> datetime:
    made.clock.advance(MINUTE)
    return made.clock.now()


def visits(made: Workbench) -> tuple[datetime | None, datetime | None]:
    return made.state.opened_since, made.state.visit_since


def test_every_answer_is_kept_with_who_and_when() -> None:
    made = workbench(make_plan(*PHASES))
    say(made, "tickets", 3)
    say(made, "done", by="bob")
    say(made, "tickets", 4.5, by="bob")
    assert made.state.answers == {
        "tickets": (Said(3.0, "ann", NOON + MINUTE), Said(4.5, "bob", NOON + 3 * MINUTE)),
        "done": (Said(True, "bob", NOON + 2 * MINUTE),),
    }
    assert (made.state.seq, made.state.begun) == (3, False)


def test_a_visit_begins_with_an_advance_into_another_phase_and_not_with_a_step() -> None:
    made = workbench(make_plan(*PHASES), ON="false", PERCENT="0")
    assert visits(made) == (None, None)
    first = later(made)
    made.advanced(1)
    assert visits(made) == (None, first)
    second = later(made)
    made.advanced(1)
    assert visits(made) == (first, second)
    later(made)
    made.advanced(1)
    assert (str(made.state.position), visits(made)) == ("limited/2", (first, second))


def test_a_rollback_begins_a_visit_and_the_restart_another_one() -> None:
    made = full_rollout(steps=3)
    before = made.state.visit_since
    back = later(made)
    made.rollback(to="limited/1")
    assert visits(made) == (before, back)
    again = later(made)
    assert made.advance(reason="fixed").exit_code == 0
    assert visits(made) == (back, again)


def test_what_was_said_before_the_start_is_kept_by_it() -> None:
    made = workbench(make_plan(*PHASES), ON="false", PERCENT="0")
    given = say(made, "ready")
    started = later(made)
    made.advanced(1)
    assert (made.state.answers, made.state.visit_since) == ({"ready": (given,)}, started)


def test_a_first_advance_that_failed_keeps_what_was_said() -> None:
    made = workbench(make_plan(*PHASES[1:]), ON="false", PERCENT="0")
    given = say(made, "ready")
    made.target.fails.add("write")
    assert made.advance().exit_code == 8
    assert (made.state.begun, made.state.answers, visits(made)) == (False, {"ready": (given,)}, (None, None))
    made.target.fails.clear()
    assert made.advance().exit_code == 0
    assert [said.by for said in made.state.answers["ready"]] == ["ann"]


def test_a_new_run_knows_nothing_of_what_was_said_in_the_last_one() -> None:
    made = full_rollout(steps=1)
    say(made, "ready")
    started = next(event for event in made.events if event.kind == EventKind.STARTED)
    record(made.desk(), made.state.seq, Draft(EventKind.STARTED, started.data))
    assert (made.state.answers, visits(made)) == ({}, (None, None))


def test_what_is_recorded_before_a_visit_was_said_before_it_even_at_the_same_moment() -> None:
    made = full_rollout(steps=1)
    say(made, "tickets", 3)
    made.advanced(1)
    assert made.state.visit_since == made.clock.now()
    (before,) = made.state.answers["tickets"]
    assert before.at < made.clock.now()


def test_what_is_recorded_in_a_visit_was_said_in_it_even_by_a_slow_clock() -> None:
    made = full_rollout(steps=1)
    made.clock.advance(-10 * MINUTE)
    given = say(made, "tickets", 3)
    assert given.at == made.state.visit_since == NOON


BASELINE = {
    "phase": "one",
    "metric": "p95",
    "at": "2026-03-02T11:00:00Z",
    "over": 3600.0,
    "means": [{"labels": {"pod": "b", "app": "a"}, "value": 0.5}],
}


def folded(*drafts: Draft) -> RolloutState:
    """A minute apart."""
    store = MemoryStore()
    for number, draft in enumerate(drafts):
        store.append(ROLLOUT, [draft], after=number, at=NOON + number * MINUTE, actor="ann")
    return fold(store.events(ROLLOUT))


STARTED = Draft(EventKind.STARTED, {"plan_text": "", "plan_sha256": "", "plan_path": "", "found": []})
ADVANCED = Draft(EventKind.ADVANCED, {"to": {"phase": "one", "step": 1}, "changes": []})
INTENDED = Draft(EventKind.ROLLBACK_INTENDED, {"op": "1", "to": None, "changes": []})
BACK = Draft(EventKind.ROLLED_BACK, {"op": "1", "position": None, "restart": None, "level": "", "changes": []})


def with_baselines(draft: Draft, *rows: object) -> Draft:
    return replace(draft, data={**draft.data, "baselines": list(rows)})


def refused(*fired: str) -> Draft:
    return Draft(EventKind.ADVANCE_REFUSED, {"verdict": "ROLLBACK", "fired": list(fired)})


def test_the_earliest_baseline_of_a_run_counts() -> None:
    later_one = {**BASELINE, "means": []}
    other = {**BASELINE, "phase": "two", "means": []}
    completed = with_baselines(Draft(EventKind.COMPLETED, {}), later_one, other)
    state = folded(STARTED, with_baselines(ADVANCED, BASELINE), ADVANCED, completed)
    assert state.baselines.keys() == {("one", "p95"), ("two", "p95")}
    kept = state.baselines["one", "p95"]
    assert (kept.at, kept.over) == (NOON - timedelta(hours=1), timedelta(hours=1))
    assert kept.means == (Series((("app", "a"), ("pod", "b")), 0.5),)
    assert folded(STARTED, with_baselines(ADVANCED, BASELINE), STARTED).baselines == {}


def test_a_trigger_has_fired_since_it_was_first_seen_to_in_this_step() -> None:
    state = folded(STARTED, ADVANCED, refused("spike"), refused("slow", "spike"))
    assert state.fired == {"spike": NOON + 2 * MINUTE, "slow": NOON + 3 * MINUTE}
    for draft in (ADVANCED, BACK, STARTED):
        assert folded(STARTED, ADVANCED, refused("spike"), INTENDED, draft).fired == {}
    assert folded(STARTED, ADVANCED, Draft(EventKind.ADVANCE_REFUSED, {"verdict": "HOLD"})).fired == {}


@pytest.mark.parametrize(
    "draft",
    [
        Draft(EventKind.ANSWERED, {"value": 3}),
        Draft(EventKind.ANSWERED, {"id": "tickets", "value": "3"}),
        Draft(EventKind.ANSWERED, {"id": 3, "value": 3}),
        Draft(EventKind.ANSWERED, {"id": "tickets", "value": 10**400}),
        replace(ADVANCED, data={**ADVANCED.data, "baselines": 3}),
        with_baselines(ADVANCED, {**BASELINE, "at": "noon"}),
        with_baselines(ADVANCED, {**BASELINE, "means": [{"labels": {}, "value": "1"}]}),
        with_baselines(ADVANCED, "p95"),
        replace(refused(), data={"verdict": "HOLD", "fired": "spike"}),
    ],
)
def test_what_cannot_be_understood_is_not_guessed(draft: Draft) -> None:
    with pytest.raises(StoreError, match="event 2 "):
        folded(STARTED, draft)
