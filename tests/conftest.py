"""What every test may use: golden files, and a check that a Prometheus which must be there is never skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

pytest_plugins = ["tests.prometheus_fixtures"]

GOLDEN = Path(__file__).parent / "golden"
UNPACKED_PROMETHEUS = Path(__file__).parent.parent / ".cache" / "prometheus"

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write tests/golden anew (only tests that use it run)"
    )


def pytest_configure() -> None:
    os.environ["PATH"] += f"{os.pathsep}{UNPACKED_PROMETHEUS}"  # where `make prometheus` puts it


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--rewrite-golden"):
        items[:] = [item for item in items if isinstance(item, pytest.Function) and "golden" in item.fixturenames]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """golden(NAME, TEXT): the text is what tests/golden/NAME holds. `make golden` writes the files anew."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        expected = path.read_text() if path.exists() else ""
        assert text == expected, f"tests/golden/{name} differs; if the new text is right: make golden"

    return compare


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_where_prometheus_is_required(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_where_prometheus_is_required(report)
    return report


def fail_where_prometheus_is_required(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Continuous integration sets ROLLOUT_TESTS_REQUIRE_PROMETHEUS: there, a test without it has proven nothing."""
    if not (report.skipped and os.environ.get("ROLLOUT_TESTS_REQUIRE_PROMETHEUS") == "1"):
        return
    match report.longrepr:
        case (_, _, str(reason)) if "prometheus" in reason.lower():
            report.outcome = "failed"
