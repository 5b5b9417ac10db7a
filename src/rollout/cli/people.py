"""Commands by which people say what only they know."""

from __future__ import annotations

from typing import Annotated

import typer

from rollout.cli.finish import finish, say
from rollout.cli.options import EnvOption, ReasonOption, StoreOption, output_of, settings_from
from rollout.render import TABLE

_PlanOption = Annotated[
    str, typer.Option("--plan", "-p", help="A plan file, the name of one in ./plans, or NAME[@ENV] of a rollout.")
]


def answer(
    id: Annotated[str, typer.Argument(metavar="ID", help="What the plan asks for: a gate's or a trigger's id.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number with or without a unit; or yes or no.")],
    plan: _PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Answered")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Answer what the plan asks people for."""
    from rollout.operations.answer import answer as give
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from("", plan, env, store), Need(), say)
    finish(give(desk, id, value, reason), output)
    return 0


def tick(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="What is done, or so as it should be.")],
    plan: _PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Answered")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Confirm what the plan wants confirmed: `answer ID yes`, for several at once."""
    from rollout.operations.answer import tick as confirm
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from("", plan, env, store), Need(), say)
    finish(confirm(desk, ids, reason), output)
    return 0
