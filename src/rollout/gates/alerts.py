"""The `alerts` kind: no alert with these labels fired."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass, replace
from rollout.gates.alert_series import Seen, Selection, Watch
from rollout.gates.counting import counted
from rollout.gates.keys import COMMON, LABELS, Since, WindowLength
from rollout.gates.marks import Mark, Marked
from rollout.gates.past import fired, fires, judged
from rollout.gates.window import Unbegun, Window, earlier, last, window_of
from rollout.model.durations import format_duration
from rollout.model.evidence import Evidence, Grid, Question
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from rollout.shapes import CheckedQuery, Duration, Key, ListOf, Mapped, Misfit, PromQL, Record, Share, Text


@dataclass(frozen=True, kw_only=True)
class AlertsGate(Selection, Gate):
    """`for_` None: now."""

    kind: ClassVar[str] = "alerts"

    for_: timedelta | Since | None = None
    coverage: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.for_ is None and self.coverage != 1:
            raise Misfit("coverage", "`coverage` is of a window: it needs `for`")

    @property
    def words(self) -> str:
        return f"no alert {self.described}"

    def queries(self, scope: Scope) -> Iterable[str]:
        return (self.present,) if self.present else ()

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        window, past = self._window(scope), self._past(scope)
        watches = [past] if past else []
        if not isinstance(window, Unbegun):
            watches.append(self._watch(window.grid if window else None))
        return tuple(question for watch in watches for question in watch.needs(scope))

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        window = self._window(scope)
        known = Finding(Outcome.UNKNOWN, "", None, "count", "== 0", self.selector)
        if isinstance(window, Unbegun):
            length = self.for_ if isinstance(self.for_, timedelta) else None
            waiting = replace(known, outcome=Outcome.WAITING, reason=window.reason, for_=length)
            return replace(waiting, held=timedelta(), earliest_pass=window.until)
        seen = self._watch(window.grid if window else None).seen(evidence, scope)
        if not seen.alerts and Mark.STRANGE in seen.marks:
            return replace(known, reason=seen.doubt)
        known = replace(known, observed=float(len(seen.alerts)), series=seen.alerts)
        return self._now(known, seen) if window is None else self._throughout(known, seen, window)

    def _window(self, scope: Scope) -> Window | Unbegun | None:
        return None if self.for_ is None else window_of(self.for_, self.settles, scope)

    def past(self, evidence: Evidence, scope: Scope) -> tuple[Outcome, ...]:
        past = self._past(scope)
        if past is None or scope.track is None:
            return ()
        return judged(past.seen(evidence, scope).marks, scope.track.count, self.coverage, 1.0)

    def _past(self, scope: Scope) -> Watch | None:
        if scope.track is None or isinstance(self.for_, Since):
            return None
        return self._watch(earlier(scope.track, self.for_ or timedelta()))

    def _watch(self, grid: Grid | None) -> Watch:
        return Watch(self, grid, between=True)

    def _now(self, known: Finding, seen: Seen) -> Finding:
        if seen.alerts:
            return replace(known, outcome=Outcome.FAIL, reason=seen.sentence)
        if seen.doubt:
            return replace(known, observed=None, reason=seen.doubt)
        return replace(known, outcome=Outcome.PASS, reason="none fires")

    def _throughout(self, known: Finding, seen: Seen, window: Window) -> Finding:
        known = replace(known, reason=seen.doubt)
        finding = counted(known, Marked(seen.marks), window, seen.sentence, coverage=self.coverage)
        if finding.outcome is Outcome.UNKNOWN:
            return replace(finding, observed=None)
        if finding.outcome is not Outcome.PASS or finding.for_ is None:
            return finding
        remark = f"; {seen.doubt}" if seen.doubt else ""
        return replace(finding, reason=f"none fired in {format_duration(finding.for_)}{remark}")


@dataclass(frozen=True, kw_only=True)
class AlertsAlarm(Selection, Alarm):
    """Fires when at each moment of `for_` (None: now) one of the alerts does, be it the same one or not."""

    kind: ClassVar[str] = "alerts"

    for_: timedelta | None = None

    @property
    def words(self) -> str:
        return f"an alert {self.described}"

    def queries(self, scope: Scope) -> Iterable[str]:
        return (self.present,) if self.present else ()

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        past = self._past(scope)
        return (*self._present(scope).needs(scope), *(past.needs(scope) if past else ()))

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        seen = self._present(scope).seen(evidence, scope)
        outcome = fires(seen.marks)
        reason = seen.sentence or "none fires"
        match outcome:
            case TriggerOutcome.UNKNOWN:
                reason = seen.doubt
            case TriggerOutcome.FIRED if self.for_:
                reason += f", and all through {format_duration(self.for_)}"
            case TriggerOutcome.QUIET if seen.alerts and self.for_:
                reason += f", but not all through {format_duration(self.for_)}"
            case _:
                pass
        observed = None if outcome is TriggerOutcome.UNKNOWN else float(len(seen.alerts))
        return TriggerFinding(outcome, reason, observed, "count", "> 0", self.selector, seen.alerts, self.for_)

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        past = self._past(scope)
        if past is None or scope.track is None:
            return super().past(evidence, scope)
        return fired(past.seen(evidence, scope).marks, scope.track.count)

    def _present(self, scope: Scope) -> Watch:
        return Watch(self, last(self.for_, scope.now) if self.for_ else None)

    def _past(self, scope: Scope) -> Watch | None:
        return Watch(self, earlier(scope.track, self.for_ or timedelta())) if scope.track else None


def _text(query: CheckedQuery) -> str:
    return query.text


_WHICH = {
    "alerts": Key(
        LABELS,
        "Labels that the alerts have; `{}` with `names` means alerts of those names, whatever their labels.",
        example={"service": "checkout", "severity": "critical"},
        required=True,
        into="labels",
    ),
    "names": Key(
        ListOf(Text(), or_one=True), "The names of the alerts. Without it: of any name.", example=["HighErrors"]
    ),
    "present": Key(
        Mapped(PromQL(), _text),
        "PromQL with samples wherever Prometheus was watching; elsewhere it cannot be judged. Without it: `up`.",
        example='up{job="checkout"}',
    ),
}

GATE = Record(
    AlertsGate,
    {
        **_WHICH,
        "for": Key(
            WindowLength(),
            "The window in which none may have fired: a duration, or `step` or `phase` for since that began. Without "
            "it: now.",
            example="48h",
            into="for_",
        ),
        "coverage": Key(
            Share(),
            "The least share of the window that there must be data for; it needs `for`. Without it: all of it.",
            example="95%",
        ),
        **COMMON,
    },
    what="alerts gate",
    rules={"dependentRequired": {"coverage": ["for"]}},
)

ALARM = Record(
    AlertsAlarm,
    {
        **_WHICH,
        "for": Key(
            Duration(),
            "How long one of them must fire without a break. Without it: now.",
            example="3m",
            into="for_",
        ),
    },
    what="alerts trigger",
)
