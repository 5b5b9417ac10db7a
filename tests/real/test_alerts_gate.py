"""Alerts of a real Prometheus: rules that it has loaded, alerts that fire, a history of those that fired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest
import yaml

from rollout.gates.alerts import AlertsAlarm, AlertsGate
from rollout.gates.window import last
from rollout.model.evidence import Answer, Evidence, LoadedRulesQuery, Query, Question, RangeQuery
from rollout.model.gate import Scope
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_server import running_prometheus

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

ODD_VALUE = 'say "no"\\ and\nleave: {a="b"} ${X} \t é 🐘 \x7f'
ODD_NAME = 'Odd.name|with (a "pipe") \\ and'

RULES = [
    {"alert": "HighErrors", "expr": "no > 0", "labels": {"severity": "critical", "service": "{{ $labels.service }}"}},
    {"alert": "Slow", "expr": "no > 0", "labels": {"severity": "warning"}},
    {"alert": "Flapping", "expr": "no > 0", "labels": {"severity": "page"}},
    {"alert": "FiresNow", "expr": "vector(1)", "labels": {"severity": "info", "team": "ops"}},
    {"alert": ODD_NAME, "expr": "vector(1)", "labels": {"severity": "info", "odd": ODD_VALUE}},
]
CONFIG = "global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n"

WATCHED_FOR = 30 * HOUR
"""`up` has samples for so long. They end now: Prometheus takes no sample that is older than its blocks."""


def history(now: datetime) -> str:
    def samples(series: str, begin: timedelta, end: timedelta, every: int = 60) -> Iterator[str]:
        first, final = int((now - begin).timestamp()), int((now - end).timestamp())
        return (f"{series} 1 {second}" for second in range(first, final + 1, every))

    fired = 'ALERTS{alertname="HighErrors",alertstate="firing",service="checkout",severity="critical"}'
    flapped = 'ALERTS{alertname="Flapping",alertstate="firing",severity="page"}'
    pending = 'ALERTS{alertname="Slow",alertstate="pending",severity="warning"}'
    lines = ["# TYPE ALERTS gauge", *samples(fired, 10 * HOUR + 5 * MINUTE, 10 * HOUR, 15)]
    lines += [*samples(flapped, 5 * HOUR, 5 * HOUR), *samples(pending, 3 * HOUR, 2 * HOUR)]
    lines += ["# TYPE up gauge"]
    lines += samples('up{instance="a"}', WATCHED_FOR, timedelta())
    lines += samples('up{instance="b"}', 2 * HOUR, HOUR)
    lines += ["# TYPE ruler gauge", *samples("ruler", 12 * HOUR, 9 * HOUR), *samples("ruler", 6 * HOUR, timedelta())]
    return "\n".join((*lines, "# EOF", ""))


@dataclass(frozen=True)
class Shop:
    source: PrometheusSource
    now: datetime
    began_at: datetime

    @property
    def scope(self) -> Scope:
        return Scope("production", self.now)

    def answers(self, questions: Iterable[Question[object]]) -> Evidence:
        asked = [one for one in questions if isinstance(one, Query | RangeQuery | LoadedRulesQuery)]
        return dict[Question[object], object](self.source.ask(asked).items())

    def judged(self, gate: AlertsGate, scope: Scope | None = None) -> Finding:
        scope = scope or self.scope
        return gate.judge(self.answers(gate.needs(scope)), scope)

    def watched(self, alarm: AlertsAlarm, scope: Scope | None = None) -> TriggerFinding:
        scope = scope or self.scope
        return alarm.judge(self.answers(alarm.needs(scope)), scope)


@pytest.fixture(scope="module")
def shop(_prometheus_is_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Its rules have been evaluated once."""
    folder = tmp_path_factory.mktemp("alerts")
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "shop", "rules": RULES}]}))
    began_at = datetime.now(UTC)
    with running_prometheus(folder, config=CONFIG, openmetrics=history(began_at)) as server:
        source = PrometheusSource(Connection(server.url))
        wait_for_alerts(source)
        yield Shop(source, datetime.now(UTC), began_at)


def wait_for_alerts(source: PrometheusSource) -> None:
    query = Query('count(ALERTS{alertname=~"FiresNow|Odd.*"}) == 2', "production")
    deadline = monotonic() + 20
    while monotonic() < deadline:
        answer = source.ask([query])[query]
        if isinstance(answer, Answer) and answer.series:
            return
        sleep(0.1)
    raise AssertionError("no rule was evaluated")


def gate(for_: timedelta | None = None, *names: str, present: str = "", **labels: str) -> AlertsGate:
    return AlertsGate(labels=labels, names=names, for_=for_, present=present)


def test_an_alert_that_fired_ten_hours_ago_fails_a_window_of_two_days(shop: Shop) -> None:
    finding = shop.judged(gate(48 * HOUR, severity="critical", service="checkout"))
    assert finding.outcome is FAIL
    assert finding.reason.startswith("HighErrors fired (service=checkout, severity=critical), last at ")
    assert finding.observed == 1
    assert finding.held is not None
    assert finding.earliest_pass is not None
    assert abs(finding.held - 10 * HOUR) < 2 * MINUTE
    assert abs(finding.earliest_pass - (shop.now + 38 * HOUR)) < 2 * MINUTE
    assert shop.judged(gate(9 * HOUR, severity="critical")).outcome is PASS


def test_an_alert_that_fired_for_one_evaluation_is_not_stepped_over(shop: Shop) -> None:
    finding = shop.judged(gate(6 * HOUR, severity="page"))
    assert finding.outcome is FAIL
    assert finding.held is not None
    assert abs(finding.held - 5 * HOUR) < MINUTE
    began = replace(shop.scope, floor=shop.now - 5 * HOUR + MINUTE)
    assert shop.judged(gate(3 * HOUR, severity="page"), began).outcome is PASS
    assert shop.judged(gate(48 * HOUR, severity="page"), began).outcome is Outcome.WAITING


def test_a_window_in_which_nothing_fired_passes_and_pending_alerts_do_not_count(shop: Shop) -> None:
    finding = shop.judged(gate(24 * HOUR, severity="warning"))
    assert (finding.outcome, finding.reason) == (PASS, "none fired in 1d")


def test_a_window_that_began_before_anybody_watched_is_unknown(shop: Shop) -> None:
    finding = shop.judged(gate(48 * HOUR, severity="warning"))
    assert finding.outcome is UNKNOWN
    assert finding.reason.startswith("37.")
    assert "of 2d cannot be judged: there is no sample of `up`, first at " in finding.reason


def test_a_hole_in_the_middle_of_the_window_is_unknown(shop: Shop) -> None:
    finding = shop.judged(gate(10 * HOUR, severity="warning", present="ruler"))
    assert finding.outcome is UNKNOWN
    assert "`present` returned nothing, first at " in finding.reason
    assert shop.judged(gate(5 * HOUR, severity="warning", present="ruler")).outcome is PASS
    assert shop.judged(gate(None, severity="warning", present="nobody")).outcome is UNKNOWN


def test_where_no_rule_could_match_it_is_unknown(shop: Shop) -> None:
    finding = shop.judged(gate(24 * HOUR, severity="emergency"))
    assert finding.outcome is UNKNOWN
    assert finding.reason == 'no alerting rule that Prometheus has loaded could match severity="emergency"'
    assert shop.judged(gate(HOUR, severity="critical", service="search")).outcome is PASS  # by its template
    assert shop.judged(gate(HOUR, severity="warning", service="search")).outcome is PASS  # by its series


def test_names_select_whole_names(shop: Shop) -> None:
    assert shop.judged(gate(48 * HOUR, "Slow", "HighErrors")).outcome is FAIL
    assert shop.judged(gate(24 * HOUR, "Slow")).outcome is PASS
    for name in ("High", "High.*", "highErrors", "Flap"):
        assert "could match" in shop.judged(gate(48 * HOUR, name)).reason


def test_an_alert_that_fires_now_fails_and_fires(shop: Shop) -> None:
    finding = shop.judged(gate(None, team="ops"))
    assert (finding.outcome, finding.reason) == (FAIL, "FiresNow fires (severity=info, team=ops)")
    assert shop.judged(gate(24 * HOUR, team="ops")).outcome is FAIL
    fired = shop.watched(AlertsAlarm(labels={"team": "ops"}))
    assert (fired.outcome, fired.reason) == (TriggerOutcome.FIRED, "FiresNow fires (severity=info, team=ops)")
    assert shop.watched(AlertsAlarm(labels={"team": "ops"}, for_=10 * MINUTE)).outcome is TriggerOutcome.QUIET
    assert shop.watched(AlertsAlarm(names=("Slow",))).outcome is TriggerOutcome.QUIET
    assert shop.watched(AlertsAlarm(names=("Slower",))).outcome is TriggerOutcome.UNKNOWN


def test_no_character_of_a_name_or_a_value_leaves_its_text(shop: Shop) -> None:
    assert shop.judged(gate(None, odd=ODD_VALUE)).outcome is FAIL
    assert shop.judged(gate(48 * HOUR, ODD_NAME, odd=ODD_VALUE)).outcome is FAIL
    assert shop.judged(gate(None, ODD_NAME, "Slow")).outcome is FAIL
    for value in ('"} or vector(1) or ALERTS{a="', "\\", '\\"', "`", "#", "\x00\r\n"):
        assert shop.judged(gate(HOUR, odd=value)).outcome is PASS
        assert "could match" in shop.judged(gate(None, value)).reason


def test_a_trigger_fires_all_through_its_window_and_knows_when_it_had(shop: Shop) -> None:
    then = shop.began_at - 10 * HOUR - MINUTE  # of the history: the rules took their time since
    alarm = AlertsAlarm(labels={"service": "checkout"}, for_=3 * MINUTE)
    past = replace(shop.scope, now=then, at=then, track=last(10 * MINUTE, then))
    assert shop.watched(alarm, past).outcome is TriggerOutcome.FIRED
    course = alarm.past(shop.answers(alarm.needs(past)), past)
    assert (course[0], course[-1]) == (TriggerOutcome.QUIET, TriggerOutcome.FIRED)
    assert course.count(TriggerOutcome.FIRED) in (12, 13)  # it fired for four minutes: the last of them counts
