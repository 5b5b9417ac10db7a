"""Changes as real processes make them: commands in their order, a kill in the middle, an edited plan, a new run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
workdir: ..
environments:
  test:
    targets:
      app:
        type: dotenv
        path: .env
        apply: [sh, -c, 'echo "$ROLLOUT_PHASE/$ROLLOUT_STEP apply" >> log; if rm kill 2> log2; then kill -9 $PPID; fi']
flags:
  ON: {type: bool, safe: false}
  PERCENT: {type: percent, safe: 0}
phases:
  - id: one
    steps:
      - set: {ON: true, PERCENT: 20}
        before: [[sh, -c, 'echo "$ROLLOUT_OP_ID before" >> log']]
        run: [[sh, -c, 'echo "$ROLLOUT_OP_ID run"; echo "$ROLLOUT_OP_ID run" >> log']]
        undo: [Unlink the canary]
rollback:
  code: {set: {PERCENT: 5}, destructive: true, approval: true, run: [[sh, -c, 'echo "$ROLLOUT_LEVEL" >> log; exit 3']]}
"""


@pytest.fixture(name="shop")
def shop_desk(tmp_path: Path, warm: Warm) -> Desk:
    made = Desk(tmp_path, warm)
    made.plan.parent.mkdir()
    made.plan.write_text(PLAN)
    (tmp_path / ".env").write_text("ON=false\nPERCENT=0\n")
    return made


def log(desk: Desk) -> list[str]:
    return (desk.folder / "log").read_text().splitlines()


def test_commands_run_in_the_plans_folder_in_their_order_and_know_the_change(shop: Desk) -> None:
    ran = shop("advance", "--yes", "-o", "json")
    assert ran.code == 0, ran.err
    op = ran.json["commands"][-1]["output"].split()[0]
    assert log(shop) == [f"{op} before", "one/1 apply", f"{op} run"]
    events = shop("history", "-o", "json").json["events"]
    assert [event["data"].get("op") for event in events] == [None, op, op]
    unanswered = shop("rollback", "--level", "code", "--yes", "--approved-by", "bo", "-o", "json")
    assert (unanswered.code, "--confirm shop" in unanswered.json["error"]["hint"]) == (2, True)
    back = shop("rollback", "--level", "code", "--confirm", "shop", "--approved-by", "bo", "-o", "json")
    assert (back.code, back.json["outcome"], back.json["level"]) == (8, "failed", "code")
    assert "exit 3" in back.json["left_to_do"][0]
    assert shop.flags == "ON=true\nPERCENT=5\n"
    assert log(shop)[-1] == "code"


def test_a_rollback_that_was_killed_is_no_time_for_a_new_run_and_is_finished_by_recover(shop: Desk) -> None:
    assert shop("advance", "--yes").code == 0
    assert shop("advance", "--yes").code == 0
    (shop.folder / "kill").touch()
    assert shop("rollback", "--emergency").code == -9
    new = shop("advance", "--new", "--yes", "-o", "json")
    assert (new.code, shop.flags) == (7, "ON=false\nPERCENT=0\n")
    recovered = shop("recover", "-o", "json")
    assert (recovered.code, recovered.json["outcome"]) == (0, "finished")
    assert "one/1: Unlink the canary" in recovered.json["left_to_do"]


def test_an_edited_plan_is_accepted_with_a_reason_and_judged_from_then_on(shop: Desk) -> None:
    assert shop("advance", "--yes").code == 0
    shop.plan.write_text(PLAN.replace("rollback:\n", "  - {id: two, steps: [{set: {PERCENT: 50}}]}\nrollback:\n"))
    assert shop("advance", "--yes", "--accept-plan-change").code == 2
    went = shop("advance", "--yes", "--accept-plan-change", "--reason", "more", "-o", "json")
    assert (went.code, went.json["to"], shop.flags) == (0, {"phase": "two", "step": 1}, "ON=true\nPERCENT=50\n")
    assert shop("status", "-o", "json").json["plan_changed"] is False
