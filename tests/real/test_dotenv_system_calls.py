"""In which order a `.env` file is written: what survives a power failure, by a trace of system calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SWITCH_ON = """
import sys
from pathlib import Path
from rollout.errors import RolloutError
from rollout.targets.dotenv import DotenvTarget
try:
    DotenvTarget("api", Path(sys.argv[1])).write({"ON": True, "NEW": 1}, {"ON": "false", "NEW": None})
except RolloutError as error:
    print(f"{error.message} ({error.hint})")
"""
CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+|\?)")


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / "app" / ".env"
    path.parent.mkdir()
    path.write_bytes(b"# flags\nSECRET=hunter2\nON=false   # off at first\n")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def strace() -> str:
    """Continuous integration sets ROLLOUT_TESTS_REQUIRE_STRACE: there, a test without it has proven nothing."""
    found = shutil.which("strace")
    reason = "strace is not on PATH"
    if found:
        probe = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
        if probe.returncode == 0:
            return found
        reason = f"strace cannot trace here: {probe.stderr.strip()}"
    if os.environ.get("ROLLOUT_TESTS_REQUIRE_STRACE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def traced(env: Path, *options: str) -> tuple[list[str], str]:
    """Each system call on the file's folder from the temporary file on, as `name file …`, and what the write said."""
    trace = env.parent.parent / "trace"
    program = [sys.executable, "-c", SWITCH_ON, str(env)]
    calls = "trace=openat,fsync,fdatasync,rename,renameat,renameat2,fchmod,fchown,unlink,unlinkat,write,ftruncate"
    done = subprocess.run(
        [strace(), "-qq", "-y", "-s", "0", "-e", calls, *options, "-o", str(trace), *program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line for line in trace.read_text().splitlines() if str(env.parent) in line]
    begin = next(number for number, line in enumerate(lines) if "O_CREAT" in line)
    return [_short(line, env) for line in lines[begin:]], done.stdout


def _short(line: str, env: Path) -> str:
    call = CALL.match(line)
    assert call, line
    temporary = r"\.\.env\.rollout-[0-9a-f]{8}"
    arguments = re.sub(temporary, "TEMPORARY", call["arguments"]).replace(str(env.parent), "FOLDER")
    parts = re.findall(r"<FOLDER(?:/[^>]+)?>|\"[^\"]+\"", arguments)
    names = [part.strip('<">').removeprefix("FOLDER/") for part in parts]
    return " ".join((call["name"].replace("renameat2", "renameat"), *dict.fromkeys(names)))


def test_it_is_synced_then_renamed_then_its_folder_is_synced(env: Path) -> None:
    calls, said = traced(env)
    assert said == ""
    writing = [call for call in calls if not call.startswith("openat FOLDER/.env") and call != "openat .env"]
    order = [call.split()[0] + (" " + call.split()[1]) for call in writing]
    assert order[0].startswith("openat")
    assert [call for call in order if "fsync" in call or "rename" in call] == [
        "fsync TEMPORARY",
        "renameat FOLDER",
        "fsync FOLDER",
    ]
    last_change = max(order.index(call) for call in ("write TEMPORARY", "fchmod TEMPORARY"))
    assert last_change < order.index("fsync TEMPORARY")
    assert not [call for call in calls if call.startswith(("write .env", "ftruncate"))]
    assert b"ON=true" in env.read_bytes()


@pytest.mark.parametrize(
    "fault",
    [
        "fsync:error=EIO:when=1",
        "fsync:error=ENOSPC:when=1",
        "renameat,renameat2,rename:error=EROFS",
        "renameat,renameat2,rename:error=EIO",
        "fchmod:error=EPERM",
    ],
)
def test_a_call_that_fails_before_the_rename_changes_nothing(env: Path, fault: str) -> None:
    before = env.read_bytes()
    _, said = traced(env, "-e", f"inject={fault}")
    assert said.startswith(f"{env} cannot be written: ")
    assert env.read_bytes() == before
    assert names(env.parent) == [".env"]


def test_a_file_system_without_locks_is_no_obstacle(env: Path) -> None:
    _, said = traced(env, "-e", "inject=flock:error=ENOLCK")
    assert said == ""
    assert b"ON=true" in env.read_bytes()


@pytest.mark.parametrize(("number", "said"), [("EINVAL", ""), ("EIO", "cannot be kept safe from a power failure")])
def test_a_folder_that_cannot_be_synced_is_a_failure_unless_its_file_system_syncs_none(
    env: Path, number: str, said: str
) -> None:
    _, printed = traced(env, "-e", f"inject=fsync:error={number}:when=2")
    assert said in printed
    assert bool(said) == bool(printed)
    assert b"ON=true" in env.read_bytes()
