"""How long `rollout status` takes with 100,000 events in the store, against 10: whole processes, interleaved."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rollout.model.changes import Change, Slot, change_to_json
from rollout.model.events import Draft, EventKind, RolloutId
from rollout.store.sqlite import SqliteStore

ROLLOUT = str(Path(sys.executable).with_name("rollout"))
ROUNDS = 15
LIMIT = 1.5
EVENTS = 100_000
PLAN = """\
rollout: 1
name: shop
environments: {test: {targets: {app: {type: dotenv, path: .env}}}}
flags: {ON: {type: bool, safe: false}}
gates: {tickets: {ask: Support tickets, unit: count, require: "< 5"}}
phases: [{id: all, gates: [tickets], steps: [{set: {ON: true}}, {}]}]
triggers: {complaints: {ask: Share of users who complain, unit: "%", when: "> 10%", rollback: emergency}}
"""
SHOP = RolloutId("shop", "test")
BEGAN = datetime.now(UTC)


def started(folder: Path) -> list[Draft]:
    """A rollout that stands at its first step."""
    change = change_to_json(Change(Slot("ON", "app", "ON"), False, True, verified=True))
    found = [{"flag": "ON", "target": "app", "key": "ON", "value": False}]
    plan = {"plan_text": PLAN, "plan_sha256": "", "plan_path": str(folder / "plan.yaml"), "found": found}
    step = {"phase": "all", "step": 1}
    return [
        Draft(EventKind.STARTED, plan),
        Draft(EventKind.ADVANCE_INTENDED, {"op": "1", "to": step, "changes": [change]}),
        Draft(EventKind.ADVANCED, {"op": "1", "to": step, "changes": [change]}),
    ]


def answers(count: int) -> list[Draft]:
    ids = ("tickets", "complaints")
    return [Draft(EventKind.ANSWERED, {"id": ids[n % 2], "value": float(n % 9)}) for n in range(count)]


def keep(store: SqliteStore, rollout: RolloutId, drafts: Sequence[Draft]) -> None:
    store.append(rollout, drafts, after=0, at=BEGAN, actor="ana")


def few(folder: Path, store: SqliteStore) -> None:
    keep(store, SHOP, [*started(folder), *answers(7)])


def one_visit(folder: Path, store: SqliteStore) -> None:
    keep(store, SHOP, [*started(folder), *answers(EVENTS - 3)])


def many_rollouts(folder: Path, store: SqliteStore) -> None:
    few(folder, store)
    drafts = [*started(folder), *answers(96), Draft(EventKind.CLOSED, {"reason": "over"})]
    for number in range(EVENTS // len(drafts)):
        keep(store, RolloutId(f"shop-{number}", "test"), drafts)


CASES = {"10 events": few, "100,000 in one visit": one_visit, "100,000 over 1,000 rollouts": many_rollouts}


def seconds(folder: Path) -> float:
    variables = {**os.environ, "ROLLOUT_STORE": f"sqlite:{folder / 'store.db'}"}
    began = time.perf_counter()
    subprocess.run(
        [ROLLOUT, "status"],
        cwd=folder,
        env=variables,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return time.perf_counter() - began


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folders = []
        for number, make in enumerate(CASES.values()):
            folder = Path(temporary, str(number))
            folder.mkdir()
            (folder / "plan.yaml").write_text(PLAN)
            (folder / ".env").write_text("ON=true\n")
            make(folder, SqliteStore(folder / "store.db"))
            folders.append(folder)
            seconds(folder)  # the first run fills caches
        runs = [[seconds(folder) for folder in folders] for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*runs, strict=True)]

    print(f"rollout status, median of {ROUNDS} interleaved runs")
    missed = 0
    for title, median in zip(CASES, medians, strict=True):
        ratio = median / medians[0]
        too_slow = ratio > LIMIT
        print(f"{title:30}{median * 1000:8.0f} ms{ratio:8.2f}{LIMIT:8.2f}{'  too slow' if too_slow else ''}")
        missed += too_slow
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
