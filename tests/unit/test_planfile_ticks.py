"""One tick means one thing."""

from __future__ import annotations

import pytest

from tests.plans.small import found_in, read_text, small

GATES = 'gates: {low: {metric: errors, require: "< 1%"}, ready: {confirm: x}, web: {http: x}}'
TRIGGERS = "triggers: {bad: {confirm: x, rollback: emergency}, worse: {any: [{confirm: x}, {confirm: y}], review: z}}"
RAISED = f"rollback: {{partial: {{set: {{SHARE: 10}}}}}}\n{TRIGGERS}"


@pytest.mark.parametrize("id", ["ready", "bad", "worse.2", "one.exit.1"])
def test_an_item_has_no_id_of_what_people_answer(id: str) -> None:
    phases = f"phases: [{{id: one, gates: [low], checklist: [{{id: {id}, text: A}}], exit: [{{confirm: y}}]}}]"
    assert [line for line in found_in(small(GATES, phases, TRIGGERS)) if "[same-tick]" in line] == [
        f"7:15 error the checklist item {id!r} of 'one' has the id of what people answer elsewhere | "
        "give one of them another id [same-tick]"
    ]


def passage(first: str, second: str) -> list[str]:
    phases = f"phases: [{{id: one, checklist: [{first}]}}, {{id: two, checklist: [{second}]}}]"
    return [line for line in found_in(small(GATES, phases)) if "[same-tick]" in line]


def test_an_item_to_leave_a_phase_and_one_to_enter_the_next_are_not_called_the_same() -> None:
    (line,) = passage("{id: a, text: A}", "{id: a, text: B, before: entry}")
    assert "error one tick of 'a' would mean an item to leave 'one' and another to enter this" in line


def test_where_a_tick_means_one_thing_ids_may_be_the_same() -> None:
    assert not passage("{id: a, text: A}", "{id: a, text: B}")
    assert not passage("{id: a, text: A, before: entry}", "{id: a, text: B, before: entry}")
    assert not passage("{id: a, text: A}", "{id: a, text: A, before: entry}")
    assert not passage("{id: low, text: A, gate: low}", "B")
    assert not passage("{id: ready, text: A, gate: ready}", "B")
    apart = "phases: [{id: one, environments: [other], checklist: [{id: a, text: A}]}, "
    apart += "{id: two, environments: [prod], checklist: [{id: a, text: B, before: entry}]}]"
    prod, other = (f"{{targets: {{api: {{type: dotenv, path: {path}}}}}}}" for path in "ab")
    two = f"environments: {{prod: {prod}, other: {other}}}"
    assert read_text(small(two, apart)).plan is not None, found_in(small(two, apart))
