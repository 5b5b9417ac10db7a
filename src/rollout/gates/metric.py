"""The `metric` kind: a named query's value against a bound."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON, CONDITION, MetricName, Since, Window, check_unit, window_words
from rollout.gates.measure import first_to_satisfy, judged, labelled, measure, satisfying
from rollout.model.conditions import Condition
from rollout.model.evidence import Evidence, Query, Unanswered
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.plan import Absent, EvidenceRule, Metric
from rollout.model.variables import UnsetVariableError, expand, fit_for_query, references
from rollout.model.verdicts import Finding, TriggerFinding, TriggerOutcome
from rollout.shapes import Duration, Key, Misfit, Number, Record, Reference, Share

EVIDENCE = Record(
    EvidenceRule,
    {
        "metric": Key(Reference("metric"), "A metric that counts how much there is to judge by.", required=True),
        "at_least": Key(Number(least=0), "With less than this, the number says nothing.", required=True, example=200),
    },
    what="evidence rule",
)


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
    def gap(self) -> str:
        if self.for_ is not None:
            return "a gate over a window (`for`) cannot be judged yet"
        return _gap(self.metric, self.require, self.evidence)

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        asked = _asked(self.metric, scope, self.gap)
        return (asked,) if isinstance(asked, Query) else ()

    @property
    def reach(self) -> timedelta:
        return self.metric.reach

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        asked = _asked(self.metric, scope, self.gap)
        answer = evidence[asked] if isinstance(asked, Query) else asked
        return judged(self.metric, self.require, _text(asked, self.metric), answer)


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

    @property
    def gap(self) -> str:
        if self.for_ is not None:
            return "a trigger over a window (`for`) cannot be judged yet"
        return _gap(self.metric, self.when, None)

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        asked = _asked(self.metric, scope, self.gap)
        return (asked,) if isinstance(asked, Query) else ()

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        asked = _asked(self.metric, scope, self.gap)
        measured = measure(self.metric, evidence[asked] if isinstance(asked, Query) else asked)
        unit, count = self.metric.unit, len(measured.series)
        firing = satisfying(self.when, measured.series, unit, holds=True)
        shown = first_to_satisfy(self.when, firing or measured.series)
        sentence = self.when.judge(shown.value, unit)[1] + labelled(shown, count) if shown else ""
        if firing:
            outcome, reason = TriggerOutcome.FIRED, sentence
        elif measured.doubt:
            outcome, reason = TriggerOutcome.UNKNOWN, measured.doubt
        else:
            outcome, reason = TriggerOutcome.QUIET, sentence
        observed = shown.value if shown else None
        return TriggerFinding(
            outcome, reason, observed, unit, self.when.text, _text(asked, self.metric), measured.series
        )


def _asked(metric: Metric, scope: Scope, gap: str) -> Query | Unanswered:
    """What is asked, or why nothing can be."""
    if gap:
        return Unanswered(gap)
    for name, _ in references(metric.query):
        if not fit_for_query(scope.variables.get(name, "")):
            # Its value may come from the process environment: it could be a secret, so it is not shown.
            return Unanswered(
                f"the value of {name} holds more than letters, digits and _ . : -, so no query may use it"
            )
    try:
        promql = expand(metric.query, scope.variables.get)
    except UnsetVariableError as error:
        return Unanswered(str(error))
    return Query(promql, metric.environment or scope.environment, scope.at)


def _text(asked: Query | Unanswered, metric: Metric) -> str:
    return asked.promql if isinstance(asked, Query) else metric.query


def _gap(metric: Metric, condition: Condition, evidence: EvidenceRule | None) -> str:
    if condition.baselines:
        return "a bound relative to a baseline cannot be judged yet"
    if metric.evidence or evidence:
        return "`evidence` cannot be judged yet"
    if metric.absent is not Absent.UNKNOWN:
        return "`absent` cannot be judged yet"
    return ""


GATE = Record(
    MetricGate,
    {
        "metric": Key(MetricName(), "The metric that is judged.", required=True),
        "require": Key(CONDITION, "What its value must satisfy.", required=True, example="< 0.1%"),
        "for": Key(Window(), "It must hold over this whole window.", into="for_", example="48h"),
        "coverage": Key(Share(), "The least share of the window that must be there.", example="95%"),
        "share": Key(Share(), "The least share of judged samples that must satisfy.", example="99%"),
        "evidence": Key(EVIDENCE, "How much there must be to judge by."),
        **COMMON,
    },
    what="metric gate",
)

ALARM = Record(
    MetricAlarm,
    {
        "metric": Key(MetricName(), "The metric that is watched.", required=True),
        "when": Key(CONDITION, "When it fires.", required=True, example="> 1%"),
        "for": Key(Duration(), "It must hold over this whole window.", into="for_", example="3m"),
    },
    what="metric trigger",
)
