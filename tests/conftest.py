"""What every test may use: golden files, a warm process; and a check that no program which must be there is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.warm.running import Warm, warm_process

pytest_plugins = ["tests.prometheus_fixtures"]

GOLDEN = Path(__file__).parent / "golden"
UNPACKED = [Path(__file__).parent.parent / ".cache" / name for name in ("prometheus", "strace", "shells")]

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write tests/golden anew (only tests that use it run)"
    )


def pytest_configure() -> None:
    # In memory, where there is room: a disk's syncs would take most of the time.
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**31:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    # Where `make prometheus`, `make strace` and `make shells` put them.
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *map(str, UNPACKED)])


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


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """It starts commands in a quarter of the time that a program of their own takes to start."""
    with warm_process(tmp_path_factory.mktemp("warm")) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_where_it_is_required(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_where_it_is_required(report)
    return report


def fail_where_it_is_required(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Continuous integration sets ROLLOUT_TESTS_REQUIRE_…: there, a test without that program has proven nothing."""
    for name in ("PROMETHEUS", "STRACE", "SHELLS"):
        if report.skipped and os.environ.get(f"ROLLOUT_TESTS_REQUIRE_{name}") == "1":
            match report.longrepr:
                case (_, _, str(reason)) if name in reason.upper():
                    report.outcome = "failed"
