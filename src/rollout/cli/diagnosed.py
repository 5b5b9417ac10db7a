"""`--verbose` and `--debug`, which every command takes."""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any

import typer

from rollout.cli.voice import voice
from rollout.errors import RolloutError
from rollout.settings import read_settings

_OPTIONS = {
    "verbose": Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what is asked, read and written, and how long each took.")
    ],
    "debug": Annotated[
        bool, typer.Option("--debug", help="As --verbose, and keep the traceback of an error in a file.")
    ],
}


def diagnosed(command: Callable[..., int]) -> Callable[..., int]:
    @wraps(command)
    def run(*, verbose: bool, debug: bool, **options: Any) -> int:
        voice.verbose = verbose or debug
        if not debug:
            return command(**options)
        try:
            return command(**options)
        except Exception as error:
            place = _kept(error)
            voice.trace(lambda: f"traceback: {place}")
            raise

    signature = inspect.signature(command, eval_str=True)
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=option)
        for name, option in _OPTIONS.items()
    ]
    parameters = [*signature.parameters.values(), *more]
    # Typer reads both.
    vars(run)["__signature__"] = signature.replace(parameters=parameters)
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _kept(error: Exception) -> str:
    """Where its traceback was appended, or why it was not."""
    try:
        path = read_settings().state_folder / "debug.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC).isoformat()}\n{''.join(_traceback(error))}\n")
    except (OSError, RolloutError) as failure:
        return f"not kept: {failure}"
    return str(path)


def _traceback(error: BaseException) -> Iterator[str]:
    """Of an error that is not our own only the kind: its words may hold a credential."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _traceback(earlier)
        yield "\nwhich led to:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}{f': {error}' if isinstance(error, RolloutError) else ''}\n"
