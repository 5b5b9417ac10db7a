"""How far a rollout is, told from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import pytest

from rollout.model.events import Draft, EventKind, RolloutId
from rollout.model.evidence import Unanswered
from rollout.model.plan import Environment, Plan
from rollout.model.probes import Progress, ProgressQuestion
from rollout.model.state import Position, Status
from rollout.store.unusable import UnusableStore
from rollout.wiring.progress import ProgressSource
from tests.fakes import NOON, MemoryStore

DAY_1, DAY_2, FULL = Position("limited", 1), Position("limited", 2), Position("full", 1)
STAGING, PRODUCTION = RolloutId("small", "staging"), RolloutId("small", "production")
TEXT = """\
rollout: 1
name: small
environments: {staging: {}, production: {}}
phases:
  - {id: limited, steps: [{name: day-1}, {name: day-2}]}
  - {id: extra, environments: [production]}
  - {id: full}
"""
ENVIRONMENTS = {name: Environment(name) for name in ("staging", "production")}
PLAN = Plan("small", environments=ENVIRONMENTS)


def place(position: Position | None) -> Mapping[str, object] | None:
    return {"phase": position.phase, "step": position.step} if position else None


STARTED = Draft(EventKind.STARTED, {"plan_text": TEXT, "plan_sha256": "", "plan_path": "/p.yaml", "found": []})
FAILED = Draft(EventKind.ADVANCE_FAILED, {"op": "1", "restored": True, "changes": []})
COMPLETED = Draft(EventKind.COMPLETED, {"verdict": "GO"})


def intended(to: Position) -> Draft:
    return Draft(EventKind.ADVANCE_INTENDED, {"op": "1", "to": place(to), "changes": []})


def advanced(to: Position) -> Draft:
    return Draft(EventKind.ADVANCED, {"op": "1", "to": place(to), "changes": []})


def back(kind: EventKind = EventKind.ROLLED_BACK) -> Draft:
    if kind is EventKind.ROLLBACK_INTENDED:
        return Draft(kind, {"op": "2", "to": None, "changes": []})
    return Draft(kind, {"op": "2", "level": "", "position": None, "restart": None, "changes": []})


def store_with(*drafts: Draft, rollout: RolloutId = STAGING) -> MemoryStore:
    """A minute apart, the first at noon."""
    store = MemoryStore()
    for number, draft in enumerate(drafts):
        ends = draft.kind in (EventKind.ROLLED_BACK, EventKind.ROLLBACK_FAILED)
        both = [back(EventKind.ROLLBACK_INTENDED), draft] if ends else [draft]
        store.append(rollout, both, after=len(store.chains.get(rollout, ())), at=minute(number), actor="ann")
    return store


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def no_store(environment: Environment) -> NoReturn:
    raise AssertionError(f"the store of {environment.name} was opened")


def told(store: MemoryStore, at: datetime | None = None) -> Progress | Unanswered:
    source = ProgressSource(PLAN, "production", MemoryStore(), lambda _: store)
    question = ProgressQuestion("small", "staging", at)
    return source.ask([question])[question]


def test_the_record_tells_where_a_rollout_stands_by_the_steps_of_its_own_plan() -> None:
    assert told(store_with()) == Progress(Status.NOT_STARTED)
    progress = told(store_with(STARTED, intended(DAY_1), advanced(DAY_1)))
    steps = ((DAY_1, "day-1"), (DAY_2, "day-2"), (FULL, ""))
    assert progress == Progress(Status.IN_PROGRESS, DAY_1, steps, started_at=NOON)
    progress = told(store_with(STARTED, advanced(DAY_1), COMPLETED))
    assert isinstance(progress, Progress)
    assert progress.status is Status.COMPLETE


def test_a_first_advance_that_failed_has_not_started() -> None:
    progress = told(store_with(STARTED, intended(DAY_1), FAILED))
    assert progress == Progress(Status.NOT_STARTED)
    under_way = told(store_with(STARTED, intended(DAY_1)))
    assert isinstance(under_way, Progress)
    assert (under_way.status, under_way.started_at) == (Status.NOT_STARTED, NOON)


@pytest.mark.parametrize("kind", [EventKind.ROLLED_BACK, EventKind.ROLLBACK_FAILED, EventKind.ROLLBACK_INTENDED])
def test_a_rollback_counts_however_it_ended_and_in_whichever_run_it_was(kind: EventKind) -> None:
    progress = told(store_with(STARTED, advanced(DAY_1), back(kind), advanced(DAY_1), STARTED, advanced(DAY_1)))
    assert isinstance(progress, Progress)
    assert (progress.started_at, progress.rolled_back_at) == (minute(4), minute(2))


def test_as_of_a_past_moment_only_what_was_recorded_by_then_counts() -> None:
    store = store_with(STARTED, advanced(DAY_1), advanced(DAY_2), back())
    for at, position, rolled_back_at in (
        (minute(1), DAY_1, None),
        (minute(2), DAY_2, None),
        (minute(3), None, minute(3)),
        (None, None, minute(3)),
    ):
        progress = told(store, at)
        assert isinstance(progress, Progress)
        assert (progress.position, progress.rolled_back_at) == (position, rolled_back_at)
    assert told(store, NOON - timedelta(days=1)) == Progress(Status.NOT_STARTED)


def test_a_record_that_cannot_be_read_or_understood_is_no_answer() -> None:
    dead = store_with(STARTED)
    dead.fails.add("read")
    assert told(dead) == Unanswered("how far small@staging is cannot be told: the store cannot read")
    odd = store_with(STARTED, Draft(EventKind.ADVANCED, {}))
    answer = told(odd)
    assert isinstance(answer, Unanswered)
    assert "event 2 (advanced) of the record cannot be understood" in answer.reason
    (last,) = odd.chains[STAGING][-1:]
    odd.chains[STAGING][-1] = replace(last, at="yesterday")
    assert "event 2 of the record has no time: 'yesterday'" in str(told(odd, NOON))
    newer = replace(STARTED, data={**STARTED.data, "plan_text": "rollout: 99\n"})
    answer = told(store_with(newer, advanced(DAY_1)))
    assert isinstance(answer, Unanswered)
    assert answer.reason.endswith("cannot be told: the plan kept in the store is not valid for this version")
    unusable = UnusableStore("kubernetes:rollouts", "cannot be used yet")
    source = ProgressSource(PLAN, "production", MemoryStore(), lambda _: unusable)
    question = ProgressQuestion("small", "staging")
    assert "the store kubernetes:rollouts cannot be used yet" in str(source.ask([question])[question])


def test_each_rollout_is_looked_for_in_its_own_store() -> None:
    own = store_with(STARTED, advanced(DAY_1), rollout=PRODUCTION)
    own.append(RolloutId("base", "production"), [STARTED, advanced(DAY_2)], after=0, at=NOON, actor="ann")
    own.append(RolloutId("base", "elsewhere"), [STARTED, advanced(FULL)], after=0, at=NOON, actor="ann")
    source = ProgressSource(PLAN, "production", own, no_store)
    questions = [
        ProgressQuestion("small", "production"),
        ProgressQuestion("base", "production"),
        ProgressQuestion("base", "elsewhere"),
    ]
    positions = [answer.position for answer in source.ask(questions).values() if isinstance(answer, Progress)]
    assert positions == [DAY_1, DAY_2, FULL]
