"""The contract's own sample: every section of it read to the last value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import pytest

from rollout.gates.alerts import AlertsGate
from rollout.gates.combined import AnyAlarm, GateAlarm
from rollout.gates.command import CommandGate, ExpectedEnd
from rollout.gates.http import ExpectedResponse, HttpGate, Method
from rollout.gates.keys import Since
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.gates.person import AskAlarm, AskGate, ConfirmAlarm, ConfirmGate
from rollout.gates.rollouts import Milestone, RolloutGate
from rollout.gates.sql import SqlGate, Statement
from rollout.model.around import Channel, Cohort, Contact, Escalation, FollowUp, Occasion, PanelQuery, PhaseCost, Review
from rollout.model.plan import (
    AllowedHours,
    BaselineRule,
    ChecklistItem,
    Command,
    EvidenceRule,
    Freeze,
    OnUnknown,
    Plan,
    SeriesRule,
    SignOff,
    Step,
)
from rollout.model.values import FlagType
from rollout.model.verdicts import Stage
from rollout.planfile import load, read
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Mapping, Node, Scalar, Sequence
from rollout.targets.dotenv_kind import DotenvSpec
from tests.plans.small import KINDS, SAMPLE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(SAMPLE.read_bytes(), "checkout-v2.yaml", KINDS)


def test_it_lints_clean() -> None:
    reading = read(SAMPLE.read_bytes(), "checkout-v2.yaml", KINDS)
    assert [reading.rendered(problem) for problem in reading.problems] == []


def test_its_head(plan: Plan) -> None:
    assert (plan.name, plan.title, plan.owner) == ("checkout-v2", "Checkout v2", "Payments platform")
    assert plan.summary == "New checkout for all sellers"
    assert plan.links == {"dashboard": "https://grafana.example.com/d/checkout"}
    assert (plan.workdir, plan.default_environment) == ("..", "production")


def test_its_environments(plan: Plan) -> None:
    production, staging = plan.environments["production"], plan.environments["staging"]
    assert production.name == "production"
    assert production.prometheus
    assert (production.prometheus.url, production.prometheus.token) == ("${PROMETHEUS_URL}", "${PROM_TOKEN:-}")
    assert production.prometheus.timeout == timedelta(seconds=10)
    assert production.store == "kubernetes:rollouts"
    assert production.values == {"CACHE_TTL": 60}
    assert production.vars == {"API": "https://api.example.com"}
    assert production.targets["api"] == DotenvSpec(
        name="api",
        type="dotenv",
        path="deploy/.env",
        apply=(Command(("pm2", "restart", "api", "--update-env")),),
        emergency_apply=(Command(("./deploy.sh", "--emergency")),),
        verify=("health",),
    )
    assert staging.override == {"CACHE_TTL": 5}
    assert staging.targets["api"] == DotenvSpec(name="api", type="dotenv", path="deploy/staging.env")


def test_its_flags(plan: Plan) -> None:
    kinds = {name: (flag.type, flag.safe, flag.min) for name, flag in plan.flags.items()}
    assert kinds == {
        "CHECKOUT_V2": (FlagType.BOOL, False, None),
        "CHECKOUT_V2_PERCENT": (FlagType.PERCENT, 0, None),
        "CHECKOUT_V2_ALLOW": (FlagType.LIST, None, None),
        "CACHE_TTL": (FlagType.INT, None, 1),
    }
    assert all(flag.name == name and not flag.targets for name, flag in plan.flags.items())


def test_its_metrics(plan: Plan) -> None:
    assert plan.metrics["requests"].query == "sum(increase(http_requests_total[5m]))"
    assert {name: metric.unit for name, metric in plan.metrics.items()} == {
        "requests": "count",
        "error-rate": "ratio",
        "p95": "s",
        "hit-rate": "ratio",
    }
    assert plan.metrics["error-rate"].evidence == EvidenceRule("requests", 200)
    assert plan.metrics["hit-rate"].series is SeriesRule.EVERY
    assert plan.metrics["p95"].reach == timedelta(minutes=5)
    assert plan.metrics["hit-rate"].reach == timedelta()


def test_its_gates(plan: Plan) -> None:
    gates = plan.gates
    errors = gates["errors"]
    assert isinstance(errors, MetricGate)
    assert (errors.id, errors.metric.name, errors.require.text) == ("errors", "error-rate", "< 0.1%")
    assert (errors.on_fail, errors.runbook) == ("Roll back to 10 %", "high-errors")
    calm = {"service": "checkout", "severity": "critical"}
    assert gates["calm"] == AlertsGate(id="calm", labels=calm, for_=2 * DAY)
    expected = ExpectedResponse((200,), {"status": "ok"}, timedelta(seconds=2))
    assert gates["health"] == HttpGate(id="health", url="${API}/health", method=Method.GET, expect=expected)
    smoke = CommandGate(id="smoke", argv=("npm", "test"), timeout=timedelta(minutes=5), repeat=3, expect=ExpectedEnd())
    assert gates["smoke"] == smoke
    columns = gates["columns"]
    assert isinstance(columns, SqlGate)
    assert columns.statement == Statement("${DATABASE_URL}", "select 1 where false")
    assert columns.expect.rows
    assert columns.expect.rows.text == "== 0"
    tickets = gates["tickets"]
    assert isinstance(tickets, AskGate)
    assert (tickets.question, tickets.unit, tickets.valid_for) == ("Support tickets about checkout", "count", DAY)
    assert gates["scenarios"] == ConfirmGate(id="scenarios", statement="All five scenarios pass three times")
    assert gates["staged"] == RolloutGate(id="staged", milestone=Milestone(environment="staging", reached="complete"))


def test_its_conditions_in_words(plan: Plan) -> None:
    assert {name: gate.words for name, gate in plan.gates.items() if gate.kind != "metric"} == {
        "calm": 'no alert with service="checkout", severity="critical"',
        "health": "GET ${API}/health answers as expected",
        "smoke": "npm test ends with 0",
        "columns": "select 1 where false: rows == 0",
        "tickets": "Support tickets about checkout < 5",
        "scenarios": "All five scenarios pass three times",
        "staged": "this plan@staging has reached complete",
    }
    assert {name: trigger.alarm.words for name, trigger in plan.triggers.items() if trigger.alarm.kind != "metric"} == {
        "slow": "p95 > 50ms or hit-rate < 50%",
        "down": "health does not pass in 3 probes",
        "complaints": "Share of users who complain > 10%",
        "corruption": "Data corruption seen",
    }


def test_its_phases(plan: Plan) -> None:
    prepare, limited, full = plan.phases
    assert prepare.baseline == (BaselineRule("error-rate", Stage.EXIT, HOUR), BaselineRule("p95"))
    assert prepare.checklist == (
        ChecklistItem("runbook", "Runbook reviewed"),
        ChecklistItem("alert-rules-configured", "Alert rules configured"),
    )
    assert prepare.sign_off == (SignOff("Engineering Lead"), SignOff("Product Owner", Stage.ENTRY))
    assert prepare.steps == (Step(1),)
    assert [gate.id for gate in prepare.gates] == ["fast"]

    assert (limited.goal, limited.audience) == ("Half of the sellers, watched", "50 % of sellers")
    assert (limited.duration, limited.environments) == ("4d..5d", ("production",))
    assert [gate.id for gate in limited.entry] == ["errors", "health", "staged"]
    assert [gate.id for gate in limited.gates] == ["errors"]
    assert (limited.skip, limited.observe) == ({"fast": "No cache yet"}, ("hit-rate",))
    first, second, third = limited.steps
    assert (first.number, first.name, first.soak) == (1, "day-1", DAY)
    assert first.set == {"CHECKOUT_V2": True, "CHECKOUT_V2_PERCENT": 20}
    assert [gate.id for gate in second.gates] == ["hits"]
    assert (third.before, third.run) == ((Command(("./backup.sh",)),), (Command(("./warm-cache.sh",)),))
    assert third.instructions == ("Link the canary supplier in the admin page",)
    assert third.undo == (Command(("./cool-cache.sh",)),)
    lasting, calm, tickets = limited.exit
    assert isinstance(lasting, MetricGate)
    assert (lasting.id, lasting.for_, lasting.on_fail) == ("errors", 2 * DAY, "Roll back to 10 %")
    assert (calm, tickets) == (plan.gates["calm"], plan.gates["tickets"])

    assert full.steps[0].soak == 7 * DAY
    assert isinstance(full.exit[0], MetricGate)
    assert full.exit[0].for_ is Since.PHASE


def test_its_triggers(plan: Plan) -> None:
    spike = plan.triggers["error-spike"]
    assert isinstance(spike.alarm, MetricAlarm)
    assert (spike.alarm.when.text, spike.alarm.for_) == ("> 1%", timedelta(minutes=3))
    assert (spike.id, spike.rollback, spike.automatic) == ("error-spike", "emergency", True)
    assert (spike.on_unknown, spike.unknown_after) == (OnUnknown.BLOCK, timedelta(minutes=10))
    slow = plan.triggers["slow"].alarm
    assert isinstance(slow, AnyAlarm)
    assert [part.metric.name for part in slow.parts if isinstance(part, MetricAlarm)] == ["p95", "hit-rate"]
    assert plan.triggers["down"].alarm == GateAlarm(gate=plan.gates["health"], times=3)
    complaints = plan.triggers["complaints"].alarm
    assert isinstance(complaints, AskAlarm)
    assert (complaints.unit, complaints.when.text) == ("%", "> 10%")
    assert plan.triggers["corruption"].alarm == ConfirmAlarm(id="corruption", statement="Data corruption seen")
    assert plan.triggers["odd-logins"].review == "Might be expected; look before you go on"


def test_its_levels(plan: Plan) -> None:
    emergency, partial, code, back = plan.rollback.values()
    assert (emergency.name, emergency.objective, emergency.set) == (
        "emergency",
        timedelta(minutes=5),
        {"CHECKOUT_V2": False},
    )
    assert (emergency.run, emergency.verify) == ((Command(("./purge-cache.sh",)),), ("health",))
    assert emergency.then == (Command(("kubectl", "scale", "deployment/checkout-v2", "--replicas=0")),)
    assert emergency.instructions == ("Open an incident",)
    assert (partial.set, partial.approval, partial.restart) == ({"CHECKOUT_V2_PERCENT": 10}, True, "limited")
    assert partial.environments == ()
    assert (code.title, code.when, code.warning) == ("Code", "Critical bug", "Redeploys everything")
    assert (code.destructive, code.set) == (True, None)
    assert (back.to, back.environments) == ("limited/day-1", ("production",))


def test_its_windows(plan: Plan) -> None:
    text = "Mon-Thu 09:00-16:00 Asia/Seoul"
    assert plan.windows.allow == (AllowedHours(frozenset({0, 1, 2, 3}), 540, 960, "Asia/Seoul", text),)
    assert plan.windows.freeze == (Freeze(date(2026, 12, 20), date(2027, 1, 5), "holidays"),)


def test_what_stands_around_it(plan: Plan) -> None:
    around = plan.around
    assert around.channels == {
        "ops": Channel("ops", "${SLACK_URL}"),
        "pager": Channel("pager", "${PAGER_URL}", "pagerduty"),
    }
    assert around.contacts == (Contact("On-call", "Platform rota", "", "", timedelta(minutes=15), "Outages"),)
    assert around.escalation == (Escalation(timedelta(), "On-call", "ops", "rollback", True),)
    (announcement,) = around.announcements
    assert (announcement.when, announcement.phase, announcement.lead) == (Occasion.BEFORE, "limited", 7 * DAY)
    assert (announcement.to, announcement.message) == (("Product", "Support"), "Starts ${DATE}")
    assert (announcement.action, announcement.environments) == ("Review the runbook", ("production",))
    assert around.runbook["high-errors"].resolve == ("Roll back",)
    (panel,) = around.panels
    assert (panel.group, panel.title, panel.kind) == ("Traffic", "Requests", "timeseries")
    assert panel.queries == (PanelQuery("sum(rate(http_requests_total[5m]))", "requests", "/s"),)
    alert = around.alerts["HighErrors"]
    assert (alert.metric, alert.when.text, alert.for_) == ("error-rate", "> 1%", timedelta(minutes=10))
    assert (alert.severity, alert.summary, alert.runbook) == ("critical", "Too many errors", "high-errors")
    assert around.success
    assert around.success.after == 30 * DAY
    assert [(target.metric, target.ask, target.unit) for target in around.success.targets] == [
        ("error-rate", "", "ratio"),
        ("", "Survey score", "number"),
    ]
    assert around.reviews == (Review("daily", "full", DAY, 7 * DAY, "On-call", ("Metrics reviewed",)),)
    assert around.follow_up == (FollowUp(DAY, ("Logs reviewed",)),)
    assert around.cohort == Cohort("charsum", "seller-1", "CHECKOUT_V2_ALLOW", "CHECKOUT_V2_PERCENT")
    assert around.costs
    assert (around.costs.currency, around.costs.per, around.costs.base) == ("USD", "month", Fraction(2000))
    assert around.costs.phases == {"limited": PhaseCost(Fraction(50), ("Monitoring",), "Alerts")}


FREE = {"links", "vars", "json", "alerts", "labels"}
NAMES = {"environments", "targets", "flags", "metrics", "gates", "triggers", "rollback", "channels", "phases"}
"""Keys below which a plan's author makes up the names."""


def fixed_keys(node: Node, below: str = "", depth: int = 0) -> Iterator[tuple[tuple[int, int], Scalar]]:
    """Each behind how deep and as what number it stands: keys that share both are in mappings beside one another."""
    match node:
        case Sequence():
            for item in node.items:
                yield from fixed_keys(item, depth=depth + 1)
        case Mapping():
            for number, (name, value) in enumerate(node.entries):
                if below not in FREE | NAMES | {"set", "values", "override", "skip"}:
                    yield (depth, number), name
                yield from fixed_keys(value, "" if below in NAMES else name.text, depth + 1)
        case Scalar():
            pass


def misspelt(word: str) -> str:
    return word[:-2] + word[-1] + word[-2] if word[-1] != word[-2] else word + "x"


SLIPS = list(fixed_keys(read_nodes(SAMPLE.read_bytes())))


def test_the_loop_below_sees_every_section() -> None:
    assert len(SLIPS) > 180
    some = {"prometheus", "emergency_apply", "at_least", "valid_for", "sign_off", "objective", "freeze", "id_example"}
    assert some <= {key.text for _, key in SLIPS}


def test_every_misspelt_key_is_an_error_that_names_the_right_one() -> None:
    """Those that are in no mapping together and not in one another share a file: none hides another."""
    for together in dict.fromkeys(where for where, _ in SLIPS):
        lines = SAMPLE.read_text("utf-8").split("\n")
        expected, longer = {}, Counter[int]()
        for key in (key for where, key in SLIPS if where == together):
            line, column = key.place.line, key.place.column + longer[key.place.line]
            before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
            assert after.startswith(key.text)
            lines[line - 1] = before + misspelt(key.text) + after[len(key.text) :]
            longer[line] += len(misspelt(key.text)) - len(key.text)
            expected[line, column] = key.text
        errors = read("\n".join(lines).encode(), "checkout-v2.yaml", KINDS).errors
        for place, text in expected.items():
            here = [problem for problem in errors if (problem.place.line, problem.place.column) == place]
            assert any(text in problem.message + problem.hint for problem in here), (text, place, errors)
