"""--at, --wait, --untrusted and --override, and windows over a real history, through the command line."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.desk import Desk

WINDOWED = """\
  - id: steady
    entry:
      - {metric: error-rate, require: "< 1%", for: 10m, coverage: 90%}
      - {metric: error-rate, require: "< 0.1%", for: 10m, coverage: 90%}
      - {metric: nothing, require: "< 1", for: 10m}
"""

STRANGE = """\
  - id: strange
    entry:
      - {command: [touch, ran]}
      - {sql: {url: "sqlite:///shop.db", query: select 1}, expect: {rows: 1}}
      - {http: "http://127.0.0.1:1/${HOME}"}
      - {metric: error-rate, require: "< 1%"}
"""


def add_phase(desk: Desk, phase: str) -> None:
    text = desk.plan.read_text()
    desk.plan.write_text(text.replace("triggers:\n", f"{phase}triggers:\n"))


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="seconds")


def outcomes(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [gate["outcome"] for gate in document["gates"]]


def test_gates_over_windows_are_judged_by_history(desk: Desk) -> None:
    add_phase(desk, WINDOWED)
    ran = desk("check-gates", "--phase", "steady", "-o", "json")
    assert (ran.code, outcomes(ran.json)) == (3, ["pass", "fail", "unknown"])
    good, bad, none = ran.json["gates"]
    assert good["for_seconds"] == 600
    assert good["held_seconds"] >= 540
    assert 0.004 < good["observed"] < 0.006
    assert bad["held_seconds"] < 60
    assert bad["earliest_pass"] is not None
    assert (none["observed"], none["held_seconds"]) == (None, 0)


def test_a_moment_before_all_data_is_unknown_and_one_with_data_is_judged(desk: Desk) -> None:
    assert desk("check-gates", "--at", ago(1)).code == 0
    before = desk("check-gates", "--at", ago(60 * 24 * 30), "-o", "json")
    assert (before.code, outcomes(before.json)) == (5, ["unknown", "unknown"])
    assert desk("check-gates", "--at", ago(-5)).code == 2
    assert desk("check-gates", "--at", ago(1), "--wait", "1s").code == 2
    wrong = desk("check-gates", "--at", "yesterday")
    assert (wrong.code, "2026-03-01T12:00Z" in wrong.err) == (2, True)


def test_waiting_ends_as_soon_as_the_soak_is_over(desk: Desk) -> None:
    desk.write_plan(soak="2s")
    assert desk("advance", "--yes").code == 0
    assert desk("advance", "--yes", "--wait", "30s").code == 0
    events = desk("history", "-o", "json").json["events"]
    first, _, second = (datetime.fromisoformat(event["at"]) for event in events[-3:])
    assert timedelta(seconds=2) <= second - first < timedelta(seconds=30)
    assert desk("status", "-o", "json").json["step"] == 2


def test_waiting_ends_with_its_own_time_where_the_soak_is_longer(desk: Desk) -> None:
    desk.write_plan(soak="1h")
    assert desk("advance", "--yes").code == 0
    assert desk("check-gates").code == 4
    began = time.monotonic()
    assert desk("check-gates", "--wait", "1s").code == 4
    assert time.monotonic() - began >= 1


def test_what_has_failed_is_not_waited_for(desk: Desk) -> None:
    desk.write_plan(errors="< 0.01%")
    began = time.monotonic()
    assert desk("check-gates", "--wait", "5m").code == 3
    assert time.monotonic() - began < 30
    assert desk("check-gates", "--wait", "soon").code == 2


def test_a_strangers_plan_runs_nothing_reads_no_file_and_asks_nobody(desk: Desk) -> None:
    add_phase(desk, STRANGE)
    (desk.folder / "plans" / "shop.db").write_bytes(b"")
    ran = desk("check-gates", "--phase", "strange", "--untrusted", "-o", "json")
    assert (ran.code, set(outcomes(ran.json))) == (5, {"unknown"})
    assert not (desk.folder / "plans" / "ran").exists()
    reasons = [gate["reason"] for gate in ran.json["gates"]]
    assert "runs no commands (--untrusted)" in reasons[0]
    assert "runs no SQL (--untrusted)" in reasons[1]
    assert "HOME is not set" in reasons[2]
    assert "(--allow-host)" in reasons[3]


def test_a_strangers_plan_may_use_what_is_allowed(desk: Desk) -> None:
    add_phase(desk, STRANGE)
    host = desk.url.removeprefix("http://")
    ran = desk(
        "check-gates", "--phase", "strange", "--untrusted", "--allow-host", host, "--allow-env", "HOME", "-o", "json"
    )
    reasons = [gate["reason"] for gate in ran.json["gates"]]
    assert ran.json["gates"][3]["outcome"] == "pass"
    assert "127.0.0.1:1 is not among the hosts" in reasons[2]
    assert desk("check-gates", "--allow-host", host).code == 2


def test_a_strangers_plan_is_no_reason_to_read_targets(desk: Desk) -> None:
    desk("advance", "--yes")
    (desk.folder / ".env").write_text("CHECKOUT=maybe\n")
    host = desk.url.removeprefix("http://")
    assert desk("check-gates").code == 7
    assert desk("check-gates", "--untrusted", "--allow-host", host).code == 0


@pytest.mark.parametrize("name", ["canary.entry.9", "spike"])
def test_an_override_needs_a_reason_and_a_name_that_is_judged(desk: Desk, name: str) -> None:
    desk.write_plan(errors="< 0.01%")
    refused = desk("advance", "--yes", "--override", name)
    assert (refused.code, "reason" in refused.err) == (2, True)
    with_reason = desk("advance", "--yes", "--override", name, "--reason", "it is known")
    assert with_reason.code == (3 if name == "spike" else 2)


def test_an_override_is_kept_in_the_history(desk: Desk) -> None:
    desk.write_plan(errors="< 0.01%")
    assert desk("advance", "--yes", "--override", "errors", "--reason", "known noise").code == 0
    events = desk("history", "-o", "json").json["events"]
    intent = next(event for event in events if event["kind"] == "advance-intended")
    assert (intent["data"]["overrides"], intent["data"]["reason"]) == (["errors"], "known noise")
    assert json.dumps(intent)


def test_an_unset_variable_of_any_gate_stops_an_advance_and_is_unknown_in_a_check(desk: Desk) -> None:
    text = desk.plan.read_text()
    desk.plan.write_text(text.replace("entry: [errors, present]", 'entry: [errors, {http: "${NO_SUCH_HOST}/x"}]'))
    assert desk("check-gates").code == 5
    refused = desk("advance", "--yes")
    assert (refused.code, "not set: NO_SUCH_HOST" in refused.err) == (2, True)
    assert desk("history").code in (0, 2)
