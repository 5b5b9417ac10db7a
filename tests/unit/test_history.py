"""Every event, who and why; whether the chain is whole; and every rollout of a store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rollout.errors import StoreError
from rollout.model.events import RolloutId
from rollout.model.state import Position, Status
from rollout.operations.history import history, listing
from tests.fakes import NOON, ROLLOUT, MemoryStore
from tests.small_plans import make_plan, phase, step
from tests.workbench import Workbench, workbench


def bench() -> Workbench:
    return workbench(make_plan(phase("one", step(ON=True), step(PERCENT=5)))).advanced(2)


def test_history_shows_every_event_oldest_first() -> None:
    made = bench()
    made.rollback("emergency", "bob")
    shown = history(made.store, ROLLOUT)
    assert [event.kind for event in shown.events] == [
        "started",
        *["advance-intended", "advanced"] * 2,
        "rollback-intended",
        "rolled-back",
    ]
    assert [event.actor for event in shown.events] == ["ann"] * 5 + ["bob"] * 2
    assert (shown.verified, shown.broken, shown.exit_code) == (False, None, 0)


def test_a_whole_chain_is_verified() -> None:
    shown = history(bench().store, ROLLOUT, verify=True)
    assert (shown.verified, shown.broken, shown.exit_code) == (True, None, 0)


@pytest.mark.parametrize("place", range(5))
def test_a_broken_chain_is_shown_and_exits_3(place: int) -> None:
    made = bench()
    chain = made.store.chains[ROLLOUT]
    chain[place] = replace(chain[place], actor="mallory")
    shown = history(made.store, ROLLOUT, verify=True)
    assert (shown.broken, shown.exit_code, len(shown.events)) == (place + 1, 3, 5)
    assert history(made.store, ROLLOUT).exit_code == 0


def test_a_rollout_without_events_has_an_empty_history() -> None:
    shown = history(MemoryStore(), ROLLOUT, verify=True)
    assert (list(shown.events), shown.exit_code) == ([], 0)


def test_every_rollout_is_listed_with_where_it_stands() -> None:
    made = bench()
    other = RolloutId("another", "staging")
    made.store.chains[other] = list(
        made.store.append(other, [], after=0, at=NOON, actor="ann")
    )  # one without events is none
    shown = listing(made.store, made.clock.now())
    (one,) = shown.rollouts
    assert (one.rollout, one.state.status, one.state.position) == (ROLLOUT, Status.IN_PROGRESS, Position("one", 2))
    assert (shown.store, one.flaw) == ("memory", "")


def test_a_rollout_whose_record_is_damaged_hides_none_of_the_others() -> None:
    made = bench()
    damaged = RolloutId("damaged", "staging")
    made.store.chains[damaged] = [replace(made.store.chains[ROLLOUT][0], data={})]
    flaws = {listed.rollout: bool(listed.flaw) for listed in listing(made.store, made.clock.now()).rollouts}
    assert flaws == {ROLLOUT: False, damaged: True}


def test_a_store_that_cannot_be_read_is_an_error() -> None:
    made = bench()
    made.store.fails = {"read"}
    with pytest.raises(StoreError):
        listing(made.store, made.clock.now())
    with pytest.raises(StoreError):
        history(made.store, ROLLOUT)
