"""Commands on plan files alone."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rollout.cli.completing import choices, offering
from rollout.cli.finish import finish, write_text
from rollout.cli.options import EnvOption, PlanArgument, PlanOption, output_of, settings_from
from rollout.errors import UsageError
from rollout.render import TABLE
from rollout.settings import read_settings


class ShellOption(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def lint(
    plans: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PLAN]...",
            help="Plan files (default: those in ./plans).",
            autocompletion=offering(choices.plan_files, files=True, besides="plans"),
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    output: Annotated[str, output_of("Lint")] = TABLE,
) -> int:
    """Check plans, and say what is wrong with line and column."""
    from rollout.operations.lint import Lint
    from rollout.wiring.plans import read_plans

    result = Lint(read_plans(read_settings(), plans or []), strict)
    finish(result, output)
    return result.exit_code


def show(
    plan: PlanArgument = "",
    plan_option: PlanOption = "",
    env: EnvOption = "",
    output: Annotated[str, output_of("Shown")] = TABLE,
) -> int:
    """Print a plan in words, every bound as it was understood."""
    from rollout.operations.show import show as show_plan
    from rollout.wiring.desks import find_plan

    finish(show_plan(*find_plan(settings_from(plan, plan_option, env, ""))), output)
    return 0


def schema() -> int:
    """Print the JSON Schema of a plan."""
    write_text(_schema())
    return 0


def init(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Where to write it (default: plans/NAME.yaml).", autocompletion=offering(choices.nothing, files=True)
        ),
    ] = None,
) -> int:
    """Write a starter plan with what the folder tells, and the schema for editors beside it; asks nothing."""
    from rollout.operations.init import write_starter

    settings = read_settings()
    if not settings.folder_is_there:
        raise UsageError("the working folder is not there any more", "change to another one")
    write_text(write_starter(settings.folder, file, settings.variables, _schema()) + "\n")
    return 0


def _schema() -> str:
    from rollout.planfile.schema import json_schema
    from rollout.wiring.plans import SHAPES

    return json.dumps(json_schema(SHAPES), indent=1, ensure_ascii=False) + "\n"


def completion(
    shell: Annotated[ShellOption, typer.Argument(help="Which one; its script says how to install it.")],
) -> int:
    """Print the script that makes a shell complete `rollout`."""
    from rollout.cli.completion_script import script

    write_text(script(shell))
    return 0
