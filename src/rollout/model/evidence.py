"""What was asked and what came back, before anybody judges it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rollout.frozen import dataclass


@dataclass(frozen=True)
class Query:
    """One PromQL expression at one instant; `at` None means now, by the server's own clock."""

    promql: str
    environment: str
    at: datetime | None = None


@dataclass(frozen=True)
class Series:
    """One labelled number as the server gave it; NaN and infinities are kept."""

    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass(frozen=True)
class Answer:
    """A whole answer to an instant query. A scalar is one series without labels; an empty vector has none."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unanswered:
    """The server could not be asked, or what it said is no answer; `reason` is a sentence without credentials."""

    reason: str


Evidence = Mapping[Query, Answer | Unanswered]
