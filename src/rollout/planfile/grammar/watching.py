"""What is shown and counted: dashboard, alert rules, success, reviews, follow-up, cohort and costs."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from rollout.frozen import dataclass, replace
from rollout.gates.keys import CONDITION, LABELS, MetricName, check_measured, check_unit
from rollout.model.around import (
    AlertRule,
    Cohort,
    Costs,
    FollowUp,
    Panel,
    PanelQuery,
    PhaseCost,
    Review,
    Success,
    SuccessTarget,
)
from rollout.model.conditions import Condition
from rollout.model.plan import Metric
from rollout.model.values import FlagType
from rollout.planfile.grammar.telling import TEXTS
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
    Number,
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
        "query": Key(Mapped(PromQL(), lambda checked: checked.text), "PromQL.", required=True),
        "legend": Key(Text(loose=True), "What its series are called."),
        "unit": Key(UnitName(), "What its numbers measure."),
    },
    what="query of a panel",
)

_PANEL = Record(
    Panel,
    {
        "title": Key(Text(), "What it shows.", required=True),
        "queries": Key(ListOf(_QUERY, at_least=1), "What is asked.", required=True),
        "group": Key(Text(), "The row it stands in."),
        "kind": Key(Name(), "Grafana's kind of panel (default: timeseries)."),
    },
    what="panel",
)


def _panels(panels: tuple[Panel, ...] = ()) -> tuple[Panel, ...]:
    return panels


DASHBOARD = Record(_panels, {"panels": Key(ListOf(_PANEL), "Its panels.")}, what="dashboard")


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
            "metric": Key(MetricName(), "The metric that is watched.", required=True),
            "when": Key(CONDITION, "When it fires.", required=True, example="> 1%"),
            "for": Key(Duration(), "It must hold for this long.", into="for_", example="10m"),
            "severity": Key(Text(), "How bad it is.", example="critical"),
            "summary": Key(Text(), "What it says."),
            "runbook": Key(Reference("runbook entry"), "The runbook entry for it."),
            "labels": Key(LABELS, "Further labels."),
        },
        what="alert rule",
    ),
    named=_alert_named,
)


def _success_target(
    title: str, require: Condition, metric: Metric | None = None, ask: str = "", unit: str = ""
) -> SuccessTarget:
    if (metric is None) == (not ask):
        raise Misfit("ask", "a target of success wants `metric` or `ask`, one of them")
    if metric is None:
        check_measured(require, unit or "number", "require")
        return SuccessTarget(title, require, ask=ask, unit=unit or "number")
    if unit:
        raise Misfit("unit", f"the unit is the metric's, {metric.unit}")
    check_unit(require, metric.unit, "require")
    return SuccessTarget(title, require, metric.name, unit=metric.unit)


SUCCESS = Record(
    Success,
    {
        "after": Key(Duration(), "How long after completion it is measured.", required=True, example="30d"),
        "targets": Key(
            ListOf(
                Record(
                    _success_target,
                    {
                        "title": Key(Text(), "What it is.", required=True),
                        "metric": Key(MetricName(), "The metric that tells."),
                        "ask": Key(Text(), "What a person is asked."),
                        "unit": Key(UnitName(), "What the answer measures (default: number)."),
                        "require": Key(CONDITION, "What must be reached.", required=True),
                    },
                    what="target of success",
                )
            ),
            "What must be reached.",
        ),
    },
    what="part of success",
)

REVIEWS = ListOf(
    Record(
        Review,
        {
            "id": Key(Name(), "By which it is named.", required=True, example="daily"),
            "from": Key(Reference("phase"), "The phase it begins with.", required=True, into="from_phase"),
            "every": Key(Duration(timedelta(minutes=1)), "How often.", required=True, example="1d"),
            "until": Key(Duration(), "How long, from the beginning of that phase."),
            "who": Key(Text(), "Who reviews."),
            "items": Key(TEXTS, "What is looked at."),
        },
        what="review",
    ),
    id=lambda review: review.id,
    what="review",
)

FOLLOW_UP = ListOf(
    Record(
        FollowUp,
        {
            "within": Key(Duration(), "How long after completion.", required=True, example="24h"),
            "checklist": Key(TEXTS, "What is to be done.", required=True),
        },
        what="follow-up",
    )
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
        "hash": Key(Name(), "How the service makes a bucket of an id.", required=True, example="charsum"),
        "id_example": Key(Text(loose=True), "What an id looks like."),
        "whitelist": Key(_FlagOf(FlagType.LIST), "The flag with those who are always in."),
        "percent": Key(_FlagOf(FlagType.PERCENT), "The flag with the nominal share."),
    },
    what="cohort",
)

_MONEY = Mapped(Number(), lambda number: Fraction(str(number)))


COSTS = Record(
    Costs,
    {
        "currency": Key(Text(), "In which currency.", required=True, example="USD"),
        "per": Key(Text(), "For how long a time.", required=True, example="month"),
        "base": Key(_MONEY, "What it costs without the rollout.", required=True),
        "phases": Key(
            MapOf(
                Record(
                    PhaseCost,
                    {
                        "add": Key(_MONEY, "What is added.", required=True),
                        "items": Key(TEXTS, "For what."),
                        "why": Key(Text(), "Why."),
                    },
                    what="phase's cost",
                ),
                key=Reference("phase"),
            ),
            "What each phase adds.",
        ),
    },
    what="part of costs",
)
