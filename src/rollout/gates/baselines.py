"""Bounds that are relative to what was recorded before exposure."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.gates.marks import Labels
from rollout.model.conditions import Condition
from rollout.model.gate import Scope
from rollout.model.plan import Metric
from rollout.model.record import RecordedBaseline


def resolved(condition: Condition, metric: Metric, labels: Labels, scope: Scope) -> Condition | str:
    """The condition with what was recorded for these labels in the place of its baselines, or why there is none."""
    means = {}
    for bound in condition.baselines:
        taken = _earliest(scope.baselines, metric.name, bound.phase)
        if taken is None:
            where = bound.phase or " or ".join(scope.recording.get(metric.name, ())) or "any phase"
            return f"no baseline of {metric.name} has been recorded in {where}"
        recorded = next((one.value for one in taken.means if set(one.labels) == set(labels)), None)
        if recorded is None:
            return f"the baseline of {metric.name} that {taken.phase} recorded has no such series"
        means[bound] = recorded
    if not means:
        return condition
    try:
        compared = condition.against(means, metric.unit)
        compared.check(metric.unit)
    except OverflowError:
        return f"with this baseline of {metric.name}, {condition.text!r} is beyond all numbers"
    return compared


def _earliest(recorded: Mapping[tuple[str, str], RecordedBaseline], metric: str, phase: str) -> RecordedBaseline | None:
    fitting = [one for (where, name), one in recorded.items() if name == metric and phase in ("", where)]
    return min(fitting, key=lambda one: one.at, default=None)
