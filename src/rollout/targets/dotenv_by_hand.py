"""The shell command with which a person changes values of a `.env` file.

It writes into the file as it stands, so that it works where no other file can take its place: on a mount of its own, in
a folder that cannot be written. What it wrote beside goes last: after a failure it may be the only copy.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from rollout.targets.dotenv_text import BOM, Value, edit, read_values


def command(path: Path, content: bytes | None, texts: Mapping[str, str | None]) -> str:
    """Changes the lines that `content` has, whatever their values are by then; a key without one gets a line.

    `content` None: nobody knows.
    """
    file = shlex.quote(str(path))
    try:
        return " && ".join(("t=$(mktemp)", *_steps(file, content, texts), f'cat "$t" > {file}', 'rm "$t"'))
    except ValueError:
        return f"vi {file}"


def _steps(file: str, content: bytes | None, texts: Mapping[str, str | None]) -> Iterator[str]:
    """ValueError for what `sed` and `printf` cannot do."""
    known = content or b""
    before, edited = read_values(known), edit(known, texts, quote=True)
    after = read_values(edited)
    scripts: list[str] = []
    additions: list[str] = []
    for key, text in texts.items():
        olds = before.get(key, ())
        for index, old in enumerate(olds):
            new = None if text is None else edited[after[key][index].token].decode()
            scripts.append(_script(known, old, new, only_there=len(olds) > 1))
        if olds:
            continue
        head = f"^ *\\(export  *\\)*{key} *="
        if text is None:
            scripts.append(f"s/{head}[^[:cntrl:]]*//")  # a carriage return stays, and what may follow it
        else:
            [new_one] = after[key]
            token = edited[new_one.token].decode()
            scripts.append(f"/{head}/s/=[^[:cntrl:]]*/={_replacement(token)}/")
            form = r"\n%s\n" if content is None else _printf_form(edited, new_one.row)
            row = shlex.quote(f"{key}={token}")
            additions.append(f'{{ grep -q {shlex.quote(head)} "$t" || printf \'{form}\' {row} >> "$t"; }}')
    # In a UTF-8 locale sed's patterns stop at bytes of another encoding.
    locale = "" if content is not None and content.isascii() else "LC_ALL=C "
    yield (
        f"{locale}sed" + "".join(f" -e {shlex.quote(script)}" for script in dict.fromkeys(scripts)) + f' {file} > "$t"'
    )
    yield from additions


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
    elif not content[old.token.stop : old.row.stop].strip():
        pattern = ".*[^[:space:]]"
    else:
        raise ValueError("no pattern tells where the value ends and what follows it begins")
    address = old.line if only_there else ""
    return f"{address}s/^{head}{pattern}/{head}{_replacement(new)}/"


def _replacement(text: str) -> str:
    return re.sub(r"[\\/&]", r"\\\g<0>", text)


def _printf_form(content: bytes, row: slice) -> str:
    if content[row].endswith(b"\n"):
        return r"%s\r\n" if content[row].endswith(b"\r\n") else r"%s\n"
    return r"\r\n%s" if content[: row.start].endswith(b"\r\n") else r"\n%s"
