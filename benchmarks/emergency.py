"""How long `rollout rollback --emergency` takes, against `python -c "import typer"`: whole processes, interleaved.

A rollout that has taken a step is taken back: its `.env` is written and read back, the events go to SQLite. Before
each run the folder is put back as it was, which is not measured.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

DEMO = Path(__file__).resolve().parent.parent / "demo" / "plan.yaml"
ROLLOUT = str(Path(sys.executable).with_name("rollout"))
STORE = ["--store", "sqlite:store.db"]
EMERGENCY = [ROLLOUT, "rollback", *STORE, "--emergency"]
YARDSTICK = [sys.executable, "-c", "import typer"]
TITLE = 'python -c "import typer"'
ROUNDS = 30
LIMIT = 2.0  # times the yardstick

FLAGS_OFF = "CHECKOUT_V2=false\nCHECKOUT_V2_PERCENT=0\n"


def run(command: list[str], folder: Path) -> float:
    environment = {**os.environ, "PROMETHEUS_URL": "http://127.0.0.1:9"}  # an emergency asks none
    for name in ("ROLLOUT_PLAN", "ROLLOUT_ENV", "ROLLOUT_STORE"):
        environment.pop(name, None)
    began = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return time.perf_counter() - began


def prepare(folder: Path) -> None:
    """A rollout behind its first step."""
    (folder / "plans").mkdir(parents=True)
    shutil.copy(DEMO, folder / "plans" / "checkout.yaml")
    (folder / ".env").write_text(FLAGS_OFF)
    unasked = [word for gate in ("busy", "errors", "error-spike") for word in ("--override", gate)]
    run([ROLLOUT, "advance", *STORE, "--yes", "--reason", "benchmark", *unasked], folder)


def rolled_back(folder: Path, prepared: Path) -> float:
    shutil.rmtree(folder)
    shutil.copytree(prepared, folder)
    took = run(EMERGENCY, folder)
    if (folder / ".env").read_text() != FLAGS_OFF:
        raise SystemExit("the emergency left a flag behind")
    return took


def main() -> int:
    with TemporaryDirectory() as name:
        folder, prepared = Path(name, "shop"), Path(name, "prepared")
        prepare(folder)
        shutil.copytree(folder, prepared)
        run(YARDSTICK, folder)  # the first runs compile and fill caches
        rolled_back(folder, prepared)
        runs = [(run(YARDSTICK, folder), rolled_back(folder, prepared)) for _ in range(ROUNDS)]
    yardstick, emergency = (statistics.median(column) for column in zip(*runs, strict=True))
    ratio = emergency / yardstick
    print(f"median of {ROUNDS} interleaved runs, Python {sys.version.split()[0]}")
    print(f"{'':30}{'ms':>8}{'ratio':>8}{'limit':>8}")
    print(f"{TITLE:30}{yardstick * 1000:8.0f}{1:8.2f}")
    print(
        f"{'rollout rollback --emergency':30}{emergency * 1000:8.0f}{ratio:8.2f}{LIMIT:8.2f}"
        f"{'  too slow' if ratio > LIMIT else ''}"
    )
    return 1 if ratio > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
