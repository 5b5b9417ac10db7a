"""Kinds of gates and of triggers' conditions, each found by the key that names it in a plan.

To add one: a module with a `Gate` (and an `Alarm` where it can be a trigger too) and its shape, and its lines below.
"""

from __future__ import annotations

from collections.abc import Mapping

from rollout.gates import alerts, combined, command, http, metric, person, rollouts, sql
from rollout.model.gate import Alarm, Gate
from rollout.shapes import Record

GATES: Mapping[str, Record[Gate]] = {
    "metric": metric.GATE,
    "alerts": alerts.GATE,
    "http": http.GATE,
    "command": command.GATE,
    "sql": sql.GATE,
    "ask": person.ASK_GATE,
    "confirm": person.CONFIRM_GATE,
    "rollout": rollouts.GATE,
}

ALARMS: Mapping[str, Record[Alarm]] = {
    "metric": metric.ALARM,
    "alerts": alerts.ALARM,
    "gate": combined.GATE_ALARM,
    "ask": person.ASK_ALARM,
    "confirm": person.CONFIRM_ALARM,
    **combined.kinds(lambda: ALARMS),
}
