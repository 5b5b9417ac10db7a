"""However much a server says: a check of twenty windows of two days takes no more than 100 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from itertools import cycle
from pathlib import Path
from threading import Lock

import pytest

from tests.range_server import Asked, answering
from tests.scripted_server import Script, http, scripted_server

LIMIT = 100
GATES = 20
CHECK = """
import atexit, resource, sys
from pathlib import Path

def report():
    if sys.platform == "linux":  # where ru_maxrss begins with that of the process which has started this one
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / 2**20, file=sys.stderr)

atexit.register(report)
from rollout._boot import main
sys.exit(main())
"""

BEGIN = b'{"status":"success","data":{"resultType":"matrix","result":['
NESTED = b"[" * 900 + b"]" * 900 + b","
SMILE = "\U0001f600".encode()

HOSTILE = {
    "deep lists": b"[" * 2**21,
    "a million empty lists": b"[" + b"[]," * 699_000 + b"[]]",
    "as many lists as are read": b"[" + NESTED * 105 + b"0]",
    "as many objects as are read": b"[" + (b'{"":' * 900 + b"0" + b"}" * 900 + b",") * 100 + b"0]",
    "as many texts as are read": b"[" + (b'"' + b"x" * 17 + b'",') * 99_000 + b"0]",
    "one huge label": BEGIN + b'{"metric":{"a":"' + SMILE + b"x" * 2_000_000 + b'"},"values":[]}]}}',
    "no text at all": bytes(range(256)) * 8_000,
}


def many_series(count: int, *others: bytes) -> Script:
    """Every other reply is one of the others."""

    at_a_time = Lock()

    @cache
    def honest(question: Asked) -> bytes:
        samples = ",".join(f'[{moment / 1000:.3f},"0.12345678901234"]' for moment in question.moments)
        series = (f'{{"metric":{{"i":"{number}"}},"values":[{samples}]}}' for number in range(count))
        return http(BEGIN.decode() + ",".join(series) + "]}}")

    turns = cycle((None, *others))

    def respond(question: Asked) -> bytes:
        with at_a_time:  # else the same is written for each gate
            return next(turns) or honest(question)

    return answering(respond)


def peak_of_a_check(script: Script, folder: Path) -> float:
    """Megabytes."""
    numbers = range(GATES)
    with scripted_server(script) as server:
        plan = {
            "rollout": 1,
            "name": "memory",
            "environments": {"here": {"prometheus": {"url": server.url, "timeout": "30s"}}},
            "metrics": {f"m{n}": {"query": f"up / {n}", "unit": "number"} for n in numbers},
            "gates": {f"g{n}": {"metric": f"m{n}", "require": "> 0", "for": "48h"} for n in numbers},
            "phases": [{"id": "only", "entry": [f"g{n}" for n in numbers]}],
        }
        (folder / "plan.yaml").write_text(json.dumps(plan))
        arguments = ["check-gates", "-p", str(folder / "plan.yaml"), "--store", f"sqlite:{folder / 'store.db'}"]
        command = [sys.executable, "-c", CHECK, *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 5), done.stderr
    return float(done.stderr.split()[-1])


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_costs_no_memory(name: str, tmp_path: Path) -> None:
    assert len(HOSTILE[name]) <= 2**21
    assert peak_of_a_check(http(HOSTILE[name]), tmp_path) < LIMIT


@pytest.mark.parametrize("series", [1, 40, 170])
def test_many_series_cost_little_memory(series: int, tmp_path: Path) -> None:
    assert peak_of_a_check(many_series(series), tmp_path) < LIMIT


def test_many_series_among_hostile_answers_cost_little_memory(tmp_path: Path) -> None:
    assert peak_of_a_check(many_series(33, http(HOSTILE["one huge label"])), tmp_path) < LIMIT
