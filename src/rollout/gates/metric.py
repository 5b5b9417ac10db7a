"""The `metric` kind: a named query's value against a bound, now or over a whole window."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass, replace
from rollout.gates.counting import counted
from rollout.gates.keys import COMMON, CONDITION, EVIDENCE, MetricName, Since, WindowLength, check_unit, window_words
from rollout.gates.marks import Mark, Marked
from rollout.gates.measure import Measure, sentence, shown
from rollout.gates.past import fired, fires, judged
from rollout.gates.window import Unbegun, Window, earlier, last, window_of
from rollout.model.conditions import Condition
from rollout.model.durations import format_duration
from rollout.model.evidence import Evidence, Grid, Question
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.plan import EvidenceRule, Metric
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from rollout.shapes import Duration, Key, Misfit, Record, Share


@dataclass(frozen=True, kw_only=True)
class MetricGate(Gate):
    kind: ClassVar[str] = "metric"

    metric: Metric
    require: Condition
    for_: timedelta | Since | None = None
    coverage: float = 1.0
    share: float = 1.0
    evidence: EvidenceRule | None = None

    def __post_init__(self) -> None:
        check_unit(self.require, self.metric.unit, "require")
        for key, value in (("coverage", self.coverage), ("share", self.share)):
            if self.for_ is None and value != 1:
                raise Misfit(key, f"`{key}` is of a window: it needs `for`")

    @property
    def words(self) -> str:
        window = "" if self.for_ is None else f" for {window_words(self.for_)}"
        return f"{self.metric.name} {self.require.text}{window}"

    @property
    def reach(self) -> timedelta:
        return self.metric.reach

    def queries(self, scope: Scope) -> Iterable[str]:
        return self._measure(None).queries(scope)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        window, past = self._window(scope), self._past(scope)
        measures = [past] if past else []
        if not isinstance(window, Unbegun):
            measures.append(self._measure(window.grid if window else None))
        return tuple(question for measure in measures for question in measure.needs(scope))

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        window = self._window(scope)
        unit, require, query = self.metric.unit, self.require.text, self.metric.query
        if isinstance(window, Unbegun):
            waiting = Finding(Outcome.WAITING, window.reason, None, unit, require, query)
            length = self.for_ if isinstance(self.for_, timedelta) else None
            return replace(waiting, for_=length, held=timedelta(), earliest_pass=window.until)
        measure = self._measure(window.grid if window else None)
        marked = measure.marked(evidence, scope)
        said = sentence(measure, marked, scope)
        observed = marked.extremes[0].value if marked.extremes else None
        common = Finding(Outcome.UNKNOWN, _doubt(marked), observed, unit, require, measure.asked(scope), shown(marked))
        if window is None:
            return _now(common, marked, said)
        return counted(common, marked, window, said, coverage=self.coverage, share=self.share)

    def past(self, evidence: Evidence, scope: Scope) -> tuple[Outcome, ...]:
        past = self._past(scope)
        if past is None or scope.track is None:
            return ()
        return judged(past.marked(evidence, scope).marks, scope.track.count, self.coverage, self.share)

    def _window(self, scope: Scope) -> Window | Unbegun | None:
        return None if self.for_ is None else window_of(self.for_, self.settles, scope)

    def _past(self, scope: Scope) -> Measure | None:
        """Only a trigger on the gate has a track. A window that begins with the step has no past before it."""
        if scope.track is None or isinstance(self.for_, Since):
            return None
        return self._measure(earlier(scope.track, self.for_ or timedelta()))

    def _measure(self, grid: Grid | None) -> Measure:
        rules = _rules(self.metric, self.evidence)
        return Measure(self.metric, grid, condition=self.require, decisive=False, rules=rules)


@dataclass(frozen=True, kw_only=True)
class MetricAlarm(Alarm):
    kind: ClassVar[str] = "metric"

    metric: Metric
    when: Condition
    for_: timedelta | None = None

    def __post_init__(self) -> None:
        check_unit(self.when, self.metric.unit, "when")

    @property
    def words(self) -> str:
        window = "" if self.for_ is None else f" for {window_words(self.for_)}"
        return f"{self.metric.name} {self.when.text}{window}"

    def queries(self, scope: Scope) -> Iterable[str]:
        return self._measure(None).queries(scope)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        past = self._past(scope)
        return (*self._present(scope).needs(scope), *(past.needs(scope) if past else ()))

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        measure = self._present(scope)
        marked = measure.marked(evidence, scope)
        said = sentence(measure, marked, scope)
        outcome = fires(marked.marks)
        if outcome is TriggerOutcome.UNKNOWN or not said:
            reason = _doubt(marked)
        elif outcome is TriggerOutcome.QUIET and marked.extremes[0].decisive and self.for_:
            reason = f"{said}, but not for all of {format_duration(self.for_)}"
        else:
            reason = said
        observed = marked.extremes[0].value if marked.extremes else None
        return TriggerFinding(
            outcome,
            reason,
            observed,
            self.metric.unit,
            self.when.text,
            measure.asked(scope),
            shown(marked),
            self.for_,
        )

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        past = self._past(scope)
        if past is None or scope.track is None:
            return super().past(evidence, scope)
        return fired(past.marked(evidence, scope).marks, scope.track.count)

    def _present(self, scope: Scope) -> Measure:
        return self._measure(None if self.for_ is None else last(self.for_, scope.now))

    def _past(self, scope: Scope) -> Measure | None:
        return self._measure(earlier(scope.track, self.for_ or timedelta())) if scope.track else None

    def _measure(self, grid: Grid | None) -> Measure:
        return Measure(self.metric, grid, condition=self.when, decisive=True, rules=_rules(self.metric))


def _rules(metric: Metric, more: EvidenceRule | None = None) -> tuple[EvidenceRule, ...]:
    return tuple(dict.fromkeys(rule for rule in (metric.evidence, more) if rule))


def _now(finding: Finding, marked: Marked, said: str) -> Finding:
    match marked.marks[0]:
        case Mark.DECISIVE:
            return replace(finding, outcome=Outcome.FAIL, reason=said)
        case Mark.HARMLESS:
            return replace(finding, outcome=Outcome.PASS, reason=said)
        case _:
            return finding


def _doubt(marked: Marked) -> str:
    """Why it cannot be judged, the gravest reason first."""
    return next((marked.why[mark] for mark in (Mark.STRANGE, Mark.HOLE, Mark.THIN) if mark in marked.marks), "")


GATE = Record(
    MetricGate,
    {
        "metric": Key(MetricName(), "The metric that is judged.", example="error-rate", required=True),
        "require": Key(
            CONDITION,
            "What its value must satisfy; a bare number is in the metric's unit. A baseline was recorded before.",
            example="< 0.1%",
            required=True,
            also=("<= baseline + 0.1%", ">= 85% and < 90%"),
        ),
        "for": Key(
            WindowLength(),
            "The window throughout which it must hold: a duration, or `step` or `phase` for since that began. Without "
            "it: now.",
            example="48h",
            into="for_",
            also=("phase",),
        ),
        "coverage": Key(
            Share(),
            "The least share of the window that there must be data for; it needs `for`. Without it: all of it.",
            example="95%",
        ),
        "share": Key(
            Share(),
            "The least share of judged samples that must satisfy; it needs `for`. Without it: all of them.",
            example="99%",
        ),
        "evidence": Key(
            EVIDENCE,
            "How much there must be to judge by. Without it: what the metric says.",
            example={"metric": "requests", "at_least": 200},
        ),
        **COMMON,
    },
    what="metric gate",
    rules={"dependentRequired": {"coverage": ["for"], "share": ["for"]}},
)

ALARM = Record(
    MetricAlarm,
    {
        "metric": Key(MetricName(), "The metric that is watched.", example="error-rate", required=True),
        "when": Key(
            CONDITION,
            "Which values make it fire; a bare number is in the metric's unit.",
            example="> 1%",
            required=True,
            also=("> baseline * 2",),
        ),
        "for": Key(
            Duration(),
            "How long it must hold without a break before it fires. Without it: now.",
            example="3m",
            into="for_",
        ),
    },
    what="metric trigger",
)
