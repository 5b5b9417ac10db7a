"""Options that several commands share, and what they come to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rollout.errors import UsageError
from rollout.render import FORMATS
from rollout.settings import Settings, read_settings


def output_of(result: str) -> Any:
    """The option that chooses one of a result's formats; another is refused before anything is done."""
    known = tuple(FORMATS[result])

    def parse(text: str) -> str:
        if text not in known:
            raise typer.BadParameter(f"{text!r} is not one of {', '.join(known)}")
        return text

    return typer.Option(
        "--output",
        "-o",
        help="How the result is written.",
        parser=parse,
        metavar=f"<{'|'.join(known)}>",
        autocompletion=lambda: list(known),
    )


PlanArgument = Annotated[
    str, typer.Argument(metavar="[PLAN]", help="A plan file, the name of one in ./plans, or NAME[@ENV] of a rollout.")
]
PlanOption = Annotated[str, typer.Option("--plan", "-p", help="The same as PLAN.")]
EnvOption = Annotated[str, typer.Option("--env", "-e", help="The environment.")]
StoreOption = Annotated[str, typer.Option("--store", help="Where the record is kept: sqlite:PATH.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the record.")]


def settings_from(argument: str, option: str, environment: str, store: str) -> Settings:
    """UsageError when two different plans are named."""
    if argument and option and argument != option:
        raise UsageError(f"two plans are named, {argument!r} and {option!r}", "name one")
    return read_settings(argument or option, environment, store)
