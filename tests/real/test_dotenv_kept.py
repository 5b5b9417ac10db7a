"""What a `.env` file goes through and comes out of with nothing changed but its flags, or refused in one sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rollout.errors import TargetError
from rollout.model.values import Held, Setting
from rollout.targets.dotenv import DotenvTarget

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")

PECULIAR = (
    b"\xef\xbb\xbf# ON=true is for later\r\n"
    b"\r\n"
    b"  export  ON = 'false'\t# off at first, d\xe9sactiv\xe9\r\n"
    b'SECRET="hunter2 $HOME" # ON=true\r\n'
    b"\n"
    b"what is this\r\n"
    b'CERT="-----\nON=no\n-----"\r\n'
    b"  \t \r\n"
    b"PERCENT=0"
)


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


@contextmanager
def attribute(letter: str, path: Path) -> Iterator[None]:
    """With `chattr +letter`, where the file system knows it."""
    set_it = subprocess.run(["chattr", f"+{letter}", path], capture_output=True, text=True, check=False)
    if set_it.returncode:
        pytest.skip(f"chattr is not permitted here: {set_it.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", f"-{letter}", path], check=True)


def refusals(path: Path) -> set[tuple[str, str]]:
    """What a preflight and a write say, as message and hint."""
    said = set()
    actions: tuple[Callable[[], object], ...] = (
        lambda: target(path).preflight({"ON": True}),
        lambda: switch_on(path),
    )
    for action in actions:
        with pytest.raises(TargetError) as caught:
            action()
        said.add((caught.value.message, caught.value.hint))
    return said


def test_all_peculiarities_at_once_stay(env: Path) -> None:
    env.write_bytes(PECULIAR)
    target(env).preflight({"ON": True, "PERCENT": 10})
    target(env).write({"ON": True, "PERCENT": 10}, {"ON": "false", "PERCENT": "0"})
    assert env.read_bytes() == PECULIAR.replace(b"'false'", b"'true'").replace(b"PERCENT=0", b"PERCENT=10")
    target(env).write({"ON": False, "PERCENT": 0}, {"ON": "true", "PERCENT": "10"})
    assert env.read_bytes() == PECULIAR


@pytest.mark.parametrize("before", [b"", b"\n", b"A=1", b"A=1\n", b"A=1\r\n", b"A=1\r\nB=2", b"# only this", PECULIAR])
@pytest.mark.parametrize("forget", [True, False])
def test_a_missing_key_is_appended_and_removed_again_to_the_byte(env: Path, before: bytes, *, forget: bool) -> None:
    env.write_bytes(before)
    settings: dict[str, Setting] = {"NEW": True, "NEW_LIST": ("a", "b")}
    held: dict[str, Held] = {"NEW": "true", "NEW_LIST": "a,b"}
    target(env).preflight(settings)
    target(env).write(settings, dict.fromkeys(settings))
    assert env.read_bytes().startswith(before)
    assert target(env).read(["NEW", "NEW_LIST"]) == held
    target(env).write(dict.fromkeys(settings), None if forget else held)
    assert env.read_bytes() == before


def test_a_folder_that_is_a_symbolic_link_stays_one(env: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    env.parent.rename(releases)
    (tmp_path / "current").symlink_to("releases")
    (tmp_path / "app").symlink_to("current")
    switch_on(env)
    assert (tmp_path / "app").is_symlink()
    assert (tmp_path / "current").is_symlink()
    assert b"ON=true   # off at first" in (releases / ".env").read_bytes()
    assert names(releases) == [".env"]


def test_another_hard_link_keeps_the_old_content(env: Path) -> None:
    other, before = env.with_name("other"), env.read_bytes()
    other.hardlink_to(env)
    assert DotenvTarget("app", env).preflight({"ON": True}) == (
        f"{env} has 1 more hard links: they keep the old values",
    )
    switch_on(env)
    assert (other.read_bytes(), env.read_bytes()) == (before, before.replace(b"ON=false", b"ON=true"))


@needs_root
def test_a_label_of_its_own_stays(env: Path) -> None:
    label = b"system_u:object_r:httpd_sys_content_t:s0\0"
    try:
        os.setxattr(env, "security.selinux", label)
    except OSError as error:
        pytest.skip(f"no label can be set here: {error.strerror}")
    switch_on(env)
    assert os.getxattr(env, "security.selinux") == label


@needs_root
@pytest.mark.parametrize(("letter", "frozen"), [("i", ".env"), ("a", ".env"), ("i", "."), ("a", ".")])
def test_what_is_immutable_or_append_only_is_refused_beforehand(env: Path, letter: str, frozen: str) -> None:
    before, place = env.read_bytes(), env.parent / frozen
    with attribute(letter, place):
        with pytest.raises(TargetError) as caught:
            target(env).preflight({"ON": True})
        assert caught.value.message == f"{env} cannot be written: {place} is immutable or append-only"
        assert "chattr" in caught.value.hint
        if letter == "i":  # in a folder that is append-only not even a temporary file can be removed
            with pytest.raises(TargetError):
                switch_on(env)
            assert names(env.parent) == [".env"]
    assert env.read_bytes() == before


@pytest.mark.parametrize("size", [2**20 + 1, 50 * 10**6])
def test_a_huge_file_is_refused_at_once(env: Path, size: int) -> None:
    with env.open("ab") as file:
        file.truncate(size)
    assert refusals(env) == {
        (f"{env} cannot be read: it is larger than 1 MiB", "check the target's `path`: no file of flags is so large")
    }
    assert env.stat().st_size == size


def test_a_file_of_the_largest_size_is_changed_in_little_time(env: Path) -> None:
    lines = b"".join(b"KEY_%05d=%0480d # c\n" % (number, number) for number in range(2000))
    env.write_bytes(lines + b"ON=false\n")
    target(env).preflight({"ON": True})
    switch_on(env)
    assert env.read_bytes() == lines + b"ON=true\n"


def folder_away(env: Path) -> Path:
    env.unlink()
    env.parent.rmdir()
    return env


def made_folder(env: Path) -> Path:
    env.unlink()
    env.mkdir()
    return env


def made_pipe(env: Path) -> Path:
    env.unlink()
    os.mkfifo(env)
    return env


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (folder_away, "No such file or directory"),
        (made_folder, "Is a directory"),
        (made_pipe, "it is not a regular file"),
        (lambda _: Path("/dev/zero"), "it is not a regular file"),
        (lambda env: env.with_name("n" * 300), "File name too long"),
    ],
    ids=["its-folder-is-gone", "a-folder", "a-pipe", "a-device", "an-impossible-name"],
)
def test_what_is_no_file_is_refused_by_preflight_and_write(
    env: Path, change: Callable[[Path], Path], reason: str
) -> None:
    path = change(env)
    ((message, hint),) = refusals(path)
    assert message == f"{path} cannot be read: {reason}"
    assert hint


def test_a_file_that_goes_between_preflight_and_write_says_so(env: Path) -> None:
    target(env).preflight({"ON": True})
    env.unlink()
    with pytest.raises(TargetError, match="No such file or directory"):
        switch_on(env)
    assert names(env.parent) == []


def test_somebody_elses_edit_stays(env: Path) -> None:
    target(env).preflight({"ON": True})
    env.write_bytes(env.read_bytes().replace(b"hunter2", b"hunter3") + b"MORE=1\n")
    switch_on(env)
    assert env.read_bytes() == b"# flags\nSECRET=hunter3\nON=true   # off at first\nMORE=1\n"
