"""`.env` files on a real file system: everything about a file but its flags stays as it is."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rollout.errors import ConflictError, TargetError
from rollout.model.values import Setting
from rollout.targets.dotenv import DotenvTarget
from tests.real.standing import standing

SOMEBODY = 1000
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / "app" / ".env"
    path.parent.mkdir()
    path.write_bytes(b"# flags\nSECRET=hunter2\nON=false   # off at first\n")
    return path


def target(path: Path) -> DotenvTarget:
    return DotenvTarget("api", path)


def switch_on(path: Path) -> None:
    target(path).write({"ON": True}, {"ON": "false"})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o400])
def test_the_mode_stays(env: Path, mode: int) -> None:
    env.chmod(mode)
    switch_on(env)
    assert stat.S_IMODE(env.stat().st_mode) == mode


@needs_root
def test_the_owner_stays(env: Path) -> None:
    os.chown(env, SOMEBODY, SOMEBODY + 1)
    env.chmod(0o640)
    switch_on(env)
    assert (env.stat().st_uid, env.stat().st_gid, stat.S_IMODE(env.stat().st_mode)) == (SOMEBODY, SOMEBODY + 1, 0o640)


def test_access_lists_and_attributes_stay_and_none_is_inherited(env: Path) -> None:
    def access(reader: int) -> bytes:
        entries = [(0x01, 6, -1), (0x02, 4, reader), (0x04, 0, -1), (0x10, 4, -1), (0x20, 0, -1)]
        return struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)

    try:
        os.setxattr(env, "user.team", b"payments")
        os.setxattr(env, "system.posix_acl_access", access(SOMEBODY))
    except OSError as error:
        pytest.skip(f"this file system keeps no attributes: {error.strerror}")
    os.setxattr(env.parent, "system.posix_acl_default", access(SOMEBODY + 1))
    other = env.with_name("other.env")
    other.write_text("ON=false\n")
    os.removexattr(other, "system.posix_acl_access")
    for path in (env, other):
        before = {name: os.getxattr(path, name) for name in os.listxattr(path)}
        switch_on(path)
        assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == before


def test_a_symbolic_link_stays_and_its_file_changes(env: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    env.rename(shared / "api.env")
    (tmp_path / "second").symlink_to("shared/api.env")
    env.symlink_to("../second")
    target(env).preflight({"ON": True})
    switch_on(env)
    assert env.is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert b"ON=true   # off at first" in (shared / "api.env").read_bytes()
    assert [*names(env.parent), *names(shared)] == [".env", "api.env"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A=1\r\nON=false\r\nB=2\r\n", b"A=1\r\nON=true\r\nB=2\r\n"),
        (b"A=1\nON=false", b"A=1\nON=true"),
        (b"NAME=caf\xe9\nON=false # d\xe9sactiv\xe9\n", b"NAME=caf\xe9\nON=true # d\xe9sactiv\xe9\n"),
        (b"\xef\xbb\xbfON=false\r\n", b"\xef\xbb\xbfON=true\r\n"),
    ],
)
def test_every_other_byte_stays(env: Path, before: bytes, after: bytes) -> None:
    env.write_bytes(before)
    switch_on(env)
    assert env.read_bytes() == after
    target(env).write({"ON": False}, None)
    assert env.read_bytes() == before


def test_what_stands_already_is_not_written_again(env: Path) -> None:
    before = standing(env)
    target(env).write({"ON": False, "NEW": None}, {"ON": "false"})
    assert standing(env) == before


def test_a_key_that_stands_twice_stops_an_advance_but_not_an_emergency(env: Path) -> None:
    env.write_bytes(b"ON=true\nA=1\nON='1' # again\n")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: target(env).preflight({"ON": False}),
        lambda: target(env).write({"ON": False}, {"ON": "1"}),
    )
    for attempt in attempts:
        with pytest.raises(TargetError, match="ON in lines 1 and 3") as caught:
            attempt()
        assert caught.value.hint == "leave one line of ON"
    assert target(env).read(["ON"]) == {"ON": "1"}
    target(env).write({"ON": False}, None)
    assert env.read_bytes() == b"ON=false\nA=1\nON='false' # again\n"


def test_a_conflict_says_where_and_what(env: Path) -> None:
    with pytest.raises(ConflictError) as caught:
        target(env).write({"ON": False}, {"ON": "true"})
    assert caught.value.message == f"{env}:3: ON holds 'false'; when this was decided it held 'true'"


def test_what_could_not_be_put_back_stops_an_advance_but_not_an_emergency(env: Path) -> None:
    env.write_bytes(b"GREETING=hello world # c\n")
    with pytest.raises(TargetError, match=r"\.env:1: what GREETING holds could not be put back"):
        target(env).preflight({"GREETING": "bye"})
    target(env).write({"GREETING": "bye"}, None)
    assert env.read_bytes() == b"GREETING=bye # c\n"


@pytest.mark.parametrize("setting", ["x y", "it's", "u\u0308n", ("a b", "c")])
@pytest.mark.parametrize(
    ("line", "hint", "obeyed"),
    [
        (b"A=1", 'put the line S="" in the file, with the quotes', b'A=1\nS=""'),
        (b"S=1", "put the value of S in quotes in the file, line 2", b"S='1'"),
    ],
)
def test_a_value_that_cannot_be_spelled_stops_an_advance_beforehand(
    *, env: Path, setting: Setting, line: bytes, hint: str, obeyed: bytes
) -> None:
    env.write_bytes(b"# flags\n" + line + b"\n")
    with pytest.raises(TargetError, match="S cannot hold") as caught:
        target(env).preflight({"S": setting})
    assert caught.value.hint == hint
    env.write_bytes(b"# flags\n" + obeyed + b"\n")
    target(env).preflight({"S": setting})


def test_where_quotes_do_not_help_another_value_is_needed(env: Path) -> None:
    with pytest.raises(TargetError, match="ON cannot hold") as caught:
        target(env).preflight({"ON": "it's $5"})
    assert caught.value.hint == "choose another value"


@pytest.mark.parametrize("expected", [None, {"ON": "false\rS=a\rP=0"}])
def test_lines_that_readers_end_in_different_places_are_left_alone(
    env: Path, expected: Mapping[str, str] | None
) -> None:
    env.write_bytes(b"ON=false\rS=a\rP=0\r")
    before = standing(env)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: target(env).preflight({"ON": True}),
        lambda: target(env).write({"ON": True}, expected),
    )
    for attempt in attempts:
        with pytest.raises(
            TargetError, match="ON cannot be written: readers differ in whether a carriage return"
        ) as caught:
            attempt()
        assert caught.value.hint == "end every line of the file with a line feed"
    assert standing(env) == before


def test_an_emergency_quotes_what_readers_need_in_quotes(env: Path) -> None:
    with pytest.raises(TargetError, match="GREETING cannot hold 'hello world'"):
        target(env).write({"GREETING": "hello world"}, {"GREETING": None})
    target(env).write({"GREETING": "hello world"}, None)
    assert target(env).read(["GREETING"]) == {"GREETING": "hello world"}


@pytest.mark.parametrize("key", ["A B", "A\nB", "A=B", "1A", "", "Ä", "a.b"])
def test_only_a_name_can_be_a_key(env: Path, key: str) -> None:
    before = standing(env)
    with pytest.raises(TargetError, match="cannot be a key"):
        target(env).write({key: True}, None)
    assert standing(env) == before


def test_preflight_leaves_no_trace(env: Path) -> None:
    before = standing(env), standing(env.parent)
    target(env).preflight({"ON": True, "NEW": 10})
    assert (standing(env), standing(env.parent)) == before


def test_what_is_no_file_says_so(env: Path) -> None:
    actions: tuple[Callable[[DotenvTarget], object], ...] = (
        lambda it: it.read(["ON"]),
        lambda it: it.preflight({"ON": True}),
    )
    os.mkfifo(env.with_name("pipe"))
    env.with_name("loop").symlink_to("loop")
    env.with_name("dangling").symlink_to("nowhere")
    for name, reason in {
        "none": "No such file or directory",
        "dangling": "No such file or directory",
        "loop": "Too many levels of symbolic links",
        "pipe": "it is not a regular file",
        "": "Is a directory",
        ".env/x": "Not a directory",
    }.items():
        path = env.parent / name
        for action in actions:
            with pytest.raises(TargetError) as caught:
                action(target(path))
            assert caught.value.message == f"{path} cannot be read: {reason}"
            assert caught.value.hint
