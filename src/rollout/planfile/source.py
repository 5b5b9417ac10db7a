"""The text of a plan file: decoded strictly, or the problem that stands in the way."""

from __future__ import annotations

import re
import unicodedata

from rollout.shapes import Place, Problem, Severity

LARGEST = 256 * 1024

BREAK = re.compile(r"\r\n|\r|\n")
_STRANGE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Control characters, line breaks that only some programs know, and what turns the direction of writing."""

_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00": "UTF-32"}


class NotAPlan(Exception):
    """The file cannot be read at all."""

    def __init__(self, place: Place, message: str, hint: str = "", id: str = "syntax") -> None:
        super().__init__(message)
        self.problem = Problem(id, Severity.ERROR, place, message, hint)


def decoded(content: bytes) -> str:
    """NotAPlan, with line and column, for anything but UTF-8 text of at most 256 KiB."""
    if len(content) > LARGEST:
        raise NotAPlan(Place(1, 1), f"a plan has at most {LARGEST:,} bytes, this file has more", id="too-large")
    encoding = _BYTE_ORDER_MARKS.get(content[:2])
    if encoding:
        raise NotAPlan(Place(1, 1), f"this file is {encoding}; a plan is UTF-8", "save it as UTF-8", "encoding")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_of(content[: error.start].decode("utf-8-sig", "replace"))
        message = f"the byte {content[error.start]:#04x} is not UTF-8"
        raise NotAPlan(place, message, "save the file as UTF-8", "encoding") from error
    found = _STRANGE.search(text)
    if found:
        raise NotAPlan(place_of(text[: found.start()]), f"this file holds {_named(found[0])}", id="encoding")
    return text


def strange_character(value: str) -> str:
    """The first character, also an escaped one, that no plan needs and no terminal should get; else nothing."""
    found = _STRANGE.search(value) or re.search("\r", value)
    return _named(found[0]) if found else ""


def place_of(before: str) -> Place:
    """Where the text goes on after `before`."""
    lines = BREAK.split(before)
    return Place(len(lines), len(lines[-1]) + 1)


def _named(character: str) -> str:
    name = unicodedata.name(character, "a control character" if unicodedata.category(character) == "Cc" else "")
    return f"U+{ord(character):04X}" + (f" ({name.lower()})" if name else "")
