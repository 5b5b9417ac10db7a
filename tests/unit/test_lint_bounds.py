"""Bounds of gates and triggers: against what a query can come to, and against one another."""

from __future__ import annotations

import pytest

from tests.metric_plans import ids, metric_plan, phases_plan, problems

SHARE = '(sum(rate(x_total{result="bad"}[5m])) or vector(0)) / sum(rate(x_total[5m]))'
GATE_LINE = 10

HOPELESS = {
    (SHARE, "ratio", "> 100%"): "never-holds",
    (SHARE, "ratio", "< 0"): "never-holds",
    (f"100 * (1 - {SHARE})", "%", "> 100"): "never-holds",
    ("sum(rate(x_total[5m]))", "/s", "< 0"): "never-holds",
    ("x", "count", "> 5 and < 3"): "never-holds",
    ("x", "count", "> 5 and <= 5"): "never-holds",
    ("x", "count", "== 5 and != 5"): "never-holds",
    (SHARE, "ratio", "<= 100%"): "always-holds",
    (SHARE, "ratio", ">= 0"): "always-holds",
    ("avg(up)", "ratio", "< 200%"): "always-holds",
    ("count(x)", "count", ">= 0"): "always-holds",
    ("hit_rate", "ratio", "> 70"): "bound-scale",
    ("hit_rate", "ratio", ">= 99 and < 100%"): "never-holds",
    ("hit_rate", "ratio", "< 99"): "bound-scale",
}


@pytest.mark.parametrize(("query", "unit", "require"), HOPELESS)
def test_a_bound_that_tells_nothing_apart_is_told_at_its_line(query: str, unit: str, require: str) -> None:
    assert ids(metric_plan(query, unit, require=require)) == [f"{GATE_LINE} {HOPELESS[query, unit, require]}"]


SENSIBLE = [
    (SHARE, "ratio", "< 100%"),
    (SHARE, "ratio", "<= 0"),
    (SHARE, "ratio", "> 0"),
    (f"1 - {SHARE}", "ratio", ">= 100%"),
    ("sum(rate(x_total[5m])) / sum(rate(y_total[5m]))", "ratio", "< 120%"),
    ('sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total{c="d"}[5m]))', "ratio", "< 120%"),
    ('sum(rate(x_total{a="b"}[5m])) / sum(rate(x_total[10m]))', "ratio", "< 120%"),
    ('sum(gauge{a="b"}) / sum(gauge)', "ratio", "< 120%"),
    ("sum(up)", "count", "> 3"),
    ("delta(x[5m])", "count", "< 0"),
    ("deriv(x[5m])", "/s", "< 0"),
    ("rate(x_total[5m]) - rate(y_total[5m])", "/s", ">= 0"),
    ("hit_rate", "ratio", "> 1.5"),
    ("hit_rate", "%", "> 70"),
    ("retries", "number", ">= 0"),
    ("x", "count", ">= 5 and <= 5"),
    ("x", "count", "!= 5"),
]


@pytest.mark.parametrize(("query", "unit", "require"), SENSIBLE)
def test_a_bound_that_may_hold_or_not_is_no_finding(query: str, unit: str, require: str) -> None:
    assert ids(metric_plan(query, unit, require=require)) == []


def test_what_several_series_add_up_to_may_be_more_than_each() -> None:
    assert ids(metric_plan("up", "ratio", "series: sum", require="> 100%")) == []
    assert ids(metric_plan("up", "ratio", "series: max", require="> 100%")) == ["10 never-holds"]


SENTENCES = {
    (SHARE, "ratio", "> 100%"): "this gate never passes: 'm' is between 0 % and 100 %, never > 100%",
    ("rate(x_total[5m])", "/s", "< 0"): "this gate never passes: 'm' is at least 0 /s, never < 0",
    ("x", "count", "> 5 and < 3"): "this gate never passes: no number is > 5 and < 3",
    (SHARE, "ratio", "<= 1"): "nothing can fail this gate: 'm' is between 0 % and 100 %, all of that <= 1",
    ("hit_rate", "ratio", "> 70"): "70 of a ratio is 7000 %",
}


@pytest.mark.parametrize(("query", "unit", "require"), SENTENCES)
def test_the_sentence_names_what_is_possible(query: str, unit: str, require: str) -> None:
    (problem,) = problems(metric_plan(query, unit, require=require))
    assert problem.message == SENTENCES[query, unit, require]
    assert problem.hint in ("write 70%", "look at both bounds", "look at the bound and at the unit")


def test_a_trigger_may_be_hopeless_too() -> None:
    triggers = "{a: {any: [{metric: errors, when: '> 5 and < 2'}], rollback: emergency}}"
    (problem,) = problems(phases_plan("g: {confirm: Fine}", PHASES, triggers))
    assert problem.message == "this never fires: no number is > 5 and < 2"


PHASES = """\
  - {id: one, gates: [g], steps: [{set: {ON: true}}]}
  - {id: two, gates: [g], steps: [{set: {SHARE: 50}}]}"""


def overlapping(require: str, trigger: str, more: str = "", phases: str = PHASES) -> list[str]:
    gates = f"g: {{metric: errors, require: '{require}'{more}}}"
    return [
        f"{problem.place.line} {problem.message} [{problem.id}]"
        for problem in problems(phases_plan(gates, phases, f"{{t: {trigger}}}"))
    ]


def fires(when: str, more: str = "rollback: emergency") -> str:
    return f"{{metric: errors, when: '{when}', {more}}}"


@pytest.mark.parametrize(
    ("require", "when", "where"),
    [
        ("< 1%", "> 0.5%", "between 0.5 % and 1 %"),
        ("<= 1%", ">= 1%", "at 1 %"),
        ("> 70%", "< 90%", "between 70 % and 90 %"),
        ("> 70%", "> 90%", "above 90 %"),
        ("< 1%", "< 2%", "below 1 %"),
        ("!= 5%", "> 1%", "above 1 %"),
        (">= 85% and < 90%", "< 86%", "between 85 % and 86 %"),
    ],
)
def test_a_trigger_that_fires_while_a_gate_passes_is_told_with_the_zone(require: str, when: str, where: str) -> None:
    assert overlapping(require, fires(when)) == [
        f"12 {where} 't' fires ({when}) while the gate 'g' passes ({require}), in one, two [trigger-in-gate]"
    ]


@pytest.mark.parametrize(
    ("require", "trigger"),
    [
        ("< 0.1%", fires("> 1%")),
        ("< 1%", fires(">= 1%")),
        ("> 95%", fires("< 90%")),
        ("== 0", fires("> 0")),
        ("== 0", fires("!= 0")),
        ("< 1%", fires("> 0.5%", "review: Look")),
        ("< 1%", "{all: [{metric: errors, when: '> 0.5%'}, {metric: p95, when: '> 1s'}], rollback: emergency}"),
        ("< 1%", "{gate: g, rollback: emergency}"),
    ],
)
def test_what_lies_between_a_gate_and_a_trigger_is_no_finding(require: str, trigger: str) -> None:
    assert overlapping(require, trigger) == []


@pytest.mark.parametrize(
    "trigger",
    [
        "{any: [{metric: p95, when: '> 1s'}, {metric: errors, when: '> 0.5%'}], rollback: emergency}",
        "{all: [{metric: errors, when: '> 0.5%'}], rollback: emergency}",
        fires("> 0.5%", "for: 30m, rollback: emergency"),
        "{any: [{gate: low}], rollback: emergency}",
    ],
)
def test_one_condition_of_several_is_enough(trigger: str) -> None:
    low = "}, low: {metric: errors, require: '<= 0.5%'"
    (problem,) = overlapping("< 1%", trigger, low)
    assert problem.startswith("12 between 0.5 % and 1 % 't' fires (")


def test_a_gate_that_blocks_nothing_is_no_contradiction() -> None:
    assert overlapping("< 1%", fires("> 0.5%"), ", advisory: true") == []


def test_only_phases_in_which_both_stand_count() -> None:
    assert "in two [" in overlapping("< 1%", fires("> 0.5%", "rollback: emergency, from: two"))[0]
    assert "in one [" in overlapping("< 1%", fires("> 0.5%", "rollback: emergency, phases: [one]"))[0]
    elsewhere = PHASES.replace("two, gates: [g]", "two, gates: [{confirm: Fine}]")
    assert overlapping("< 1%", fires("> 0.5%", "rollback: emergency, phases: [two]"), phases=elsewhere) == []


def test_a_stricter_gate_of_the_same_step_takes_the_zone_away() -> None:
    both = PHASES.replace("gates: [g]", "gates: [g, {metric: errors, require: '< 0.5%'}]")
    assert overlapping("< 1%", fires("> 0.5%"), phases=both) == []


def test_bounds_that_wait_for_a_baseline_are_not_compared() -> None:
    recorded = PHASES.replace("id: one,", "id: one, baseline: [errors],")
    assert overlapping("<= baseline + 1%", fires("> 0.5%"), phases=recorded) == []
    assert overlapping("< 1%", fires("> baseline"), phases=recorded) == []
