"""One JSON document on a stream."""

from __future__ import annotations

import json
import re
from typing import TextIO

from rollout.render.documents.parts import Json

_ESCAPED = re.compile("[\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]|(?<=#)#")
"""What steers a terminal, and `##[…]`, which a CI obeys. All of it stands in strings, where an escape is the same."""


def write_document(value: Json, stream: TextIO) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    text = _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    stream.write(text.encode("utf-8", "replace").decode() + "\n")


def write_error(message: str, hint: str, stream: TextIO) -> None:
    write_document({"error": {"message": message, "hint": hint}}, stream)
