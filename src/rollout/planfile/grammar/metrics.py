"""The section `metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rollout.frozen import replace
from rollout.gates.metric import EVIDENCE
from rollout.model.plan import Absent, Metric, SeriesRule
from rollout.shapes import (
    Book,
    CheckedQuery,
    Choice,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Noted,
    Pattern,
    PromQL,
    Record,
    Reference,
    Text,
    UnitName,
)


def _metric(checked: CheckedQuery, unit: str, **others: Any) -> Metric:
    metric = Metric(name="", query=checked.text, unit=unit, reach=checked.reach)
    return replace(metric, **others)


def _named(metric: Metric, name: str) -> Metric:
    return replace(metric, name=name)


def _note(book: Book, metrics: Mapping[str, Metric]) -> None:
    book.metrics.update(metrics)


_METRIC = Record(
    _metric,
    {
        "query": Key(PromQL(judged=True), "PromQL that comes to a vector or a scalar.", required=True, into="checked"),
        "unit": Key(UnitName(), "What the number measures.", required=True, example="ratio"),
        "evidence": Key(EVIDENCE, "How much there must be to judge by."),
        "series": Key(Choice(SeriesRule), "What several series come to (default: every)."),
        "absent": Key(Choice(Absent), "What an empty result means (default: unknown)."),
        "present": Key(
            Mapped(PromQL(), lambda checked: checked.text), "A query above 0 wherever an empty result may be filled."
        ),
        "tolerate_warnings": Key(
            ListOf(Pattern(), or_one=True), "Regular expressions of Prometheus' warnings that do not count."
        ),
        "environment": Key(Reference("environment"), "Whose Prometheus is asked (default: the rollout's)."),
        "description": Key(Text(), "What it says."),
    },
    what="metric",
)

METRICS = Noted(MapOf(_METRIC, kind="metric", named=_named), _note)
