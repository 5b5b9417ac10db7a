"""What is shown and watched: dashboard, alert rules and the cohort."""

from __future__ import annotations

from typing import Any

from rollout.frozen import dataclass, replace
from rollout.gates.keys import CONDITION, LABELS, MetricName, check_unit
from rollout.model.around import (
    AlertRule,
    Cohort,
    Panel,
    PanelQuery,
)
from rollout.model.conditions import Condition
from rollout.model.plan import Metric
from rollout.model.values import FlagType
from rollout.shapes import (
    Book,
    Duration,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Misfit,
    Name,
    Node,
    PromQL,
    Record,
    Reference,
    Schema,
    Text,
    UnitName,
    Unreadable,
)

_QUERY = Record(
    PanelQuery,
    {
        "query": Key(
            Mapped(PromQL(), lambda checked: checked.text),
            "PromQL that comes to a vector or a scalar.",
            example="sum(rate(http_requests_total[5m]))",
            required=True,
        ),
        "legend": Key(Text(loose=True), "What its series are called. Without it: by their labels.", example="requests"),
        "unit": Key(UnitName(), "What its numbers measure. Without it: bare numbers.", example="/s"),
    },
    what="query of a panel",
)

_PANEL = Record(
    Panel,
    {
        "title": Key(Text(), "What it shows.", example="Requests", required=True),
        "queries": Key(
            ListOf(_QUERY, at_least=1),
            "The queries whose series it shows.",
            example=[{"query": "sum(rate(http_requests_total[5m]))", "legend": "requests", "unit": "/s"}],
            required=True,
        ),
        "group": Key(Text(), "The row that it stands in. Without it: above all rows.", example="Traffic"),
        "kind": Key(Name(), "Grafana's kind of panel. Without it: timeseries.", example="stat", default="timeseries"),
    },
    what="panel",
)


def _panels(panels: tuple[Panel, ...] = ()) -> tuple[Panel, ...]:
    return panels


DASHBOARD = Record(
    _panels,
    {
        "panels": Key(
            ListOf(_PANEL),
            "Its panels, in this order. Without it: none of its own.",
            example=[{"title": "Requests", "queries": [{"query": "sum(rate(http_requests_total[5m]))"}]}],
        )
    },
    what="dashboard",
)


def _alert(metric: Metric, when: Condition, **others: Any) -> AlertRule:
    if when.baselines:
        raise Misfit("when", "an alert rule of Prometheus knows no baseline")
    check_unit(when, metric.unit, "when")
    return replace(AlertRule("", metric.name, when), **others)


def _alert_named(rule: AlertRule, name: str) -> AlertRule:
    return replace(rule, name=name)


ALERTS = MapOf(
    Record(
        _alert,
        {
            "metric": Key(MetricName(), "The metric that is watched.", example="error-rate", required=True),
            "when": Key(
                CONDITION,
                "Which values make it fire; a bare number is in the metric's unit, and there is no baseline.",
                example="> 1%",
                required=True,
            ),
            "for": Key(Duration(), "How long it must hold. Without it: now.", example="10m", into="for_"),
            "severity": Key(Text(), "How bad it is, as a label. Without it: no such label.", example="critical"),
            "summary": Key(
                Text(), "What it says, as an annotation. Without it: the bound in words.", example="Too many errors"
            ),
            "runbook": Key(
                Reference("runbook entry"), "The id of its entry in `runbook`. Without it: none.", example="high-errors"
            ),
            "labels": Key(LABELS, "Further labels. Without it: none.", example={"team": "payments"}),
        },
        what="alert rule",
    ),
    named=_alert_named,
)


@dataclass(frozen=True)
class _FlagOf:
    """A flag of one type."""

    type: FlagType

    def read(self, node: Node, book: Book) -> str:
        name = Reference("flag").read(node, book)
        flag = book.flags.get(name)
        if flag and flag.type is not self.type:
            book.error(node, f"expected a {self.type} flag, {name} is a {flag.type}")
            raise Unreadable
        return name

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Reference("flag").schema(definitions)


COHORT = Record(
    Cohort,
    {
        "hash": Key(Name(), "How the service makes a bucket of an id.", example="charsum", required=True),
        "id_example": Key(Text(loose=True), "What an id looks like. Without it none is shown.", example="seller-1"),
        "whitelist": Key(
            _FlagOf(FlagType.LIST),
            "The list flag with those who are always in. Without it: nobody is.",
            example="CHECKOUT_V2_ALLOW",
        ),
        "percent": Key(
            _FlagOf(FlagType.PERCENT),
            "The percent flag with the nominal share. Without it only the whitelist counts.",
            example="CHECKOUT_V2_PERCENT",
        ),
    },
    what="cohort",
)
