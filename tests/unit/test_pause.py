"""pause, resume and close: a person holds a rollout, lets it go on, or abandons it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.errors import ConflictError, UsageError
from rollout.model.state import Status
from rollout.model.verdicts import Verdict
from rollout.operations.answer import answer
from rollout.operations.close import close
from rollout.operations.pause import pause, resume
from rollout.ports import Fate
from tests.asking import asking, forced, refusal
from tests.fakes import NOON, nothing
from tests.workbench import DAY, Workbench, checkout

PAUSED = "paused by bob since 2026-03-02 12:00:00 UTC: looking at the logs (`rollout resume` goes on)"


def paused(*, everything: bool = False) -> Workbench:
    made = checkout().advanced(2)
    pause(made.desk("bob"), "looking at the logs", everything=everything)
    return made


def test_a_pause_holds_every_advance_and_says_who_when_and_why() -> None:
    made = paused()
    made.clock.advance(DAY)
    decision = made.check().decision
    assert (decision.verdict, decision.reasons) == (Verdict.HOLD, (PAUSED,))
    assert made.advance().exit_code == 4
    status = made.status()
    assert (status.state.status, status.next and status.next.blockers) == (Status.PAUSED, (PAUSED,))
    assert (status.next and status.next.earliest, status.verdict) == (None, Verdict.HOLD)


def test_it_is_recorded_with_its_reason_and_the_head_is_known() -> None:
    made = checkout().advanced(1)
    result = pause(made.desk("bob"), "lunch")
    event = made.events[-1]
    assert (event.kind, event.actor, event.data) == ("paused", "bob", {"reason": "lunch", "all": False})
    assert (result.status, result.by, result.at, result.reason, result.unchanged) == (
        "paused",
        "bob",
        NOON,
        "lunch",
        False,
    )
    assert result.head == event.hash
    made.clock.advance(timedelta(hours=1))
    result = resume(made.desk("eve"), "back")
    event = made.events[-1]
    assert (event.kind, event.actor, event.data) == ("resumed", "eve", {"reason": "back"})
    assert (result.status, result.by, result.at, result.reason) == ("in-progress", "eve", made.clock.now(), "back")
    assert result.head == event.hash


def test_the_soak_goes_on_counting_meanwhile() -> None:
    made = paused()
    made.clock.advance(DAY / 2)
    assert [one.split()[0] for one in made.check().decision.reasons] == ["paused", "soak"]
    made.clock.advance(DAY / 2)
    resume(made.desk())
    assert made.advance().exit_code == 0


def test_a_fired_trigger_comes_before_the_pause() -> None:
    made = paused()
    made.source.answers["spike"] = 0.5
    assert made.check().decision.verdict is Verdict.ROLLBACK
    assert made.advance().exit_code == 6
    assert made.rollback("emergency").exit_code == 0
    assert (made.state.status, made.state.hold) == (Status.ROLLED_BACK, None)


def test_who_pauses_what_is_paused_is_told_so_and_nothing_is_recorded() -> None:
    made = paused()
    before = made.kinds
    again = pause(made.desk("eve"), "me too")
    assert (again.unchanged, again.by, again.reason, made.kinds) == (True, "bob", "looking at the logs", before)
    more = pause(made.desk("eve"), "stop it all", everything=True)
    assert (more.unchanged, more.by, more.everything, made.kinds) == (False, "eve", True, [*before, "paused"])
    assert pause(made.desk(), everything=True).unchanged
    assert pause(made.desk()).unchanged
    assert made.state.hold is not None
    assert made.state.hold.everything


def test_who_resumes_what_runs_is_told_so_and_nothing_is_recorded() -> None:
    made = checkout().advanced(1)
    before = made.kinds
    result = resume(made.desk())
    assert (result.unchanged, result.by, result.at, result.status, made.kinds) == (
        True,
        "",
        None,
        "in-progress",
        before,
    )


def test_only_what_is_in_progress_can_be_paused() -> None:
    made = checkout()
    assert refusal(lambda: pause(made.desk()))[0] == (
        "checkout-v2@production is not-started: only a rollout in progress can be paused"
    )
    made.advanced(1).rollback("emergency")
    for act in (pause, resume):
        with pytest.raises(UsageError, match="is rolled-back: only a"):
            act(made.desk())


def test_somebody_else_who_speaks_meanwhile_is_no_conflict() -> None:
    made = forced(asking(), "one/1")
    desk = made.desk()
    made.store.before_append = lambda: answer(made.desk("eve"), "corruption", "no")
    pause(desk)
    assert made.kinds[-2:] == ["answered", "paused"]
    desk = made.desk()
    made.store.before_append = lambda: resume(made.desk("eve"))
    assert resume(desk).unchanged
    assert made.kinds[-1] == "resumed"


def test_a_change_under_way_is_not_overtaken_by_a_pause_and_ends_paused() -> None:
    made = forced(asking(), "one/1")
    made.target.after_write = lambda: pause(made.desk("bob"))
    forced(made, "one/2")
    assert made.kinds[-3:] == ["advance-intended", "paused", "advanced"]
    assert (str(made.state.position), made.state.status) == ("one/2", Status.PAUSED)
    made.target.after_write = nothing


def test_a_closed_rollout_keeps_its_values_and_goes_nowhere() -> None:
    made = checkout().advanced(2)
    result = close(made.desk("bob"), "cancelled by sales")
    event = made.events[-1]
    assert (event.kind, event.actor, event.data) == ("closed", "bob", {"reason": "cancelled by sales"})
    assert (result.status, result.by, result.at, result.head) == ("closed", "bob", NOON, event.hash)
    assert result.values == {"ON": True, "PERCENT": 20, "ALLOW": None}
    assert made.target.held == {"ON": "true", "PERCENT": "20"}
    decision = made.check().decision
    assert (decision.verdict, decision.reasons) == (
        Verdict.HOLD,
        ("closed: `rollout advance --new` starts another run",),
    )
    assert made.status().next is None


def test_it_is_closed_when_paused_or_rolled_back_too() -> None:
    made = paused()
    assert close(made.desk(), "over").status == "closed"
    made = checkout().advanced(2)
    made.rollback("emergency")
    assert close(made.desk(), "over").status == "closed"


def test_what_cannot_be_closed_says_why() -> None:
    made = checkout()
    assert "has not started" in refusal(lambda: close(made.desk(), "x"))[0]
    made.advanced(1)
    assert "--reason TEXT" in refusal(lambda: close(made.desk(), " "))[1]
    close(made.desk(), "x")
    assert "closed already" in refusal(lambda: close(made.desk(), "x"))[0]
    assert made.kinds.count("closed") == 1


def test_a_target_that_cannot_be_read_stops_no_close() -> None:
    made = checkout().advanced(2)
    made.target.fails = {"read"}
    result = close(made.desk(), "over")
    assert (result.values["PERCENT"], result.unreadable) == (20, ("api: read failed",))


def test_while_somebody_is_at_it_nothing_is_closed() -> None:
    made = checkout().advanced(1)
    caught = []

    def meanwhile() -> None:
        made.machine.fates = {1: Fate.ALIVE}
        with pytest.raises(ConflictError) as conflict:
            close(made.desk("bob"), "over")
        caught.append(conflict.value.message)

    made.target.after_write = meanwhile
    made.advanced(1)
    assert len(caught) == 1
    assert "ann" in caught[0]
