"""Two environments of one plan, in real processes: production waits for staging."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
environments:
  staging:
    store: "{store}"
    targets: {{app: {{type: dotenv, path: ../staging.env}}}}
  production:
    targets: {{app: {{type: dotenv, path: ../.env}}}}
flags:
  CHECKOUT: {{type: bool, safe: false}}
gates:
  staged: {{rollout: {{environment: staging, reached: complete}}}}
  begun: {{rollout: {{environment: staging, reached: on/first}}}}
  steady: {{rollout: {{environment: staging, no_rollback: 7d}}}}
  nowhere: {{rollout: {{plan: other, reached: complete}}}}
phases:
  - {{id: prepare, environments: [production], entry: [begun]}}
  - id: "on"
    entry: []
    steps: [{{name: first, set: {{CHECKOUT: true}}}}]
  - {{id: everywhere, environments: [production], entry: [staged]}}
  - {{id: later, environments: [production], entry: [steady]}}
  - {{id: never, environments: [production], entry: [nowhere]}}
"""

STAGING, PRODUCTION = ("--plan", "shop", "--env", "staging"), ("--plan", "shop", "--env", "production")


@pytest.fixture
def desk(tmp_path: Path, warm: Warm) -> Desk:
    """Nothing has started yet."""
    made = Desk(tmp_path, warm)
    made.plan.parent.mkdir()
    made.plan.write_text(PLAN.format(store="sqlite:staging.db"))
    for name in (".env", "staging.env"):
        (tmp_path / name).write_text("CHECKOUT=false\n")
    return made


def reasons(desk: Desk, phase: str) -> dict[str, tuple[str, str]]:
    """Of each gate, what it came to and why."""
    ran = desk("check-gates", *PRODUCTION, "--phase", phase, "-o", "json")
    return {gate["id"]: (gate["outcome"], gate["reason"]) for gate in ran.json["gates"]}


def test_production_waits_until_staging_has_come_far_enough_and_stops_when_it_went_back(desk: Desk) -> None:
    assert desk("advance", *PRODUCTION, "--yes").code == 4
    assert reasons(desk, "prepare")["begun"] == ("waiting", "shop@staging was never started")

    assert desk("advance", *STAGING, "--yes").code == 0
    assert desk("advance", *PRODUCTION, "--yes").code == 0
    assert desk("advance", *PRODUCTION, "--yes").code == 0
    waits = desk("advance", *PRODUCTION, "--yes")
    assert waits.code == 4
    assert "staged: shop@staging is in-progress at on/first, not yet complete" in waits.out

    assert desk("advance", *STAGING, "--yes").code == 0
    assert desk("advance", *PRODUCTION, "--yes").code == 0
    young = desk("advance", *PRODUCTION, "--yes", "-o", "json")
    assert (young.code, young.json["gates"][0]["outcome"]) == (4, "waiting")
    assert young.json["gates"][0]["for_seconds"] == 7 * 24 * 3600

    assert desk("rollback", *STAGING, "--emergency").code == 0
    failed = desk("advance", *PRODUCTION, "--yes", "-o", "json")
    assert (failed.code, failed.json["verdict"]) == (3, "NO-GO")
    assert "shop@staging was rolled back at " in failed.json["gates"][0]["reason"]
    assert failed.json["gates"][0]["earliest_pass"] > young.json["gates"][0]["earliest_pass"]
    assert reasons(desk, "everywhere")["staged"] == ("fail", "shop@staging is rolled-back at on/first")


def test_another_plan_that_is_not_in_the_store_was_never_started(desk: Desk) -> None:
    assert reasons(desk, "never")["nowhere"] == ("waiting", "other@production was never started")


def test_each_environment_is_looked_up_in_the_store_that_the_plan_gives_it(desk: Desk) -> None:
    planned = replace(desk, variables={"ROLLOUT_STORE": "", "XDG_STATE_HOME": str(desk.folder / "state")})
    assert planned("advance", *STAGING, "--yes").code == 0
    assert (desk.folder / "plans" / "staging.db").exists()
    assert reasons(planned, "prepare")["begun"][0] == "pass"
    assert reasons(desk, "prepare")["begun"][0] == "waiting"


def test_a_store_that_cannot_be_read_is_unknown(desk: Desk) -> None:
    (desk.folder / "plans" / "staging.db").mkdir()
    planned = replace(desk, variables={"ROLLOUT_STORE": "", "XDG_STATE_HOME": str(desk.folder / "state")})
    outcome, reason = reasons(planned, "prepare")["begun"]
    assert outcome == "unknown"
    assert reason.startswith("how far shop@staging is cannot be told: sqlite:")
    assert planned("check-gates", *PRODUCTION, "--phase", "prepare").code == 5
