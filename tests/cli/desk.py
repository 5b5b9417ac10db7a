"""A folder with a plan, a `.env` and a store, and the commands that work in it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.warm.running import Ended, Warm, cold

PLAN = """\
rollout: 1
name: shop
title: Shop
environments:
  test:
    prometheus: {{url: "{url}", timeout: 5s}}
    targets:
      app: {{type: dotenv, path: ../.env}}
flags:
  CHECKOUT: {{type: bool, safe: false}}
  CHECKOUT_PERCENT: {{type: percent, safe: 0}}
  CACHE_TTL: {{type: int}}
metrics:
  error-rate: {{query: "sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))", unit: ratio}}
  hit-rate: {{query: cache_hit_rate, unit: ratio}}
  nothing: {{query: no_such_metric, unit: count}}
gates:
  errors: {{metric: error-rate, require: "{errors}", settle: 0s, on_fail: Look at the logs}}
  present: {{metric: {present}, require: "> 0", settle: 0s}}
phases:
  - id: canary
    name: Canary
    entry: [errors, present]
    steps:
      - {{name: first, set: {{CHECKOUT: true, CHECKOUT_PERCENT: 10}}, soak: {soak}}}
      - {{set: {{CHECKOUT_PERCENT: 50, CACHE_TTL: 60}}}}
  - id: full
    gates: [errors]
    steps:
      - {{set: {{CHECKOUT_PERCENT: 100}}}}
triggers:
  spike: {{metric: error-rate, when: "{spike}", rollback: emergency}}
rollback:
  partial: {{set: {{CHECKOUT_PERCENT: 5}}, instructions: [Tell the shop]}}
"""

FLAGS = "# flags\nCHECKOUT=false   # off at first\nexport CHECKOUT_PERCENT=0\nOTHER='kept as it is'\nCACHE_TTL=30\n"


@dataclass(frozen=True)
class Desk:
    folder: Path
    warm: Warm
    url: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> Path:
        return self.folder / "plans" / "shop.yaml"

    @property
    def flags(self) -> str:
        return (self.folder / ".env").read_text()

    @contextmanager
    def store(self) -> Iterator[sqlite3.Connection]:
        """The record, for a test that does something to it."""
        with closing(sqlite3.connect(self.folder / "store.db")) as connection, connection:
            yield connection

    def write_plan(
        self,
        *,
        errors: str = "< 1%",
        present: str = "hit-rate",
        soak: str = "0s",
        spike: str = "> 20%",
        url: str = "",
        more: str = "",
    ) -> None:
        text = PLAN.format(url=url or self.url, errors=errors, present=present, soak=soak, spike=spike)
        self.plan.parent.mkdir(exist_ok=True)
        self.plan.write_text(text + more)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Ended:
        """As a copy of a process that has imported everything."""
        return self.warm.start(arguments, self.folder, self.environment(), stdin=stdin).wait("strict")

    def cold(self, *arguments: str) -> Ended:
        """As a program of its own, for what may depend on what it has imported."""
        return cold(arguments, self.folder, self.environment())

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
        store = f"sqlite:{self.folder / 'store.db'}"
        return kept | {"ROLLOUT_STORE": store, "ROLLOUT_ACTOR": "ana@example.com"} | self.variables
