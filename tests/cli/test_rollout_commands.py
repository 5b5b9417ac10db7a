"""A whole rollout through the command line: real processes, real files, a real Prometheus."""

from __future__ import annotations

import pytest

from tests.cli.desk import FLAGS, Desk


def test_a_rollout_goes_forward_step_by_step_to_complete_and_back(desk: Desk) -> None:
    assert desk("status").code == 0
    assert desk("check-gates").code == 0
    first = desk("advance", "--yes", "-o", "json")
    assert first.code == 0, first.err
    assert first.json["outcome"] == "advanced"
    assert first.json["from"] == {"phase": None, "step": None}
    assert first.json["to"] == {"phase": "canary", "step": 1}
    assert {"flag": "CHECKOUT", "target": "app", "before": False, "after": True, "verified": True} in first.json[
        "changes"
    ]
    assert desk.flags == FLAGS.replace("CHECKOUT=false", "CHECKOUT=true").replace("PERCENT=0", "PERCENT=10")
    assert desk("advance", "--yes", "--to", "canary/2").code == 0
    assert "CACHE_TTL=60" in desk.flags
    assert desk("advance", "--yes").code == 0
    last = desk("advance", "--yes", "-o", "json")
    assert (last.code, last.json["outcome"]) == (0, "complete")
    assert desk("advance", "--yes").code == 0
    assert desk("status", "-o", "json").json["status"] == "complete"
    back = desk("rollback", "--emergency", "--reason", "drill", "-o", "json")
    assert back.code == 0, back.out
    assert back.json["verified"] is back.json["recorded"] is True
    assert "CHECKOUT=false   # off at first" in desk.flags
    assert "CHECKOUT_PERCENT=0" in desk.flags
    assert desk("status", "-o", "json").json["status"] == "rolled-back"
    history = desk("history", "--verify", "-o", "json")
    assert history.code == 0
    assert [event["kind"] for event in history.json["events"]] == [
        "started",
        *["advance-intended", "advanced"] * 3,
        "completed",
        "rollback-intended",
        "rolled-back",
    ]
    assert {event["actor"] for event in history.json["events"]} == {"ana@example.com"}


def test_rolling_back_step_by_step_ends_at_the_bytes_that_were_found(desk: Desk) -> None:
    assert desk("advance", "--yes").code == 0
    assert desk("advance", "--yes").code == 0
    one_back = desk("rollback", "--yes", "-o", "json")
    assert (one_back.code, one_back.json["to"]) == (0, {"phase": "canary", "step": 1})
    assert desk.flags == FLAGS.replace("CHECKOUT=false", "CHECKOUT=true").replace("PERCENT=0", "PERCENT=10")
    assert desk("rollback", "--yes").code == 0
    assert desk.flags == FLAGS


def test_a_rolled_back_rollout_starts_again_only_with_a_reason(desk: Desk) -> None:
    desk("advance", "--yes")
    desk("rollback", "--emergency")
    held = desk("advance", "--yes", "-o", "json")
    assert (held.code, held.json["verdict"], held.json["outcome"]) == (4, "HOLD", "refused")
    again = desk("advance", "--yes", "--reason", "fixed", "-o", "json")
    assert (again.code, again.json["to"]) == (0, {"phase": "canary", "step": 1})
    assert "CHECKOUT_PERCENT=10" in desk.flags


def test_a_level_never_raises_exposure(desk: Desk) -> None:
    desk("advance", "--yes")
    desk("advance", "--yes")
    result = desk("rollback", "--level", "partial", "--yes", "-o", "json")
    assert (result.code, result.json["left_to_do"]) == (0, ["Tell the shop"])
    assert "CHECKOUT_PERCENT=5" in desk.flags
    (desk.folder / ".env").write_text(desk.flags.replace("PERCENT=5", "PERCENT=2"))
    assert desk("rollback", "--level", "partial", "--yes").code == 0
    assert "CHECKOUT_PERCENT=2" in desk.flags


@pytest.mark.parametrize(
    ("plan", "code", "verdict"),
    [
        ({}, 0, "GO"),
        ({"errors": "< 0.1%"}, 3, "NO-GO"),
        ({"present": "nothing"}, 5, "UNKNOWN"),
        ({"url": "http://127.0.0.1:1"}, 5, "UNKNOWN"),
        ({"spike": "> 0.1%"}, 6, "ROLLBACK"),
        ({"spike": "> 0.1%", "errors": "< 0.1%", "present": "nothing"}, 6, "ROLLBACK"),
        ({"errors": "< 0.1%", "present": "nothing"}, 3, "NO-GO"),
    ],
)
def test_the_verdict_is_the_exit_code_in_every_format(
    desk: Desk, plan: dict[str, str], code: int, verdict: str
) -> None:
    desk.write_plan(**plan)
    as_json = desk("check-gates", "-o", "json")
    assert (as_json.code, as_json.json["verdict"]) == (code, verdict)
    as_table = desk("check-gates")
    assert as_table.code == code
    assert verdict in as_table.out
    refused = desk("advance", "--yes", "-o", "json")
    assert refused.code == code
    assert (desk.flags == FLAGS) is (code != 0)


def test_a_soak_holds_and_says_until_when(desk: Desk) -> None:
    desk.write_plan(soak="1h")
    assert desk("advance", "--yes").code == 0
    held = desk("check-gates", "-o", "json")
    assert (held.code, held.json["verdict"]) == (4, "HOLD")
    assert "soak" in held.json["blockers"][0]
    status = desk("status", "-o", "json").json
    assert status["next"]["earliest"] > status["since"]
    assert desk("advance", "--yes").code == 4


def test_settling_holds_after_a_change(desk: Desk) -> None:
    desk.plan.write_text(desk.plan.read_text().replace(", settle: 0s", ""))
    desk("advance", "--yes")
    desk("advance", "--yes")
    assert desk("advance", "--yes").code == 0  # canary has no gates to leave, and full none to enter
    held = desk("check-gates", "-o", "json").json
    assert held["verdict"] == "HOLD"
    assert held["gates"][0]["outcome"] == "waiting"
    assert held["gates"][0]["earliest_pass"] is not None


def test_a_step_that_is_not_next_is_a_conflict(desk: Desk) -> None:
    assert desk("advance", "--yes", "--to", "canary/first").code == 0
    retry = desk("advance", "--yes", "--to", "canary/first", "-o", "json")
    assert retry.code == 7
    assert set(retry.json) == {"error"}
    assert desk("advance", "--yes", "--to", "nowhere").code == 2


def test_an_edited_plan_is_a_conflict_that_shows_the_difference(desk: Desk) -> None:
    desk("advance", "--yes")
    desk.write_plan(errors="< 50%")
    for command in (["check-gates"], ["advance", "--yes"]):
        refused = desk(*command)
        assert refused.code == 7
        assert '+  errors: {metric: error-rate, require: "< 50%"' in refused.err
    assert desk("status", "-o", "json").json["plan_changed"] is True
    desk.plan.write_text("this: is: broken")
    assert desk("rollback", "--emergency").code == 0
    assert "CHECKOUT=false" in desk.flags


def test_a_deleted_plan_does_not_hide_its_rollout(desk: Desk) -> None:
    desk("advance", "--yes")
    desk.plan.unlink()
    assert desk("rollback", "--emergency", "plans/shop.yaml").code == 0
    assert desk("rollback", "--emergency").code == 0
    assert desk("status", "shop@test").code == 0


def test_drift_is_a_conflict_for_an_advance_and_none_for_a_rollback(desk: Desk) -> None:
    desk("advance", "--yes")
    (desk.folder / ".env").write_text(desk.flags.replace("PERCENT=10", "PERCENT=77"))
    refused = desk("advance", "--yes")
    assert refused.code == 7
    assert "CHECKOUT_PERCENT" in refused.err
    drift = desk("status", "-o", "json").json["drift"]
    assert [(row["flag"], row["before"], row["after"]) for row in drift] == [("CHECKOUT_PERCENT", 10, 77)]
    assert desk("rollback", "--emergency").code == 0
    assert "CHECKOUT_PERCENT=0" in desk.flags


def test_check_gates_says_go_only_where_an_advance_would_go(desk: Desk) -> None:
    desk("advance", "--yes")
    (desk.folder / ".env").write_text(desk.flags.replace("PERCENT=10", "PERCENT=77"))
    assert desk("check-gates").code == 7
    assert desk("status", "-o", "json").json["verdict"] == "HOLD"


@pytest.mark.parametrize(
    ("where", "more"),
    [
        ("", "announcements: [{when: start, message: Here we go, send: true, channel: ops}]\nchannels: {ops: x}\n"),
        ("      app: {type: dotenv, path: ../.env}\n", "      app: {type: dotenv, path: ../.env, host: other}\n"),
    ],
)
def test_what_cannot_be_carried_out_yet_stops_judging_and_advancing_alike(desk: Desk, where: str, more: str) -> None:
    text = desk.plan.read_text()
    desk.plan.write_text(text.replace(where, more) if where else text + more)
    for command in (["check-gates"], ["advance", "--yes"]):
        refused = desk(*command)
        assert refused.code == 2
        assert "cannot be carried out yet" in refused.err
    status = desk("status", "-o", "json").json
    assert (status["verdict"], len(status["next"]["blockers"])) == ("HOLD", 1)
    assert desk.flags == FLAGS


def test_a_variable_without_a_value_is_unknown_and_stops_an_advance(desk: Desk) -> None:
    desk.write_plan(url="${NOWHERE}")
    assert desk("check-gates").code == 5
    assert desk("advance", "--yes").code == 2
    desk.variables["NOWHERE"] = desk.url
    assert desk("check-gates").code == 0


def test_after_a_rollback_that_failed_the_status_says_what_still_stands(desk: Desk) -> None:
    desk("advance", "--yes")
    env = desk.folder / ".env"
    env.rename(desk.folder / "moved")
    env.mkdir()
    failed = desk("rollback", "--emergency")
    assert "the same command again" in failed.out
    env.rmdir()
    (desk.folder / "moved").rename(env)
    status = desk("status", "-o", "json").json
    assert {row["flag"] for row in status["drift"]} == {"CHECKOUT", "CHECKOUT_PERCENT"}
    assert desk("rollback", "--emergency").code == 0
    assert desk("status", "-o", "json").json["drift"] == []


def test_a_locked_store_is_a_conflict_and_holds_no_emergency_up(desk: Desk) -> None:
    desk("advance", "--yes")
    with desk.store() as store:
        store.execute("BEGIN EXCLUSIVE")
        rolled_back = desk("rollback", "--emergency", "plans/shop.yaml", "-o", "json")
        assert (rolled_back.code, rolled_back.json["recorded"]) == (0, False)
        assert "CHECKOUT=false" in desk.flags
        assert desk("status").code == 7


def test_a_plan_that_is_no_file_is_a_sentence(desk: Desk) -> None:
    (desk.folder / "zero.yaml").symlink_to("/dev/zero")
    refused = desk("lint", "zero.yaml")
    assert (refused.code, "no regular file" in refused.err) == (2, True)
    desk.plan.write_bytes(b"#" * 300_000)
    assert "at most 262,144 bytes" in desk("lint", "plans/shop.yaml").out


def test_a_target_that_cannot_be_read_changes_nothing(desk: Desk) -> None:
    (desk.folder / ".env").unlink()
    refused = desk("advance", "--yes", "-o", "json")
    assert refused.code == 8
    assert ".env" in refused.json["error"]["message"]
    assert desk("list", "-o", "json").json["rollouts"] == []


def test_an_emergency_that_cannot_write_names_the_command_by_hand(desk: Desk) -> None:
    desk("advance", "--yes")
    (desk.folder / ".env").rename(desk.folder / "moved")
    (desk.folder / ".env").mkdir()
    result = desk("rollback", "--emergency", "-o", "json")
    assert (result.code, result.json["verified"]) == (8, False)
    assert any("CHECKOUT" in item for item in result.json["left_to_do"])


def test_without_a_terminal_a_question_is_exit_2(desk: Desk) -> None:
    refused = desk("advance", stdin="y\n")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert desk.flags == FLAGS
    desk("advance", "--yes")
    assert desk("rollback").code == 2


def test_a_dry_run_changes_and_records_nothing(desk: Desk) -> None:
    preview = desk("advance", "--dry-run", "-o", "json")
    assert (preview.code, preview.json["outcome"]) == (0, "dry-run")
    assert desk.flags == FLAGS
    assert not (desk.folder / "store.db").exists()
    desk("advance", "--yes")
    before = desk.flags
    assert desk("rollback", "--emergency", "--dry-run", "-o", "json").json["outcome"] == "dry-run"
    assert desk.flags == before


def test_a_phase_is_judged_whether_started_or_not(desk: Desk) -> None:
    desk.write_plan(errors="< 0.1%")
    everything = desk("check-gates", "--phase", "full", "-o", "json")
    assert (everything.code, everything.json["phase"], everything.json["stage"]) == (3, "full", "all")
    assert desk("check-gates", "--phase", "full", "--stage", "exit").code == 0
    assert desk("check-gates", "--phase", "full", "--stage", "triggers").code == 0
    assert desk("check-gates", "--phase", "nowhere").code == 2


def test_an_altered_record_is_exit_3(desk: Desk) -> None:
    desk("advance", "--yes")
    with desk.store() as store:
        store.execute("UPDATE events SET actor = 'somebody else' WHERE seq = 2")
    broken = desk("history", "--verify", "-o", "json")
    assert (broken.code, broken.json["verified"], broken.json["broken_at"]) == (3, False, 2)
    assert desk("history").code == 0


def test_the_list_shows_where_every_rollout_stands(desk: Desk) -> None:
    desk("advance", "--yes")
    listed = desk("list", "-o", "json").json["rollouts"]
    assert [(one["rollout"], one["environment"], one["status"], one["phase"], one["step"]) for one in listed] == [
        ("shop", "test", "in-progress", "canary", 1)
    ]
    assert "shop@test" in desk("list").out
