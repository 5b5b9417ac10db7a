"""The SQLite store where a file cannot be had, read or written."""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollout.errors import StoreError
from rollout.model.events import Draft, EventKind, RolloutId
from rollout.store.sqlite import SqliteStore

ROLLOUT = RolloutId("checkout-v2", "production")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def add(store: SqliteStore, count: int = 1, after: int = 0) -> None:
    draft = Draft(EventKind.ADVANCED, {"values": {"PERCENT": 10}})
    store.append(ROLLOUT, [draft] * count, after=after, at=NOON, actor="ann")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rollout" / "store.db"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    return SqliteStore(path, busy_timeout=0.05)


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def a_pipe(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)


def below_a_file(path: Path) -> None:
    path.parent.parent.mkdir()
    path.parent.write_text("")


def a_link_to_nowhere(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path.parent / "missing" / "x")


def a_link_to_itself(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path)


@pytest.mark.parametrize("obstacle", [a_folder, a_pipe, below_a_file, a_link_to_nowhere, a_link_to_itself])
def test_what_cannot_be_a_store_is_a_store_error(
    store: SqliteStore, path: Path, obstacle: Callable[[Path], None]
) -> None:
    obstacle(path)
    with pytest.raises(StoreError, match=r"store\.db (is not a file|cannot be opened: .+)") as caught:
        add(store)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["n" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_a_store_error(tmp_path: Path, name: str) -> None:
    store = SqliteStore(tmp_path / name)
    for call in (store.rollouts, lambda: add(store)):
        with pytest.raises(StoreError, match="cannot be opened"):
            call()


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user can reach, which a test's own folder is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "store.db"


def as_somebody(work: Callable[[], object]) -> str:
    """What `work` came to in a process that root's rights do not help."""
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()

    def run() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            answer.put(f"done: {work()}")
        except StoreError as error:
            answer.put(error.message)
        except OSError as error:
            answer.put(repr(error))

    process = context.Process(target=run)
    process.start()
    process.join()
    return "crashed" if answer.empty() else answer.get()


def test_a_store_in_a_folder_that_is_read_only_can_be_read_but_not_written(public: Path) -> None:
    store = SqliteStore(public)
    add(store, 3)
    public.chmod(0o666)
    public.parent.chmod(0o555)
    assert as_somebody(lambda: len(store.events(ROLLOUT))) == "done: 3"
    assert as_somebody(lambda: add(store, after=3)).startswith(f"sqlite:{public} cannot be opened: ")
    missing = SqliteStore(public.parent / "sub" / "store.db")
    assert as_somebody(lambda: add(missing)).startswith(f"{missing.location} cannot be opened: ")
    public.parent.chmod(0o755)
    add(store, after=3)


@pytest.mark.parametrize(("mode", "read"), [(0o444, "done: 3"), (0o000, "unable to open database file")])
def test_a_file_that_is_read_only_or_unreadable_is_told(public: Path, mode: int, read: str) -> None:
    store = SqliteStore(public)
    add(store, 3)
    public.chmod(mode)
    assert read in as_somebody(lambda: len(store.events(ROLLOUT)))
    assert as_somebody(lambda: add(store, after=3)).startswith(f"sqlite:{public} cannot be opened: ")


def test_a_folder_that_cannot_be_entered_is_told(public: Path) -> None:
    store = SqliteStore(public)
    add(store)
    public.parent.chmod(0o000)
    told = as_somebody(store.rollouts)
    public.parent.chmod(0o755)
    assert told.startswith(f"sqlite:{public} cannot be opened: ")


def test_a_disk_that_takes_no_more_loses_no_event(public: Path) -> None:
    public.parent.chmod(0o777)
    store = SqliteStore(public)
    add(store, 3)
    public.chmod(0o666)

    def beyond_the_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (public.stat().st_size, public.stat().st_size))
        draft = Draft(EventKind.ADVANCED, {"reason": "x" * 100_000})
        store.append(ROLLOUT, [draft], after=3, at=NOON, actor="ann")

    told = as_somebody(beyond_the_limit)
    assert told.startswith(f"sqlite:{public} cannot be read or written: ")
    assert len(store.events(ROLLOUT)) == 3
    add(store, after=3)
