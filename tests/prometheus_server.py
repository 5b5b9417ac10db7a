"""A real Prometheus on a free loopback port, with a history that promtool turned into blocks."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

_PATIENCE = 30.0


@dataclass(frozen=True)
class PrometheusServer:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running_prometheus(folder: Path, *, config: str = "", openmetrics: str = "") -> Iterator[PrometheusServer]:
    """`config` is the text of prometheus.yml; `openmetrics` is history, which must end with `# EOF`."""
    data, log = folder / "data", folder / "prometheus.log"
    data.mkdir(parents=True)
    if openmetrics:
        (folder / "history.txt").write_text(openmetrics)
        # As few blocks as can be: each of them takes half a second.
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=48h"]
        arguments = [str(folder / "history.txt"), str(data)]
        subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=_PATIENCE)
    (folder / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{_free_port()}"
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address={address}",
        "--web.enable-remote-write-receiver",
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait_until_ready(f"http://{address}/-/ready", process, log)
            yield PrometheusServer(f"http://{address}", process)
        finally:
            process.kill()  # the folder is thrown away: nothing is worth a clean end of two seconds


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline:
        try:
            with opener.open(url, timeout=1):
                return
        except (URLError, OSError):
            # Waits for the next attempt, and ends at once where Prometheus ended.
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            break
    raise RuntimeError(f"Prometheus did not become ready:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
