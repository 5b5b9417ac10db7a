"""How a problem looks: the line, a caret below the very characters, nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata

import pytest

from rollout.errors import PlanError
from rollout.planfile import load, read
from tests.plans.small import KINDS, read_text, small


def shown(text: str) -> str:
    reading = read_text(text)
    return "\n".join(reading.rendered(problem) for problem in reading.problems)


def test_a_problem_shows_its_line_a_caret_and_the_way_out() -> None:
    assert shown(small("phases: [{id: one, gate: [low]}]")) == (
        "plan.yaml:7:20: error: a phase has no key 'gate' [unknown-key]\n"
        "    phases: [{id: one, gate: [low]}]\n"
        "                       ^^^^\n"
        "  did you mean 'gates'?"
    )


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


@pytest.mark.parametrize("name", ["결제", "cafe\u0301", "\uff57ide", "plain"])
def test_wide_and_combined_characters_keep_the_caret_in_place(name: str) -> None:
    _, line, carets = shown(small(f"links: {{{name}: [x]}}")).splitlines()
    before = line[: line.index("[x]")]
    assert columns(before) == carets.index("^")


def test_a_tab_stays_a_tab() -> None:
    _, line, carets = shown(small("links: {a:\t[x]}")).splitlines()
    assert carets.startswith(line[:4] + " " * len("links: {a:") + "\t^")


def test_of_a_long_line_only_the_part_around_the_caret_is_shown() -> None:
    items = ", ".join(f"a{n}: b" for n in range(200))
    _, line, carets = shown(small(f"links: {{{items}, z: [x], {items.replace('a', 'c')}}}")).splitlines()
    assert len(line) < 120
    assert line[carets.index("^") :].startswith("[x]")
    assert line.strip().startswith("…")
    assert line.endswith("…")


def test_no_control_character_reaches_the_terminal() -> None:
    reading = read(b"name: a\x1b]0;owned\x07\n", "plan.yaml", KINDS)
    text = reading.rendered(reading.problems[0])
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_plan_with_errors_is_refused_with_all_of_them() -> None:
    with pytest.raises(PlanError) as refusal:
        load(small("name: Bad", "title: 5").encode(), "plan.yaml", KINDS)
    assert refusal.value.exit_code == 2
    assert [line for line in refusal.value.message.splitlines() if line.startswith("plan.yaml:")] == [
        "plan.yaml:2:7: error: 'Bad' is not a plan's name (small letters, digits and '-', at most 63) [invalid]",
        "plan.yaml:9:8: error: expected a text, found the number 5 [invalid]",
    ]


def test_a_plan_with_warnings_is_read() -> None:
    assert load(small("rollback: {emergncy: {run: [[a]]}}").encode(), "plan.yaml", KINDS).name == "small"
