"""Metrics that are shown beside the gates and not judged."""

from __future__ import annotations

import math

from rollout.gates.reading import Reading, not_finite
from rollout.model.evidence import Evidence, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Metric
from rollout.model.verdicts import Observation


def observe(metric: Metric, evidence: Evidence, scope: Scope) -> Observation:
    reading = Reading(metric)
    series = reading.series(evidence, scope)
    query = reading.asked(scope)
    if isinstance(series, Unanswered):
        return Observation(metric.name, metric.unit, query, (), series.reason)
    numbers = [Series(one.labels, one.values[-1]) for one in series if one.values]
    finite = tuple(one for one in numbers if math.isfinite(one.value))
    strange = next((not_finite(one.value) for one in numbers if one not in finite), "")
    return Observation(metric.name, metric.unit, query, finite, strange if finite or numbers else "no data")
