"""Commands by which people say what only they know."""

from __future__ import annotations

from typing import Annotated

import typer

from rollout.cli.completing import choices, offering_answers, offering_of
from rollout.cli.finish import finish
from rollout.cli.options import (
    PLANS,
    EnvOption,
    PlanArgument,
    PlanOption,
    ReasonOption,
    StoreOption,
    output_of,
    settings_from,
)
from rollout.cli.voice import voice
from rollout.render import TABLE

_PlanOption = Annotated[
    str,
    typer.Option(
        "--plan",
        "-p",
        help="A plan file, the name of one in ./plans, or NAME[@ENV] of a rollout.",
        autocompletion=PLANS,
    ),
]


def answer(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="What the plan asks for: a gate's or a trigger's id.",
            autocompletion=offering_of(choices.asked),
        ),
    ],
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE", help="A number with or without a unit; or yes or no.", autocompletion=offering_answers
        ),
    ],
    plan: _PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Answered")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Answer what the plan asks people for."""
    from rollout.operations.answer import answer as give
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from("", plan, env, store), Need(), voice)
    finish(give(desk, id, value, reason), output)
    return 0


def tick(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="What is done, or so as it should be.",
            autocompletion=offering_of(choices.open_items, besides="ids"),
        ),
    ],
    plan: _PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Answered")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Confirm what the plan wants confirmed: `answer ID yes`, for several at once."""
    from rollout.operations.answer import tick as confirm
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from("", plan, env, store), Need(), voice)
    finish(confirm(desk, ids, reason), output)
    return 0


def untick(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="What is not done, or not so, after all.",
            autocompletion=offering_of(choices.ticked_items, besides="ids"),
        ),
    ],
    plan: _PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Answered")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Take ticks back."""
    from rollout.operations.answer import untick as take_back
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from("", plan, env, store), Need(), voice)
    finish(take_back(desk, ids, reason), output)
    return 0


def checklist(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Checklist")] = TABLE,
) -> int:
    """What people tick, sign and are asked in this phase, and to enter the next one."""
    from rollout.operations.checklist import checklist as read_checklist
    from rollout.wiring.desks import Need, open_desk

    need = Need(refused={"command": "checklist runs no commands; `rollout check-gates` does"})
    desk = open_desk(settings_from(plan, plan_option, env, store), need, voice)
    finish(read_checklist(desk), output)
    return 0


def sign(
    role: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="ROLE",
            help="The role that the plan wants to sign.",
            autocompletion=offering_of(choices.roles),
        ),
    ],
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Signed")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Sign off a phase, in a role of the plan."""
    from rollout.operations.checklist import sign as put_signature
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(), voice)
    finish(put_signature(desk, role, reason), output)
    return 0


def pause(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Paused")] = TABLE,
    reason: ReasonOption = "",
    everything: Annotated[bool, typer.Option("--all", help="`watch` does not act at all meanwhile.")] = False,
) -> int:
    """Hold every advance until `resume`; triggers stay live."""
    from rollout.operations.pause import pause as hold
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(), voice)
    finish(hold(desk, reason, everything=everything), output)
    return 0


def resume(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Paused")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Let a paused rollout go on."""
    from rollout.operations.pause import resume as let_go
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(), voice)
    finish(let_go(desk, reason), output)
    return 0


def close(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Closed")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Abandon a rollout; flags stay as they are. Needs --reason."""
    from rollout.operations.close import close as abandon
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(), voice)
    finish(abandon(desk, reason), output)
    return 0
