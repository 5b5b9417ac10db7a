"""The bytes of a `.env` file: which values stand in it, and the same bytes with only a few values changed.

A line `KEY=VALUE` counts, after `export` too, with spaces where python-dotenv allows them; a quoted value may span
lines, and nothing inside it counts. What a value's text is, and how a text is spelled:

- A plain word (`true`, `10`, `a,b`, `*`) means the same to `sh`, python-dotenv and `docker --env-file`. It takes the
  quotes that stand there, else none.
- Other text (`hello world`) means the same to `sh` and python-dotenv in quotes, which docker takes for a part of the
  value. So it is written where quotes stand already, and refused elsewhere, unless quoting is asked for.
- What needs escapes or expands in its quotes (`"$HOME/x"`) is held as it is spelled, with the quotes, and a text of
  that form is written as it is: it can be put back. Not so where `sh` would run a command (`"$(id)"`).
- Unquoted text that is no plain word (`two words`, `$HOME`) can be read and replaced, but not written again:
  `can_be_put_back` says so beforehand.

A carriage return alone ends a line for python-dotenv and does not for `sh`. A key is written where both see it in the
same place, else refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rollout.frozen import dataclass

BOM = b"\xef\xbb\xbf"
_HEAD = re.compile(rb"[ \t]*(?:export[ \t]+)?([^\s=#'\"]+)[ \t]*=")
_QUOTED = rb""""(?:\\.|[^"\\])*"|'[^']*'"""
_QUOTED_TO_END = re.compile(rb"[ \t]*(" + _QUOTED + rb")(?=[ \t\r]*(?:\n|\Z)|[ \t]+#)", re.DOTALL)
_IN_QUOTES = re.compile(_QUOTED.decode(), re.DOTALL)
_RUNS_NOTHING = re.compile(r"""\"(?:\\.|[^"\\`$]|\$(?!\())*"|'[^']*'""", re.DOTALL)
_SAME_IN_QUOTES = re.compile(r""""[^"\\$`]*"|'[^'\\$]*'""")
_COMMENT = re.compile(rb"[ \t]+#")
_LAST_BREAK_IS_CRLF = re.compile(rb"\r(?:\n[^\n]*)?\Z")
_PLAIN = re.compile(r"(?!#)[\w./:,@%+=*?!^#\[\]-]*")
_NEVER = re.compile("[\0\r\n\ud800-\udfff]")
_LONE_CR = re.compile(rb"\r(?!\n)")


class UnwritableError(ValueError):
    """A text that cannot be written: why, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Value:
    """The value of one line: `token` is where it stands, quotes included; `row` the whole line with its line break."""

    text: str
    line: int
    token: slice
    row: slice


@lru_cache(maxsize=8)  # a change looks at the same few contents again and again
def read_values(content: bytes) -> Mapping[str, Sequence[Value]]:
    """Every key that has a value, with all its lines; the last one is what `sh` and python-dotenv take."""
    values: dict[str, list[Value]] = {}
    for key, value in _lines(content):
        values.setdefault(key, []).append(value)
    return values


def edit(content: bytes, texts: Mapping[str, str | None], *, quote: bool = False) -> bytes:
    """`content` with each key holding its text in every line that it has; an absent one is appended, None removes it.

    What was appended and then removed leaves no trace. `quote` puts quotes, for `sh` and python-dotenv, around text
    that is no plain word, where none stand. UnwritableError for a text that cannot be written.
    """
    edited = content
    for key, text in texts.items():
        changed = _put(edited, key, text, quote=quote)
        if changed != edited:
            _refuse_lone_cr(edited, key, text)
        edited = changed
    wanted = _texts(content) | {key: {text} for key, text in texts.items()}
    if _texts(edited) != {key: held for key, held in wanted.items() if held != {None}}:
        raise UnwritableError(
            f"{', '.join(texts)} cannot be written: a quote that is left open in the file swallows it",
            "close that quote",
        )
    return edited


def can_be_put_back(content: bytes, key: str) -> bool:
    """Whether another value can take the place of what stands there, and be replaced by it to the byte."""
    found = read_values(content).get(key)
    try:
        return edit(edit(content, {key: "0"}), {key: found[-1].text if found else None}) == content
    except UnwritableError:
        return False


def _refuse_lone_cr(content: bytes, key: str, text: str | None) -> None:
    """UnwritableError unless the bytes to be changed are the same ones, whether a lone CR ends a line or not."""
    here, there = (
        [value.row if text is None else value.token for value in read_values(reading).get(key, ())]
        for reading in (content, _LONE_CR.sub(b"\n", content))
    )
    if here != there:
        raise UnwritableError(
            f"{key} cannot be written: readers differ in whether a carriage return alone ends a line",
            "end every line of the file with a line feed",
        )


def _lines(content: bytes) -> Iterator[tuple[str, Value]]:
    begin, line = len(BOM) if content.startswith(BOM) else 0, 1
    while begin < len(content):
        stop = start = begin
        head = _HEAD.match(content, begin)
        if head:
            start, stop = _token(content, head.end())
        end = content.find(b"\n", stop) + 1 or len(content)
        if head:
            text = _text(content[start:stop])
            yield head[1].decode(errors="backslashreplace"), Value(text, line, slice(start, stop), slice(begin, end))
        line += content.count(b"\n", begin, end)
        begin = end


def _texts(content: bytes) -> dict[str, set[str | None]]:
    return {key: {value.text for value in values} for key, values in read_values(content).items()}


def _put(content: bytes, key: str, text: str | None, *, quote: bool) -> bytes:
    found = read_values(content).get(key, ())
    if not found and text is not None:
        return _with_row(content, f"{key}=".encode() + _spelled(key, text, b"", None, quote=quote))
    for value in reversed(found):
        if text is None:
            content = _without(content, value.row)
        elif value.text != text:
            token = _spelled(key, text, content[value.token], value.line, quote=quote)
            content = content[: value.token.start] + token + content[value.token.stop :]
    return content


def _token(content: bytes, begin: int) -> tuple[int, int]:
    """Where the value that follows the `=` starts and stops: no blanks around it, no comment."""
    quoted = _QUOTED_TO_END.match(content, begin)
    if quoted:
        return quoted.span(1)
    end = content.find(b"\n", begin)
    rest = _COMMENT.split(content[begin : end if end >= 0 else None], maxsplit=1)[0].rstrip(b" \t\r")
    start = begin + len(rest) - len(rest.lstrip(b" \t"))
    return start, begin + len(rest)


def _text(token: bytes) -> str:
    text = token.decode(errors="backslashreplace")
    return text[1:-1] if _SAME_IN_QUOTES.fullmatch(text) else text


def _spelled(key: str, text: str, standing: bytes, line: int | None, *, quote: bool) -> bytes:
    """`line` None: there is none yet."""
    if _NEVER.search(text):
        raise UnwritableError(f"{key} cannot hold {text!r}: a value is one line of text", "choose another value")
    old = standing.decode(errors="backslashreplace")
    mark = old[0] if _IN_QUOTES.fullmatch(old) else ""
    if _PLAIN.fullmatch(text):
        return f"{mark}{text}{mark}".encode()
    in_quotes = [f"{q}{text}{q}" for q in (mark, '"', "'") if q]
    for token in (*in_quotes, text) if mark or quote else (text,):
        if _means(token, text):
            return token.encode()
    if not any(_means(token, text) for token in in_quotes):
        remedy = "choose another value"
    elif line is None:
        remedy = f'put the line {key}="" in the file, with the quotes'
    else:
        remedy = f"put the value of {key} in quotes in the file, line {line}"
    raise UnwritableError(
        f"{key} cannot hold {text!r}: sh, python-dotenv and docker read the same from no spelling of it", remedy
    )


def _means(token: str, text: str) -> bool:
    return _RUNS_NOTHING.fullmatch(token) is not None and _text(token.encode()) == text


def _with_row(content: bytes, row: bytes) -> bytes:
    line_break = b"\r\n" if _LAST_BREAK_IS_CRLF.search(content) else b"\n"
    if content in (b"", BOM) or content.endswith(b"\n"):
        return content + row + line_break
    return content + line_break + row


def _without(content: bytes, row: slice) -> bytes:
    if content[row].endswith(b"\n"):
        return content[: row.start] + content[row.stop :]
    return re.sub(rb"\r?\n\Z", b"", content[: row.start])
