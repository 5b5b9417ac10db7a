"""A state that was kept is the state that was meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from rollout.frozen import replace
from rollout.model.changes import Change, Slot
from rollout.model.events import canonical
from rollout.model.evidence import Series
from rollout.model.record import RecordedBaseline, Said
from rollout.model.state import Hold, Holder, Pending, PinnedPlan, Position, RolloutState, Status
from rollout.model.state_json import state_from_json, state_to_json
from rollout.model.values import Setting, Verbatim

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ON = Slot("ON", "app", "KEY")
SETTINGS: dict[Slot, Setting] = {
    ON: True,
    Slot("PERCENT", "app", "PERCENT"): 12.5,
    Slot("INT", "app", "INT"): 3,
    Slot("ALLOW", "app", "ALLOW"): ("a", "b"),
    Slot("TEXT", "app", "TEXT"): "caf\udce9 漢字",
    Slot("GONE", "app", "GONE"): None,
    Slot("ODD", "app", "ODD"): Verbatim("TRUE"),
}
FULL = RolloutState(
    status=Status.PAUSED,
    position=Position("limited", 2),
    since=NOON,
    changed_at=NOON + timedelta(microseconds=1),
    settings=SETTINGS,
    found={ON: False},
    pinned=PinnedPlan("rollout: 1\n", "f" * 64, "/plans/shop.yaml"),
    places={"FOLDER": "/srv"},
    pending=Pending(
        "op",
        "rollback",
        "ann",
        NOON,
        Position("limited", 1),
        (Change(ON, True, False, verified=True), Change(ON, Verbatim(("x",)), None)),
        reason="why",
        level="partial",
        position=Position("limited", 1),
        restart=Position("prepare", 1),
        passed=(Position("limited", 2),),
        kept={ON: True},
        holder=Holder("here", "m", "b", "s", 7, 9),
        released=True,
    ),
    restart=Position("prepare", 1),
    reached=Position("full", 1),
    undone=(Position("limited", 1),),
    level="partial",
    hold=Hold("ben", NOON, "lunch", everything=True),
    verdict="HOLD",
    answers={"tickets": (Said(3.0, "ann", NOON), Said(True, "ben", NOON))},
    visit_since=NOON,
    opened_since=NOON - timedelta(days=1),
    baselines={
        ("prepare", "p95"): RecordedBaseline(
            "prepare", "p95", NOON, timedelta(hours=1), (Series((("pod", "a"),), 0.25), Series((), 1.0))
        )
    },
    fired={"spike": NOON},
    seq=9,
    head="a" * 64,
)


def kept(state: RolloutState) -> RolloutState:
    return state_from_json(json.loads(canonical(state_to_json(state))))


@pytest.mark.parametrize("state", [FULL, RolloutState(), replace(FULL, pending=None, hold=None)])
def test_a_state_comes_back_as_it_was(state: RolloutState) -> None:
    assert kept(state) == state
    values = {slot: (type(value), value) for slot, value in kept(state).settings.items()}
    assert values == {slot: (type(value), value) for slot, value in state.settings.items()}


def test_nothing_of_a_state_is_forgotten() -> None:
    """A field that is new in the model is missed here, as it has its default in FULL."""
    for part in (FULL, FULL.pending, FULL.hold):
        assert part is not None
        assert [name for name, value in vars(part).items() if value in (None, "", (), {})] == []
    assert set(state_to_json(FULL)) == set(vars(FULL))


@pytest.mark.parametrize("key", sorted(state_to_json(FULL)))
@pytest.mark.parametrize("value", ["x", 1.5, [1], {"a": 1}])
def test_anything_else_is_refused_or_read_as_text(key: str, value: object) -> None:
    changed = {**state_to_json(FULL), key: value}
    texts = {"level", "verdict", "head"}
    if key in texts:
        return
    with pytest.raises((KeyError, TypeError, ValueError)):
        state_from_json(changed)
