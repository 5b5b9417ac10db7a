"""What gates and triggers judge."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.gates.combined import AllAlarm, AnyAlarm
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import Condition
from rollout.model.gate import Alarm, Gate
from rollout.model.plan import Metric


def bounds(whole: Gate | Alarm) -> Iterator[tuple[Metric, Condition]]:
    """Every metric that is judged, with its condition, in a gate or anywhere in a trigger."""
    match whole:
        case MetricGate():
            yield whole.metric, whole.require
        case MetricAlarm():
            yield whole.metric, whole.when
        case AnyAlarm() | AllAlarm():
            for part in whole.parts:
                yield from bounds(part)
        case _:
            pass
