"""The demo's shop for a hurried reader: its metrics are computed when they are asked for, by the clock."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from demo.service import NEW_SECONDS, OLD_SECONDS, ORDERS_PER_SECOND, USUAL_FAILURES, Flags, fault
from tests.prometheus_server import running_prometheus

_PATIENCE = 30.0
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Shop:
    """As much has been sold, and has failed, as the time that went by with the flags as they stood."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at = time.time()
        self._sold = {"old": 0.0, "new": 0.0}
        self._failed = {"old": 0.0, "new": 0.0}
        self._counting = threading.Lock()

    def metrics(self) -> str:
        with self._counting:
            self._count()
            return "\n".join([*self._requests(), *self._seconds(), ""])

    def _count(self) -> None:
        flags, failing, now = Flags.read(self._folder / ".env"), fault(self._folder / "fault"), time.time()
        orders, self._at = (now - self._at) * ORDERS_PER_SECOND, now
        new = flags.percent / 100 if flags.enabled else 0
        for code, share, failures in (("new", new, failing), ("old", 1 - new, USUAL_FAILURES)):
            self._sold[code] += orders * share
            self._failed[code] += orders * share * failures

    def _requests(self) -> Iterator[str]:
        yield "# TYPE shop_requests_total counter"
        for code, sold in self._sold.items():
            failed = self._failed[code]
            yield f'shop_requests_total{{result="ok",checkout="{code}"}} {sold - failed}'
            yield f'shop_requests_total{{result="error",checkout="{code}"}} {failed}'

    def _seconds(self) -> Iterator[str]:
        yield "# TYPE shop_request_seconds histogram"
        for bound in (*BUCKETS, float("inf")):
            within = sum(
                sold
                for sold, took in ((self._sold["old"], OLD_SECONDS), (self._sold["new"], NEW_SECONDS))
                if took <= bound
            )
            yield f'shop_request_seconds_bucket{{le="{bound if bound < 2 else "+Inf"}"}} {within}'
        yield f"shop_request_seconds_count {sum(self._sold.values())}"
        yield f"shop_request_seconds_sum {self._sold['old'] * OLD_SECONDS + self._sold['new'] * NEW_SECONDS}"


@dataclass(frozen=True)
class Demo:
    """A home with the shop in it, and a Prometheus that asks the shop `speed` times a second."""

    home: Path
    url: str
    speed: float

    def until_it_sells(self) -> None:
        """Prometheus asks nobody in its first five seconds; then a window must fill."""
        until = time.monotonic() + _PATIENCE
        while not self._sells():
            assert time.monotonic() < until, "the shop sells nothing"
            time.sleep(0.1)

    def _sells(self) -> bool:
        promql = f"sum(rate(shop_requests_total[{5000 / self.speed:.0f}ms])) > {0.9 * ORDERS_PER_SECOND}"
        address = f"{self.url}/api/v1/query?{urlencode({'query': promql})}"
        with build_opener(ProxyHandler({})).open(address, timeout=5) as response:
            return bool(json.load(response)["data"]["result"])


@contextmanager
def running_demo(home: Path, settings: str, speed: float) -> Iterator[Demo]:
    """`settings` is the text of the shop's `.env`."""
    shop = home / "shop"
    shop.mkdir(parents=True)
    (shop / ".env").write_text(settings)
    made = Shop(shop)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(made.metrics().encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = (
            f"global: {{scrape_interval: {1000 / speed:.0f}ms}}\n"
            f"scrape_configs: [{{job_name: shop, static_configs: [{{targets: ['127.0.0.1:{server.server_port}']}}]}}]\n"
        )
        try:
            with running_prometheus(home / "prometheus", config=config) as prometheus:
                yield Demo(home, prometheus.url, speed)
        finally:
            server.shutdown()


def hurried(text: str, speed: float) -> str:
    """A plan of the demo in which every time is so many times shorter."""

    def shorter(found: re.Match[str]) -> str:
        seconds = int(found[2]) / speed
        return found[1] + (f"{seconds:.0f}s" if seconds == int(seconds) else f"{1000 * seconds:.0f}ms")

    return re.sub(r"(\[|soak: )(\d+)s", shorter, text)
