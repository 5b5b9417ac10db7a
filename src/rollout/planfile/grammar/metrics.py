"""The section `metrics`."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any

from rollout.frozen import dataclass, replace
from rollout.gates.keys import EVIDENCE
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
        "query": Key(
            PromQL(),
            "PromQL that comes to a vector or a scalar; `${VAR}` takes the environment's `vars`. A comparison is "
            "refused: the bound belongs in a gate.",
            example="sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))",
            required=True,
            into="checked",
        ),
        "unit": Key(
            UnitName(),
            "What the number that the query returns measures; bounds are converted to it.",
            example="ratio",
            required=True,
            also=("s", "/s"),
        ),
        "evidence": Key(
            EVIDENCE,
            "How much there must be to judge by; with less a gate is unknown and a trigger quiet. Without it any "
            "number counts.",
            example={"metric": "requests", "at_least": 200},
        ),
        "series": Key(
            Choice(SeriesRule),
            "What several series come to: every one must satisfy (and any one fires a trigger), or their sum, mean, "
            "least or greatest is judged. Without it: every.",
            example="sum",
            default="every",
        ),
        "absent": Key(
            Choice(Absent),
            "What an empty result means where `present` has a value above 0. Without it: unknown.",
            example="zero",
            default="unknown",
        ),
        "present": Key(
            Mapped(PromQL(), lambda checked: checked.text),
            "PromQL that is above 0 wherever an empty result may be filled as `absent` says. Without it none is.",
            example="sum(up{job='checkout'})",
        ),
        "tolerate_warnings": Key(
            ListOf(Pattern(), or_one=True),
            "Regular expressions for warnings of Prometheus that do not count. Without it an answer with a warning is "
            "unknown.",
            example=["might not be a counter"],
        ),
        "environment": Key(
            Reference("environment"),
            "The environment whose Prometheus is asked. Without it: the rollout's own.",
            example="staging",
        ),
        "description": Key(
            Text(), "What it says. Without it documents go without.", example="Share of requests that fail"
        ),
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
