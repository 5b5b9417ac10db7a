"""The page of every command and option, from the application itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.markdown import cell
from rollout.cli.app import app

HEAD = """\
<!-- Made by `make docs-update` from the application; do not edit. -->

# Commands

`rollout COMMAND --help` prints the same. `python -m rollout` is `rollout`. Results are on stdout, everything else
(progress, warnings, errors, questions) is on stderr. What the exit codes mean stands on
[a page of its own](exit-codes.md).

**Which rollout.** A command takes the plan as `PLAN` or `--plan`: a path, the name of a plan in `./plans`, or
`NAME[@ENV]` of a rollout in the store. Without it: `ROLLOUT_PLAN`; else the only active rollout in the store, with its
environment; else the only plan in `./plans`. The environment is `--env`, `ROLLOUT_ENV`, the active rollout's, the
plan's `default_environment`, or the only one. Where several fit, the command ends with exit 2 and prints one complete
command line for each.
"""

EVERYWHERE = ("--plan", "--env", "--store", "--output", "--verbose", "--debug", "--help")
"""Explained once. Which formats a command writes is said at each."""


def cli_reference() -> str:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    commands = [command for command in group.commands.values() if isinstance(command, TyperCommand)]
    lines = [HEAD, *_shared(commands)]
    for panel, several in groupby(commands, lambda command: str(command.rich_help_panel)):
        lines.append(f"## {panel}\n")
        for command in several:
            lines += _command(command)
    return "\n".join(lines)


def _shared(commands: list[TyperCommand]) -> Iterator[str]:
    seen = {option.opts[0]: option for command in commands for option in _options(command)}
    yield "## Options of most commands\n"
    yield "| option | is |\n|---|---|"
    for name in EVERYWHERE:
        if name in seen:
            yield _row(seen[name])
    yield "| `--help`, `-h` | What it does and takes. |\n"


def _command(command: TyperCommand) -> Iterator[str]:
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    usage = " ".join(["rollout", str(command.name), *map(_placeholder, arguments), "[OPTIONS]"])
    yield f"### {command.name}\n"
    yield f"`{usage}`\n"
    yield f"{' '.join((command.help or '').split())}\n"
    own = [option for option in _options(command) if option.opts[0] not in EVERYWHERE]
    if arguments or own:
        yield "| option | is | default |\n|---|---|---|"
        for argument in arguments:
            yield f"| `{_placeholder(argument)}` | {cell(argument.help or '')} | |"
        for option in own:
            yield f"{_row(option)} {_default(option)} |"
        yield ""
    shared = [option.opts[0] for option in _options(command) if option.opts[0] in EVERYWHERE]
    formats = [str(option.metavar).strip("<>") for option in _options(command) if option.opts[0] == "--output"]
    written = f" Formats: {', '.join(f'`{name}`' for name in formats[0].split('|'))}." if formats else ""
    yield f"Also: {', '.join(f'`{name}`' for name in (*shared, '--help'))}.{written}\n"


def _row(option: TyperOption) -> str:
    choices = [str(choice) for choice in getattr(option.type, "choices", ())]
    value = "" if option.is_flag else f" {option.metavar or 'TEXT'}"
    if option.opts[0] == "--output":
        value = " FORMAT"
    elif choices:
        value = f" {option.opts[0].strip('-').upper()}"
    names = ", ".join(f"`{name}{value if name.startswith('--') else ''}`" for name in option.opts)
    repeatable = " Can be given several times." if option.multiple else ""
    required = " **Required.**" if option.required else ""
    known = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return f"| {cell(names)} | {cell(option.help or '')}{known}{repeatable}{required} |"


def _placeholder(argument: TyperArgument) -> str:
    return argument.metavar or (str(argument.name).upper() if argument.required else f"[{str(argument.name).upper()}]")


def _default(option: TyperOption) -> str:
    match option.default:
        case None | "" | False:
            return ""
        case value:
            return f"`{value}`"


def _options(command: TyperCommand) -> list[TyperOption]:
    return [one for one in command.params if isinstance(one, TyperOption) and not one.hidden]
