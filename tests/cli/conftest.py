"""A desk for tests of the command line: a real folder, a real Prometheus with a known history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import FLAGS, Desk
from tests.prometheus_server import PrometheusServer
from tests.warm.running import Warm


@pytest.fixture
def desk(tmp_path: Path, warm: Warm, prometheus: PrometheusServer) -> Desk:
    """One request in 200 fails in the history, so `errors < 1%` passes. Nothing has started yet."""
    made = Desk(tmp_path, warm, prometheus.url)
    made.write_plan()
    (tmp_path / ".env").write_text(FLAGS)
    return made
