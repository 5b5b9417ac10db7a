"""Asks a Prometheus source so that each question has its own kind of answer."""

from __future__ import annotations

from rollout.model.evidence import Evidence, LoadedRulesQuery, Query, RangeQuery
from rollout.sources.prometheus import PrometheusSource


def gather(source: PrometheusSource, *questions: Query | RangeQuery | LoadedRulesQuery) -> Evidence:
    return dict(source.ask(questions).items())
