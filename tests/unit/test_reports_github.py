"""Workflow commands, read as GitHub's runner reads the lines of a log."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TextIO

import pytest

from rollout.model.verdicts import Blocker, Decision, Outcome, Verdict
from rollout.operations.check import Check
from rollout.render import write
from rollout.render.reports import Failure, wanted, write_error
from rollout.render.reports.github import outputs
from tests.judged import everything, hostile, judged, result
from tests.real.payloads import ALL, CI, LINES
from tests.real.test_injection_shown import STEERS


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    message: str


def unescaped(text: str, *more: tuple[str, str]) -> str:
    for escape, letter in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(escape, letter)
    return text


def obeyed(log: str) -> list[Command]:
    """What the runner obeys: `::` at the begin of a line, after blanks; `##[` anywhere in any other."""
    commands = []
    for line in re.split(r"\r\n|\r|\n", log):
        if line.lstrip().startswith("::"):
            head, _, message = line.lstrip()[2:].partition("::")
            name, _, rest = head.partition(" ")
            pairs = (pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
            properties = {key.strip(): unescaped(value, ("%3A", ":"), ("%2C", ",")) for key, value in pairs}
            commands.append(Command(name, properties, unescaped(message)))
        elif found := re.search(r"##\[(\S+)", line):
            commands.append(Command(found[1], {}, line))
    return commands


def github(made: Check) -> str:
    stream = io.StringIO()
    write(made, "github", stream)
    return stream.getvalue()


def kinds(log: str) -> list[tuple[str, str]]:
    return [(one.name, one.properties["title"].removeprefix("shop@test: ")) for one in obeyed(log)]


def test_the_worst_comes_first_and_the_verdict_before_it() -> None:
    assert kinds(github(everything())) == [
        ("error", "ROLLBACK"),
        ("error", "spike (trigger)"),
        ("error", "bad (step)"),
        ("error", "mute (step)"),
        ("error", "dark (trigger)"),
        ("error", "settings (plan)"),
        ("warning", "odd (trigger)"),
        ("warning", "early (exit)"),
        ("warning", "past (trigger)"),
        ("warning", "soak (hold)"),
        ("warning", "runbook (hold)"),
        ("notice", "hint (step)"),
        ("notice", "known (step)"),
        ("notice", "ignored (trigger)"),
    ]


def test_an_annotation_says_why_and_what_to_do() -> None:
    bad = next(one for one in obeyed(github(everything())) if one.properties["title"].endswith("bad (step)"))
    assert bad.message == "0.42 % is not below 0.1 %\nthe plan says: Roll back to 10 %\nrunbook: high"
    assert "0.42 %25 is not below 0.1 %25%0Athe plan says: Roll back to 10 %25" in github(everything())


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [(Verdict.GO, "notice"), (Verdict.HOLD, "warning"), (Verdict.NO_GO, "error"), (Verdict.UNKNOWN, "error")],
)
def test_a_verdict_is_as_loud_as_it_is_bad(verdict: Verdict, kind: str) -> None:
    assert kinds(github(result(Decision(verdict)))) == [(kind, verdict.value)]


def test_no_more_are_written_of_a_kind_than_github_shows_and_the_last_names_the_rest() -> None:
    gates = tuple(judged(f"g{number}", Outcome.FAIL, "bad") for number in range(12))
    holds = tuple(Blocker(f"h{number}", "not yet") for number in range(10))
    log = github(result(Decision(Verdict.NO_GO, gates, holds=holds)))
    assert Counter(one.name for one in obeyed(log)) == {"error": 10, "warning": 10}
    last = obeyed(log)[9]
    assert (last.properties["title"], last.message) == (
        "shop@test: 4 more",
        "g8 (step)\ng9 (step)\ng10 (step)\ng11 (step)",
    )


def test_above_the_annotations_stands_the_table_for_whoever_reads_the_log() -> None:
    log = github(everything())
    lines = log.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("::"))
    assert all(line.startswith("::") for line in lines[first:])
    assert any(line.startswith("ROLLBACK") for line in lines[:first])


@pytest.mark.parametrize("columns", ["40", "80", "20000"])
def test_no_text_becomes_a_command(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for texts in ((*CI, *LINES), *((one,) for one in ALL)):
        log = github(hostile(texts))
        commands = obeyed(log)
        assert {one.name for one in commands} == {"error", "warning"}
        assert {tuple(one.properties) for one in commands} == {("title",)}
        assert Counter(one.name for one in commands).most_common(1)[0][1] <= 10
        assert not STEERS.search(log)
        assert not re.search(r"##\[|##vso\[|##teamcity\[", log)


def test_what_is_escaped_comes_back() -> None:
    odd = "50 %, a: b\nand %0A, %25"
    log = github(result(Decision(Verdict.NO_GO, (judged(odd, Outcome.FAIL, odd),)), environment="a,b:c"))
    bad = obeyed(log)[1]
    assert bad.properties == {"title": f"shop@a,b:c: {odd} (step)"}
    assert bad.message == odd


def test_later_steps_can_ask_for_the_verdict_and_what_failed() -> None:
    assert outputs(everything()) == {"verdict": "ROLLBACK", "exit_code": "6", "failed_gates": "bad"}


def error_in(output: str, stream: TextIO) -> None:
    write_error(Failure("plan.yaml:3:1: unknown key\n::error::x", "lint it", 2), output, stream)


def test_an_error_is_one_annotation() -> None:
    stream = io.StringIO()
    error_in("github", stream)
    (found,) = obeyed(stream.getvalue())
    assert (found.name, found.properties) == ("error", {"title": "rollout: no verdict"})
    assert found.message.startswith("plan.yaml:3:1: unknown key\n")
    assert found.message.endswith("\nhint: lint it")


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("check-gates -o junit", "junit"),
        ("check-gates -ojunit --nonsense", "junit"),
        ("check-gates -o=github plan.yaml", "github"),
        ("check-gates -vo markdown", "markdown"),
        ("--output json status", "json"),
        ("status --output=json", "json"),
        ("check-gates -o xml", ""),
        ("check-gates", ""),
        ("check-gates --plan junit", ""),
        ("check-gates -o junitx", ""),
    ],
)
def test_the_format_that_is_wanted_is_known_before_the_options_are_read(line: str, output: str) -> None:
    assert wanted(line.split()) == output
