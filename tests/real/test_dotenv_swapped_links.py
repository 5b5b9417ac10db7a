"""Whoever swaps a link in the middle of a write never makes it write into another file."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from rollout.errors import TargetError
from rollout.targets.dotenv import DotenvTarget

SWAPS = 10_000 if os.environ.get("ROLLOUT_FAULTS") == "long" else 1_000
SWAP = """
import os, sys
folder, times = sys.argv[1], int(sys.argv[2])
os.chdir(folder)
for number in range(times):
    for to in ("../other/.env", "mine"):
        os.symlink(to, "new")
        os.replace("new", ".env")
"""
OTHER = b"# another service\nON=false\nN=1\n"


def test_a_link_that_is_swapped_all_the_time_never_mixes_two_files(tmp_path: Path) -> None:
    """The link may lead to either file at the moment of a write; each keeps all that is its own."""
    folder, other = tmp_path / "app", tmp_path / "other"
    for one in (folder, other):
        one.mkdir()
    (folder / "mine").write_bytes(b"# mine\nON=false\nSECRET=hunter2\n")
    (folder / ".env").symlink_to("mine")
    (other / ".env").write_bytes(OTHER)
    target = DotenvTarget("api", folder / ".env")
    written = 0
    with subprocess.Popen([sys.executable, "-c", SWAP, str(folder), str(SWAPS // 2)]) as swapping:
        while swapping.poll() is None:
            with suppress(TargetError):  # it may give up: the link changes all the time
                target.write({"ON": written % 2 == 0}, None)
                written += 1
    assert swapping.returncode == 0
    assert written
    switched = {b"ON=false", b"ON=true"}
    mine, ours = (place.read_bytes().split(b"\n") for place in (folder / "mine", other / ".env"))
    assert [line for line in mine if line not in switched] == [b"# mine", b"SECRET=hunter2", b""]
    assert [line for line in ours if line not in switched] == [b"# another service", b"N=1", b""]
    assert sorted(path.name for path in folder.iterdir()) == [".env", "mine"]
    assert [path.name for path in other.iterdir()] == [".env"]
    assert (folder / ".env").is_symlink()
