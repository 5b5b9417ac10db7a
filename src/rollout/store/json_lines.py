"""Files of JSON lines that survive whoever is killed while writing."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from rollout.model.events import canonical

Row = dict[str, object]


def add_lines(path: Path, rows: Iterable[object], *, new: bool = False) -> None:
    """On the disk when it returns, readable for nobody else. OSError. `new`: the file must not be there."""
    text = "".join(f"{canonical(row)}\n" for row in rows).encode("utf-8", "surrogatepass")
    # O_NONBLOCK: a pipe in the place of the file fails, where opening it would wait for ever.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_EXCL if new else 0)
    file = os.open(path, flags, 0o600)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no regular file")
        if found.st_size and os.pread(file, 1, found.st_size - 1) != b"\n":
            text = b"\n" + text  # the last line was never finished
        while text:
            text = text[os.write(file, text) :]
        os.fsync(file)
    finally:
        os.close(file)
    if new or not found.st_size:
        sync_folder(path.parent)


def read_lines(path: Path) -> Sequence[Row | None]:
    """Every line that is not blank; None stands for one that is no object. OSError."""
    return [_row(line) for line in read_regular(path).split(b"\n") if line.strip()]


def read_regular(path: Path) -> bytes:
    """OSError for what is no regular file, too."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no regular file")
        return file.read()


def sync_folder(folder: Path) -> None:
    """So that a name that was made there stands after a loss of power."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def make_folder(folder: Path) -> None:
    """With those above it that are missing, for nobody else. OSError."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(0o700, exist_ok=True)


def _row(line: bytes) -> Row | None:
    try:
        row: object = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
