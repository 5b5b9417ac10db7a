"""A real Prometheus with a known history, for every test that asks one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from time import time

import pytest

from tests.prometheus_server import PrometheusServer, running_prometheus
from tests.shop_history import shop_history


@pytest.fixture(scope="session")
def _prometheus_is_installed() -> None:
    # tests/conftest.py makes a failure of it where ROLLOUT_TESTS_REQUIRE_PROMETHEUS is set
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        pytest.skip("prometheus is not installed: run `make prometheus`")


@pytest.fixture(scope="session")
def prometheus(_prometheus_is_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """It holds `shop_history` and is for asking only; it answers for a quarter of an hour after its start."""
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, openmetrics=shop_history(int(time()))) as server:
        yield server


@pytest.fixture
def prometheus_of_its_own(
    _prometheus_is_installed: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrometheusServer]:
    """Without history, for a test that does something to it. What it should read elsewhere is not there."""
    nobody = "remote_read: [{url: 'http://127.0.0.1:1/read', read_recent: true}]"
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), config=nobody) as server:
        yield server
