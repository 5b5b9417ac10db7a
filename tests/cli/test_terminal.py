"""What happens at a terminal, without one, and when either goes away."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys

import pexpect
import pytest

from tests.cli.desk import FLAGS, Desk

ROLLOUT = f"{shlex.quote(sys.executable)} -m rollout"
LOOKING = ("status", "check-gates", "show", "lint", "history", "list", "schema")


@pytest.fixture(name="quiet")
def quiet_desk(desk: Desk) -> Desk:
    """A plan that asks no Prometheus."""
    text = desk.plan.read_text()
    phases = text[text.index("phases:") : text.index("triggers:")]
    desk.plan.write_text(
        text[: text.index("metrics:")]
        + phases.replace("    entry: [errors, present]\n", "").replace("    gates: [errors]\n", "")
    )
    return desk


def spawn(desk: Desk, command: str, columns: int = 100) -> pexpect.spawn[str]:
    environment = {"PROMPT_COMMAND": "", **desk.environment(), "TERM": "xterm"}
    return pexpect.spawn(
        f"{ROLLOUT} {command}", cwd=desk.folder, env=environment, encoding="utf-8", timeout=30, dimensions=(40, columns)
    )


def exit_code(terminal: pexpect.spawn[str]) -> int | None:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("n", 4), ("", 4), ("no way", 4)])
def test_the_change_is_in_view_when_it_asks(quiet: Desk, answer: str, code: int) -> None:
    terminal = spawn(quiet, "advance")
    terminal.expect("CHECKOUT .*false.*true")
    terminal.expect(r"Advance\? \[y/N\] ")
    terminal.sendline(answer)
    assert exit_code(terminal) == code
    assert (quiet.flags == FLAGS) is (code != 0)


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 4)])
def test_ctrl_c_and_ctrl_d_at_the_question_change_nothing(quiet: Desk, key: str, code: int) -> None:
    terminal = spawn(quiet, "advance")
    terminal.expect(r"\[y/N\] ")
    terminal.send(key)
    assert exit_code(terminal) == code
    assert quiet.flags == FLAGS
    assert not (quiet.folder / "store.db").exists()


def test_an_emergency_asks_nothing(quiet: Desk) -> None:
    quiet("advance", "--yes")
    terminal = spawn(quiet, "rollback --emergency")
    terminal.expect("rolled back by level emergency")
    assert exit_code(terminal) == 0


def test_a_termination_at_the_question_is_143(quiet: Desk) -> None:
    terminal = spawn(quiet, "advance")
    terminal.expect(r"\[y/N\] ")
    terminal.kill(signal.SIGTERM)
    assert exit_code(terminal) == 143
    assert quiet.flags == FLAGS


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_a_narrow_window_cuts_nothing(quiet: Desk, columns: int) -> None:
    terminal = spawn(quiet, "status", columns)
    text = terminal.read()
    assert exit_code(terminal) == 0
    assert "…" not in text


@pytest.mark.parametrize("redirection", ["| head -n 1", ">&-", "2>&-", "> /dev/full", "2> /dev/full", "< /dev/null"])
def test_an_output_that_goes_away_changes_neither_effect_nor_exit_code(quiet: Desk, redirection: str) -> None:
    command = f"set -o pipefail; {ROLLOUT} advance --yes {redirection}"
    finished = subprocess.run(
        ["bash", "-c", command], cwd=quiet.folder, env=quiet.environment(), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert "Traceback" not in finished.stderr
    assert "CHECKOUT=true" in quiet.flags
    assert quiet("status", "-o", "json").json["pending"] is None


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "utf-16"])
@pytest.mark.parametrize("command", LOOKING)
def test_no_encoding_is_an_obstacle(quiet: Desk, encoding: str, command: str) -> None:
    text = quiet.plan.read_text().replace("title: Shop", "title: Läden 店 🛒 [b]fett[/b]")
    quiet.plan.write_text(text)
    if command in ("history", "list"):
        quiet("advance", "--yes")
    environment = {**quiet.environment(), "PYTHONIOENCODING": encoding}
    finished = subprocess.run(
        [sys.executable, "-m", "rollout", command], cwd=quiet.folder, env=environment, capture_output=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert b"Traceback" not in finished.stderr


def test_markup_and_escapes_in_a_plan_are_shown_and_not_obeyed(quiet: Desk) -> None:
    text = quiet.plan.read_text()
    quiet.plan.write_text(text.replace("title: Shop", 'title: "a[b]c[/x] :smile:"'))
    assert "a[b]c[/x] :smile:" in quiet("status").out
    quiet.plan.write_text(text.replace("title: Shop", r'titel: "\e[31m[/x]"'))
    refused = quiet("status")
    assert refused.code == 2
    assert "[/x]" in refused.err
    assert "\x1b" not in refused.err


def test_colour_is_for_terminals_that_want_it(quiet: Desk) -> None:
    assert "\x1b[" not in quiet("status").out
    assert "\x1b[" in spawn(quiet, "status").read()
    quiet.variables["NO_COLOR"] = "1"
    assert "\x1b[3" not in spawn(quiet, "status").read()
