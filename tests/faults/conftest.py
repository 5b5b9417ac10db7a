"""A place for each of these tests, and the figures of a long run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults import strace
from tests.faults.rig import Place
from tests.faults.sweep import Change, Rig, rig
from tests.warm.running import Warm

Say = Callable[[str], None]
Rigs = Callable[[Change], Sequence[Rig]]
_FIGURE = "figure"


@pytest.fixture
def place(warm: Warm) -> Iterator[Place]:
    with a_folder() as folder:
        yield Place(folder, warm)


@pytest.fixture(scope="session", name="_strace_is_installed")
def strace_is_installed() -> None:
    strace.installed()


@pytest.fixture(scope="session", name="rigs")
def rigs_of_each_change(warm: Warm, _strace_is_installed: None) -> Iterator[Rigs]:
    """Two for each change, which work at the same time; made once."""
    with ExitStack() as stack:
        yield cache(lambda change: made(change, [Place(stack.enter_context(a_folder()), warm) for _ in range(2)]))


def made(change: Change, places: Sequence[Place]) -> Sequence[Rig]:
    with ThreadPoolExecutor(len(places)) as pool:
        return tuple(pool.map(lambda place: rig(place, change), places))


@contextmanager
def a_folder() -> Iterator[Path]:
    """In memory, where there is such a place: nobody here pulls the plug, and a disk's syncs take most of the time."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None, prefix="rollout-faults-") as folder:
        yield Path(folder)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Say:
    """A figure for the end of the run, wherever this test runs."""
    return lambda text: request.node.user_properties.append((_FIGURE, text))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    figures = [text for one in reports for name, text in one.user_properties if name == _FIGURE]
    if figures:
        terminalreporter.section("faults")
    for line in figures:
        terminalreporter.line(line)
