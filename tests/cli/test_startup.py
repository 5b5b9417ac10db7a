"""A start loads only what its command needs: told by the modules that a real process has loaded at its end."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PLAN = Path(__file__).parents[2] / "demo" / "plan.yaml"
CLIENTS = ["httpx", "kubernetes", "prometheus_api_client", "pydantic", "requests", "urllib3"]
HTTP = [*CLIENTS, "http.client", "socket", "ssl", "urllib.request"]

OFFLINE_PLAN = """\
rollout: 1
name: shop
environments:
  test:
    prometheus: {url: "http://127.0.0.1:9", token: "${TOKEN}"}
    targets: {app: {type: dotenv, path: .env}}
flags: {CHECKOUT: {type: bool, safe: false}}
metrics: {errors: {query: "sum(rate(errors_total[5m]))", unit: /s}}
gates: {few-errors: {metric: errors, require: "< 1/s"}}
phases: [{id: full, gates: [few-errors], steps: [{set: {CHECKOUT: true}}]}]
triggers: {spike: {metric: errors, when: "> 9/s", rollback: emergency}}
"""

REPORT_MODULES = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from rollout._boot import main
sys.argv[0] = "rollout"
sys.exit(main())
"""


@cache
def modules_loaded_by(*arguments: str, folder: Path | None = None) -> list[str]:
    command = [sys.executable, "-c", REPORT_MODULES, *arguments]
    finished = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(finished.stderr.splitlines()[-1])
    return modules


@pytest.fixture(scope="module", name="emergency")
def emergency_modules(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Of one that has written its flag and recorded it."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "plan.yaml").write_text(OFFLINE_PLAN)
    (folder / ".env").write_text("CHECKOUT=true\n")
    modules = modules_loaded_by("rollback", "plan.yaml", "--store", "sqlite:store.db", "--emergency", folder=folder)
    assert (folder / ".env").read_text() == "CHECKOUT=false\n"
    assert "sqlite3" in modules
    return modules


@pytest.mark.parametrize("module", ["typer", "rich", "yaml", "rollout.cli", *CLIENTS])
def test_the_version_is_told_without_loading(module: str) -> None:
    assert module not in modules_loaded_by("--version")


@pytest.mark.parametrize("module", ["rich", *CLIENTS])
def test_a_plan_is_linted_without_loading(module: str) -> None:
    assert module not in modules_loaded_by("lint", str(PLAN))


@pytest.mark.parametrize("module", HTTP)
def test_an_emergency_at_a_dotenv_file_loads_no_http(module: str, emergency: list[str]) -> None:
    assert module not in emergency


@pytest.mark.parametrize(
    "module",
    [
        *("typer", "rich", "inspect", "dataclasses", "subprocess", "secrets", "difflib", "traceback", "argparse"),
        *("concurrent.futures", "rollout.cli.app", "rollout.planfile.checks.warnings", "rollout.gates.alerts"),
        *("rollout.gates.http", "rollout.gates.sql", "rollout.gates.command", "rollout.planfile.grammar.telling"),
    ],
)
def test_an_emergency_takes_no_time_to_load(module: str, emergency: list[str]) -> None:
    assert module not in emergency
