"""Which alerts are meant, and what Prometheus' own record of them, the series `ALERTS`, shows over a window.

That nothing is recorded says something only where a rule was loaded and somebody watched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from rollout.frozen import dataclass, field
from rollout.gates.asking import PromQuestion, course_of, question
from rollout.gates.marks import Labels, Mark
from rollout.model.evidence import (
    Course,
    Evidence,
    Grid,
    LoadedRule,
    LoadedRulesQuery,
    Query,
    Question,
    RangeQuery,
    Series,
    Unanswered,
    answer_to,
)
from rollout.model.gate import Scope
from rollout.shapes import Misfit

_WATCHED = "count(up)"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Alerts with all of these labels and, if there are `names`, one of these names.

    `present` is a query that shows that somebody watched for them (default: `up`).
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    present: str = ""

    def __post_init__(self) -> None:
        if not self.labels and not self.names:
            raise Misfit("alerts", "which alerts? write labels, as in {severity: critical}, or `names`")
        for name in ("alertstate", "__name__"):
            if name in self.labels:
                raise Misfit("alerts", f"{name} is no label that tells alerts apart: those that fire are meant")

    @property
    def described(self) -> str:
        selected = [f'{name}="{value}"' for name, value in self.labels.items()]
        return " ".join([" or ".join(self.names), *(["with " + ", ".join(selected)] if selected else [])]).strip()

    @property
    def selector(self) -> str:
        matchers = ['alertstate="firing"', *(f"{name}={_quoted(value)}" for name, value in self.labels.items())]
        if self.names:
            matchers.append(f"alertname=~{_quoted('|'.join(map(re.escape, self.names)))}")
        return f"ALERTS{{{','.join(matchers)}}}"

    def may_come_from(self, rule: LoadedRule) -> bool:
        """A label that the rule does not set may come from the series, and a template may become anything."""
        fixed = {name: value for name, value in rule.labels if "{{" not in value} | {"alertname": rule.name}
        return (not self.names or rule.name in self.names) and all(
            fixed.get(name, value) == value for name, value in self.labels.items()
        )


@dataclass(frozen=True)
class Seen:
    """A mark for each moment: decisive where an alert fires, harmless where none does and somebody watched.

    `alerts` are those that fire at any of them, the last to do so first; `last_at` is when, None for now. `doubt` says
    why a moment cannot be judged.
    """

    marks: bytearray
    alerts: tuple[Series, ...] = ()
    last_at: datetime | None = None
    doubt: str = ""

    @property
    def sentence(self) -> str:
        """Which alert fires or fired; empty where none does."""
        if not self.alerts:
            return ""
        labels = dict(self.alerts[0].labels)
        name = labels.pop("alertname", "an alert")
        text = ", ".join(f"{label}={value}" for label, value in labels.items())
        words = f"{name} {'fired' if self.last_at else 'fires'}" + (f" ({text})" if text else "")
        words += f", one of {len(self.alerts)} alerts" if len(self.alerts) > 1 else ""
        return words + (f", last at {_moment(self.last_at)}" if self.last_at else "")


@dataclass(frozen=True)
class Watch:
    """How alerts are looked at: at each moment of the grid (None: now), or with `between` at what lies between too."""

    selection: Selection
    grid: Grid | None
    between: bool = False

    def needs(self, scope: Scope) -> Iterator[Question[object]]:
        present = self._present(scope)
        if not isinstance(present, Unanswered):
            yield from (self._firing(scope)[0], present, LoadedRulesQuery(scope.environment))

    def seen(self, evidence: Evidence, scope: Scope) -> Seen:
        marks = bytearray(self.grid.count if self.grid else 1)
        present = self._present(scope)
        if isinstance(present, Unanswered):
            return _unseen(marks, present.reason)
        asked, skipped = self._firing(scope)
        firing = course_of(asked, evidence)
        if isinstance(firing, Unanswered):
            return _unseen(marks, firing.reason)
        alerts = sorted((one for one in firing.series if one.points), key=lambda one: (-one.points[-1], one.labels))
        for one in alerts:
            for point in one.points:
                marks[point + skipped] = Mark.DECISIVE
        doubt = self._watched(marks, evidence, scope, course_of(present, evidence))
        last = self.grid.at(alerts[0].points[-1] + skipped) if self.grid and alerts else None
        return Seen(marks, tuple(Series(_own(one.labels), one.values[-1]) for one in alerts), last, doubt)

    def _firing(self, scope: Scope) -> tuple[PromQuestion, int]:
        """The question, and how many moments of the grid stand before its first.

        A rule may fire at one evaluation and not at the next, so what lies between two moments is asked for as well;
        what lies before the first is no part of the window.
        """
        selector, grid = self.selection.selector, self.grid
        if grid is None:
            return Query(selector, scope.environment, scope.at), 0
        if not self.between or grid.count == 1:
            return RangeQuery(selector, scope.environment, grid), 0
        rest = Grid(grid.start + grid.step, grid.step, grid.count - 1)
        return RangeQuery(f"max_over_time({selector}[{grid.step}ms])", scope.environment, rest), 1

    def _present(self, scope: Scope) -> PromQuestion | Unanswered:
        return question(self.selection.present or _WATCHED, "", self.grid, scope)

    def _watched(self, marks: bytearray, evidence: Evidence, scope: Scope, present: Course | Unanswered) -> str:
        """Marks the moments at which none fires, and says why where that does not mean that none did."""
        rules = answer_to(evidence, LoadedRulesQuery(scope.environment))
        doubt = rules.reason if isinstance(rules, Unanswered) else self._unmatched(rules)
        if not doubt and isinstance(present, Course):
            _fill(marks, {point for one in present.series for point in one.points}, Mark.HARMLESS)
            return self._hole(marks)
        _fill(marks, range(len(marks)), Mark.STRANGE)
        return doubt or (present.reason if isinstance(present, Unanswered) else "")

    def _unmatched(self, rules: Iterable[LoadedRule]) -> str:
        if any(map(self.selection.may_come_from, rules)):
            return ""
        which = self.selection.described.removeprefix("with ")
        return f"no alerting rule that Prometheus has loaded could match {which}"

    def _hole(self, marks: bytearray) -> str:
        first, last = (find(bytes([Mark.HOLE])) for find in (marks.find, marks.rfind))
        if first < 0:
            return ""
        what = "`present` returned nothing" if self.selection.present else "there is no sample of `up`"
        when = f", first at {_moment(self.grid.at(first))}, last at {_moment(self.grid.at(last))}" if self.grid else ""
        return f"{what}{when}, so nothing shows that anybody watched"


def _unseen(marks: bytearray, reason: str) -> Seen:
    _fill(marks, range(len(marks)), Mark.STRANGE)
    return Seen(marks, doubt=reason)


def _fill(marks: bytearray, points: Iterable[int], mark: Mark) -> None:
    """Never over a moment at which an alert fires."""
    for point in points:
        marks[point] = max(marks[point], mark)


def _quoted(text: str) -> str:
    """As PromQL writes a text: its escapes are those of JSON, but for surrogates, which stay out this way."""
    return json.dumps(text, ensure_ascii=False)


def _own(labels: Labels) -> Labels:
    return tuple((name, value) for name, value in labels if name not in ("__name__", "alertstate"))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
