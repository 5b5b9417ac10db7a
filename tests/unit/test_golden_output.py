"""What every result looks like, as a table and as JSON. `make golden` writes the expected files anew."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rollout.operations.answer import answer, tick, untick
from rollout.operations.checklist import checklist, sign
from rollout.operations.close import close
from rollout.operations.history import history, listing
from rollout.operations.lint import Lint
from rollout.operations.pause import pause, resume
from rollout.operations.show import show
from rollout.planfile import load, read
from rollout.render import Result, write
from rollout.wiring.plans import SHAPES
from tests.asking import asking, forced
from tests.conftest import Golden
from tests.fakes import ROLLOUT
from tests.ticking import ticking
from tests.workbench import Workbench, checkout, no

SAMPLE = (Path(__file__).parents[1] / "plans" / "checkout-v2.yaml").read_bytes()

BROKEN = b"""\
rollout: 1
name: Shop
environments:
  test: {targets: {app: {type: dotenf, path: .env}}}
flags: {ON: {type: bool, safe: off}}
phases:
  - id: one
    gate: [errors]
    steps: [{set: {OFF: true}, soak: 5}]
"""


def started() -> Workbench:
    made = checkout().advanced(2)
    made.clock.sleep(3600)
    return made


def failing() -> Workbench:
    made = started()
    made.clock.sleep(timedelta(days=1).total_seconds())
    made.source.answers.update({"errors": 0.0042, "spike": 0.5})
    return made


def paused() -> Workbench:
    made = started()
    pause(made.desk("bob"), "looking at the logs")
    return made


CASES: dict[str, Callable[[], Result]] = {
    "check-go": lambda: checkout().check(),
    "check-rollback": lambda: failing().check(),
    "check-phase": lambda: failing().check("full"),
    "status-not-started": lambda: checkout().status(),
    "status-soaking": lambda: started().status(),
    "advance": lambda: checkout().advanced(1).advance(),
    "advance-dry-run": lambda: checkout().advanced(1).advance(dry_run=True),
    "advance-declined": lambda: checkout().advanced(1).advance(confirm=no),
    "advance-refused": lambda: failing().advance(),
    "answer": lambda: answer(forced(asking(), "one/1").desk(), "pages", "1.5 s", "measured by hand"),
    "answer-ticked": lambda: tick(forced(asking(), "one/1").desk(), ["scenarios", "staffed"]),
    "answer-unticked": lambda: untick(ticking().desk("bob"), ["runbook", "told"], "too early"),
    "checklist": lambda: checklist(ticking().desk()),
    "checklist-nothing": lambda: checklist(checkout().desk()),
    "checklist-gates": lambda: checklist(forced(asking(), "one/1").desk()),
    "status-checklist": lambda: ticking().status(),
    "signed": lambda: sign(ticking().desk("bob"), "Engineering Lead", "read it all"),
    "pause": lambda: pause(started().desk("bob"), "looking at the logs"),
    "pause-all": lambda: pause(paused().desk("eve"), everything=True),
    "pause-already": lambda: pause(paused().desk("eve"), "me too"),
    "resume": lambda: resume(paused().desk("eve"), "it was nothing"),
    "resume-already": lambda: resume(started().desk()),
    "status-paused": lambda: paused().status(),
    "close": lambda: close(started().desk("bob"), "cancelled by sales"),
    "rollback-emergency": lambda: failing().rollback("emergency"),
    "rollback-nearest": lambda: failing().rollback(),
    "history": lambda: history((made := failing()).store, ROLLOUT, verify=bool(made)),
    "list": lambda: listing((made := started()).store, made.clock.now()),
    "lint-broken": lambda: Lint([read(BROKEN, "plans/shop.yaml", SHAPES)], strict=False),
    "lint-clean": lambda: Lint([read(SAMPLE, "plans/checkout-v2.yaml", SHAPES)], strict=True),
    "show": lambda: show(load(SAMPLE, "plans/checkout-v2.yaml", SHAPES), "production"),
}


@pytest.mark.parametrize("output", ["40", "80", "160", "json"])
@pytest.mark.parametrize("case", CASES)
def test_the_output_is_as_expected(case: str, output: str, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table in windows of so many columns, and the document."""
    monkeypatch.setenv("COLUMNS", output)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    stream = io.StringIO()
    write(CASES[case](), "json" if output == "json" else "table", stream)
    # An operation's id is random, and so are the hashes over it.
    text = re.sub(r'("op": ")[0-9a-f]{16}"', r'\1OP"', stream.getvalue())
    text = re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)
    text = re.sub(r"\b(?=[a-f]*[0-9])[0-9a-f]{12}\b", "HASH12HASH12", text)
    golden(f"{case}.{output}" if output == "json" else f"{case}.{output}.txt", text)
