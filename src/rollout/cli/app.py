"""The commands, in the order that help shows them."""

from __future__ import annotations

from collections.abc import Callable

import typer

from rollout import __version__
from rollout.cli import incidents, people, plans, rollouts
from rollout.cli.diagnosed import diagnosed

_DAILY, _INCIDENT, _AUTHORING = "Daily", "Incident", "Plans"

app = typer.Typer(
    name="rollout",
    help="Carry out rollout plans: judge gates, change flags, keep the record, take everything back.",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,  # `completion` prints scripts of our own
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root(version: bool = typer.Option(False, "--version", "-V", help="Print the version and exit.")) -> None:
    if version:  # alone it is answered before this module is imported
        typer.echo(f"rollout {__version__}")
        raise typer.Exit


_COMMANDS: tuple[tuple[str, str, Callable[..., int]], ...] = (
    ("list", _DAILY, rollouts.list_rollouts),
    ("status", _DAILY, rollouts.status),
    ("check-gates", _DAILY, rollouts.check_gates),
    ("advance", _DAILY, rollouts.advance),
    ("answer", _DAILY, people.answer),
    ("tick", _DAILY, people.tick),
    ("untick", _DAILY, people.untick),
    ("checklist", _DAILY, people.checklist),
    ("sign", _DAILY, people.sign),
    ("pause", _DAILY, people.pause),
    ("resume", _DAILY, people.resume),
    ("history", _DAILY, rollouts.history),
    ("rollback", _INCIDENT, rollouts.rollback),
    ("recover", _INCIDENT, incidents.recover),
    ("unlock", _INCIDENT, incidents.unlock),
    ("close", _INCIDENT, people.close),
    ("lint", _AUTHORING, plans.lint),
    ("show", _AUTHORING, plans.show),
    ("schema", _AUTHORING, plans.schema),
    ("init", _AUTHORING, plans.init),
    ("completion", _AUTHORING, plans.completion),
)
# An answer may be a negative number, which looks like an option.
_CONTEXT = {"answer": {"ignore_unknown_options": True}}

for name, panel, command in _COMMANDS:
    app.command(name, rich_help_panel=panel, context_settings=_CONTEXT.get(name))(diagnosed(command))
