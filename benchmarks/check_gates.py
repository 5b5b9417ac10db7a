"""What `rollout check-gates` costs, against a real Prometheus: whole processes, interleaved, in one run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import sin
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.prometheus_server import running_prometheus

ROLLOUT = str(Path(sys.executable).with_name("rollout"))
ROUNDS = 15
SLOW_ROUNDS = 3
"""Of a hundred processes, one after another."""
DAYS, SCRAPE, AHEAD = 3, 60, 3600
MEMORY = 100
"""MB that any of them may take at its most. What is measured begins with this process's own, which is small."""
QUERIES = [
    "sum(rate(http_requests_total[5m]))",
    "sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))",
    "min(cache_hit_rate)",
    "cache_hit_rate",
]
"""The last one has five series."""


@dataclass(frozen=True)
class Case:
    """`commands` run one after another. `limit`: times the yardstick's time."""

    title: str
    commands: list[list[str]]
    yardstick: str = ""
    limit: float = 0.0
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Run:
    seconds: float
    megabytes: float


def history(now: int) -> Iterator[str]:
    """OpenMetrics text: a counter of three series, one of errors, and a gauge of five."""
    moments = range(now - DAYS * 86400, now + AHEAD, SCRAPE)
    yield "# TYPE http_requests counter"
    for instance in "abc":
        for number, moment in enumerate(moments):
            yield f'http_requests_total{{instance="{instance}"}} {number * 600} {moment}'
    yield "# TYPE http_errors counter"
    for number, moment in enumerate(moments):
        yield f"http_errors_total {number * 0.3:.1f} {moment}"
    yield "# TYPE cache_hit_rate gauge"
    for instance in "abcde":
        for number, moment in enumerate(moments):
            yield f'cache_hit_rate{{instance="{instance}"}} {0.8 + 0.1 * sin(number / 300)} {moment}'
    yield "# EOF\n"


def plan(url: str, gates: int, window: str = "") -> str:
    """Every gate has a query of its own."""
    numbers = range(1, gates + 1)
    queries = [f"{QUERIES[(n - 1) % len(QUERIES)]} * {n}" for n in numbers]
    metrics = "".join(
        f'  m{n}: {{query: "{query}", unit: number}}\n' for n, query in zip(numbers, queries, strict=True)
    )
    lines = "".join(f'  g{n}: {{metric: m{n}, require: "> 0"{window}}}\n' for n in numbers)
    place = f'{{prometheus: {{url: "{url}"}}, targets: {{api: {{type: dotenv, path: .env}}}}}}'
    return (
        f"rollout: 1\nname: bench-{gates}\nenvironments: {{production: {place}}}\n"
        f"flags: {{ON: {{type: bool, safe: false}}}}\nmetrics:\n{metrics}gates:\n{lines}"
        f"phases:\n  - {{id: only, entry: [{', '.join(f'g{n}' for n in numbers)}], steps: [{{set: {{ON: true}}}}]}}\n"
    )


def cases(url: str, folder: Path) -> list[Case]:
    def check(name: str, text: str) -> list[str]:
        path = folder / f"{name}.yaml"
        path.write_text(text)
        return [ROLLOUT, "check-gates", "-p", str(path), "--store", f"sqlite:{folder / 'store.db'}"]

    one, hundred = check("one", plan(url, 1)), check("hundred", plan(url, 100))
    windows = check("windows", plan(url, 20, ", for: 48h"))
    instant = ["promtool", "query", "instant", url, "sum(up)"]
    return [
        Case("promtool query instant", [instant]),
        Case("1 gate", [one], "promtool query instant", 8),
        Case("20 gates for 48h", [windows], "1 gate", 3),
        Case("100 x 1 gate", [one] * 100, rounds=SLOW_ROUNDS),
        Case("100 gates", [hundred], "100 x 1 gate", 1 / 3),
    ]


def run(case: Case, environment: dict[str, str]) -> Run:
    began, peak = time.perf_counter(), 0
    for command in case.commands:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {said.decode()}")
        peak = max(peak, usage.ru_maxrss)
    return Run(time.perf_counter() - began, peak / 1024)


def measure(measured: list[Case], environment: dict[str, str]) -> dict[str, list[Run]]:
    for case in measured:
        run(Case(case.title, case.commands[:1]), environment)  # the first run fills caches
    runs: dict[str, list[Run]] = {case.title: [] for case in measured}
    for number in range(ROUNDS):
        for case in measured:
            if number < case.rounds:
                runs[case.title].append(run(case, environment))
    return runs


def report(measured: list[Case], runs: dict[str, list[Run]]) -> int:
    medians = {title: statistics.median(one.seconds for one in all_runs) for title, all_runs in runs.items()}
    print(f"median of {ROUNDS} interleaved runs ({SLOW_ROUNDS} of the hundred), Python {sys.version.split()[0]}")
    print(f"{'':30}{'ms':>8}{'ratio':>8}{'limit':>8}{'MB':>8}{'limit':>8}")
    missed = 0
    for case in measured:
        ratio = medians[case.title] / medians[case.yardstick] if case.yardstick else 1.0
        peak = max(one.megabytes for one in runs[case.title])
        bad = ["too slow"] * (bool(case.yardstick) and ratio > case.limit) + ["too large"] * (peak > MEMORY)
        times = f"{ratio:8.2f}{case.limit:8.2f}" if case.yardstick else f"{'':16}"
        print(
            f"{case.title:30}{medians[case.title] * 1000:8.0f}{times}{peak:8.0f}{MEMORY:8}  {', '.join(bad)}".rstrip()
        )
        missed += bool(bad)
    return 1 if missed else 0


@contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    now = int(time.time()) // SCRAPE * SCRAPE
    with running_prometheus(folder, openmetrics="\n".join(history(now))) as server:
        yield server.url


def main() -> int:
    # As an installed program runs: with compiled modules, and whatever the environment says about them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with TemporaryDirectory() as folder, prometheus(Path(folder) / "prometheus") as url:
        measured = cases(url, Path(folder))
        return report(measured, measure(measured, environment))


if __name__ == "__main__":
    sys.exit(main())
