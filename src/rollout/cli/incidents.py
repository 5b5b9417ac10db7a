"""Commands for when something was interrupted."""

from __future__ import annotations

from typing import Annotated

import typer

from rollout.cli.finish import finish
from rollout.cli.options import EnvOption, PlanArgument, PlanOption, ReasonOption, StoreOption, output_of, settings_from
from rollout.cli.voice import voice
from rollout.render import TABLE


def recover(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Recovery")] = TABLE,
    force: Annotated[
        bool, typer.Option("--force", help="Also write over a value that is neither the one before nor the one after.")
    ] = False,
    reason: ReasonOption = "",
) -> int:
    """Finish or undo what a crash left half done: an advance is taken back, a rollback is finished."""
    from rollout.operations.recover import recover as carry_on
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(finished=True), voice)
    result = carry_on(desk, force=force, reason=reason)
    finish(result, output)
    return result.exit_code


def unlock(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Unlocked")] = TABLE,
    reason: ReasonOption = "",
) -> int:
    """Say that nobody carries out a change any more that has not ended, so that `recover` can."""
    from rollout.operations.unlock import unlock as release
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(finished=True), voice)
    finish(release(desk, reason), output)
    return 0
