"""Commands that judge, change and show rollouts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from rollout.cli.ask import asking
from rollout.cli.finish import finish, say
from rollout.cli.options import (
    AtOption,
    DryRunOption,
    EnvOption,
    PlanArgument,
    PlanOption,
    ReasonOption,
    StoreOption,
    WaitOption,
    YesOption,
    output_of,
    settings_from,
)
from rollout.errors import UsageError
from rollout.frozen import replace
from rollout.render import TABLE
from rollout.settings import EMERGENCY_PATIENCE, Trust, read_settings


class StageOption(StrEnum):
    ENTRY = "entry"
    STEP = "step"
    EXIT = "exit"
    TRIGGERS = "triggers"
    ALL = "all"


def list_rollouts(store: StoreOption = "", output: Annotated[str, output_of("Listing")] = TABLE) -> int:
    """Every rollout in the store, with status, step and the verdict last seen."""
    from rollout.operations.history import listing
    from rollout.wiring.stores import open_store

    finish(listing(open_store(read_settings(store=store))), output)
    return 0


def status(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("StatusReport")] = TABLE,
) -> int:
    """Where the rollout stands, what blocks the next step, and from when that is possible."""
    from rollout.operations.status import status as read_status
    from rollout.wiring.desks import Need, open_desk

    refused = {"command": "status runs no commands; `rollout check-gates` does"}
    need = Need(finished=True, refused=refused)
    desk = open_desk(settings_from(plan, plan_option, env, store), need, say)
    finish(read_status(desk), output)
    return 0


def check_gates(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Check")] = TABLE,
    phase: Annotated[str, typer.Option(help="Judge this phase of the file given, whether started or not.")] = "",
    stage: Annotated[StageOption | None, typer.Option(help="Only this stage of --phase (default: all).")] = None,
    at: AtOption = None,
    wait: WaitOption = None,
    untrusted: Annotated[
        bool,
        typer.Option("--untrusted", help="A stranger's plan: no commands, no SQL, no files, no variables, no hosts."),
    ] = False,
    allow_env: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="With --untrusted: a variable that the plan may use.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="HOST[:PORT]", help="With --untrusted: a host that may be asked.")
    ] = None,
) -> int:
    """Judge what `advance` would need now, and change nothing."""
    from rollout.operations.check import check
    from rollout.operations.waiting import NO_WAIT
    from rollout.wiring.desks import Need, open_desk

    if stage is not None and not phase:
        raise UsageError("--stage needs --phase", "name the phase: --phase ID")
    if (allow_env or allow_host) and not untrusted:
        raise UsageError("--allow-env and --allow-host are for --untrusted", "leave them out, or write --untrusted")
    settings = settings_from(plan, plan_option, env, store)
    if untrusted:
        settings = replace(settings, trust=Trust(frozenset(allow_env or ()), frozenset(allow_host or ())))
    desk = open_desk(settings, Need(of_file=bool(phase)), say)
    result = check(desk, phase, stage.value if stage else "", at=at, wait=wait or NO_WAIT)
    finish(result, output)
    return result.decision.verdict.exit_code


def advance(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Advance")] = TABLE,
    to: Annotated[str, typer.Option(metavar="PHASE[/STEP]", help="Only if this is the next step; else exit 7.")] = "",
    reason: ReasonOption = "",
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE-OR-TRIGGER", help="Does not count for this advance; needs --reason."),
    ] = None,
    wait: WaitOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> int:
    """One step forward: judge, show the change, ask, apply, read back, record."""
    from rollout.operations.advance import advance as take
    from rollout.operations.waiting import NO_WAIT
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings_from(plan, plan_option, env, store), Need(), say)
    confirm = asking("Advance?", "advance", yes=yes)
    result = take(
        desk,
        to=to,
        reason=reason,
        overrides=override or (),
        wait=wait or NO_WAIT,
        dry_run=dry_run,
        confirm=confirm,
    )
    finish(result, output)
    return result.exit_code


def rollback(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Rollback")] = TABLE,
    emergency: Annotated[bool, typer.Option("--emergency", help="At once, without a question.")] = False,
    level: Annotated[str, typer.Option(help="A level of the plan.")] = "",
    to: Annotated[str, typer.Option(metavar="PHASE[/STEP]", help="Back to this earlier step.")] = "",
    reason: ReasonOption = "",
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> int:
    """Take it back: to a level's values, to a step, or to the nearest earlier step whose values differ."""
    from rollout.model.plan import EMERGENCY
    from rollout.operations.rollback import rollback as take_back
    from rollout.wiring.desks import Need, open_desk

    if sum((emergency, bool(level), bool(to))) > 1:
        raise UsageError("--emergency, --level and --to exclude each other", "give one of them")
    chosen = EMERGENCY if emergency else level
    need = Need(finished=True, emergency=chosen == EMERGENCY)
    settings = settings_from(plan, plan_option, env, store)
    if need.emergency:
        settings = replace(settings, patience=EMERGENCY_PATIENCE)
    desk = open_desk(settings, need, say)
    confirm = asking("Roll back?", "rollback", yes=yes)
    result = take_back(
        desk, level=chosen, to=to, reason=reason, dry_run=dry_run, confirm=confirm, since=settings.began_at
    )
    finish(result, output)
    return result.exit_code


def history(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("History")] = TABLE,
    verify: Annotated[bool, typer.Option("--verify", help="Check the hash chain; exit 3 when it is broken.")] = False,
) -> int:
    """Every event: who, what, why."""
    from rollout.operations.history import history as read_history
    from rollout.wiring.desks import find_rollout

    found, rollout = find_rollout(settings_from(plan, plan_option, env, store))
    result = read_history(found, rollout, verify=verify)
    finish(result, output)
    return result.exit_code
