"""Windows, settling and soaks against the time that a phase is given; and alerts of everybody."""

from __future__ import annotations

import pytest

from tests.metric_plans import phases_plan, problems

GATES = 'slow: {metric: p95, require: "< 15ms"}, low: {metric: errors, require: "< 1%"}, fine: {confirm: Fine}'
GATE_LINE = 8


def found(phase: str, gates: str = GATES) -> list[str]:
    """Of one phase, written over several lines."""
    lines = [f"      {part}," for part in phase.split(" & ")]
    plan = phases_plan(gates, "\n".join(["  - {", "      id: one,", *lines, "    }"]))
    return [f"{problem.place.line} {problem.message} [{problem.id}]" for problem in problems(plan)]


STEPS = "steps: [{set: {SHARE: 20}, soak: 1d}, {set: {SHARE: 50}, soak: 1d}]"

TOO_LONG = {
    f"duration: 2d & exit: [{{gate: low, for: 72h}}] & {STEPS}": (
        "13 'low' is judged over 3d, and 'one' lasts 2d: the window is not full by then [window-too-long]"
    ),
    f"duration: 2d..3d & exit: [{{alerts: {{service: shop}}, for: 7d}}] & {STEPS}": (
        "13 'one.exit.1' is judged over 7d, and 'one' lasts 2d..3d: the window is not full by then [window-too-long]"
    ),
    f"duration: 2d..3d & gates: [{{gate: low, for: 48h}}] & {STEPS}": (
        "13 'low' takes 2d to leave a step, with the soaks 4d, and 'one' lasts 2d..3d:"
        " the window is not full by then [window-too-long]"
    ),
    "duration: 2d..3d & steps: [{set: {SHARE: 20}, soak: 2d, gates: [fine]},"
    " {set: {SHARE: 50}, gates: [{gate: low, for: 48h}]}]": (
        "13 'low' takes 2d to leave a step, with the soaks 4d, and 'one' lasts 2d..3d:"
        " the window is not full by then [window-too-long]"
    ),
    f"duration: 1d & gates: [low] & {STEPS}": (
        "11 the soaks of 'one' add up to 2d, and it lasts 1d [soaks-too-long]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("phase", TOO_LONG)
def test_what_takes_longer_than_the_phase_lasts_is_told(phase: str) -> None:
    assert found(phase) == [TOO_LONG[phase]]


@pytest.mark.parametrize(
    "phase",
    [
        f"duration: 2d..3d & exit: [{{gate: low, for: 72h}}] & {STEPS}",
        f"duration: ongoing & exit: [{{gate: low, for: 30d}}] & {STEPS}",
        f"exit: [{{gate: low, for: 30d}}] & {STEPS}",
        f"duration: 2d & gates: [{{gate: low, for: step}}] & exit: [{{gate: slow, for: phase}}] & {STEPS}",
        f"duration: 2d & gates: [{{gate: low, for: 1d}}] & {STEPS}",
        f"duration: 2d & gates: [low] & exit: [{{gate: slow, for: 7d, advisory: true}}] & {STEPS}",
        f"duration: 2d & gates: [low] & {STEPS}",
    ],
)
def test_what_fits_into_the_phase_is_no_finding(phase: str) -> None:
    assert found(phase) == []


def test_a_soak_shorter_than_settling_is_told_once_for_a_gate() -> None:
    steps = "steps: [{set: {SHARE: 20}, soak: 5m}, {name: b, set: {SHARE: 50}, soak: 10m}]"
    assert found(f"gates: [slow] & {steps}") == [
        "12 'slow' settles for 1h after a change, so the soak of 5m of one/1 means nothing [settles-past-soak]"
    ]
    assert found(f"gates: [low] & exit: [slow] & {steps}") == [
        "13 'slow' settles for 1h after a change, so the soak of 10m of one/b means nothing [settles-past-soak]"
    ]


@pytest.mark.parametrize(
    "phase",
    [
        "gates: [slow] & steps: [{set: {SHARE: 20}, soak: 1h}]",
        "gates: [slow] & steps: [{set: {SHARE: 20}, soak: 3570s}]",
        "gates: [slow] & steps: [{set: {SHARE: 20}}]",
        "gates: [slow] & steps: [{soak: 5m}]",
        "gates: [{gate: slow, settle: 5m}] & steps: [{set: {SHARE: 20}, soak: 5m}]",
        "gates: [low, {gate: slow, advisory: true}] & steps: [{set: {SHARE: 20}, soak: 5m}]",
        "entry: [slow] & steps: [{set: {SHARE: 20}, soak: 5m}]",
    ],
)
def test_a_soak_that_is_long_enough_or_not_there_is_no_finding(phase: str) -> None:
    assert found(phase) == []


def test_what_every_phase_has_is_told_where_it_is_defined() -> None:
    plan = phases_plan(GATES, "  - {id: one, steps: [{set: {SHARE: 20}, soak: 5m}]}")
    (problem,) = problems(plan.replace("phases:\n", "every_phase: {gates: [slow]}\nphases:\n"))
    assert (problem.place.line, problem.id) == (GATE_LINE, "settles-past-soak")


def alerts(gates: str, triggers: str = "{}") -> list[str]:
    plan = phases_plan(f"a: {gates}", "  - {id: one, gates: [a], steps: [{set: {SHARE: 20}}]}", triggers)
    return [f"{problem.place.line} {problem.message} | {problem.hint} [{problem.id}]" for problem in problems(plan)]


EVERYBODYS = (
    "{severity: critical} selects everybody's alerts, also those that have nothing to do with this rollout"
    " | add a label such as service, or names: […] [everybodys-alerts]"
)


def test_alerts_by_severity_alone_are_everybodys() -> None:
    assert alerts("{alerts: {severity: critical}}") == [f"8 {EVERYBODYS}"]


def test_they_are_everybodys_in_a_trigger_too() -> None:
    trigger = "{t: {any: [{alerts: {severity: critical}}, {metric: errors, when: '> 9%'}], rollback: emergency}}"
    assert alerts("{confirm: Fine}", trigger) == [f"11 {EVERYBODYS}"]


@pytest.mark.parametrize(
    "gate",
    [
        "{alerts: {severity: critical, service: shop}}",
        "{alerts: {team: shop}}",
        "{alerts: {severity: critical}, names: [HighErrors]}",
    ],
)
def test_alerts_of_the_service_are_no_finding(gate: str) -> None:
    assert alerts(gate) == []
