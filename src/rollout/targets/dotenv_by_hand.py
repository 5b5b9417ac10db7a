"""The shell command with which a person changes values of a `.env` file."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rollout.targets.dotenv_text import BOM, Value, edit, read_values

_IN_PLACE = "sed -i ''" if sys.platform == "darwin" else "sed -i"


def command(path: Path, content: bytes, texts: Mapping[str, str | None]) -> str:
    """Changes the lines that `content` has, whatever their values are by then, and appends the others."""
    file = shlex.quote(str(path))
    try:
        return " && ".join(f"{step} {file}" for step in _steps(content, texts)) or ":"
    except ValueError:
        return f"vi {file}"


def _steps(content: bytes, texts: Mapping[str, str | None]) -> Iterator[str]:
    """Commands that lack the file at their end. ValueError for what `sed` and `printf` cannot do."""
    before, edited = read_values(content), edit(content, texts, quote=True)
    after = read_values(edited)
    scripts: list[str] = []
    appended: dict[str, list[str]] = {}
    for key, text in texts.items():
        olds = before.get(key, ())
        for index, old in enumerate(olds):
            new = None if text is None else edited[after[key][index].token].decode()
            scripts.append(_script(content, old, new, only_there=len(olds) > 1))
        if text is not None and not olds:
            [new_one] = after[key]
            row = edited[new_one.row.start : new_one.token.stop].decode()
            appended.setdefault(_printf_form(edited, new_one.row), []).append(row)
    if scripts:
        # In a UTF-8 locale sed's patterns stop at bytes of another encoding.
        locale = "" if all(content[old.row].isascii() for key in texts for old in before.get(key, ())) else "LC_ALL=C "
        yield f"{locale}{_IN_PLACE}" + "".join(f" -e {shlex.quote(script)}" for script in dict.fromkeys(scripts))
    for form, rows in appended.items():
        yield f"printf '{form}' {shlex.join(rows)} >>"


def _script(content: bytes, old: Value, new: str | None, *, only_there: bool) -> str:
    if b"\n" in content[old.token] or content[: old.row.start] == BOM:
        raise ValueError("sed sees lines, and a byte order mark as a part of the first one")
    head = content[old.row.start : old.token.start].decode()
    if new is None:
        return f"/^{head}/d"
    token = content[old.token]
    if not re.search(rb"\s", token):
        pattern = "[^[:space:]]*"
    elif old.text.encode() == token[1:-1]:
        pattern = f"{chr(token[0])}[^{chr(token[0])}]*{chr(token[0])}"
    else:
        pattern = ".*[^[:space:]]"
    address = old.line if only_there else ""
    return f"{address}s/^{head}{pattern}/{head}" + re.sub(r"[\\/&]", r"\\\g<0>", new) + "/"


def _printf_form(content: bytes, row: slice) -> str:
    if content[row].endswith(b"\n"):
        return r"%s\r\n" if content[row].endswith(b"\r\n") else r"%s\n"
    return r"\r\n%s" if content[: row.start].endswith(b"\r\n") else r"\n%s"
