"""A person at a real terminal: from a first plan to a complete rollout, and through an incident."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from rollout.render.layout import cell_width
from tests.cli.desk import Desk
from tests.cli.screen import screen, sees
from tests.prometheus_server import PrometheusServer, running_prometheus
from tests.remote_write import write_sample
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
title: Shop
environments:
  test:
    prometheus: {{url: "{url}"}}
    targets: {{app: {{type: dotenv, path: ../.env}}}}
flags:
  CHECKOUT: {{type: bool, safe: false}}
  CHECKOUT_PERCENT: {{type: percent, safe: 0}}
metrics:
  errors: {{query: shop_error_ratio, unit: ratio}}
gates:
  errors: {{metric: errors, require: "< 1%", on_fail: Look at the logs, runbook: high-errors}}
  tickets: {{ask: Support tickets, unit: count, require: "< 5"}}
phases:
  - id: canary
    entry: [errors]
    gates: [errors]
    exit: [tickets]
    checklist: [{{id: told, text: Support is told}}]
    sign_off: [Engineering Lead]
    steps: [{{set: {{CHECKOUT: true, CHECKOUT_PERCENT: 10}}, soak: {soak}}}]
  - id: full
    gates: [errors]
    steps: [{{set: {{CHECKOUT_PERCENT: 100}}}}]
triggers:
  spike: {{metric: errors, when: "> 20%", rollback: emergency, runbook: high-errors}}
runbook: [{{id: high-errors, title: High error rate, investigate: [Check the logs]}}]
"""
OFF = "CHECKOUT=false\nCHECKOUT_PERCENT=0\n"
CANARY = "CHECKOUT=true\nCHECKOUT_PERCENT=10\n"


class Person:
    """At a shell of their own, whose prompt says how the last command ended."""

    def __init__(self, desk: Desk) -> None:
        variables = desk.environment() | {"TERM": "xterm", "PS1": "[$?]> "}
        shell = ["--norc", "--noprofile", "--noediting", "-i"]
        self.terminal = pexpect.spawn(
            "bash", shell, cwd=desk.folder, env=variables, encoding="utf-8", timeout=30, dimensions=(24, 80)
        )
        self.end()
        self(f'rollout() {{ {shlex.quote(sys.executable)} -m rollout "$@"; }}')

    def __call__(self, line: str) -> tuple[int, list[str]]:
        """Its exit code, and what stands in the window when it has ended."""
        self.begin(line)
        return self.end()

    def begin(self, line: str) -> None:
        self.terminal.sendline(line)
        self.terminal.expect_exact(f"{line}\r\n")

    def sees(self, pattern: str) -> str:
        return sees(self.terminal, pattern)[1]

    def end(self) -> tuple[int, list[str]]:
        prompt, _ = sees(self.terminal, r"\[(\d+)\]> ")
        return int(prompt[1]), screen(str(self.terminal.before))

    def resizes(self, columns: int) -> None:
        self.terminal.setwinsize(24, columns)


@pytest.fixture(scope="module")
def prometheus_that_listens(
    _prometheus_is_installed: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrometheusServer]:
    """It knows what a test writes to it."""
    with running_prometheus(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, warm: Warm, prometheus_that_listens: PrometheusServer) -> Desk:
    """A folder without a plan, and a shop that is well."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / ".env").write_text(OFF)
    made = Desk(folder, warm, prometheus_that_listens.url)
    errors(made, 0.0005)
    return made


def errors(desk: Desk, ratio: float) -> None:
    """From now on."""
    write_sample(desk.url, "shop_error_ratio", ratio)


@pytest.fixture
def person(desk: Desk) -> Iterator[Person]:
    made = Person(desk)
    yield made
    made.terminal.close()


def test_from_a_first_plan_to_a_complete_rollout(desk: Desk, person: Person) -> None:
    write_a_plan(desk, person)
    take_the_first_step(desk, person)
    look_through_a_narrow_window(person)
    wait_in_vain(person)
    do_what_people_do(person)
    complete(person)
    code, lines = person("rollout history | head -1; echo ${PIPESTATUS[@]}")
    assert (code, lines[1:]) == (0, ["0 0", ""])
    assert lines[0].startswith("seq   at (")


def write_a_plan(desk: Desk, person: Person) -> None:
    code, lines = person("rollout init")
    assert (code, lines[0]) == (0, "wrote plans/shop.yaml")
    assert person("rollout lint")[0] == 0
    desk.plan.write_text(PLAN.format(url=desk.url, soak="2s"))
    assert person("rollout lint --strict")[0] == 0


def take_the_first_step(desk: Desk, person: Person) -> None:
    """At the third attempt."""
    person.begin("rollout advance")
    shown = screen(person.sees(r"Advance\? \[y/N\] "))
    assert [line.split() for line in shown[1:5] if "CHECKOUT" in line] == [
        ["CHECKOUT", "false", "true", "app"],
        ["CHECKOUT_PERCENT", "0", "10", "app"],
    ]
    person.terminal.sendline("n")
    code, lines = person.end()
    assert (code, lines[-2], desk.flags) == (4, "HOLD  not advanced: you said no", OFF)

    person.begin("rollout advance")
    person.sees(r"\[y/N\] ")
    person.terminal.sendintr()
    code, lines = person.end()
    assert (code, lines) == (130, ["^C", "error: interrupted; nothing was changed", ""])
    assert desk.flags == OFF

    person.begin("rollout advance")
    person.sees(r"\[y/N\] ")
    person.terminal.sendline("y")
    code, lines = person.end()
    assert (code, desk.flags) == (0, CANARY)
    assert any(line.startswith("GO  advanced to canary/1, soaks 2s") for line in lines)


def look_through_a_narrow_window(person: Person) -> None:
    person.resizes(40)
    code, lines = person("rollout status")
    assert code == 0
    assert all(cell_width(line) <= 40 for line in lines if not line.startswith("next:  rollout"))
    assert "▶\u00a0canary  ○\u00a0full" in lines
    assert any(line.startswith("people:  0 of 2 done") for line in lines)
    answers = lines[next(number for number, line in enumerate(lines) if line.startswith("HOLD  ")) :]
    assert [line[:7] for line in answers if line[:1].strip()] == ["HOLD  t", "why:   ", "next:  "]


def wait_in_vain(person: Person) -> None:
    """Until somebody has answered, which nobody does; the window gets narrower meanwhile."""
    person.begin("rollout advance --wait 1m")
    shown = person.sees(r"\.\.\. 1 s\x1b\[K")
    person.resizes(20)
    shown += person.sees(r"\.\.\. \d s\x1b\[K")
    assert all(len(line) < 40 for line in screen(shown))
    assert len(screen(shown)[-1]) < 20
    person.terminal.sendintr()
    assert person.end() == (130, ["error: interrupted; nothing was changed", ""])
    person.resizes(120)


def do_what_people_do(person: Person) -> None:
    assert person("rollout tick told")[0] == 0
    assert person("rollout answer tickets 3")[0] == 0
    _, lines = person("rollout checklist")
    assert "next: rollout sign --as 'Engineering Lead'" in lines
    assert person("rollout sign --as 'Engineering Lead'")[0] == 0


def complete(person: Person) -> None:
    person.begin("rollout advance --wait 1m")
    person.sees(r"CHECKOUT_PERCENT +10 +100 +app[^?]*Advance\? \[y/N\] ")
    person.terminal.sendline("y")
    assert person.end()[0] == 0
    code, lines = person("rollout advance --yes")
    assert code == 0
    assert lines[0].startswith("GO  shop is complete in test")


def test_an_incident(desk: Desk, person: Person) -> None:
    desk.plan.parent.mkdir()
    desk.plan.write_text(PLAN.format(url=desk.url, soak="1h"))
    assert desk("advance", "--yes").code == 0
    errors(desk, 0.31)

    person.resizes(40)
    code, lines = person("rollout check-gates")
    answers = lines[next(number for number, line in enumerate(lines) if line.startswith("ROLLBACK  ")) :]
    assert code == 6
    assert [line[:7] for line in answers if line[:1].strip()] == ["ROLLBAC", "why:   ", "next:  "]
    why = " ".join(" ".join(answers).split())
    for sentence in ("spike fired: 31 % is above 20 %", "the plan says: Look at the logs", "look at: Check the logs"):
        assert sentence in why
    (command,) = re.findall(r"^next:  (.*)$", "\n".join(answers), re.M)

    code, lines = person(command)
    assert (code, desk.flags) == (0, OFF)
    assert any(line.startswith("rolled back by level emergency in ") for line in lines)
    person.resizes(100)
    code, lines = person("rollout status | cat")
    assert code == 0
    assert lines[0].startswith("Shop  (shop@test)  rolled-back  [")
    assert lines[2].startswith("step:    canary/1, rolled back by emergency ")
    assert "next:  rollout advance --reason TEXT, once it has recovered" in lines

    errors(desk, 0.0005)
    code, lines = person("rollout advance --yes")
    assert code == 4
    assert "next:  rollout advance --reason TEXT" in lines
    person.begin("rollout advance --reason 'the cache was cold'")
    person.sees(r"\[y/N\] ")
    person.terminal.sendline("yes")
    assert (person.end()[0], desk.flags) == (0, CANARY)
