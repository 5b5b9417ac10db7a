"""How long `rollout` takes to start, against `python -c "import typer"`: whole processes, interleaved, in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PLAN = Path(__file__).resolve().parent.parent / "demo" / "plan.yaml"
ROLLOUT = str(Path(sys.executable).with_name("rollout"))
ROUNDS = 30


@dataclass(frozen=True)
class Case:
    title: str
    command: list[str]
    limit: float | None = None  # times the yardstick


YARDSTICK = Case('python -c "import typer"', [sys.executable, "-c", "import typer"])
CASES = [
    YARDSTICK,
    Case("rollout --version", [ROLLOUT, "--version"], limit=1.0),
    Case("rollout lint demo/plan.yaml", [ROLLOUT, "lint", str(PLAN)], limit=3.0),
]


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return time.perf_counter() - began


def main() -> int:
    for case in CASES:
        seconds(case.command)  # the first run compiles and fills caches
    runs = [[seconds(case.command) for case in CASES] for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*runs, strict=True)]

    print(f"median of {ROUNDS} interleaved runs, Python {sys.version.split()[0]}")
    print(f"{'':30}{'ms':>8}{'ratio':>8}{'limit':>8}")
    missed = 0
    for case, median in zip(CASES, medians, strict=True):
        ratio = median / medians[0]
        too_slow = case.limit is not None and ratio > case.limit
        limit = "" if case.limit is None else f"{case.limit:.2f}"
        print(f"{case.title:30}{median * 1000:8.0f}{ratio:8.2f}{limit:>8}{'  too slow' if too_slow else ''}")
        missed += too_slow
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
