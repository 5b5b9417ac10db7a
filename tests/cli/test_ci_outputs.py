"""check-gates in a pipeline: each format of the same judgement, its files, and what is left when there is none."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from junitparser import JUnitXml, TestSuite

from tests.cli.desk import Desk
from tests.unit.test_reports_github import obeyed
from tests.warm.running import Ended

FORMATS = ("table", "json", "junit", "github", "markdown")
REPORTS = FORMATS[2:]

Trouble = Callable[[Desk], tuple[str, ...]]
"""Makes it, and says with which further arguments."""


def suite(ended: Ended) -> TestSuite:
    (found,) = JUnitXml.fromstring(ended.out.encode())
    assert isinstance(found, TestSuite)
    return found


def results(ended: Ended) -> dict[str, list[str]]:
    return {str(case.name): [type(one).__name__ for one in case.result] for case in suite(ended)}


def on_github(desk: Desk) -> tuple[Path, Path]:
    """The files of a step: its summary and its outputs."""
    summary, outputs = desk.folder / "summary.md", desk.folder / "outputs"
    desk.variables.update(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(outputs))
    return summary, outputs


def outputs_in(file: Path) -> dict[str, str]:
    """As the runner reads `name<<DELIMITER`."""
    found = re.findall(r"^(\w+)<<(\S{30,})\n(.*?)\n\2$", file.read_text(), re.MULTILINE | re.DOTALL)
    return {name: value for name, _, value in found}


CASES: dict[str, tuple[dict[str, str], int]] = {
    "go": ({}, 0),
    "no-go": ({"errors": "< 0.1%"}, 3),
    "unknown": ({"present": "nothing"}, 5),
    "rollback": ({"spike": "> 0.1%"}, 6),
}


@pytest.mark.parametrize("case", CASES)
def test_the_exit_code_is_the_same_in_every_format_and_stderr_is_empty(desk: Desk, case: str) -> None:
    changed, code = CASES[case]
    desk.write_plan(**changed)
    for output in FORMATS:
        ended = desk("check-gates", "-o", output)
        assert (ended.code, ended.err) == (code, ""), output
        assert ended.out


def test_the_same_judgement_is_the_same_text(desk: Desk) -> None:
    desk.write_plan(errors="< 0.1%", present="nothing")
    for output in ("junit", "markdown", "github"):
        first, second = (desk("check-gates", "-o", output, "--at", "2026-01-01T00:00Z").out for _ in range(2))
        assert first == second


def test_a_hold_is_skipped_in_junit_and_a_warning_on_github(desk: Desk) -> None:
    desk.write_plan(soak="1h")
    assert desk("advance", "--yes").code == 0
    ended = desk("check-gates", "-o", "junit")
    assert (ended.code, results(ended)) == (4, {"spike": [], "soak": ["Skipped"]})
    ended = desk("check-gates", "-o", "github")
    assert (ended.code, {one.name for one in obeyed(ended.out)}) == (4, {"warning"})


def test_a_prometheus_that_is_down_is_an_error_for_each_gate(desk: Desk) -> None:
    desk.write_plan(url="http://127.0.0.1:1")
    ended = desk("check-gates", "-o", "junit")
    assert (ended.code, results(ended)) == (5, {"errors": ["Error"], "present": ["Error"], "spike": []})
    ended = desk("check-gates", "-o", "github")
    assert [one.name for one in obeyed(ended.out)][:3] == ["error"] * 3


def test_a_variable_that_is_not_set_is_an_error_of_its_own(desk: Desk) -> None:
    desk.plan.write_text(desk.plan.read_text().replace("path: ../.env", 'path: "${SHOP_ENV_FILE}"'))
    ended = desk("check-gates", "-o", "junit")
    assert (ended.code, results(ended)["settings"]) == (5, ["Error"])
    assert "not set: SHOP_ENV_FILE" in desk("check-gates", "-o", "markdown").out


def broken(desk: Desk) -> tuple[str, ...]:
    desk.plan.write_text(desk.plan.read_text().replace("gates:", "gattes:", 1))
    return ()


def mistyped(_: Desk) -> tuple[str, ...]:
    return ("--nonsense",)


def drifted(desk: Desk) -> tuple[str, ...]:
    assert desk("advance", "--yes").code == 0
    (desk.folder / ".env").write_text("CHECKOUT=maybe\n")
    return ()


def without_a_record(desk: Desk) -> tuple[str, ...]:
    assert desk("advance", "--yes").code == 0
    (desk.folder / "store.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    return ()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(broken, 2), (mistyped, 2), (drifted, 7), (without_a_record, 8)],
    ids=["broken", "mistyped", "drifted", "without-a-record"],
)
def test_an_error_has_the_shape_that_was_asked_for(desk: Desk, trouble: Trouble, code: int) -> None:
    more = trouble(desk)
    ended = desk("check-gates", *more, "-o", "junit")
    assert (ended.code, results(ended)) == (code, {"check-gates": ["Error"]})
    assert f'<property name="exit_code" value="{code}" />' in ended.out
    message = next(iter(suite(ended))).result[0].message
    assert message
    assert f"error: {message}" in ended.err
    ended = desk("check-gates", *more, "-o", "github")
    assert (ended.code, [one.name for one in obeyed(ended.out)]) == (code, ["error"])
    ended = desk("check-gates", *more, "-o", "markdown")
    assert (ended.code, ended.out.startswith("## rollout: no verdict\n")) == (code, True)
    assert ended.out.endswith(f"Exit code {code}.\n")


def test_the_summary_and_the_outputs_of_a_step_are_written_beside(desk: Desk) -> None:
    summary, outputs = on_github(desk)
    desk.write_plan(errors="< 0.1%")
    assert desk("check-gates", "-o", "github").code == 3
    assert summary.read_text().startswith("## NO-GO: shop in test\n")
    assert outputs_in(outputs) == {"verdict": "NO-GO", "exit_code": "3", "failed_gates": "errors"}


def test_what_other_steps_wrote_stays_and_an_open_line_of_theirs_is_ended(desk: Desk) -> None:
    summary, outputs = on_github(desk)
    summary.write_text("# Build\nall well")
    outputs.write_text("built=yes")
    assert desk("check-gates", "-o", "github").code == 0
    assert summary.read_text().startswith("# Build\nall well\n## GO: shop in test\n")
    assert outputs.read_text().startswith("built=yes\nverdict<<")


def test_an_error_is_in_the_summary_and_in_the_outputs_too(desk: Desk) -> None:
    summary, outputs = on_github(desk)
    broken(desk)
    assert desk("check-gates", "-o", "github").code == 2
    assert summary.read_text().startswith("## rollout: no verdict\n")
    assert outputs_in(outputs) == {"verdict": "", "exit_code": "2", "failed_gates": ""}


def test_other_formats_write_no_files(desk: Desk) -> None:
    summary, outputs = on_github(desk)
    for output in set(FORMATS) - {"github"}:
        assert desk("check-gates", "-o", output).code == 0
    assert (summary.exists(), outputs.exists()) == (False, False)


def test_files_that_cannot_be_written_are_told_of_and_change_no_exit_code(desk: Desk) -> None:
    on_github(desk)
    desk.variables["GITHUB_STEP_SUMMARY"] = str(desk.folder)
    desk.variables["GITHUB_OUTPUT"] = str(desk.folder / "nowhere" / "outputs")
    ended = desk("check-gates", "-o", "github")
    assert ended.code == 0
    assert ended.err.splitlines() == [
        f"warning: GITHUB_STEP_SUMMARY cannot be written: {desk.folder}: Is a directory",
        f"warning: GITHUB_OUTPUT cannot be written: {desk.folder / 'nowhere' / 'outputs'}: No such file or directory",
    ]
    assert [one.name for one in obeyed(ended.out)] == ["notice"]


@pytest.mark.parametrize("room", [2**20, 400, 40, 0])
def test_a_summary_never_grows_beyond_what_github_takes(desk: Desk, room: int) -> None:
    summary, _ = on_github(desk)
    summary.write_bytes(b"x" * (2**20 - 1 - room) + b"\n" if room < 2**20 else b"")
    assert desk("check-gates", "-o", "github").code == 0
    size = summary.stat().st_size
    assert size <= 2**20
    told = summary.read_text()[-500:]
    assert (told.endswith("UTC.\n"), told.endswith("(the rest did not fit)\n")) == (room == 2**20, room == 400)


def test_a_reader_that_goes_away_changes_nothing(desk: Desk) -> None:
    summary, outputs = on_github(desk)
    command = f"{sys.executable} -m rollout check-gates -o github; echo $? >code"
    subprocess.run(["bash", "-c", f"({command}) | true"], cwd=desk.folder, env=desk.environment(), check=True)
    assert (desk.folder / "code").read_text() == "0\n"
    assert summary.exists()
    assert outputs_in(outputs)["verdict"] == "GO"


def test_nothing_is_asked_even_where_somebody_could_answer(desk: Desk) -> None:
    desk.write_plan(errors="< 0.1%")
    for output in REPORTS:
        assert desk("check-gates", "-o", output, stdin="y\n").code == 3


def test_other_commands_refuse_these_formats_and_name_their_own(desk: Desk) -> None:
    ended = desk("status", "-o", "junit")
    assert ended.code == 2
    assert re.search("'junit' is not one of table, json", ended.err)
    assert results(ended) == {"check-gates": ["Error"]}
