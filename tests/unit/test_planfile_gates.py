"""Gates in their lists: names, changed copies, inline ones, and what every phase has."""

from __future__ import annotations

from datetime import timedelta

from rollout.gates.http import HttpGate
from rollout.gates.metric import MetricGate
from rollout.model.plan import Phase, Plan
from tests.plans.small import found_in, read_text, small

INLINE = '{metric: errors, require: "< 5%"}'


def plan(*sections: str) -> Plan:
    read = read_text(small(*sections)).plan
    assert read is not None, found_in(small(*sections))
    return read


def phase(text: str, *sections: str) -> Phase:
    return plan(f"phases: [{text}]", *sections).phases[0]


def ids(*lists: tuple[object, ...]) -> list[list[str]]:
    return [[getattr(gate, "id", "") for gate in gates] for gates in lists]


def test_inline_gates_are_named_after_their_phase_stage_and_position() -> None:
    steps = f"steps: [{{name: a, gates: [{INLINE}]}}, {{gates: [low, {INLINE}]}}]"
    read = phase(f"{{id: one, entry: [low, {INLINE}], gates: [{INLINE}], {steps}, exit: [{INLINE}]}}")
    assert ids(read.entry, read.gates, read.exit) == [["low", "one.entry.2"], ["one.step.1"], ["one.exit.1"]]
    assert ids(*(step.gates for step in read.steps)) == [["one/a.step.1"], ["low", "one/2.step.2"]]


def test_a_changed_gate_keeps_its_name_and_what_is_not_changed() -> None:
    web = 'gates: {low: {metric: errors, require: "< 1%", on_fail: Stop}, web: {http: x, attempts: 3}}'
    read = phase("{id: one, exit: [{gate: low, for: 48h, advisory: true}, {gate: web, expect: {status: 204}}]}", web)
    low, http = read.exit
    assert isinstance(low, MetricGate)
    assert (low.id, low.require.text, low.on_fail) == ("low", "< 1%", "Stop")
    assert (low.for_, low.advisory) == (timedelta(hours=48), True)
    assert isinstance(http, HttpGate)
    assert (http.id, http.url, http.attempts, http.expect.status) == ("web", "x", 3, (204,))


def test_a_changed_metric_brings_its_unit() -> None:
    changed = "{gate: low, metric: p95, require: < 20ms}"
    (gate,) = phase(f"{{id: one, gates: [{changed}]}}").gates
    assert isinstance(gate, MetricGate)
    assert gate.metric.name == "p95"
    assert "cannot be compared" in found_in(small("phases: [{id: one, gates: [{gate: low, metric: p95}]}]"))[0]


EVERY = f"every_phase: {{entry: [web], gates: [low, {INLINE}], checklist: [Logs read]}}"


def test_every_phase_has_what_all_have_after_its_own() -> None:
    read = phase(
        "{id: one, gates: [fast], checklist: [Own item]}",
        EVERY.replace("fast", "web"),
    )
    assert ids(read.entry, read.gates) == [["web"], ["fast", "low", "every_phase.step.2"]]
    assert [item.id for item in read.checklist] == ["own-item", "logs-read"]


def test_a_phase_skips_by_id_and_says_why() -> None:
    read = phase("{id: one, skip: {low: No data, every_phase.step.2: No data, logs-read: None yet}}", EVERY)
    assert ids(read.entry, read.gates) == [["web"], []]
    assert read.checklist == ()
    assert read.skip["low"] == "No data"


def test_a_phases_own_form_of_a_gate_stands_beside_the_common_one() -> None:
    """Else `{gate: low, advisory: true}` would take out silently what `skip` takes out with a reason."""
    first, second, third = phase("{id: one, gates: [{gate: low, for: 5m}]}", EVERY).gates
    assert isinstance(first, MetricGate)
    assert isinstance(second, MetricGate)
    assert (first.id, first.for_) == ("low", timedelta(minutes=5))
    assert (second.id, second.for_) == ("low", None)
    assert third.id == "every_phase.step.2"
    assert len(phase("{id: one, gates: [low]}", EVERY).gates) == 2


def test_an_unused_gate_is_no_finding() -> None:
    assert found_in(small("gates: {low: {metric: errors, require: < 1%}, web: {http: x}, spare: {confirm: x}}")) == []


def test_an_emergency_exists_without_being_written() -> None:
    read = plan("rollback: {slow: {run: [[x]]}}", "triggers: {t: {confirm: x, rollback: emergency}}")
    assert list(read.rollback) == ["emergency", "slow"]
    assert read.rollback["emergency"].set is None


def test_commands_are_one_a_list_or_carry_a_time_out() -> None:
    steps = "{run: [a, b], before: [[a], {command: [b], timeout: 5m, once: true}], undo: [Call them, [c]]}"
    (step,) = phase(f"{{id: one, steps: [{steps}]}}").steps
    assert [command.argv for command in step.run] == [("a", "b")]
    assert [(command.argv, command.timeout, command.once) for command in step.before] == [
        (("a",), None, False),
        (("b",), timedelta(minutes=5), True),
    ]
    assert [item if isinstance(item, str) else item.argv for item in step.undo] == ["Call them", ("c",)]


def test_windows_take_lists_and_ranges_of_weekdays() -> None:
    hours = "windows: {allow: ['Mon,Wed-Thu 09:00-12:00 UTC', 'Fri-Mon 00:00-24:00 UTC']}"
    first, second = plan(hours).windows.allow
    assert sorted(first.weekdays) == [0, 2, 3]
    assert sorted(second.weekdays) == [0, 4, 5, 6]
    assert (second.start, second.end) == (0, 1440)


def test_a_flag_may_stand_at_several_targets_under_several_keys() -> None:
    environments = "environments: {prod: {targets: {a: {type: dotenv, path: a}, b: {type: dotenv, path: b}}}}"
    flags = "flags: {ON: {type: bool, key: K, target: {a: A, b: B}}, SHARE: {type: percent, key: S, target: [a, b]}}"
    read = plan(environments, flags).flags
    assert (read["ON"].targets, read["SHARE"].targets) == ({"a": "A", "b": "B"}, {"a": "S", "b": "S"})
