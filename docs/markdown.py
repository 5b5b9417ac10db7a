"""Plain text as a cell of a Markdown table."""

from __future__ import annotations

import html
import re


def cell(text: str) -> str:
    """What stands between backticks is code, and nothing else is markup."""
    parts = " ".join(text.split()).split("`")
    return "".join(code(part) if number % 2 else _literal(part) for number, part in enumerate(parts))


def code(text: str) -> str:
    """As HTML where Markdown's dialects differ: a bar or a backtick in the code of a table."""
    text = " ".join(text.split())
    if not re.search(r"[|`]", text):
        return f"`{text}`"
    return f"<code>{html.escape(text, quote=False).replace('|', '&#124;').replace('`', '&#96;')}</code>"


def _literal(text: str) -> str:
    text = re.sub(r"[\[\]*_]", lambda found: f"\\{found[0]}", text)
    return text.replace("<", "&lt;").replace("|", "&#124;")
