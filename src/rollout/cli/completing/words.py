"""A command line as it is being typed, taken apart by the rules that shells have in common. Nothing is expanded."""

from __future__ import annotations

import re

from rollout.frozen import dataclass

_ASSIGNMENT = re.compile(r"\w+=")
_PLAIN = re.compile(r"[^\w@%+:,./=-]")


@dataclass(frozen=True)
class Word:
    """`raw` as it was typed, `text` what it means, `quote` the one that is still open.

    `expands`: what it means, the shell alone could tell.
    """

    raw: str = ""
    text: str = ""
    quote: str = ""
    expands: bool = False


def arguments(line: str) -> list[Word]:
    """Those of a command's line up to the cursor; the last one, perhaps empty, is where the cursor stands."""
    found = split(line)
    while len(found) > 1 and _ASSIGNMENT.match(found[0].raw):
        del found[0]
    return found[1:] or [Word()]


def split(line: str) -> list[Word]:
    found: list[Word] = []
    raw = text = quote = ""
    expands = False
    letters = iter(line)
    for letter in letters:
        if not quote and letter.isspace():
            found += [Word(raw, text, "", expands)] if raw else []
            raw = text = ""
            expands = False
            continue
        raw += letter
        if letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
        elif letter == "\\" and quote != "'":
            escaped = next(letters, "")
            raw += escaped
            text += escaped if not quote or escaped in '"\\$`' else letter + escaped
        else:
            expands |= letter in "$`" and quote != "'"
            text += letter
    return [*found, Word(raw, text, quote, expands)]


def quoted(text: str, quote: str) -> str:
    """For bash, behind an opening quote or none."""
    match quote:
        case "'":
            return text.replace("'", r"'\''")
        case '"':
            return re.sub(r'(["\\$`])', r"\\\1", text).replace("!", "\"'!'\"")
        case _:
            return _PLAIN.sub(r"\\\g<0>", text)
