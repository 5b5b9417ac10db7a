"""A shop with an old and a new checkout behind two flags: it sends itself 50 orders a second and exports metrics."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Counter, Histogram, start_http_server

ORDERS_PER_SECOND = 50
OLD_SECONDS, NEW_SECONDS = 0.080, 0.040
USUAL_FAILURES = 0.002
POLL_SECONDS = 0.2

REQUESTS = Counter(
    "shop_requests", "Checkouts, by how they ended and by the code that served them.", ["result", "checkout"]
)
SECONDS = Histogram("shop_request_seconds", "How long a checkout took.", buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0))


@dataclass(frozen=True)
class Flags:
    enabled: bool
    percent: float

    @classmethod
    def read(cls, path: Path) -> Flags:
        lines = (line.partition("=") for line in path.read_text().splitlines() if not line.startswith("#"))
        values = {key: value for key, _, value in lines}
        return cls(values["CHECKOUT_V2"] == "true", float(values["CHECKOUT_V2_PERCENT"]))

    def chooses_new(self, customer: int) -> bool:
        return self.enabled and customer < self.percent


def customers() -> Iterator[int]:
    """0 to 99 again and again, in an order in which every share is spread evenly."""
    while True:
        yield from (number * 37 % 100 for number in range(100))


@dataclass
class Failures:
    """Fails the given share of calls, evenly spread, so that a ratio over seconds is exact enough to be judged."""

    owed: float = 0.0

    def next(self, share: float) -> bool:
        self.owed += share
        failed = self.owed >= 1
        self.owed -= failed
        return failed


def fault(path: Path) -> float:
    """The share of new checkouts that fail: what the file says, as long as there is one."""
    try:
        return float(path.read_text() or 0)
    except FileNotFoundError:
        return 0.0


def serve(folder: Path) -> None:
    old_failures, new_failures = Failures(), Failures()
    flags, failing = Flags.read(folder / ".env"), 0.0
    start = polled = time.monotonic()
    for number, customer in enumerate(customers()):
        time.sleep(max(0.0, start + number / ORDERS_PER_SECOND - time.monotonic()))
        if time.monotonic() - polled >= POLL_SECONDS:
            flags, failing, polled = Flags.read(folder / ".env"), fault(folder / "fault"), time.monotonic()
        new = flags.chooses_new(customer)
        failed = new_failures.next(failing) if new else old_failures.next(USUAL_FAILURES)
        REQUESTS.labels(result="error" if failed else "ok", checkout="new" if new else "old").inc()
        SECONDS.observe(NEW_SECONDS if new else OLD_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where .env and fault are")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    options = parser.parse_args()
    for result in ("ok", "error"):
        for checkout in ("old", "new"):
            REQUESTS.labels(result=result, checkout=checkout)
    server, _ = start_http_server(options.port, addr="127.0.0.1")
    print(server.server_port, flush=True)
    serve(options.folder)


if __name__ == "__main__":
    main()
