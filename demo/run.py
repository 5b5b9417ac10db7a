"""Carries out demo/plan.yaml with the real commands on a real service and a real Prometheus, then rolls it back."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
ROLLOUT = Path(sys.executable).with_name("rollout")
PATIENCE = 30.0  # seconds until a verdict that was announced must be there
FULL_TRAFFIC = 40.0  # orders a second; the service makes 50

GO, NO_GO, HOLD, UNKNOWN, ROLLBACK = 0, 3, 4, 5, 6
WORDS = {GO: "GO", NO_GO: "NO-GO", HOLD: "HOLD", UNKNOWN: "UNKNOWN", ROLLBACK: "ROLLBACK"}

SAFE_SETTINGS = """\
SHOP_NAME="Corner shop"

# the new checkout, and the share of customers who get it
CHECKOUT_V2=false
CHECKOUT_V2_PERCENT=0
"""

SCRAPE = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: shop
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class DemoError(Exception):
    """What did not come as expected, in one sentence."""


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


@contextlib.contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[str]]:
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise DemoError(f"{what}: not within {PATIENCE:.0f} s.")
        time.sleep(0.2)


@contextlib.contextmanager
def shop(folder: Path) -> Iterator[int]:
    """The port on which the demo service exports its metrics."""
    with running([sys.executable, str(HERE / "service.py"), str(folder)], folder / "shop.log") as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise DemoError(f"The demo service did not start: {(folder / 'shop.log').read_text()}")
        yield int(port)


@contextlib.contextmanager
def prometheus(folder: Path, scraped_port: int) -> Iterator[str]:
    """The URL of a Prometheus that has scraped the service long enough to answer the plan's queries."""
    (folder / "prometheus.yml").write_text(SCRAPE.format(port=scraped_port))
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    log = folder / "prometheus.log"
    with running(command, log) as process:

        def answers() -> bool:
            if process.poll() is not None:
                raise DemoError(f"Prometheus did not start: {log.read_text()}")
            return traffic(url) > FULL_TRAFFIC

        wait_until(answers, "Prometheus has samples of the demo service")
        yield url


def traffic(url: str) -> float:
    query = urllib.parse.urlencode({"query": "sum(rate(shop_requests_total[5s]))"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/api/v1/query?{query}", timeout=5) as response:
            result = json.load(response)["data"]["result"]
    except urllib.error.URLError:
        return 0.0
    return float(result[0]["value"][1]) if result else 0.0


class Terminal:
    """Types commands, as a person would: each is shown before it runs, its output as it comes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, *arguments: str) -> int:
        print(f"\n$ {shlex.join(['rollout', *arguments])}", flush=True)
        command = [str(ROLLOUT), *arguments]
        code = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, check=False
        ).returncode
        print(f"[exit {code}]", flush=True)
        return code

    def expect(self, code: int, *arguments: str, meanwhile: frozenset[int] = frozenset(), every: float = 3.0) -> None:
        """Runs a command until it ends with `code`; a code in `meanwhile` says that it is too early."""
        deadline = time.monotonic() + PATIENCE
        while (seen := self.run(*arguments)) != code:
            if seen not in meanwhile:
                raise DemoError(f"`rollout {shlex.join(arguments)}` ended with exit {seen} where {code} was expected.")
            if time.monotonic() > deadline:
                raise DemoError(f"`rollout {shlex.join(arguments)}` did not end with exit {code} in {PATIENCE:.0f} s.")
            say(f"{WORDS[seen]}, as it should be by now. Again in {every:.0f} s ...")
            time.sleep(every)

    def show_settings(self) -> str:
        print("\n$ cat .env", flush=True)
        settings = (self.folder / ".env").read_text()
        print(settings, end="", flush=True)
        return settings


def story(folder: Path, terminal: Terminal) -> None:
    say("A new checkout is to replace the old one. Nobody has it yet.")
    terminal.show_settings()
    terminal.expect(0, "status")
    terminal.expect(GO, "check-gates")

    say("A tenth of the customers.")
    terminal.expect(GO, "advance", "--yes")

    say("The next step must wait until this one has held, and has numbers of its own.")
    too_early = frozenset({HOLD, UNKNOWN})
    terminal.expect(HOLD, "advance", "--yes")
    time.sleep(5)
    terminal.expect(GO, "advance", "--yes", meanwhile=too_early)

    say("Half of them have it now; then everybody.")
    time.sleep(6)
    terminal.expect(GO, "advance", "--yes", meanwhile=too_early)
    terminal.expect(0, "status")
    terminal.show_settings()

    say("A fault: the new checkout begins to fail, at first for 5 % of the customers.")
    (folder / "fault").write_text("0.05")
    time.sleep(6)
    terminal.expect(NO_GO, "check-gates", meanwhile=frozenset({GO, HOLD, UNKNOWN}))

    say("It gets worse: 60 %.")
    (folder / "fault").write_text("0.6")
    time.sleep(3)
    terminal.expect(ROLLBACK, "check-gates", meanwhile=frozenset({NO_GO}))
    terminal.expect(ROLLBACK, "advance", "--yes")

    say("Take it back, at once.")
    terminal.expect(0, "rollback", "--emergency", "--reason", "The new checkout fails")
    if terminal.show_settings() != SAFE_SETTINGS:
        raise DemoError("The settings are not what they were before the rollout.")

    say("The fault is still in the new checkout, but nobody meets it any more.")
    time.sleep(5)
    terminal.expect(0, "check-gates", "--phase", "canary", meanwhile=frozenset({NO_GO, HOLD, UNKNOWN, ROLLBACK}))
    terminal.expect(0, "status")
    terminal.expect(0, "history")


def environment(folder: Path, prometheus_url: str) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ROLLOUT_")}
    return inherited | {
        "PROMETHEUS_URL": prometheus_url,
        "ROLLOUT_STORE": f"sqlite:{folder}/store.db",
        "ROLLOUT_ACTOR": "demo@example.com",
        "XDG_STATE_HOME": f"{folder}/state",
    }


def demo() -> None:
    if not shutil.which("prometheus"):
        raise DemoError("There is no `prometheus` on PATH; `make prometheus` gets one.")
    with tempfile.TemporaryDirectory(prefix="rollout-demo-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "plans").mkdir()
        shutil.copy(HERE / "plan.yaml", folder / "plans" / "checkout-demo.yaml")
        (folder / ".env").write_text(SAFE_SETTINGS)
        say("Starting a demo service and a Prometheus that scrapes it every second ...")
        url = stack.enter_context(prometheus(folder, stack.enter_context(shop(folder))))
        story(folder, Terminal(folder, environment(folder, url)))


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    signal.signal(signal.SIGTERM, interrupt)
    began = time.monotonic()
    try:
        demo()
    except DemoError as error:
        print(f"\nThe demo failed. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; everything that was started is stopped.", file=sys.stderr)
        return 130
    say(f"Every verdict was the expected one. {time.monotonic() - began:.0f} s, nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
