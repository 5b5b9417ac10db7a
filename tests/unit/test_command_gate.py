"""What the runs of a command come to. A pass that is none would be the worst of all faults."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.gates.command import CommandGate, ExpectedEnd
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import CommandEnd, CommandRun
from rollout.model.verdicts import Finding, Outcome
from tests.fakes import NOON

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
SCOPE = Scope("production", NOON)
GATE = CommandGate(argv=("npm", "test"))
THREE = CommandGate(argv=("npm", "test"), repeat=3)


def judged(gate: CommandGate, *ends: CommandEnd) -> Finding:
    (question,) = gate.needs(SCOPE)
    return gate.judge({question: ends}, SCOPE)


def number(require: str, unit: str = "", repeat: int = 1) -> CommandGate:
    return CommandGate(argv=("count",), require=parse_condition(require), unit=unit, repeat=repeat)


def ended(code: int, output: str = "") -> CommandEnd:
    return CommandEnd(code, stdout=output, output=output)


def test_it_needs_one_command_as_it_is_written() -> None:
    expect = ExpectedEnd(exit=2)
    gate = CommandGate(argv=("./test", "${API}"), timeout=timedelta(seconds=9), repeat=3, expect=expect)
    assert gate.needs(SCOPE) == (CommandRun("production", ("./test", "${API}"), timedelta(seconds=9), 3, 2),)


def test_a_run_gets_five_minutes_unless_it_is_written() -> None:
    assert GATE.needs(SCOPE) == (CommandRun("production", ("npm", "test"), timedelta(minutes=5)),)


def test_a_command_says_nothing_about_a_past_moment() -> None:
    past = Scope("production", NOON, at=NOON)
    assert GATE.needs(past) == ()
    assert GATE.judge({}, past) == Finding(UNKNOWN, "a command says nothing about a past moment")


@pytest.mark.parametrize(
    ("end", "outcome", "reason"),
    [
        (ended(0), PASS, "it ended with 0"),
        (ended(0, "loud\n"), PASS, "it ended with 0"),
        (ended(1), FAIL, "it ended with 1, expected 0"),
        (ended(1, "one\n  two \n\n"), FAIL, "it ended with 1, expected 0: two"),
        (ended(255, "x"), FAIL, "it ended with 255, expected 0: x"),
        (ended(126, "sh: ./a: x"), UNKNOWN, "it ended with 126 (it cannot be executed), expected 0: sh: ./a: x"),
        (ended(127), UNKNOWN, "it ended with 127 (there is no such program), expected 0"),
        (CommandEnd(None, failure="it was ended by SIGKILL"), UNKNOWN, "it was ended by SIGKILL"),
        (
            CommandEnd(None, output="half\nway\n", failure="it took longer than 5m"),
            UNKNOWN,
            "it took longer than 5m: way",
        ),
    ],
)
def test_a_run_is_judged_by_how_it_ends(end: CommandEnd, outcome: Outcome, reason: str) -> None:
    assert judged(GATE, end) == Finding(outcome, reason)


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        (3, PASS, "it ended with 3"),
        (0, UNKNOWN, "it ended with 0, neither 3 (pass) nor 1 or 127 (fail)"),
        (1, FAIL, "it ended with 1, expected 3"),
        (2, UNKNOWN, "it ended with 2, neither 3 (pass) nor 1 or 127 (fail)"),
        (126, UNKNOWN, "it ended with 126 (it cannot be executed), expected 3"),
        (127, FAIL, "it ended with 127, expected 3"),
    ],
)
def test_with_fail_exit_only_those_codes_fail(code: int, outcome: Outcome, reason: str) -> None:
    gate = CommandGate(argv=("x",), expect=ExpectedEnd(exit=3), fail_exit=(1, 127))
    assert judged(gate, ended(code)) == Finding(outcome, reason)


def test_an_exit_code_that_is_expected_passes_whatever_it_usually_means() -> None:
    assert judged(CommandGate(argv=("x",), expect=ExpectedEnd(exit=127)), ended(127)).outcome is PASS


def test_every_run_must_pass_and_the_first_that_does_not_decides() -> None:
    good, bad, lost = ended(0), ended(1, "boom\n"), CommandEnd(None, failure="it was ended by SIGSEGV")
    assert judged(THREE, good, good, good) == Finding(PASS, "all 3 runs ended with 0")
    assert judged(THREE, good, bad) == Finding(FAIL, "run 2 of 3 ended with 1, expected 0: boom")
    assert judged(THREE, good, good, lost) == Finding(UNKNOWN, "run 3 of 3: it was ended by SIGSEGV")
    assert judged(THREE, lost, bad).outcome is UNKNOWN


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_fewer_runs_than_wanted_are_no_pass(runs: int) -> None:
    assert judged(THREE, *[ended(0)] * runs) == Finding(UNKNOWN, f"it ran {runs} of 3 times")


def test_what_could_not_be_asked_is_unknown() -> None:
    (question,) = GATE.needs(SCOPE)
    finding = GATE.judge({question: Unanswered("the variable API is not set")}, SCOPE)
    assert finding == Finding(UNKNOWN, "the variable API is not set")


def test_the_pattern_is_looked_for_in_all_that_it_prints() -> None:
    gate = CommandGate(argv=("x",), expect=ExpectedEnd(output=r"\d+ passed"))
    assert judged(gate, ended(0, "a\n12 passed\nb")) == Finding(
        PASS, r"it ended with 0 and printed what matches \d+ passed"
    )
    assert judged(gate, ended(0, "none\n")) == Finding(FAIL, r"it printed nothing that matches \d+ passed: none")
    assert judged(gate, ended(0)) == Finding(FAIL, r"it printed nothing that matches \d+ passed")
    assert judged(gate, ended(1, "12 passed")).outcome is FAIL


def test_a_pattern_that_may_stand_in_what_was_not_kept_is_unknown() -> None:
    gate = CommandGate(argv=("x",), expect=ExpectedEnd(output="ready"))
    assert judged(gate, CommandEnd(0, output="…y\ny\n", cut=True)).outcome is UNKNOWN
    assert judged(gate, CommandEnd(0, output="…ready\n", cut=True)).outcome is PASS


@pytest.mark.parametrize("pattern", [r"(?s)\A(?!.*ERROR)", r"\A[^E]*\Z", r"(?s)^(?!.*ERROR)"])
def test_a_pattern_for_what_must_not_be_there_wants_all_of_the_output(pattern: str) -> None:
    gate = CommandGate(argv=("x",), expect=ExpectedEnd(output=pattern))
    assert judged(gate, CommandEnd(0, output="fine\n")).outcome is PASS
    assert judged(gate, CommandEnd(0, output="ERROR\nfine\n")).outcome is FAIL
    assert judged(gate, CommandEnd(0, output="…fine\n", cut=True)).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("3", 3.0),
        ("0.42\n", 0.42),
        ("  1e-3 \n\n", 0.001),
        ("-7", -7.0),
        ("+2.5E+1", 25.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
    ],
)
def test_a_number_is_read_as_programs_print_it(printed: str, value: float) -> None:
    finding = judged(number("< 100"), ended(0, printed))
    assert (finding.outcome, finding.observed, finding.unit, finding.require) == (PASS, value, "number", "< 100")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("", "nothing"),
        ("\n \n", "nothing"),
        ("nan", "'nan'"),
        ("NaN", "'NaN'"),
        ("inf", "'inf'"),
        ("-Infinity", "'-Infinity'"),
        ("1e999", "'1e999'"),
        ("9" * 400, f"'{'9' * 159}…'"),
        ("1 2", "'1 2'"),
        ("1\n2", "'1 2'"),
        ("1,5", "'1,5'"),
        ("1_000", "'1_000'"),
        ("0x10", "'0x10'"),
        ("5%", "'5%'"),
        ("5 ms", "'5 ms'"),
        ("٣", "'٣'"),
        ("…3", "'…3'"),
        ("true", "'true'"),
        ("x: 3\x1b", "'x: 3'"),
    ],
)
def test_anything_but_one_finite_number_is_unknown(printed: str, shown: str) -> None:
    for require in ("< 5", ">= 0", "!= 7"):
        finding = judged(number(require), ended(0, printed))
        assert (finding.outcome, finding.observed) == (UNKNOWN, None)
        assert finding.reason == f"it printed {shown} where a number was expected"


def test_the_number_is_what_stdout_got_alone() -> None:
    end = CommandEnd(0, stdout="3\n", output="3\nwarning: slow", cut=True)
    assert judged(number("< 5"), end) == Finding(PASS, "3 is below 5", 3.0, "number", "< 5")


def test_the_number_is_in_the_unit_of_the_gate() -> None:
    share = number("< 0.1%", "ratio")
    assert judged(share, ended(0, "0.0005")) == Finding(PASS, "0.05 % is below 0.1 %", 0.0005, "ratio", "< 0.1%")
    assert judged(share, ended(0, "0.05")) == Finding(FAIL, "5 % is not below 0.1 %", 0.05, "ratio", "< 0.1%")
    assert judged(number("< 15ms", "s"), ended(0, "0.02")).reason == "20 ms is not below 15 ms"


def test_a_number_counts_only_where_the_run_ended_as_expected() -> None:
    finding = judged(number("< 5"), ended(1, "3"))
    assert (finding.outcome, finding.observed) == (FAIL, None)


def test_of_several_numbers_the_one_with_the_least_to_spare_is_shown() -> None:
    ends = [ended(0, text) for text in ("1", "4", "2")]
    assert judged(number("< 5", repeat=3), *ends) == Finding(PASS, "run 2 of 3: 4 is below 5", 4.0, "number", "< 5")
    assert judged(number("> 0", repeat=3), *ends).reason == "run 1 of 3: 1 is above 0"
    assert judged(number("< 2", repeat=3), *ends) == Finding(FAIL, "run 2 of 3: 4 is not below 2", 4.0, "number", "< 2")


def test_a_quoted_line_is_short_and_has_no_control_characters() -> None:
    reason = judged(GATE, ended(1, "first\n\x1b[31mred\t\u202e\x07" + "x" * 1000)).reason
    assert reason.isprintable()
    assert "first" not in reason
    assert len(reason) < 200


@given(
    st.one_of(st.none(), st.integers(0, 255)),
    st.text(),
    st.text(),
    st.lists(st.integers(0, 255).filter(lambda code: code != 0), max_size=3).map(tuple),
)
def test_only_the_expected_end_ever_passes(
    code: int | None, output: str, failure: str, fail_exit: tuple[int, ...]
) -> None:
    gate = CommandGate(argv=("x",), fail_exit=fail_exit)
    finding = judged(gate, CommandEnd(code, output, output, failure))
    assert (finding.outcome is PASS) == (code == 0)
    assert (finding.outcome is FAIL) == (
        code in fail_exit if fail_exit else code is not None and code not in (0, 126, 127)
    )


@given(st.text(alphabet="0123456789+-.eEx \n", max_size=12))
def test_no_text_but_a_number_is_ever_compared(printed: str) -> None:
    finding = judged(number("!= 5"), ended(0, printed))
    if finding.outcome is UNKNOWN:
        assert finding.observed is None
    else:
        assert finding.observed == float(printed)
