"""Which alerts are meant: by the query that is asked, and by the rules that could fire them."""

from __future__ import annotations

import pytest

from rollout.gates.alerts import AlertsGate
from rollout.model.evidence import LoadedRule, Query
from tests.hand_made_alerts import SCOPE
from tests.plans.small import found_in, small


@pytest.mark.parametrize(
    ("labels", "names", "matches"),
    [
        ({"severity": "critical"}, (), True),
        ({"severity": "warning"}, (), False),
        ({"severity": "critical", "service": "checkout"}, (), True),  # the series may have it
        ({"team": "payments-eu"}, (), True),  # what a template comes to
        ({"severity": "critical"}, ("HighErrors",), True),
        ({"severity": "critical"}, ("Other", "HighErrors"), True),
        ({}, ("HighErrors",), True),
        ({}, ("Other",), False),
        ({}, ("High.*",), False),
        ({"severity": "critical"}, ("Other",), False),
        ({"alertname": "HighErrors"}, (), True),
        ({"alertname": "Other"}, (), False),
        ({"alertname": "HighErrors"}, ("Other",), False),
        ({"service": ""}, (), True),
        ({"severity": ""}, (), False),
    ],
)
def test_a_rule_could_match_by_its_name_and_the_labels_it_fixes(
    labels: dict[str, str], names: tuple[str, ...], matches: bool
) -> None:
    rule = LoadedRule("HighErrors", (("severity", "critical"), ("team", "payments-{{ $labels.region }}")))
    assert AlertsGate(labels=labels, names=names).may_come_from(rule) is matches


def test_names_and_values_stay_what_they_are_inside_the_query() -> None:
    wanted = AlertsGate(labels={"a": 'say "no"\\\n', "b": "${JOB}"}, names=("A.b|c", 'D"'))
    assert wanted.selector == (r'ALERTS{alertstate="firing",a="say \"no\"\\\n",b="${JOB}",alertname=~"A\\.b\\|c|D\""}')
    assert Query(wanted.selector, "production") in wanted.needs(SCOPE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{alerts: {alertstate: pending}}", "alertstate is no label"),
        ("{alerts: {__name__: up}}", "__name__ is no label"),
        ("{alerts: {severity: critical}, coverage: 95%}", "it needs `for`"),
        ("{alerts: {}}", "which alerts?"),
    ],
)
def test_what_would_never_match_is_an_error_of_the_plan(text: str, problem: str) -> None:
    assert any(problem in found for found in found_in(small(f"gates: {{calm: {text}}}")))
