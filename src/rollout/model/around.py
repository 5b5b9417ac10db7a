"""What surrounds a rollout: who is told, what is shown, what is counted afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from rollout.frozen import dataclass, field
from rollout.model.conditions import Condition


@dataclass(frozen=True)
class Channel:
    """`type` is empty for a plain webhook address."""

    name: str
    url: str
    type: str = ""


@dataclass(frozen=True)
class Contact:
    role: str
    name: str = ""
    phone: str = ""
    email: str = ""
    responds: timedelta | None = None
    scope: str = ""


class Occasion(StrEnum):
    BEFORE = "before"
    START = "start"
    COMPLETE = "complete"
    ROLLBACK = "rollback"
    FIRED = "fired"
    UNKNOWN = "unknown"
    READY = "ready"


@dataclass(frozen=True)
class Escalation:
    """Who hears of it `after` that long; `if_` empty: always."""

    after: timedelta
    who: str
    channel: str = ""
    if_: str = ""
    send: bool = False
    message: str = ""


@dataclass(frozen=True)
class Announcement:
    when: Occasion
    message: str
    phase: str = ""
    lead: timedelta | None = None
    to: tuple[str, ...] = ()
    channel: str = ""
    action: str = ""
    every: timedelta | None = None
    send: bool = False
    environments: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunbookEntry:
    id: str
    title: str
    symptoms: tuple[str, ...] = ()
    investigate: tuple[str, ...] = ()
    resolve: tuple[str, ...] = ()


@dataclass(frozen=True)
class PanelQuery:
    query: str
    legend: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Panel:
    title: str
    queries: tuple[PanelQuery, ...]
    group: str = ""
    kind: str = "timeseries"


@dataclass(frozen=True)
class AlertRule:
    name: str
    metric: str
    when: Condition
    for_: timedelta | None = None
    severity: str = ""
    summary: str = ""
    runbook: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SuccessTarget:
    """Measured (`metric`) or asked of a person (`ask`)."""

    title: str
    require: Condition
    metric: str = ""
    ask: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Success:
    after: timedelta
    targets: tuple[SuccessTarget, ...] = ()


@dataclass(frozen=True)
class Review:
    id: str
    from_phase: str
    every: timedelta
    until: timedelta | None = None
    who: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class FollowUp:
    within: timedelta
    checklist: tuple[str, ...]


@dataclass(frozen=True)
class Cohort:
    hash: str
    id_example: str = ""
    whitelist: str = ""
    percent: str = ""


@dataclass(frozen=True)
class PhaseCost:
    add: Fraction
    items: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Costs:
    currency: str
    per: str
    base: Fraction
    phases: Mapping[str, PhaseCost] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    channels: Mapping[str, Channel] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    runbook: Mapping[str, RunbookEntry] = field(default_factory=dict)
    panels: tuple[Panel, ...] = ()
    alerts: Mapping[str, AlertRule] = field(default_factory=dict)
    success: Success | None = None
    reviews: tuple[Review, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    cohort: Cohort | None = None
    costs: Costs | None = None
