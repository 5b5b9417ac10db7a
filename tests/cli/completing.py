"""A desk at which people press Tab."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.cli.desk import Desk
from tests.warm.running import Warm

NASTY = "$(touch stolen)"
ODD = "a:b;c 'd' \"e\""

PLAN = f"""\
rollout: 1
name: shop
default_environment: production
environments:
  production: {{targets: {{app: {{type: dotenv, path: ../.env}}}}}}
  staging: {{targets: {{app: {{type: dotenv, path: ../.env}}}}}}
flags:
  CHECKOUT: {{type: bool, safe: false}}
  SHARE: {{type: percent}}
  CACHE_TTL: {{type: int}}
gates:
  calm: {{confirm: Nobody complains}}
  tickets: {{ask: Support tickets, unit: count, require: "< 5"}}
phases:
  - id: canary
    name: Canary
    checklist: [{{id: runbook, text: Runbook reviewed}}, {{id: alerts, text: Alert rules configured}}]
    sign_off: [Engineering Lead, {NASTY!r}, "a:b;c 'd' \\"e\\""]
    steps: [{{name: first, set: {{CHECKOUT: true}}}}, {{name: second, set: {{SHARE: 10}}, gates: [calm]}}]
    exit: [{{confirm: The rates are right}}, tickets]
  - {{id: full, steps: [{{set: {{SHARE: 100}}}}]}}
  - {{id: tested, environments: [staging]}}
triggers:
  corruption: {{confirm: Data corruption seen, rollback: emergency}}
rollback:
  partial: {{set: {{SHARE: 5}}, when: Something is odd}}
  trial: {{to: tested}}
windows: {{allow: ["Mon-Sun 00:00-24:00 UTC"]}}
"""


@dataclass(frozen=True)
class Tab:
    """What is offered behind a line, as fish is told: VALUE, or VALUE<tab>HELP."""

    desk: Desk

    def answer(self, line: str, shell: str = "fish", **variables: str) -> list[str]:
        sent = {"_ROLLOUT_COMPLETE": f"complete_{shell}", "_ROLLOUT_LINE": line, **variables}
        ended = replace(self.desk, variables=self.desk.variables | sent)()
        assert (ended.code, ended.err) == (0, "")
        return ended.out.split("\n")[:-1]

    def helps(self, line: str, **variables: str) -> dict[str, str]:
        kind, *lines = self.answer(line, **variables)
        assert kind == "values"
        return dict(one.split("\t") for one in lines)

    def __call__(self, line: str, **variables: str) -> list[str]:
        return list(self.helps(line, **variables))


def shop_in(folder: Path, warm: Warm) -> Desk:
    """Nothing has started."""
    desk = Desk(folder, warm)
    desk.plan.parent.mkdir()
    desk.plan.write_text(PLAN)
    (folder / ".env").write_text("CHECKOUT=false\nSHARE=0\nCACHE_TTL=3\n")
    return desk
