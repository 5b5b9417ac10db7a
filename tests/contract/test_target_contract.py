"""What every target promises. To add one: a line in TARGETS."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from rollout.errors import ConflictError, TargetError
from rollout.model.values import Setting, Verbatim, words
from rollout.ports import Target
from rollout.targets import KINDS
from rollout.targets.dotenv import DotenvTarget
from tests.fakes import FakeTarget


@dataclass(frozen=True)
class Place:
    """A target, and what others can do to the same place: set raw texts (None: absent), and take it all away."""

    target: Target
    put: Callable[[Mapping[str, str | None]], None]
    take_away: Callable[[], None]


def dotenv_place(folder: Path) -> Place:
    path = folder / ".env"
    path.write_text("# flags\nOTHER=1\n")

    def put(raw: Mapping[str, str | None]) -> None:
        lines = [
            line for line in path.read_text().splitlines() if line.split("=")[0] not in {f"APP_{key}" for key in raw}
        ]
        lines += [f"APP_{key}={text}" for key, text in raw.items() if text is not None]
        path.write_text("\n".join(lines) + "\n")

    return Place(DotenvTarget("api", path, prefix="APP_"), put, path.unlink)


def fake_place(_: Path) -> Place:
    target = FakeTarget()

    def put(raw: Mapping[str, str | None]) -> None:
        kept = {key: text for key, text in target.held.items() if key not in raw}
        target.held = kept | {key: text for key, text in raw.items() if text is not None}

    return Place(target, put, lambda: target.fails.update({"read", "preflight", "write"}))


TARGETS: Mapping[str, Callable[[Path], Place]] = {
    "dotenv": dotenv_place,
}
FAKES: Mapping[str, Callable[[Path], Place]] = {
    "fake": fake_place,
}
KEYS = ("ON", "PERCENT", "ALLOW")
SETTINGS: Mapping[str, Setting] = {"ON": False, "PERCENT": 10, "ALLOW": None}


@pytest.fixture(params=[*TARGETS, *FAKES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return {**TARGETS, **FAKES}[request.param](tmp_path)


@pytest.fixture(params=list(TARGETS))
def real_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """One that a shell can reach."""
    return TARGETS[request.param](tmp_path)


def test_every_kind_that_can_be_opened_is_here() -> None:
    assert set(TARGETS) == {name for name, kind in KINDS.items() if kind.open}


def test_a_key_that_is_not_there_is_absent(place: Place) -> None:
    place.put({"PERCENT": "10"})
    assert place.target.read(KEYS) == {"ON": None, "PERCENT": "10", "ALLOW": None}


def test_several_keys_are_written_at_once_and_read_back(place: Place) -> None:
    place.put({"ON": "false", "PERCENT": "10"})
    place.target.write(
        {"ON": True, "PERCENT": 12.5, "ALLOW": ("a", "b")}, {"ON": "false", "PERCENT": "10", "ALLOW": None}
    )
    assert place.target.read(KEYS) == {"ON": "true", "PERCENT": "12.5", "ALLOW": "a,b"}


@pytest.mark.parametrize(
    "setting", [True, False, 0, 100, 12.5, -1, "", "dark-mode", (), ("a",), Verbatim("TRUE"), Verbatim("01")]
)
def test_every_setting_reads_back_as_its_words(place: Place, setting: Setting) -> None:
    place.target.write({"ON": setting}, None)
    expected = setting.held if isinstance(setting, Verbatim) else words(setting) if setting is not None else None
    assert place.target.read(["ON"]) == {"ON": expected}


def test_writing_what_stands_changes_nothing(place: Place) -> None:
    settings: Mapping[str, Setting] = {"ON": True, "PERCENT": None}
    for expected in (None, {"ON": "true", "PERCENT": None}):
        place.target.write(settings, expected)
        assert place.target.read(KEYS) == {"ON": "true", "PERCENT": None, "ALLOW": None}


@pytest.mark.parametrize("now", ["10", None])
def test_a_key_that_holds_something_else_by_now_stops_the_write_of_all(place: Place, now: str | None) -> None:
    place.put({"ON": "false", "PERCENT": now})
    with pytest.raises(ConflictError, match="PERCENT"):
        place.target.write({"ON": True, "PERCENT": 20}, {"ON": "false", "PERCENT": "5"})
    assert place.target.read(KEYS) == {"ON": "false", "PERCENT": now, "ALLOW": None}


def test_an_emergency_writes_over_whatever_is_there(place: Place) -> None:
    place.put({"ON": "somebody's own words", "PERCENT": "10"})
    place.target.write({"ON": False, "PERCENT": 0}, None)
    assert place.target.read(KEYS) == {"ON": "false", "PERCENT": "0", "ALLOW": None}


def test_none_makes_a_key_absent_again(place: Place) -> None:
    place.target.write({"ON": True, "PERCENT": 10}, {"ON": None, "PERCENT": None})
    place.target.write({"ON": None, "PERCENT": 20}, {"ON": "true", "PERCENT": "10"})
    assert place.target.read(KEYS) == {"ON": None, "PERCENT": "20", "ALLOW": None}


def test_the_manual_command_does_the_same(real_place: Place) -> None:
    real_place.put({"ON": "true", "ALLOW": "a,b"})
    command = real_place.target.manual({"ON": False, "PERCENT": 0, "ALLOW": None})
    assert "OTHER" not in command
    real_place.put({"ON": "1"})  # it still does when the value has changed since
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert real_place.target.read(KEYS) == {"ON": "false", "PERCENT": "0", "ALLOW": None}


def test_preflight_passes_where_a_write_succeeds_and_changes_nothing(place: Place) -> None:
    place.put({"ON": "true"})
    before = place.target.read(KEYS)
    place.target.preflight(SETTINGS)
    assert place.target.read(KEYS) == before


def test_a_target_that_is_gone_says_so_and_what_to_do(place: Place) -> None:
    place.take_away()
    for attempt in (
        lambda: place.target.read(KEYS),
        lambda: place.target.preflight(SETTINGS),
        lambda: place.target.write({"ON": True}, None),
    ):
        with pytest.raises(TargetError) as caught:
            attempt()
        assert caught.value.hint
    assert place.target.manual({"ON": False})
