"""The command that a person is given when a `.env` file could not be written, really run."""

from __future__ import annotations

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


def test_the_manual_command_is_short_enough_to_type(env: Path) -> None:
    assert target(env).manual({"ON": True, "NEW": 10}) == (
        f"sed -i -e 's/^ON=[^[:space:]]*/ON=true/' {env} && printf '%s\\n' NEW=10 >> {env}"
    )


@pytest.mark.parametrize(
    ("content", "setting"),
    [
        (b"\xef\xbb\xbfON=1\n", False),
        (b'ON="two\nlines"\n', False),
        (b"ON=1\n", "$HOME"),
        (b"ON=\xe9\n", Verbatim("\\xe9")),
    ],
)
def test_what_sed_cannot_do_is_left_to_an_editor(env: Path, content: bytes, setting: Setting) -> None:
    env.write_bytes(content)
    assert target(env).manual({"ON": setting}) == f"vi {env}"
