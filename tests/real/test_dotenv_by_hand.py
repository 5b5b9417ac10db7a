"""The command that a person is given when a `.env` file could not be written, really run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rollout.model.values import Setting, Verbatim
from rollout.targets.dotenv import DotenvTarget


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / "app" / ".env"
    path.parent.mkdir()
    path.write_bytes(b"# flags\nSECRET=hunter2\nON=false   # off at first\n")
    return path


def target(path: Path) -> DotenvTarget:
    return DotenvTarget("api", path)


@pytest.mark.parametrize(
    "line",
    [
        b"ON=false", b"ON=false # c", b"  export ON = 'false'\t# c", b'ON="hello world" # c', b"ON='hello world'",
        b"ON=", b"ON= # c", b"ON=two words", b'ON="$HOME/\\"x"', b"ON=caf\xe9 # c", b"ON=true\nON='1' # c",
        b"XON=1", b"# ON=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize(("end", "last"), [(b"\n", b"\n"), (b"\n", b""), (b"\r\n", b"\r\n"), (b"\r\n", b"")])
@pytest.mark.parametrize("setting", [True, ("a/b", "c&d"), "x=%s", None])
def test_the_manual_command_leaves_the_same_bytes(
    *, env: Path, tmp_path: Path, line: bytes, end: bytes, last: bytes, setting: Setting
) -> None:
    env.write_bytes(end.join([b"SECRET=hunter2", line, b"LAST=1"]) + last)
    copy = tmp_path / "it's a copy" / ".env"
    copy.parent.mkdir()
    copy.write_bytes(env.read_bytes())
    link = copy.with_name("link")
    link.symlink_to(copy)
    command = target(link).manual({"ON": setting})
    target(env).write({"ON": setting}, None)
    subprocess.run(["sh", "-c", command], check=True)
    assert copy.read_bytes() == env.read_bytes()
    assert link.is_symlink()
    assert "hunter2" not in command


def test_the_manual_command_is_one_line(env: Path) -> None:
    assert target(env).manual({"ON": True, "NEW": 10}) == (
        "t=$(mktemp) && sed -e 's/^ON=[^[:space:]]*/ON=true/'"
        rf" -e '/^ *\(export  *\)*NEW *=/s/=[^[:cntrl:]]*/=10/' {env} "
        r"""> "$t" && { grep -q '^ *\(export  *\)*NEW *=' "$t" || printf '%s\n' NEW=10 >> "$t"; } """
        rf'&& cat "$t" > {env} && rm "$t"'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A=1\nON=true\n", b'A=1\nON=false\n\nS="it\'s"\n'),
        (b"export ON='a b'\nGONE=1\nS=", b'export ON=false\n\nS="it\'s"'),
        (b" ON = 1\r\nGONE=1\r\nS=2\r\n", b' ON =false\r\n\r\nS="it\'s"\r\n'),
        (b"MY_ON=1\n#ON=1", b'MY_ON=1\n#ON=1\nON=false\n\nS="it\'s"\n'),
        (b"\xe9=1\nON=\xe9\nS=1", b'\xe9=1\nON=false\nS="it\'s"'),
        (b"", b'\nON=false\n\nS="it\'s"\n'),
        (b"ON=1\rB=2\r", b'ON=false\rB=2\r\nS="it\'s"\n'),
        (b'GONE=1\rON=false\rS="it\'s"\r', b'\rON=false\rS="it\'s"\r\nON=false\n\nS="it\'s"\n'),
    ],
)
def test_what_could_not_be_read_is_set_whether_or_not_it_is_there(env: Path, before: bytes, after: bytes) -> None:
    env.rename(env.with_name("away"))
    command = target(env).manual({"ON": False, "S": "it's", "GONE": None})
    env.write_bytes(before)
    subprocess.run(["sh", "-c", command], check=True)
    assert env.read_bytes() == after
    subprocess.run(["sh", "-c", command], check=True)
    assert env.read_bytes() == after


def test_a_key_that_came_meanwhile_is_set_and_not_appended(env: Path) -> None:
    command = target(env).manual({"NEW": 10})
    env.write_bytes(b"A=1\r\nexport NEW=5\r\n")
    subprocess.run(["sh", "-c", command], check=True)
    assert env.read_bytes() == b"A=1\r\nexport NEW=10\r\n"


def test_a_file_that_is_gone_is_not_created(env: Path, tmp_path: Path) -> None:
    env.unlink()
    command, variables = target(env).manual({"ON": True}), {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, env=variables)
    assert done.returncode
    assert not env.exists()


def test_the_file_itself_stays_with_its_mode_and_every_link(env: Path) -> None:
    env.chmod(0o640)
    other, link = env.with_name("other"), env.with_name("link")
    other.hardlink_to(env)
    link.symlink_to(env)
    before = env.stat()
    subprocess.run(["sh", "-c", target(link).manual({"ON": True})], check=True)
    after = env.stat()
    assert (after.st_ino, after.st_mode, after.st_nlink) == (before.st_ino, before.st_mode, 2)
    assert b"ON=true   # off at first" in other.read_bytes()
    assert sorted(path.name for path in env.parent.iterdir()) == [".env", "link", "other"]


def test_nothing_is_left_of_it(env: Path, tmp_path: Path) -> None:
    spare = tmp_path / "spare"
    spare.mkdir()
    subprocess.run(["sh", "-c", target(env).manual({"NEW": 1})], check=True, env={**os.environ, "TMPDIR": str(spare)})
    assert not list(spare.iterdir())


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize(
    "mounts",
    [
        'mount --bind "$1" "$2"',
        'cat "$1" > "$2"; d=$(dirname "$2"); mount --bind "$d" "$d"; mount --bind "$2" "$2"; '
        'mount -o remount,bind,ro "$d"',
    ],
    ids=["a-mount-of-its-own", "in-a-read-only-folder"],
)
def test_it_works_where_no_other_file_can_take_its_place(*, env: Path, readable: bool, mounts: str) -> None:
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"mounts are not permitted here: {probe.stderr.strip()}")
    inside = env.parent / "in it's" / "a b.env"
    inside.parent.mkdir()
    if readable:
        inside.write_bytes(env.read_bytes())
    command = target(inside).manual({"ON": True, "NEW": 10})
    inside.touch()
    script = f'set -e; {mounts}; sh -c "$3"; cat "$2"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", env, inside, command], capture_output=True, check=True
    )
    on = b"ON=true   # off at first\n" if readable else b"ON=true\n\n"
    assert done.stdout == b"# flags\nSECRET=hunter2\n" + on + b"NEW=10\n"


@pytest.mark.parametrize(
    ("content", "setting"),
    [
        (b"\xef\xbb\xbfON=1\n", False),
        (b'ON="two\nlines"\n', False),
        (b"ON=two words # c\n", False),
        (b"ON=false\rS=a\rP=0\r", False),
        (b"ON=1\n", "$HOME"),
        (b"ON=\xe9\n", Verbatim("\\xe9")),
    ],
)
def test_what_sed_cannot_do_is_left_to_an_editor(env: Path, content: bytes, setting: Setting) -> None:
    env.write_bytes(content)
    assert target(env).manual({"ON": setting}) == f"vi {env}"
