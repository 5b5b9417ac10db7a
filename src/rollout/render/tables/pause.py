"""Whether a rollout is paused, by whom and why."""

from __future__ import annotations

from typing import TextIO

from rollout.model.state import Status
from rollout.operations.pause import Paused
from rollout.render.console import console, styled
from rollout.render.text import local


def write(result: Paused, stream: TextIO) -> None:
    out = console(stream)
    out.print(styled(_sentence(result), f"  [{result.head[:12]}]"))
    if result.status is not Status.PAUSED:
        out.print(styled("next: rollout advance"))
        return
    acts = "`rollout watch` does not act at all" if result.everything else "triggers stay live, and the soak counts on"
    out.print(styled(f"nothing advances; {acts}"))
    out.print(styled("next: rollout resume"))


def _sentence(result: Paused) -> str:
    where = f"{result.rollout} in {result.environment}, at {result.label},"
    why = f": {result.reason}" if result.reason else ""
    if result.status is Status.PAUSED and result.at is not None:
        already = "already " if result.unchanged else ""
        return f"{where} is {already}paused by {result.by} since {local(result.at, result.now)}{why}"
    return f"{where} is not paused" if result.unchanged else f"{where} goes on{why}"
