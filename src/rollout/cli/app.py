"""The commands, in the order that help shows them."""

from __future__ import annotations

import typer

from rollout import __version__
from rollout.cli import incidents, people, plans, rollouts

_DAILY, _INCIDENT, _AUTHORING = "Daily", "Incident", "Plans"

app = typer.Typer(
    name="rollout",
    help="Carry out rollout plans: judge gates, change flags, keep the record, take everything back.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root(version: bool = typer.Option(False, "--version", "-V", help="Print the version and exit.")) -> None:
    if version:  # alone it is answered before this module is imported
        typer.echo(f"rollout {__version__}")
        raise typer.Exit


app.command("list", rich_help_panel=_DAILY)(rollouts.list_rollouts)
app.command("status", rich_help_panel=_DAILY)(rollouts.status)
app.command("check-gates", rich_help_panel=_DAILY)(rollouts.check_gates)
app.command("advance", rich_help_panel=_DAILY)(rollouts.advance)
# An answer may be a negative number, which looks like an option.
app.command("answer", rich_help_panel=_DAILY, context_settings={"ignore_unknown_options": True})(people.answer)
app.command("tick", rich_help_panel=_DAILY)(people.tick)
app.command("untick", rich_help_panel=_DAILY)(people.untick)
app.command("checklist", rich_help_panel=_DAILY)(people.checklist)
app.command("sign", rich_help_panel=_DAILY)(people.sign)
app.command("pause", rich_help_panel=_DAILY)(people.pause)
app.command("resume", rich_help_panel=_DAILY)(people.resume)
app.command("history", rich_help_panel=_DAILY)(rollouts.history)
app.command("rollback", rich_help_panel=_INCIDENT)(rollouts.rollback)
app.command("recover", rich_help_panel=_INCIDENT)(incidents.recover)
app.command("unlock", rich_help_panel=_INCIDENT)(incidents.unlock)
app.command("close", rich_help_panel=_INCIDENT)(people.close)
app.command("lint", rich_help_panel=_AUTHORING)(plans.lint)
app.command("show", rich_help_panel=_AUTHORING)(plans.show)
app.command("schema", rich_help_panel=_AUTHORING)(plans.schema)
app.command("init", rich_help_panel=_AUTHORING)(plans.init)
