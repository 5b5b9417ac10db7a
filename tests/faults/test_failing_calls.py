"""A full disk, a broken one, one that became read-only: at every writing system call of a change."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Rigs, Say
from tests.faults.rig import LONG
from tests.faults.strace import Point, failing_at
from tests.faults.sweep import CHANGES, Rig, sweep

ERRORS = ("ENOSPC", "EIO", "EROFS")


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_whose_writing_call_fails_never_says_that_it_is_done_when_it_is_not(
    rigs: Rigs, name: str, say: Say
) -> None:
    """Once, and from then on; in a short run one of both, and another error at each point."""
    rounds = [(number, lasting) for number in range(len(ERRORS)) for lasting in (False, True)] if LONG else [(0, None)]
    for number, lasting in rounds:

        def fail(rigged: Rig, point: Point, number: int = number, lasting: bool | None = lasting) -> None:
            error = ERRORS[(number + point.nth) % len(ERRORS)]
            forever = point.nth % 2 == 0 if lasting is None else lasting
            log = rigged.place.folder / "trace"
            ended = failing_at(rigged.command(), point, error, log, from_then_on=forever)
            where = f"{error}{' from then on' if forever else ''}: exit {ended.code}"
            done = rigged.place.env.read_bytes() == rigged.allowed[-1].env
            assert ended.code in (0, 7, 8), f"{where}: {ended.err}"
            assert ended.code != 0 or done, f"{where}, and not done"

        swept = sweep(rigs(CHANGES[name]), 2, fail)
        kind = {None: "", False: " once", True: " from then on"}[lasting]
        say(f"failing{kind}, {name}: {swept}")
        assert not swept.bad, "\n".join(swept.bad)
