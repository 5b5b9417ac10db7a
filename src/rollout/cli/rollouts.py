"""Commands that judge, change and show rollouts."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from rollout.cli.ask import agreeing, asking, confirming
from rollout.cli.completing import choices, offering_of, offering_several_of
from rollout.cli.emergency import emergency as roll_back_at_once
from rollout.cli.finish import finish
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
    given,
    output_of,
    settings_from,
)
from rollout.cli.voice import voice
from rollout.errors import UsageError
from rollout.frozen import replace
from rollout.render import TABLE
from rollout.settings import Trust, read_settings


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

    finish(listing(open_store(read_settings(store=store)), datetime.now(UTC)), output)
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
    desk = open_desk(settings_from(plan, plan_option, env, store), need, voice)
    finish(read_status(desk), output)
    return 0


def check_gates(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Check")] = TABLE,
    phase: Annotated[
        str,
        typer.Option(
            help="Judge this phase of the file given, whether started or not.",
            autocompletion=offering_of(choices.phases, of_file=True),
        ),
    ] = "",
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
    desk = open_desk(settings, Need(of_file=bool(phase)), voice)
    result = check(desk, phase, stage.value if stage else "", at=at, wait=wait or NO_WAIT)
    finish(result, output)
    return result.decision.verdict.exit_code


def advance(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    store: StoreOption = "",
    output: Annotated[str, output_of("Advance")] = TABLE,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="PHASE[/STEP]",
            help="Only if this is the next step; else exit 7.",
            autocompletion=offering_of(choices.next_step),
        ),
    ] = None,
    reason: ReasonOption = "",
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="A gate, a trigger or `window` that does not count this time. Needs --reason.",
            autocompletion=offering_of(choices.overridable, besides="override"),
        ),
    ] = None,
    skip_soak: Annotated[
        bool, typer.Option("--skip-soak", help="Do not wait for the soak; settling stays. Needs --reason.")
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PHASE",
            help="After a rollback: begin again with this phase.",
            autocompletion=offering_of(choices.restarts),
        ),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Start anew, after a run that is complete or closed.")] = False,
    accept_plan_change: Annotated[
        bool, typer.Option("--accept-plan-change", help="Go on by the plan as it was edited. Needs --reason.")
    ] = False,
    wait: WaitOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> int:
    """One step forward: judge, show the change, ask, apply, read back, record."""
    from rollout.operations.advance import advance as take
    from rollout.operations.options import Options
    from rollout.operations.waiting import NO_WAIT
    from rollout.wiring.desks import Need, open_desk

    need = Need(renew=new, accept=accept_plan_change)
    desk = open_desk(settings_from(plan, plan_option, env, store), need, voice)
    to, start = given("--to", to), given("--from", start)
    options = Options(to, reason, override or (), skip_soak, start, new, accept_plan_change)
    confirm = asking("Advance?", "advance", yes=yes)
    result = take(
        desk, options=options, wait=wait or NO_WAIT, dry_run=dry_run, confirm=confirm, agree=agreeing(yes=yes)
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
    level: Annotated[
        str | None, typer.Option(help="A level of the plan.", autocompletion=offering_of(choices.levels))
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="PHASE[/STEP]",
            help="Back to this earlier step.",
            autocompletion=offering_of(choices.earlier_steps),
        ),
    ] = None,
    flags: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Only these flags, to their safe values.",
            autocompletion=offering_several_of(choices.safe_flags),
        ),
    ] = None,
    reason: ReasonOption = "",
    approved_by: Annotated[
        str, typer.Option(metavar="NAME", help="Who else approves it, where the level wants that.")
    ] = "",
    confirm: Annotated[str, typer.Option(metavar="NAME", help="The rollout's name, for a destructive level.")] = "",
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> int:
    """Take it back: to a level's values, to a step, or to the nearest earlier step whose values differ."""
    from rollout.model.plan import EMERGENCY

    level, to, flags = given("--level", level), given("--to", to), given("--flags", flags)
    if sum((emergency, bool(level), bool(to), bool(flags))) > 1:
        raise UsageError("--emergency, --level, --to and --flags exclude each other", "give one of them")
    settings = settings_from(plan, plan_option, env, store)
    if emergency or level == EMERGENCY:
        return roll_back_at_once(settings, output=output, reason=reason, dry_run=dry_run)
    from rollout.operations.rollback import rollback as take_back
    from rollout.wiring.desks import Need, open_desk

    desk = open_desk(settings, Need(finished=True), voice)
    result = take_back(
        desk,
        level=level,
        to=to,
        flags=[name.strip() for name in flags.split(",") if name.strip()],
        reason=reason,
        approved_by=approved_by,
        confirmed=confirm,
        dry_run=dry_run,
        confirm=confirming(desk.rollout.name, yes=yes),
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
    expect_head: Annotated[
        str, typer.Option(metavar="HASH", help="Verify, and that an event has this hash, as it was printed once.")
    ] = "",
) -> int:
    """Every event: who, what, why."""
    from rollout.operations.history import history as read_history
    from rollout.wiring.desks import find_rollout

    found, rollout = find_rollout(settings_from(plan, plan_option, env, store))
    result = read_history(found, rollout, verify=verify, expect_head=expect_head, witnesses=found.witnesses)
    finish(result, output)
    return result.exit_code
