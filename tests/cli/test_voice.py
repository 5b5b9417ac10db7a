"""What a command says while it works, at a real terminal and in a pipe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pexpect
import pytest

from tests.cli.desk import Desk
from tests.cli.screen import screen, sees
from tests.cli.test_terminal import exit_code, spawn
from tests.scripted_server import Exchange, http, scripted_server
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
environments: {{test: {{targets: {{app: {{type: dotenv, path: ../.env, apply: {apply}}}}}}}}}
flags: {{NEW: {{type: bool, safe: false}}}}
gates:
  slow: {{http: "{url}/health", expect: {{status: 200}}}}
phases:
  - id: one
    entry: [{entry}]
    steps: [{{set: {{NEW: true}}}}]
"""
ASKING = r"asking services \(1 question\) \.\.\."


class Shop:
    """A server that answers when it is let, and says when it was asked."""

    def __init__(self) -> None:
        self.open, self.asked = Event(), Event()

    def __call__(self, exchange: Exchange) -> None:
        self.asked.set()
        while not (self.open.wait(0.01) or exchange.stopping.is_set()):
            pass
        exchange.send(http("ok"))


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def place(tmp_path: Path, warm: Warm, shop: Shop) -> Iterator[Desk]:
    with scripted_server(shop) as server:
        made = Desk(tmp_path, warm, server.url)
        write(made)
        yield made


def write(place: Desk, *, entry: str = "slow", apply: str = "[]") -> None:
    place.plan.parent.mkdir(exist_ok=True)
    place.plan.write_text(PLAN.format(url=place.url, entry=entry, apply=apply))
    (place.folder / ".env").write_text("NEW=false\n")


def in_a_pipe(place: Desk, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rollout", *arguments],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("columns", [30, 100])
def test_what_takes_longer_than_a_second_is_shown_while_it_lasts_and_leaves_no_trace(
    place: Desk, shop: Shop, columns: int
) -> None:
    terminal = spawn(place, "check-gates", columns)
    drawn, shown = sees(terminal, r"\r([^\r]* \.\.\. 1 s)\x1b\[K")
    assert len(drawn[1]) < columns
    shop.open.set()
    shown += terminal.read()
    assert exit_code(terminal) == 0
    left = screen(shown)
    assert not [line for line in left if "..." in line or "asking" in line]
    assert left[0].startswith("shop  test  one")
    assert " ".join(left).count("GO") == 1


def test_what_is_done_within_a_second_is_not_worth_a_word(place: Desk, shop: Shop) -> None:
    shop.open.set()
    terminal = spawn(place, "check-gates")
    assert "..." not in terminal.read()
    process = in_a_pipe(place, "check-gates")
    assert process.communicate()[1] == ""


def test_in_a_pipe_it_is_one_line_after_a_second_and_stdout_holds_the_result_alone(place: Desk, shop: Shop) -> None:
    process = in_a_pipe(place, "check-gates", "-o", "json")
    assert process.stderr
    line = process.stderr.readline()
    shop.open.set()
    out, rest = process.communicate()
    assert re.fullmatch(rf"{ASKING}\n", line)
    assert rest == ""
    assert json.loads(out)["verdict"] == "GO"


def test_a_terminal_that_can_do_nothing_gets_one_line(place: Desk, shop: Shop) -> None:
    place.variables["TERM"] = "dumb"
    terminal = pexpect.spawn(
        sys.executable, ["-m", "rollout", "check-gates"], cwd=place.folder, env=place.environment(),
        encoding="utf-8", timeout=30,
    )  # fmt: skip
    terminal.expect(rf"{ASKING}\r\n")
    assert terminal.before == ""
    shop.open.set()
    text = terminal.read()
    assert exit_code(terminal) == 0
    assert "\x1b" not in text
    assert "asking" not in text


def test_a_question_is_never_drawn_over_and_the_time_it_takes_does_not_count(place: Desk, shop: Shop) -> None:
    shop.open.set()
    write(place, apply="[sh, -c, 'sleep 1.3']")
    terminal = spawn(place, "advance")
    terminal.expect(r"Advance\? \[y/N\] ")
    assert terminal.expect([pexpect.TIMEOUT, "."], timeout=1.6) == 0
    terminal.sendline("y")
    assert sees(terminal, r"\.\.\. (\d+) s\x1b\[K")[0][1] == "1"
    assert exit_code(terminal) == 0


def test_ctrl_c_while_it_waits_leaves_a_clean_line_that_says_what_came_of_it(place: Desk) -> None:
    terminal = spawn(place, "check-gates")
    _, shown = sees(terminal, rf"\r{ASKING} 1 s\x1b\[K")
    terminal.sendintr()
    shown += terminal.read()
    assert exit_code(terminal) == 130
    assert screen(shown) == ["error: interrupted; nothing was changed", ""]


def test_ctrl_c_at_a_question_ends_its_line(place: Desk) -> None:
    write(place, entry="")
    terminal = spawn(place, "advance")
    terminal.expect(r"\[y/N\] ")
    terminal.sendintr()
    text = terminal.read()
    assert exit_code(terminal) == 130
    assert screen(text)[-3:] == ["^C", "error: interrupted; nothing was changed", ""]


def test_verbose_says_what_was_asked_read_and_written_and_how_long_each_took(place: Desk, shop: Shop) -> None:
    shop.open.set()
    process = in_a_pipe(place, "advance", "--yes", "-v", "-o", "json")
    out, err = process.communicate()
    assert json.loads(out)["outcome"] == "advanced"
    assert re.search(rf"^\d+ ms  asking services \(1 question\)\n +GET {place.url}/health  ->  answered$", err, re.M)
    for what in ("reading", "writing"):
        assert re.search(rf"^\d+ ms  {what} target app$", err, re.M), err
    write(place, entry="")
    assert "ms" not in place("status").err
