"""Checklists, signatures, pauses and ends through the command line: real processes, a real file, a real record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
environments: {test: {targets: {app: {type: dotenv, path: ../.env}}}}
flags: {CHECKOUT: {type: bool, safe: false}}
every_phase: {checklist: [Logs read]}
phases:
  - id: canary
    checklist: [{id: backup, text: Backup taken, before: entry}]
    steps: [{set: {CHECKOUT: true}}]
    sign_off: [Engineering Lead]
  - {id: full, skip: {logs-read: nothing new}}
"""


@pytest.fixture
def shop(tmp_path: Path, warm: Warm) -> Desk:
    made = Desk(tmp_path, warm)
    made.plan.parent.mkdir()
    made.plan.write_text(PLAN)
    (tmp_path / ".env").write_text("CHECKOUT=false\n")
    return made


def test_people_do_what_the_plan_wants_of_them(shop: Desk) -> None:
    assert shop("advance", "--yes").code == 4
    assert shop("tick", "backup").code == 0
    assert shop("advance", "--yes").code == 0
    held = shop("check-gates", "-o", "json")
    assert (held.code, len(held.json["blockers"])) == (4, 2)
    assert shop("tick", "logs-read", "--reason", "all quiet").code == 0
    assert shop("untick", "logs-read").code == 0
    again = shop("untick", "logs-read", "-o", "json")
    assert (again.code, again.json["unchanged"]) == (0, ["logs-read"])
    assert shop("answer", "logs-read", "yes").code == 0
    signed = shop("sign", "--as", "Engineering Lead", "--reason", "fine", "-o", "json").json
    assert (signed["role"], signed["phase"], signed["by"]) == ("Engineering Lead", "canary", "ana@example.com")
    listed = shop("checklist", "shop", "-o", "json").json
    assert (listed["phase"], listed["done"], listed["total"], listed["head"]) == ("canary", 3, 3, signed["head"])
    assert shop("status", "-o", "json").json["checklist"] == {"done": 3, "total": 3}
    assert shop("advance", "--yes").code == 0
    assert shop("advance", "--yes", "-o", "json").json["outcome"] == "complete"
    assert shop("history", "--verify").code == 0


def test_a_rollout_is_paused_resumed_and_closed(shop: Desk) -> None:
    assert shop("pause", "--plan", "shop").code == 2
    shop("tick", "backup")
    shop("advance", "--yes")
    paused = shop("pause", "--all", "--reason", "lunch", "-o", "json").json
    assert (paused["status"], paused["by"], paused["reason"], paused["all"]) == (
        "paused",
        "ana@example.com",
        "lunch",
        True,
    )
    status = shop("status", "-o", "json").json
    assert (status["status"], status["hold"]["reason"], status["head"]) == ("paused", "lunch", paused["head"])
    assert shop("resume", "shop").code == 0
    assert shop("close").code == 2
    closed = shop("close", "--reason", "sold the shop", "-o", "json").json
    assert (closed["status"], closed["values"]) == ("closed", {"CHECKOUT": True})
    assert shop("close", "--plan", "shop", "--reason", "x").code == 2


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("sign",), "--as", "--help"),
        (("sign", "--as", "Engineering Lead"), "nobody is asked to sign", "no signature is asked for now"),
        (("tick", "logs-read"), "(not-started)", ""),
        (("untick", "backups"), "'backups'", "did you mean 'backup'?"),
        (("close",), "needs a reason", "--reason TEXT"),
        (("resume",), "is not-started", "rollout status"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    shop: Desk, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    refused = shop(*arguments, "-o", "json")
    assert refused.code == 2
    assert message in refused.json["error"]["message"]
    assert hint in refused.json["error"]["hint"]
    assert shop("list", "-o", "json").json["rollouts"] == []
