"""One JSON document on a stream."""

from __future__ import annotations

import json
from typing import TextIO

from rollout.render.documents.parts import Json


def write_document(value: Json, stream: TextIO) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    stream.write(text.encode("utf-8", "replace").decode() + "\n")


def write_error(message: str, hint: str, stream: TextIO) -> None:
    write_document({"error": {"message": message, "hint": hint}}, stream)
