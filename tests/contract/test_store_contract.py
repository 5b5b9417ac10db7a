"""What every store promises. To add one: a line in STORES."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from rollout.errors import ConflictError, RolloutError
from rollout.model.events import Draft, EventKind, RolloutId, first_broken
from rollout.ports import Store
from rollout.store.sqlite import SqliteStore
from tests.fakes import MemoryStore

STORES: Mapping[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: SqliteStore(folder / "store.db", busy_timeout=30),
}
FAKES: Mapping[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
}
ROLLOUT = RolloutId("checkout-v2", "production")
NOON = datetime(2026, 3, 1, 12, 0, 0, 123999, tzinfo=UTC)
STARTED = Draft(EventKind.STARTED, {"plan": "rollout: 1\n"})
ADVANCED = Draft(EventKind.ADVANCED, {"values": {"PERCENT": 12.5, "ALLOW": ["a", "b"]}, "observed": None})


@pytest.fixture(params=[*STORES, *FAKES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return {**STORES, **FAKES}[request.param](tmp_path)


def test_an_unknown_rollout_has_no_events_and_a_new_store_no_rollouts(store: Store) -> None:
    assert list(store.rollouts()) == []
    assert list(store.events(ROLLOUT)) == []
    store.append(ROLLOUT, [STARTED], after=0, at=NOON, actor="ann")
    assert list(store.events(RolloutId("checkout-v2", "staging"))) == []


def test_events_come_back_oldest_first_as_append_returned_them(store: Store) -> None:
    first = store.append(ROLLOUT, [STARTED, ADVANCED], after=0, at=NOON, actor="ann")
    more = [store.append(ROLLOUT, [ADVANCED], after=n, at=NOON, actor="ben")[0] for n in range(2, 12)]
    events = store.events(ROLLOUT)
    assert list(events) == [*first, *more]
    assert [event.seq for event in events] == list(range(1, 13))
    assert [event.kind for event in events[:2]] == ["started", "advanced"]
    assert events[1].data == ADVANCED.data
    assert (events[0].actor, events[2].actor) == ("ann", "ben")


def test_the_chain_is_whole(store: Store) -> None:
    for after in range(5):
        store.append(ROLLOUT, [ADVANCED], after=after, at=NOON, actor="ann")
    assert first_broken(ROLLOUT, store.events(ROLLOUT)) is None


def test_times_are_kept_in_utc_to_the_millisecond(store: Store) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.append(ROLLOUT, [STARTED], after=0, at=NOON, actor="ann")
    store.append(ROLLOUT, [ADVANCED], after=1, at=elsewhere, actor="ann")
    assert [event.at for event in store.events(ROLLOUT)] == ["2026-03-01T12:00:00.123Z"] * 2


def test_a_stale_append_is_told_who_was_faster_and_records_nothing(store: Store) -> None:
    store.append(ROLLOUT, [STARTED], after=0, at=NOON, actor="ann")
    store.append(ROLLOUT, [ADVANCED], after=1, at=NOON, actor="ben")
    before = store.events(ROLLOUT)
    for stale in (0, 1):
        with pytest.raises(ConflictError) as caught:
            store.append(ROLLOUT, [ADVANCED, ADVANCED], after=stale, at=NOON, actor="cy")
        for word in ("ben", "advanced", "checkout-v2@production", "2026-03-01T12:00:00.123Z"):
            assert word in caught.value.message
        assert "rollout status" in caught.value.hint
    assert store.events(ROLLOUT) == before


@pytest.mark.parametrize("recorded", [0, 1])
def test_an_append_behind_an_event_that_is_gone_is_a_conflict(store: Store, recorded: int) -> None:
    store.append(ROLLOUT, [STARTED] * recorded, after=0, at=NOON, actor="ann")
    with pytest.raises(ConflictError, match="was replaced or cut"):
        store.append(ROLLOUT, [ADVANCED], after=7, at=NOON, actor="ben")
    assert len(store.events(ROLLOUT)) == recorded


def test_all_drafts_are_recorded_or_none(store: Store) -> None:
    store.append(ROLLOUT, [STARTED], after=0, at=NOON, actor="ann")
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.append(ROLLOUT, [ADVANCED, Draft(EventKind.ADVANCED, {"x": float("nan")})], after=1, at=NOON, actor="ann")
    assert len(store.events(ROLLOUT)) == 1
    store.append(ROLLOUT, [ADVANCED], after=1, at=NOON, actor="ann")
    assert first_broken(ROLLOUT, store.events(ROLLOUT)) is None


def test_rollouts_are_listed_by_name_and_do_not_touch_each_other(store: Store) -> None:
    names = [RolloutId("b", "staging"), RolloutId("a", "staging"), RolloutId("b", "production")]
    for rollout in names:
        store.append(rollout, [STARTED], after=0, at=NOON, actor="ann")
    store.append(names[0], [ADVANCED], after=1, at=NOON, actor="ann")
    assert list(store.rollouts()) == [names[1], names[2], names[0]]
    assert [len(store.events(rollout)) for rollout in names] == [2, 1, 1]
    assert all(first_broken(rollout, store.events(rollout)) is None for rollout in names)


@pytest.mark.parametrize(
    "text",
    [
        "Zoë 漢字 🚀 \u202eevil",
        "[bold]x[/b] <b>&amp;</b> `$(id)`",
        "'; DROP TABLE events; --",
        "line\r\nline\ttab\0nul\x1b[31m\x7f",
        "lone \udc80\udcff\ud800 surrogates",
        "pair \ud83d\ude80 in two halves",
        "",
        "x" * 200_000,
    ],
)
def test_any_text_survives(store: Store, text: str) -> None:
    draft = Draft(EventKind.STARTED, {"reason": text, text: [text]})
    appended = store.append(ROLLOUT, [draft], after=0, at=NOON, actor=text)
    events = store.events(ROLLOUT)
    assert (events[0].actor, events[0].data) == (text, draft.data)
    assert events == appended
    assert first_broken(ROLLOUT, events) is None


def test_what_json_writes_differently_is_sealed_as_it_is_read(store: Store) -> None:
    draft = Draft(EventKind.ADVANCED, {"allow": ("a", "b"), "kind": EventKind.STARTED, "big": 10**30, "tiny": 1e-300})
    appended = store.append(ROLLOUT, [draft], after=0, at=NOON, actor="ann")
    assert appended[0].data == {"allow": ["a", "b"], "kind": "started", "big": 10**30, "tiny": 1e-300}
    assert store.events(ROLLOUT) == appended
    assert first_broken(ROLLOUT, appended) is None


@pytest.mark.parametrize("kind", list(STORES))
def test_of_twenty_processes_that_append_behind_the_same_event_one_wins_each_round(kind: str, tmp_path: Path) -> None:
    racers, rounds = 20, 5
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(racers), context.Queue()
    processes = [
        context.Process(target=_race, args=(STORES[kind](tmp_path), f"racer {n}", rounds, start, results))
        for n in range(racers)
    ]
    for process in processes:
        process.start()
    answers = [results.get(timeout=120) for _ in range(racers * rounds)]
    for process in processes:
        process.join()
    events = STORES[kind](tmp_path).events(ROLLOUT)
    assert Counter(answers) == {"ConflictError": (racers - 1) * rounds, **Counter(event.actor for event in events)}
    assert len(events) == rounds
    assert first_broken(ROLLOUT, events) is None


def _race(store: Store, actor: str, rounds: int, start: Barrier, results: Queue[str]) -> None:
    for after in range(rounds):
        start.wait(timeout=60)
        try:
            store.append(ROLLOUT, [ADVANCED], after=after, at=NOON, actor=actor)
            results.put(actor)
        except RolloutError as error:
            results.put(type(error).__name__)
