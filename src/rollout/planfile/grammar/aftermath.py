"""What is asked once it runs: success, reviews, follow-up and costs."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from rollout.gates.keys import CONDITION, MetricName, check_measured, check_unit
from rollout.model.around import Costs, FollowUp, PhaseCost, Review, Success, SuccessTarget
from rollout.model.conditions import Condition
from rollout.model.plan import Metric
from rollout.planfile.grammar.telling import TEXTS
from rollout.shapes import Duration, Key, ListOf, MapOf, Mapped, Misfit, Name, Number, Record, Reference, Text, UnitName


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


_TARGET = Record(
    _success_target,
    {
        "title": Key(Text(), "What it is called.", example="Error rate", required=True),
        "metric": Key(MetricName(), "The metric that tells. Without it `ask` asks a person.", example="error-rate"),
        "ask": Key(Text(), "What a person is asked. Without it `metric` tells.", example="Survey score"),
        "unit": Key(
            UnitName(),
            "What the answer to `ask` measures. Without it: a bare number; a metric has its own.",
            example="count",
        ),
        "require": Key(CONDITION, "What must be reached.", example="< 0.01%", required=True),
    },
    what="target of success",
    rules={
        "oneOf": [{"required": ["metric"]}, {"required": ["ask"]}],
        "dependentSchemas": {"metric": {"properties": {"unit": False}}},
    },
)

SUCCESS = Record(
    Success,
    {
        "after": Key(Duration(), "How long after completion it is measured.", example="30d", required=True),
        "targets": Key(
            ListOf(_TARGET),
            "What must be reached, each by a metric or by a person's answer. Without it: nothing.",
            example=[
                {"title": "Error rate", "metric": "error-rate", "require": "< 0.01%"},
                {"title": "Satisfaction", "ask": "Survey score", "require": "> 4.5"},
            ],
        ),
    },
    what="part of success",
)

REVIEWS = ListOf(
    Record(
        Review,
        {
            "id": Key(Name(), "The id by which it is named.", example="daily", required=True),
            "from": Key(
                Reference("phase"), "The phase that it begins with.", example="full", required=True, into="from_phase"
            ),
            "every": Key(
                Duration(timedelta(minutes=1)), "How long from one look to the next.", example="1d", required=True
            ),
            "until": Key(
                Duration(), "How long, from the beginning of that phase. Without it: to the end.", example="7d"
            ),
            "who": Key(Text(), "Who reviews. Without it nobody is named.", example="On-call"),
            "items": Key(TEXTS, "What is looked at. Without it nothing is named.", example=["Metrics reviewed"]),
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
            "within": Key(Duration(), "How long after completion.", example="24h", required=True),
            "checklist": Key(TEXTS, "What is to be done until then.", example=["Logs reviewed"], required=True),
        },
        what="follow-up",
    )
)

_MONEY = Mapped(Number(), lambda number: Fraction(str(number)))

_PHASE_COST = Record(
    PhaseCost,
    {
        "add": Key(_MONEY, "What is added to `base`, in `currency`.", example=50, required=True),
        "items": Key(TEXTS, "What it is spent on. Without it nothing is named.", example=["Monitoring"]),
        "why": Key(Text(), "Why it is spent. Without it nothing is said.", example="Alerts"),
    },
    what="phase's cost",
)

COSTS = Record(
    Costs,
    {
        "currency": Key(Text(), "The currency of all amounts.", example="USD", required=True),
        "per": Key(Text(), "The time that they are for.", example="month", required=True),
        "base": Key(_MONEY, "What it costs without the rollout, in `currency`.", example=2000, required=True),
        "phases": Key(
            MapOf(_PHASE_COST, key=Reference("phase")),
            "What each phase adds. Without it: nothing.",
            example={"limited": {"add": 50, "items": ["Monitoring"], "why": "Alerts"}},
        ),
    },
    what="part of costs",
)
