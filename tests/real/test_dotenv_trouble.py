"""What a `.env` file goes through: other users, mounts, a full disk, racing and killed writers."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from rollout.errors import RolloutError, TargetError
from rollout.targets.atomic_file import read_file, replace_content
from rollout.targets.dotenv import DotenvTarget
from tests.real.standing import standing

SOMEBODY = 1000
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
SWITCH_ON = """
import os, sys
from pathlib import Path
from rollout.errors import RolloutError
from rollout.targets.dotenv import DotenvTarget
path = Path(sys.argv[1])
target = DotenvTarget("api", path)
for action in (lambda: target.preflight({"ON": True}), lambda: target.write({"ON": True}, {"ON": "false"})):
    try:
        action()
    except RolloutError as error:
        print(f"{error.message} ({error.hint})")
print(path.read_text().splitlines()[-1])
print(*sorted(os.listdir(path.parent)))
"""
LEFT = ("..env.rollout-0123abcd", "..env.rollout-4567cdef", "..env.local.rollout-0123abcd")


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / "app" / ".env"
    path.parent.mkdir()
    path.write_bytes(b"# flags\nSECRET=hunter2\nON=false   # off at first\n")
    return path


@pytest.fixture
def open_env(env: Path) -> Iterator[Path]:
    """The same in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder).resolve() / ".env"
        path.write_bytes(env.read_bytes())
        yield path


def target(path: Path) -> DotenvTarget:
    return DotenvTarget("api", path)


def switch_on(path: Path) -> None:
    target(path).write({"ON": True}, {"ON": "false"})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def as_somebody(action: Callable[[], object]) -> str:
    """What the action raises when another user does it, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(SOMEBODY)
        os.setuid(SOMEBODY)
        try:
            action()
        except RolloutError as error:
            os.write(writing, f"{type(error).__name__}: {error.message} ({error.hint})".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return said


def with_mounts(commands: str, path: Path) -> list[str]:
    """What preflight and a write say among mounts of their own, which `commands` make around "$1"."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"mounts are not permitted here: {probe.stderr.strip()}")
    script = f'set -e; {commands}; exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", path, sys.executable, SWITCH_ON],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@needs_root
def test_where_the_owner_cannot_stay_nothing_is_written(open_env: Path) -> None:
    env = open_env
    env.chmod(0o666)
    env.parent.chmod(0o777)
    before = standing(env)
    for action in (lambda: switch_on(env), lambda: target(env).preflight({"ON": True})):
        said = as_somebody(action)
        assert said.startswith(
            f"TargetError: {env} cannot be written: its owner, 0:0, cannot be kept by user {SOMEBODY}"
        )
    assert standing(env) == before
    assert names(env.parent) == [".env"]


@needs_root
def test_a_folder_or_file_that_somebody_may_not_write_stays_as_it_is(open_env: Path) -> None:
    env = open_env
    os.chown(env, SOMEBODY, SOMEBODY)
    before = env.stat(), env.parent.stat()
    for action in (lambda: switch_on(env), lambda: target(env).preflight({"ON": True})):
        said = as_somebody(action)
        assert said.startswith(f"TargetError: {env} cannot be written: Permission denied (run it as")
    os.chown(env, 0, 0)
    env.chmod(0o600)
    said = as_somebody(lambda: switch_on(env))
    assert said.startswith(f"TargetError: {env} cannot be read: Permission denied")
    env.chmod(0o644)
    os.chown(env, SOMEBODY, SOMEBODY)
    assert (env.stat().st_mtime_ns, env.parent.stat().st_mtime_ns) == (before[0].st_mtime_ns, before[1].st_mtime_ns)


def test_a_file_that_is_a_mount_of_its_own_is_refused_with_the_remedy(env: Path) -> None:
    before = env.read_bytes()
    inside = env.with_name("a b.env")
    inside.touch()
    said = with_mounts(f'mount --bind {env} "$1"', inside)
    assert said == [
        f"{inside} cannot be written: Device or resource busy "
        "(a file that is a mount of its own cannot be replaced: mount its folder instead, or run outside)",
    ] * 2 + ["ON=false   # off at first", ".env a b.env"]
    assert env.read_bytes() == before


def test_a_read_only_folder_is_refused(env: Path) -> None:
    said = with_mounts('d="$(dirname "$1")"; mount --bind "$d" "$d"; mount -o remount,bind,ro "$d"; cd "$d"', env)
    assert said[0] == said[1]
    assert said[0].startswith(f"{env} cannot be written: Read-only file system (mount {env.parent} writable")
    assert said[2:] == ["ON=false   # off at first", ".env"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(env: Path) -> None:
    fill = 'd="$(dirname "$1")"; cp "$1" /tmp/.$$; mount -t tmpfs -o size=64k tmpfs "$d"; mv /tmp/.$$ "$1"'
    said = with_mounts(fill + '; cat /dev/zero > "$d/zero" 2>/dev/null || true', env)
    assert said[:2] == [f"{env} cannot be written: No space left on device (make room in {env.parent})"] * 2
    assert said[2:] == ["ON=false   # off at first", ".env zero"]


def test_a_file_that_somebody_replaced_or_rewrote_is_left_alone(env: Path) -> None:
    text = env.read_bytes()

    def replace() -> None:
        env.with_name("new").write_bytes(text)
        env.with_name("new").replace(env)

    for change in (replace, lambda: env.write_bytes(text.replace(b"2", b"3")), lambda: env.chmod(0o600)):
        found = read_file(env)
        change()
        before = env.stat(), env.read_bytes()
        assert not replace_content(found, b"ON=true\n")
        assert (env.stat(), env.read_bytes()) == before
        assert names(env.parent) == [".env"]


def test_a_link_that_was_set_anew_is_followed(env: Path) -> None:
    link, other = env.with_name("link"), env.with_name("other")
    link.symlink_to(".env")
    other.write_bytes(b"ON=false\n")
    found = read_file(link)
    link.unlink()
    link.symlink_to("other")
    assert not replace_content(found, b"ON=true\n")
    switch_on(link)
    assert (env.read_bytes(), other.read_bytes()) == (found.content, b"ON=true\n")


def test_writers_at_the_same_time_lose_nothing(env: Path) -> None:
    def write(key: str) -> None:
        for number in range(20):
            target(env).write({key: number}, {key: str(number - 1) if number else None})

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, ["A", "B", "C"]))
    assert target(env).read(["A", "B", "C", "ON"]) == {"A": "19", "B": "19", "C": "19", "ON": "false"}
    assert names(env.parent) == [".env"]


def test_a_racer_never_sees_and_never_causes_a_half_written_file(env: Path) -> None:
    stop, seen = threading.Event(), set()

    def race() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            env.with_name("racer").write_bytes(b"N=%d\nON=false\n" % number)
            env.with_name("racer").replace(env)
            seen.add(re.sub(rb"N=\d+", b"N", env.read_bytes()))

    with ThreadPoolExecutor() as pool:
        racer = pool.submit(race)
        for _ in range(5):
            with suppress(TargetError):  # it may give up: the file changes all the time
                target(env).write({"ON": True}, None)
        stop.set()
        racer.result()
    assert seen <= {b"N\nON=false\n", b"N\nON=true\n"}
    assert names(env.parent) == [".env"]


def test_what_a_killed_writer_left_is_removed_by_the_next_write(env: Path) -> None:
    left, busy, foreign = (env.with_name(name) for name in LEFT)
    for path in (left, busy, foreign):
        path.write_bytes(b"SECRET=hunter2\n")
    with busy.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        target(env).write({"ON": False}, None)
        assert names(env.parent) == [foreign.name, busy.name, ".env"]
