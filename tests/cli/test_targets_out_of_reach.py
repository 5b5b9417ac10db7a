"""A target that cannot be written to yet: no advance; an emergency does the rest and says what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rig import PLAN, Place
from tests.warm.running import Warm

KINDS = {
    "kubernetes-env": "deployment: web, namespace: shop, context: prod, wait: 1m",
    "kubernetes-configmap": "configmap: web, restart: deployment/web, namespace: shop, context: prod",
    "kubernetes-selector": "service: web, label: version, namespace: shop, context: prod",
    "kubernetes-weights": "httproute: web, backend: new, other: old, namespace: shop, context: prod",
    "kubernetes-replicas": "deployment: web, namespace: shop, context: prod",
    "http": 'url: "http://127.0.0.1:1/flags", read_url: "http://127.0.0.1:1/flags"',
    "command": "set: [set-flag, '{key}', '{value}'], get: [get-flag, '{key}']",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_others_become_safe_and_the_one_out_of_reach_is_named(tmp_path: Path, warm: Warm, kind: str) -> None:
    target = f"      app: {{type: dotenv, path: app/.env}}\n      far: {{type: {kind}, {KINDS[kind]}}}\n"
    lines = [target if "app/.env" in line else line for line in PLAN.splitlines(keepends=True)]
    plan = (
        "".join(lines)
        .replace("safe: false}", "safe: false, target: app}")
        .replace("{type: int}", "{type: int, target: app}")
    )
    plan = plan.replace("{type: percent, safe: 0}", "{type: percent, safe: 0, target: [app, far]}")
    place = Place(tmp_path / "place", warm, plan)
    place.env.write_text(place.env.read_text().replace("NEW=false", "NEW=true").replace("PERCENT=0", "PERCENT=50"))
    env = place.env.read_bytes()
    refused = place.run("advance", "--yes")
    assert (refused.code, "cannot be" in refused.err) == (2, True), refused.err
    assert (place.env.read_bytes(), place.events()) == (env, [])
    ended = place.run("rollback", "--emergency", "-o", "json")
    assert (ended.code, ended.json["verified"]) == (8, False)
    assert any("far" in line for line in ended.json["left_to_do"]), ended.out
    place.assert_safe()
