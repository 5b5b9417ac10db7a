"""What was asked and what came back, before anybody judges it: the part that every kind of question shares, and PromQL.

Questions of other kinds stand in `rollout.model.probes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Generic, TypeVar, cast

from rollout.frozen import dataclass

A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True)
class Question(Generic[A_co]):
    """Something a gate needs to know; two that are equal are asked once.

    `source` names the kind of who answers, `asks` whom a person would say is asked.
    """

    source: ClassVar[str]
    asks: ClassVar[str]


@dataclass(frozen=True)
class Unanswered:
    """Nobody could be asked, or what was said is no answer; `reason` is a sentence without credentials.

    `unset` is the variable that has no value, where that is why. `refused`: it is not asked at all. Either is `final`:
    asking again cannot end otherwise.
    """

    reason: str
    unset: str = ""
    refused: bool = False

    @property
    def final(self) -> bool:
        return bool(self.unset) or self.refused


Evidence = Mapping[Question[object], object]
"""The answer to each question, or Unanswered: read it with `answer_to`."""


def answer_to(evidence: Evidence, question: Question[A_co]) -> A_co | Unanswered:
    # Who answers gives each kind of question its own kind of answer, which a mapping's type cannot say.
    return cast("A_co | Unanswered", evidence[question])


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
class Samples:
    """One series over a grid: `points` are the numbers of the grid's points (from 0, rising), `values` what it had."""

    labels: tuple[tuple[str, str], ...]
    points: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True)
class Course:
    """A whole answer to a range query. A point that no series has is a hole."""

    series: tuple[Samples, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Moments at equal distances: `start` and `step` in milliseconds, from the epoch; `count` of them."""

    start: int
    step: int
    count: int

    def at(self, point: int) -> datetime:
        return datetime.fromtimestamp((self.start + point * self.step) / 1000, UTC)

    def first_from(self, moment: datetime) -> int:
        """The first point that is no earlier; `count` where there is none."""
        behind = (moment - self.at(0)) // timedelta(microseconds=1)
        return min(max(-(-behind // (self.step * 1000)), 0), self.count)


@dataclass(frozen=True)
class Query(Question[Answer]):
    """One PromQL expression at one instant; `at` None means now, by the server's own clock."""

    source: ClassVar[str] = "prometheus"
    asks: ClassVar[str] = "Prometheus"

    promql: str
    environment: str
    at: datetime | None = None


@dataclass(frozen=True)
class RangeQuery(Question[Course]):
    """One PromQL expression at every moment of a grid."""

    source: ClassVar[str] = "prometheus"
    asks: ClassVar[str] = "Prometheus"

    promql: str
    environment: str
    grid: Grid


@dataclass(frozen=True)
class LoadedRule:
    """An alerting rule that is loaded. `labels` may hold templates, which only an alert fills in."""

    name: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LoadedRulesQuery(Question[tuple[LoadedRule, ...]]):
    """Every alerting rule that an environment's Prometheus has loaded."""

    source: ClassVar[str] = "prometheus"
    asks: ClassVar[str] = "Prometheus"

    environment: str
