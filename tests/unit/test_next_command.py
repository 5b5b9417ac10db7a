"""What to do next names the rollout that was asked about, and is nothing where nothing is left."""

from __future__ import annotations

import pytest

from rollout.engine.following import following
from rollout.frozen import replace
from rollout.model.verdicts import Blocker, Decision, Verdict
from rollout.operations.check import check
from tests.workbench import checkout

TYPED = " --plan plans/p.yaml --env staging"


@pytest.mark.parametrize(
    ("decision", "command"),
    [
        (Decision(Verdict.GO), f"rollout advance{TYPED}"),
        (Decision(Verdict.ROLLBACK, rollback_level="emergency"), f"rollout rollback{TYPED} --emergency"),
        (Decision(Verdict.HOLD, holds=(Blocker("paused", "paused"),)), f"rollout resume{TYPED}"),
    ],
)
def test_the_next_command_says_which_rollout_where_that_was_said(decision: Decision, command: str) -> None:
    assert following(decision, TYPED) == command


def test_a_check_and_a_refused_advance_carry_it() -> None:
    desk = replace(checkout().desk(), typed=TYPED)
    assert check(desk).command == f"rollout advance{TYPED}"


def test_what_is_complete_has_no_next_command() -> None:
    made = checkout()
    while made.state.status.value != "complete":
        made.clock.sleep(8 * 86400)
        made.advance()
    assert made.check().command == ""
