"""Kinds of gates and of triggers' conditions, each found by the key that names it in a plan.

To add one: a module with a `Gate` (and an `Alarm` where it can be a trigger too) and its shape, and its lines below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rollout.model.gate import Alarm, Gate
from rollout.shapes import Record
from rollout.shapes.registry import Registry, named


def _of_several(kind: str) -> Callable[[], Record[Alarm]]:
    def load() -> Record[Alarm]:
        from rollout.gates import combined

        return combined.kinds(lambda: ALARMS)[kind]

    return load


GATES: Mapping[str, Record[Gate]] = Registry(
    {
        "metric": named("gates.metric", "GATE"),
        "alerts": named("gates.alerts", "GATE"),
        "http": named("gates.http", "GATE"),
        "command": named("gates.command", "GATE"),
        "sql": named("gates.sql", "GATE"),
        "ask": named("gates.person_keys", "ASK_GATE"),
        "confirm": named("gates.person_keys", "CONFIRM_GATE"),
        "rollout": named("gates.rollouts", "GATE"),
    }
)

ALARMS: Mapping[str, Record[Alarm]] = Registry(
    {
        "metric": named("gates.metric", "ALARM"),
        "alerts": named("gates.alerts", "ALARM"),
        "gate": named("gates.combined", "GATE_ALARM"),
        "ask": named("gates.person_keys", "ASK_ALARM"),
        "confirm": named("gates.person_keys", "CONFIRM_ALARM"),
        "any": _of_several("any"),
        "all": _of_several("all"),
    }
)
