"""Options that several commands share, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from rollout.cli import which
from rollout.cli.completing import choices, offering
from rollout.errors import UsageError
from rollout.model.durations import parse_duration
from rollout.render import FORMATS


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


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _moment(text: str) -> datetime:
    """RFC 3339; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a time such as 2026-03-01T12:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def given(option: str, value: str | None) -> str:
    """UsageError for one that was typed and is empty: a variable that is not set must not become another command."""
    if value is not None and not value.strip():
        raise UsageError(f"{option} is empty", "name something, or leave it out")
    return value or ""


PLANS = offering(choices.plans, files=True)
PlanArgument = Annotated[
    str,
    typer.Argument(
        metavar="[PLAN]",
        help="A plan file, the name of one in ./plans, or NAME[@ENV] of a rollout.",
        autocompletion=PLANS,
    ),
]
PlanOption = Annotated[str, typer.Option("--plan", "-p", help="The same as PLAN.", autocompletion=PLANS)]
EnvOption = Annotated[
    str, typer.Option("--env", "-e", help="The environment.", autocompletion=offering(choices.environments))
]
StoreOption = Annotated[str, typer.Option("--store", help="Where the record is kept: sqlite:PATH.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
WaitOption = Annotated[
    timedelta | None,
    typer.Option(
        parser=_duration, metavar="DURATION", help="Wait so long for anything but NO-GO and ROLLBACK, as in 30m."
    ),
]
AtOption = Annotated[
    datetime | None,
    typer.Option(parser=_moment, metavar="TIME", help="Judge as of a past moment: 2026-03-01T12:00Z."),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the record.")]

settings_from = which.settings_from
