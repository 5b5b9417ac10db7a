"""What people say through the command line: real processes, a real file, a real record."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
environments: {test: {targets: {app: {type: dotenv, path: ../.env}}}}
flags: {CHECKOUT: {type: bool, safe: false}, SHARE: {type: percent, safe: 0}}
gates:
  ready: {confirm: Everybody is ready}
  tickets: {ask: Support tickets about checkout, unit: count, require: "< 5", valid_for: 24h}
  mood: {ask: Net promoter score, require: "> -10"}
  scenarios: {confirm: All five scenarios pass three times}
phases:
  - {id: canary, entry: [ready], steps: [{set: {CHECKOUT: true}}], exit: [tickets, mood]}
  - {id: full, entry: [scenarios], steps: [{set: {SHARE: 100}}], exit: [{confirm: Nobody complains}]}
triggers:
  complaints: {ask: Share of users who complain, unit: "%", when: "> 10%", rollback: emergency}
  corruption: {confirm: Data corruption seen, rollback: emergency}
"""


@pytest.fixture
def shop(tmp_path: Path, warm: Warm) -> Desk:
    made = Desk(tmp_path, warm)
    made.plan.parent.mkdir()
    made.plan.write_text(PLAN)
    (tmp_path / ".env").write_text("CHECKOUT=false\nSHARE=0\n")
    return made


def kinds(desk: Desk) -> list[str]:
    if desk("list", "-o", "json").json["rollouts"] == []:
        return []
    return [event["kind"] for event in desk("history", "--plan", "shop", "-o", "json").json["events"]]


def test_a_rollout_goes_on_when_people_have_said_what_it_asks(shop: Desk) -> None:
    waiting = shop("advance", "--yes", "-o", "json")
    assert (waiting.code, waiting.json["gates"][0]["outcome"]) == (4, "waiting")
    assert "rollout tick ready" in waiting.json["blockers"][0]
    assert shop("tick", "ready").code == 0
    assert shop("advance", "--yes").code == 0
    assert shop("answer", "tickets", "7").code == 0
    assert shop("check-gates").code == 3
    assert shop("answer", "tickets", "3").code == 0
    assert shop("answer", "mood", "-3").code == 0
    assert shop("tick", "scenarios").code == 0
    assert shop("advance", "--yes").code == 0
    assert "SHARE=100" in shop.flags
    assert shop("advance", "--yes").code == 4
    assert shop("answer", "full.exit.1", "yes").code == 0
    assert shop("advance", "--yes", "-o", "json").json["outcome"] == "complete"


def test_an_answer_raises_a_trigger(shop: Desk) -> None:
    assert shop("tick", "ready").code == 0
    assert shop("advance", "--yes").code == 0
    assert shop("check-gates", "-o", "json").json["verdict"] == "HOLD"
    raised = shop("answer", "corruption", "yes", "-o", "json")
    assert (raised.code, raised.json["answered"][0]["outcome"]) == (0, "fired")
    judged = shop("check-gates", "-o", "json")
    assert (judged.code, judged.json["rollback_level"]) == (6, "emergency")
    assert shop("answer", "corruption", "no").code == 0
    assert shop("answer", "complaints", "0.12 ratio").code == 0
    judged = shop("check-gates", "-o", "json")
    assert [(one["id"], one["outcome"], one["observed"]) for one in judged.json["triggers"]] == [
        ("complaints", "fired", 12.0),
        ("corruption", "quiet", None),
    ]


def test_the_document_has_what_was_recorded(shop: Desk) -> None:
    shop("tick", "ready")
    shop("advance", "--yes")
    result = shop("answer", "tickets", "3", "--reason", "counted twice", "-o", "json").json
    events = shop("history", "-o", "json").json["events"]
    assert result == {
        "rollout": "shop",
        "environment": "test",
        "answered": [
            {
                "id": "tickets",
                "value": 3.0,
                "unit": "count",
                "outcome": "pass",
                "reason": result["answered"][0]["reason"],
                "by": "ana@example.com",
                "at": events[-1]["at"],
            }
        ],
        "unchanged": [],
        "head": events[-1]["hash"],
    }
    assert result["answered"][0]["reason"].startswith("3 is below 5, said by ana@example.com ")
    assert events[-1]["data"]["reason"] == "counted twice"
    assert shop("history", "--verify").code == 0
    ticked = shop("tick", "scenarios", "ready", "-o", "json").json["answered"]
    assert [(one["id"], one["value"], one["unit"]) for one in ticked] == [
        ("scenarios", True, None),
        ("ready", True, None),
    ]


def test_the_history_says_what_was_said(shop: Desk) -> None:
    shop("tick", "ready", "--reason", "all nodded")
    shop("answer", "complaints", "0.02ratio")
    shop("answer", "corruption", "no")
    lines = shop("history", "--plan", "shop").out.splitlines()[2:-1]
    said = [" ".join(line.split()[5:]) for line in lines]
    assert said == ["ready: yes, reason: all nodded", "complaints: 2 %", "corruption: no"]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("answer", "tikcets", "3"), "'tikcets'", "did you mean 'tickets'?"),
        (("answer", "nothing", "3"), "'nothing'", "ready, tickets, mood"),
        (("tick", "ready", "redy"), "'redy'", "did you mean 'ready'?"),
        (("answer", "ready", "perhaps"), "'perhaps' is no answer to 'ready'", "yes or no"),
        (("answer", "complaints", "many"), "it is not a number", "taken as %"),
        (("answer", "complaints", "3h"), "h (a time) cannot be compared with % (a share)", "taken as %"),
        (("answer", "tickets", "3"), "(not-started)", ""),
        (("tick", "complaints"), "with a number", "rollout answer complaints VALUE"),
        (("tick", "corruption"), "a tick does not raise", "`rollout answer corruption yes`"),
        (("answer", "ready"), "VALUE", "--help"),
        (("answer", "ready", "yes", "--reson", "x"), "--reson", "--help"),
        (("answer", "ready", "yes", "--as", "bob"), "--as", "--help"),
        (("tick", "ready", "--by", "bob"), "--by", "--help"),
        (("tick",), "ID", "--help"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_what_to_do(
    shop: Desk, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    refused = shop(*arguments, "-o", "json")
    assert refused.code == 2
    assert message in refused.json["error"]["message"]
    assert hint in refused.json["error"]["hint"]
    assert kinds(shop) == []


def test_who_says_it_is_who_the_environment_says(shop: Desk) -> None:
    bob = replace(shop, variables={"ROLLOUT_ACTOR": "bob\x1b[31m"})
    table = bob("tick", "ready")
    assert table.code == 0
    assert "\x1b" not in table.out
    assert bob("answer", "corruption", "no", "-o", "json").json["answered"][0]["by"] == "bob\x1b[31m"
    assert shop("answer", "corruption", "no", "-o", "json").json["answered"][0]["by"] == "ana@example.com"


def test_it_can_be_said_from_anywhere(shop: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    away = replace(shop, folder=elsewhere)
    store = f"sqlite:{tmp_path / 'store.db'}"
    where = ("--plan", str(shop.plan), "--env", "test", "--store", store)
    assert away("tick", "ready", *where).code == 0
    assert kinds(shop) == ["answered"]
    assert shop("advance", "--yes").code == 0
    assert away("answer", "tickets", "3", "--store", store).code == 0
    assert kinds(shop)[-1] == "answered"


def test_all_who_speak_at_once_are_heard(shop: Desk) -> None:
    speakers = [
        shop.warm.start(
            ("answer", "complaints", str(number)),
            shop.folder,
            shop.environment() | {"ROLLOUT_ACTOR": f"p{number}"},
            stopped=True,
        )
        for number in range(6)
    ]
    for speaker in speakers:
        speaker.send(signal.SIGCONT)
    assert [speaker.wait().code for speaker in speakers] == [0] * 6
    events = shop("history", "--plan", "shop", "-o", "json").json["events"]
    assert sorted((event["actor"], event["data"]["value"]) for event in events) == [(f"p{n}", n) for n in range(6)]
