"""Which file a command's first argument names, and why it cannot be started."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class NotStartedError(Exception):
    """Says why, with the program."""


def find_program(name: str, shown: str, folder: Path, path: str) -> Path:
    """Relative to `folder` where it holds a slash, else on `path`, as the system itself looks it up from there.

    NotStartedError says why there is none; OSError where that cannot be told. `shown` is the name, fit for a sentence.
    """
    places = [""] if "/" in name else path.split(os.pathsep)
    files = [folder / place / name for place in places if name]
    for file in files:
        if os.access(file, os.X_OK) and not file.is_dir():
            return file
    for file in files:
        if os.access(file, os.F_OK):
            what = "is a folder, not a program" if file.is_dir() else "is not executable"
            raise NotStartedError(f"{shown!r} {what}")
    raise NotStartedError(f"there is no program {shown!r} {f'in {folder}' if '/' in name else 'on PATH'}")


def why_not_started(error: OSError) -> str:
    """For a program that was found."""
    match error.errno:
        case errno.ENOENT:
            return "the interpreter that its first line names does not exist"
        case errno.ENOEXEC:
            return "it is neither a program of this machine nor a script with a first line such as #!/bin/sh"
        case _:
            return error.strerror or type(error).__name__
