"""`rollback --emergency`, and a door of its own to it: Typer takes as long to load as a whole emergency.

The door lets in what is beyond doubt. Everything else, above all mistakes, goes to Typer, which ends up here too.
"""

from __future__ import annotations

from collections.abc import Sequence

from rollout.cli.finish import finish
from rollout.cli.voice import voice
from rollout.cli.which import settings_from
from rollout.frozen import dataclass, replace
from rollout.render import FORMATS, TABLE
from rollout.settings import EMERGENCY_PATIENCE, Settings

_VALUES = {
    "--plan": "plan_option",
    "-p": "plan_option",
    "--env": "env",
    "-e": "env",
    "--store": "store",
    "--output": "output",
    "-o": "output",
    "--reason": "reason",
}
"""Options of `rollback` with a value, each with the parameter that it fills."""

_SWITCHES = {"--emergency", "--dry-run", "--yes", "-y", "--verbose", "-v"}


@dataclass(frozen=True)
class Wanted:
    """The parameters of `rollback` that count in an emergency, as Typer would fill them."""

    plan: str = ""
    plan_option: str = ""
    env: str = ""
    store: str = ""
    output: str = TABLE
    reason: str = ""
    dry_run: bool = False
    verbose: bool = False

    @property
    def settings(self) -> Settings:
        return settings_from(self.plan, self.plan_option, self.env, self.store)


def understood(arguments: Sequence[str]) -> Wanted | None:
    """What `rollback … --emergency` asks for; None is left to Typer."""
    if arguments[:1] != ["rollback"] or "--emergency" not in arguments:
        return None
    values: dict[str, str] = {}
    switches: set[str] = set()
    words = iter(arguments[1:])
    for word in words:
        option, equals, value = word.partition("=")
        if word in _SWITCHES:
            switches.add(word)
        elif word in _VALUES:
            value = next(words, "-")
            if value.startswith("-"):
                return None
            values[_VALUES[word]] = value
        elif equals and option.startswith("--") and option in _VALUES:
            values[_VALUES[option]] = value
        elif word.startswith("-") or "plan" in values:
            return None
        else:
            values["plan"] = word
    wanted = Wanted(**values, dry_run="--dry-run" in switches, verbose=bool(switches & {"--verbose", "-v"}))
    return wanted if "--emergency" in switches and wanted.output in FORMATS["Rollback"] else None


def emergency(settings: Settings, *, output: str, reason: str, dry_run: bool) -> int:
    from rollout.model.plan import EMERGENCY
    from rollout.operations.rollback import rollback
    from rollout.wiring.desks import Need, open_desk

    settings = replace(settings, patience=EMERGENCY_PATIENCE)
    desk = open_desk(settings, Need(finished=True, emergency=True), voice)
    result = rollback(
        desk, level=EMERGENCY, reason=reason, dry_run=dry_run, confirm=lambda _: True, since=settings.began_at
    )
    finish(result, output)
    return result.exit_code
