"""A store that was lost or replaced by an older one is no new start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.desk import Desk


@pytest.mark.parametrize("steps", [1, 2])
def test_a_store_that_was_lost_stops_everything_but_an_emergency(desk: Desk, steps: int) -> None:
    for _ in range(steps):
        assert desk("advance", "--yes").code == 0
    (desk.folder / "store.db").unlink()
    for command in (["advance", "--yes"], ["rollback", "--yes"], ["check-gates"], ["recover"]):
        refused = desk(*command)
        assert (refused.code, "was lost or replaced" in refused.err) == (7, True)
    assert "was lost or replaced" in desk("status").out
    assert "CHECKOUT=true" in desk.flags
    assert desk("rollback", "--emergency").code == 0
    assert "CHECKOUT=false" in desk.flags


def test_an_older_store_that_was_put_back_is_known_as_such(desk: Desk, tmp_path: Path) -> None:
    desk("advance", "--yes")
    shutil.copy(desk.folder / "store.db", tmp_path / "backup.db")
    desk("advance", "--yes")
    desk("rollback", "--yes")
    shutil.copy(tmp_path / "backup.db", desk.folder / "store.db")
    assert desk("advance", "--yes").code == 7
