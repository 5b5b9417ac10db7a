"""The sections around the rollout, read after everything that they refer to."""

from __future__ import annotations

from rollout.shapes import Key
from rollout.shapes.registry import named
from rollout.shapes.shape import Late


def _telling(name: str) -> Late[object]:
    return Late(named("planfile.grammar.telling", name))


def _watching(name: str) -> Late[object]:
    return Late(named("planfile.grammar.watching", name))


def _after(name: str) -> Late[object]:
    return Late(named("planfile.grammar.aftermath", name))


AROUND = {
    "channels": Key(
        _telling("CHANNELS"),
        "Where messages are sent, by a name for each: an address, or {type, url}. Without it messages are only shown.",
        example={"ops": "${SLACK_URL}", "pager": {"type": "pagerduty", "url": "${PAGER_URL}"}},
    ),
    "contacts": Key(
        _telling("CONTACTS"),
        "Who is who. Without it documents name nobody.",
        example=[{"role": "On-call", "name": "Platform rota", "responds": "15m", "scope": "Outages"}],
    ),
    "escalation": Key(
        _telling("ESCALATION"),
        "Who hears of trouble, and how soon. Without it nobody does by itself.",
        example=[{"after": "5m", "who": "On-call", "channel": "ops", "if": "rollback", "send": True}],
    ),
    "announcements": Key(
        _telling("ANNOUNCEMENTS"),
        "Who is told what, and on which occasion. Without it: nobody.",
        example=[{"when": "before", "phase": "limited", "lead": "1w", "to": ["Support"], "message": "Starts ${DATE}"}],
    ),
    "runbook": Key(
        _telling("RUNBOOK"),
        "What to do about known problems; gates and triggers name the entries. Without it: nothing is shown.",
        example=[{"id": "high-errors", "title": "High error rate", "resolve": ["Roll back"]}],
    ),
    "dashboard": Key(
        _watching("DASHBOARD"),
        "Panels for Grafana (`rollout export grafana`). Without it only metrics and gates are on the dashboard.",
        example={
            "panels": [{"title": "Requests", "queries": [{"query": "sum(rate(requests_total[5m]))", "unit": "/s"}]}]
        },
        into="panels",
    ),
    "alerts": Key(
        _watching("ALERTS"),
        "Alert rules for Prometheus, by their names (`rollout export alerts`). Without it only triggers become rules.",
        example={"HighErrors": {"metric": "error-rate", "when": "> 1%", "for": "10m", "severity": "critical"}},
    ),
    "success": Key(
        _after("SUCCESS"),
        "What the rollout is measured by in the end (`rollout report`). Without it there are no targets.",
        example={"after": "30d", "targets": [{"title": "Error rate", "metric": "error-rate", "require": "< 0.01%"}]},
    ),
    "reviews": Key(
        _after("REVIEWS"),
        "Looks that people take at it regularly. Without it: none.",
        example=[{"id": "daily", "from": "full", "every": "1d", "until": "7d", "items": ["Metrics reviewed"]}],
    ),
    "follow_up": Key(
        _after("FOLLOW_UP"),
        "What is to be done after completion; what is overdue is marked and blocks nothing. Without it: nothing.",
        example=[{"within": "24h", "checklist": ["Logs reviewed"]}],
    ),
    "cohort": Key(
        _watching("COHORT"),
        "How the service decides who is in (`rollout cohort`). Without it nothing can be said of single users.",
        example={"hash": "charsum", "id_example": "seller-1", "percent": "CHECKOUT_V2_PERCENT"},
    ),
    "costs": Key(
        _after("COSTS"),
        "What it costs, for reports. Without it they leave costs out.",
        example={"currency": "USD", "per": "month", "base": 2000, "phases": {"limited": {"add": 50}}},
    ),
}
