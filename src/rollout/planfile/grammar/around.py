"""The sections around the rollout, read after everything that they refer to."""

from __future__ import annotations

from rollout.planfile.grammar.telling import ANNOUNCEMENTS, CHANNELS, CONTACTS, ESCALATION, RUNBOOK
from rollout.planfile.grammar.watching import ALERTS, COHORT, COSTS, DASHBOARD, FOLLOW_UP, REVIEWS, SUCCESS
from rollout.shapes import Key

AROUND = {
    "channels": Key(CHANNELS, "Where messages are sent."),
    "contacts": Key(CONTACTS, "Who is who."),
    "escalation": Key(ESCALATION, "Who hears of trouble, and how soon."),
    "announcements": Key(ANNOUNCEMENTS, "Who is told what, and when."),
    "runbook": Key(RUNBOOK, "What to do about known problems."),
    "dashboard": Key(DASHBOARD, "Panels for Grafana.", into="panels"),
    "alerts": Key(ALERTS, "Alert rules for Prometheus."),
    "success": Key(SUCCESS, "What the rollout is measured by in the end."),
    "reviews": Key(REVIEWS, "Looks that people take at it regularly."),
    "follow_up": Key(FOLLOW_UP, "What is to be done after completion."),
    "cohort": Key(COHORT, "How the service decides who is in."),
    "costs": Key(COSTS, "What it costs."),
}
