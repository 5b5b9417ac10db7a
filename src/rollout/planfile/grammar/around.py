"""The sections around the rollout, read after everything that they refer to."""

from __future__ import annotations

from rollout.shapes import Key
from rollout.shapes.registry import named
from rollout.shapes.shape import Late


def _telling(name: str) -> Late[object]:
    return Late(named("planfile.grammar.telling", name))


def _watching(name: str) -> Late[object]:
    return Late(named("planfile.grammar.watching", name))


AROUND = {
    "channels": Key(_telling("CHANNELS"), "Where messages are sent."),
    "contacts": Key(_telling("CONTACTS"), "Who is who."),
    "escalation": Key(_telling("ESCALATION"), "Who hears of trouble, and how soon."),
    "announcements": Key(_telling("ANNOUNCEMENTS"), "Who is told what, and when."),
    "runbook": Key(_telling("RUNBOOK"), "What to do about known problems."),
    "dashboard": Key(_watching("DASHBOARD"), "Panels for Grafana.", into="panels"),
    "alerts": Key(_watching("ALERTS"), "Alert rules for Prometheus."),
    "success": Key(_watching("SUCCESS"), "What the rollout is measured by in the end."),
    "reviews": Key(_watching("REVIEWS"), "Looks that people take at it regularly."),
    "follow_up": Key(_watching("FOLLOW_UP"), "What is to be done after completion."),
    "cohort": Key(_watching("COHORT"), "How the service decides who is in."),
    "costs": Key(_watching("COSTS"), "What it costs."),
}
