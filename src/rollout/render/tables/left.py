"""What went wrong, and what is left to a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rollout.render.console import Console, styled


def write_left(failures: Iterable[str], left: Sequence[str], out: Console) -> None:
    for failure in failures:
        out.print(styled("error", f": {failure}"))
    if left:
        out.print(styled("left to do:"))
    for item in left:
        out.print(styled(f"  {item}"), soft_wrap=True)
