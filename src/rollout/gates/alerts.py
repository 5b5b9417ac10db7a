"""The `alerts` kind: no alert with these labels fired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.gates.keys import COMMON, LABELS, Since, Window
from rollout.gates.unjudged import UnjudgedAlarm, UnjudgedGate
from rollout.shapes import CheckedQuery, Duration, Key, ListOf, Mapped, Misfit, PromQL, Record, Text


@dataclass(frozen=True, kw_only=True)
class AlertsGate(UnjudgedGate):
    """`for_` None: now. `present` is a query that shows that the window was watched (default: `up`)."""

    kind: ClassVar[str] = "alerts"

    labels: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    for_: timedelta | Since | None = None
    present: str = ""

    def __post_init__(self) -> None:
        _check(self.labels, self.names)

    @property
    def words(self) -> str:
        return f"no alert {_described(self.labels, self.names)}"


@dataclass(frozen=True, kw_only=True)
class AlertsAlarm(UnjudgedAlarm):
    kind: ClassVar[str] = "alerts"

    labels: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    for_: timedelta | None = None
    present: str = ""

    def __post_init__(self) -> None:
        _check(self.labels, self.names)

    @property
    def words(self) -> str:
        return f"an alert {_described(self.labels, self.names)}"


def _check(labels: Mapping[str, str], names: tuple[str, ...]) -> None:
    if not labels and not names:
        raise Misfit("alerts", "which alerts? write labels, as in {severity: critical}, or `names`")


def _described(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    selected = [f'{name}="{value}"' for name, value in labels.items()]
    return " ".join([" or ".join(names), *(["with " + ", ".join(selected)] if selected else [])]).strip()


def _text(query: CheckedQuery) -> str:
    return query.text


_WHICH = {
    "alerts": Key(LABELS, "Labels of the alerts.", required=True, into="labels", example={"severity": "critical"}),
    "names": Key(ListOf(Text(), or_one=True), "Names of the alerts.", example=["HighErrors"]),
    "present": Key(
        Mapped(PromQL(), _text), "A query with samples wherever the alerts' rules were watched (default: up)."
    ),
}

GATE = Record(
    AlertsGate,
    {**_WHICH, "for": Key(Window(), "None fired in this whole window.", into="for_", example="48h"), **COMMON},
    what="alerts gate",
)

ALARM = Record(
    AlertsAlarm,
    {**_WHICH, "for": Key(Duration(), "One fires for this long.", into="for_", example="3m")},
    what="alerts trigger",
)
