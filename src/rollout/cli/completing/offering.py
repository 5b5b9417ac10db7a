"""Callbacks for Typer's `autocompletion`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING

import typer

from rollout.cli.completing.choices import Choice, answers_to
from rollout.cli.completing.shells import FILE
from rollout.errors import RolloutError

if TYPE_CHECKING:
    from rollout.cli.completing.sight import Sight
    from rollout.settings import Settings

_PATIENCE = 1.0
"""Seconds, for a disk that hangs; on a busy machine less would not do. A store has half of it."""

Complete = Callable[[typer.Context, str], list[Choice]]


def offering(find: Callable[[Settings], Iterable[Choice]], *, files: bool = False, besides: str = "") -> Complete:
    """`files`: where nothing else fits, the shell offers files. What the parameter `besides` has is offered no more."""

    def complete(ctx: typer.Context, incomplete: str) -> list[Choice]:
        chosen = ctx.params.get(besides) or ()
        found = [one for one in _found(ctx, find) if one[0].startswith(incomplete) and one[0] not in chosen]
        return found or ([(incomplete, FILE)] if files else [])

    return complete


def offering_of(find: Callable[[Sight], Iterable[Choice]], *, of_file: bool = False, besides: str = "") -> Complete:
    """The same, of where the rollout stands that is meant. `of_file`: by its plan's file, whatever is pinned."""

    def seen(settings: Settings) -> Iterable[Choice]:
        from rollout.cli.completing.sight import look

        return find(look(settings, of_file=of_file))

    return offering(seen, besides=besides)


def offering_several_of(find: Callable[[Sight], Iterable[Choice]]) -> Complete:
    """The same, for names with commas between them."""
    one_of = offering_of(find)

    def complete(ctx: typer.Context, incomplete: str) -> list[Choice]:
        before, comma, last = incomplete.rpartition(",")
        chosen = before.split(",")
        return [(f"{before}{comma}{name}", words) for name, words in one_of(ctx, last) if name not in chosen]

    return complete


def offering_answers(ctx: typer.Context, incomplete: str) -> list[Choice]:
    """To what the argument ID says."""
    return offering_of(lambda sight: answers_to(sight, str(ctx.params.get("id"))))(ctx, incomplete)


def _found(ctx: typer.Context, find: Callable[[Settings], Iterable[Choice]]) -> list[Choice]:
    from rollout.processes.in_time import within
    from rollout.settings import read_settings

    typed = {name: value for name, value in ctx.params.items() if isinstance(value, str) and value}
    if "plan_option" in ctx.params:  # behind an option that has no value yet, Typer reads no arguments
        typed.setdefault("plan", "".join(ctx.args[:1]))
    plan = typed.get("plan_option") or typed.get("plan", "")
    settings = read_settings(plan, typed.get("env", ""), typed.get("store", ""))
    import_module("rollout.cli.completing.sight")  # takes its time, before the clock starts
    try:
        return within(_PATIENCE, lambda: list(find(settings)))
    except (RolloutError, OSError):
        return []
