"""A start loads only what its command needs: told by the modules that a real process has loaded at its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLAN = Path(__file__).parents[2] / "demo" / "plan.yaml"
CLIENTS = ["httpx", "kubernetes", "prometheus_api_client", "pydantic", "requests"]

REPORT_MODULES = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from rollout._boot import main
sys.argv[0] = "rollout"
sys.exit(main())
"""


def modules_loaded_by(*arguments: str) -> list[str]:
    command = [sys.executable, "-c", REPORT_MODULES, *arguments]
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(finished.stderr.splitlines()[-1])
    return modules


@pytest.mark.parametrize("module", ["typer", "rich", "yaml", "rollout.cli", *CLIENTS])
def test_the_version_is_told_without_loading(module: str) -> None:
    assert module not in modules_loaded_by("--version")


@pytest.mark.parametrize("module", CLIENTS)
def test_a_plan_is_linted_without_loading(module: str) -> None:
    assert module not in modules_loaded_by("lint", str(PLAN))
