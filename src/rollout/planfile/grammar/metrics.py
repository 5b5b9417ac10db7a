"""The section `metrics`."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any

from rollout.frozen import dataclass, replace
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
    Mapping,
    Node,
    Pattern,
    PromQL,
    Record,
    Reference,
    Schema,
    Text,
    UnitName,
)


def _metric(checked: CheckedQuery, unit: str, **others: Any) -> Metric:
    metric = Metric(name="", query=checked.text, unit=unit, reach=checked.reach)
    return replace(metric, **others)


def _named(metric: Metric, name: str) -> Metric:
    return replace(metric, name=name)


_METRIC = Record(
    _metric,
    {
        "query": Key(PromQL(), "PromQL that comes to a vector or a scalar.", required=True, into="checked"),
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

_METRICS = MapOf(_METRIC, kind="metric", named=_named)


@dataclass(frozen=True)
class _MetricsShape:
    """Metrics, with the places of what is checked in them when the whole plan is known."""

    def read(self, node: Node, book: Book) -> Dict[str, Metric]:
        metrics = _METRICS.read(node, book)
        for name, written in node.entries if isinstance(node, Mapping) else ():
            for key in ("query", "unit"):
                part = written.get(key) if isinstance(written, Mapping) else None
                if part is not None:
                    book.define(f"{key} of a metric", name.text, part.place)
        book.metrics.update(metrics)
        return metrics

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _METRICS.schema(definitions)


METRICS = _MetricsShape()
