"""A place to run in: a plan, a `.env`, a service that reads it at a restart, a store; and what must be true of it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.warm.running import Command, Ended, Warm

LONG = os.environ.get("ROLLOUT_FAULTS") == "long"
"""`make faults`: every point, thousands of schedules. Else samples of all of them."""

Flags = Mapping[str, object]

PLAN = """\
rollout: 1
name: shop
environments:
  test:
    targets:
      app: {type: dotenv, path: app/.env, apply: [sh, restart.sh]}
flags:
  NEW: {type: bool, safe: false}
  EXTRA: {type: bool, safe: false}
  PERCENT: {type: percent, safe: 0}
  TTL: {type: int}
phases:
  - id: some
    checklist: [{id: told, text: Everybody was told, before: exit}]
    steps:
      - {set: {NEW: true, PERCENT: 10}}
      - {set: {EXTRA: true, PERCENT: 50, TTL: 60}}
      - {set: {PERCENT: 75}}
  - id: full
    steps:
      - {set: {PERCENT: 100, TTL: 90}}
"""
RESTART = "cp app/.env effect/.env && echo restarted >> effect/log\n"
FLAGS = "# flags\nNEW=false   # off at first\nexport EXTRA='false'\nPERCENT=0\nOTHER='kept as it is'\nTTL=30\n"
VALUES: Mapping[tuple[str, int], Flags] = {
    ("some", 1): {"NEW": True, "EXTRA": False, "PERCENT": 10, "TTL": 30},
    ("some", 2): {"NEW": True, "EXTRA": True, "PERCENT": 50, "TTL": 60},
    ("some", 3): {"NEW": True, "EXTRA": True, "PERCENT": 75, "TTL": 60},
    ("full", 1): {"NEW": True, "EXTRA": True, "PERCENT": 100, "TTL": 90},
}
"""Of each step, as a person works them out from the plan."""
SAFE = {"NEW": False, "EXTRA": False, "PERCENT": 0}

_SETTING = re.compile(r"(?:export )?(?P<key>\w+)=(['\"]?)(?P<value>[^'\"#]*?)\2 *(?:#.*)?")
_OURS = re.compile(r"store\.db(-card-.*|-log\.jsonl)?")
_JOURNAL = "store.db-journal"
"""SQLite's own; one that never counted stays until the next write."""
_KEPT = ("app", "effect", "state")


@dataclass(frozen=True)
class Standing:
    """Where a rollout stands by its record, and what its `.env` holds, to the byte."""

    status: str
    phase: str | None
    step: int | None
    env: bytes


class Place:
    """`folder` holds app/.env, which rollout writes; effect/.env, what the service has read; state/store.db."""

    def __init__(self, folder: Path, warm: Warm, plan: str = PLAN) -> None:
        self.folder, self.warm = folder, warm
        for name in (*_KEPT, "out"):
            (folder / name).mkdir(parents=True)
        (folder / "plan.yaml").write_text(plan)
        (folder / "restart.sh").write_text(RESTART)
        for name in ("app", "effect"):
            (folder / name / ".env").write_text(FLAGS)
        (folder / "effect" / "log").touch()
        self._numbers = iter(range(10**9))

    def start(self, *arguments: str, actor: str = "ana", stopped: bool = False) -> Command:
        output = self.folder / "out" / str(next(self._numbers))
        return self.warm.start(arguments, self.folder, self.variables(actor), output, stopped=stopped)

    def variables(self, actor: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        return kept | {
            "ROLLOUT_PLAN": "plan.yaml",
            "ROLLOUT_STORE": f"sqlite:{self.store}",
            "ROLLOUT_ACTOR": actor,
            "XDG_STATE_HOME": str(self.folder / "xdg"),
        }

    def run(self, *arguments: str) -> Ended:
        return self.start(*arguments).wait()

    def must(self, *arguments: str) -> Ended:
        ended = self.run(*arguments)
        assert ended.code == 0, f"{arguments}: exit {ended.code}\n{ended.out}{ended.err}"
        return ended

    @property
    def store(self) -> Path:
        return self.folder / "state" / "store.db"

    @property
    def env(self) -> Path:
        return self.folder / "app" / ".env"

    @property
    def in_effect(self) -> Path:
        return self.folder / "effect" / ".env"

    @property
    def restarts(self) -> int:
        return (self.folder / "effect" / "log").read_text().count("restarted")

    def flags(self) -> Flags:
        return flags_in(self.env.read_text())

    def status(self) -> Any:
        return self.must("status", "-o", "json").json

    def events(self) -> list[tuple[int, str, str]]:
        """seq, kind and actor, from the file itself."""
        if not self.store.exists():
            return []
        with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=rw", uri=True)) as connection:
            if not connection.execute("SELECT * FROM sqlite_master").fetchone():
                return []
            return connection.execute("SELECT seq, kind, actor FROM events ORDER BY seq").fetchall()

    def save(self, name: str) -> None:
        for part in _KEPT:
            shutil.copytree(self.folder / part, self.folder / "saved" / name / part)

    def restore(self, name: str) -> None:
        for part in _KEPT:
            shutil.rmtree(self.folder / part)
            shutil.copytree(self.folder / "saved" / name / part, self.folder / part)

    def assert_consistent(self, *, history: bool = True) -> Standing:
        """After everything has ended and `recover` ran."""
        status = self.status()
        assert status["pending"] is None, status["pending"]
        assert status["drift"] == [], status["drift"]
        assert status["status"] == "not-started" or status["values"] == self.flags(), f"{status}, {self.flags()}"
        assert status["status"] != "in-progress" or self.flags() == VALUES[status["phase"], status["step"]]
        assert self.in_effect.read_bytes() == self.env.read_bytes(), f"in effect: {self.in_effect.read_text()}"
        assert set(self.stray()) <= {_JOURNAL}, self.stray()
        if (history or LONG) and self.events():
            self.must("history", "--verify")
        return Standing(status["status"], status["phase"], status["step"], self.env.read_bytes())

    def assert_safe(self) -> None:
        flags = self.flags()
        assert {name: flags[name] for name in SAFE} == SAFE, flags

    def stray(self) -> list[str]:
        """Names that nobody expects beside the `.env` and the store."""
        beside = [path.name for path in self.env.parent.iterdir() if path != self.env]
        return beside + [path.name for path in self.store.parent.iterdir() if not _OURS.fullmatch(path.name)]

    def assert_goes_on(self) -> None:
        """The next advance works, and so does the way back."""
        self.must("advance", "--yes", "--reason", "again")
        self.must("rollback", "--emergency")
        self.assert_safe()
        self.assert_consistent()
        assert not self.stray(), self.stray()


def flags_in(text: str) -> Flags:
    found = {}
    for line in text.splitlines():
        match = _SETTING.fullmatch(line)
        if match and match["key"] != "OTHER":
            word = match["value"]
            found[match["key"]] = word == "true" if word in ("true", "false") else int(word)
    return found
