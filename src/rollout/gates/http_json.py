"""Whether a body holds the JSON that an `http` gate expects: a subset of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping

from rollout.model.probes import HttpReply
from rollout.model.verdicts import Outcome
from rollout.shapes.json_value import Json

_SHORT = 40
"""Characters of a value, or of a body, that a reason repeats."""

Flaw = tuple[Outcome, str]
"""What keeps a reply from passing, as the rest of a sentence that begins with its address."""


def json_flaws(expected: Json, reply: HttpReply) -> Iterator[Flaw]:
    """A value that differs fails; one that is not there, and a body that is no JSON, say nothing."""
    if not reply.body:
        yield Outcome.UNKNOWN, "answers with an empty body, which is no JSON"
        return
    try:
        found = _parsed(reply.body)
    except RecursionError:
        yield Outcome.UNKNOWN, "answers with JSON that is nested too deeply"
    except _AmbiguousJsonError as error:
        yield Outcome.UNKNOWN, f"answers with {error}"
    except ValueError:
        begin = short(reply.quote(reply.body.decode("utf-8", "replace")))
        yield Outcome.UNKNOWN, f"answers with a body that is no whole JSON; it begins with {begin!r}"
    else:
        if isinstance(expected, Mapping) and not isinstance(found, dict):
            yield Outcome.UNKNOWN, "answers with JSON that is no object"
        elif isinstance(expected, tuple) and not isinstance(found, list):
            yield Outcome.UNKNOWN, "answers with JSON that is no array"
        else:
            yield from _differences(expected, found, "", reply.quote)


def plain(expected: Json) -> str:
    return short(json.dumps(expected, ensure_ascii=False))


def short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _differences(expected: Json, found: object, path: str, quote: Callable[[str], str]) -> Iterator[Flaw]:
    match expected, found:
        case Mapping(), dict():
            for key, value in expected.items():
                name = _joined(path, key)
                if key in found:
                    yield from _differences(value, found[key], name, quote)
                else:
                    yield Outcome.UNKNOWN, f"answers with JSON that has no {name}"
        case tuple(), list() if len(expected) != len(found):
            yield Outcome.FAIL, f"says that {path or 'its JSON'} has {len(found)} elements, expected {len(expected)}"
        case tuple(), list():
            for number, (wanted, there) in enumerate(zip(expected, found, strict=True)):
                yield from _differences(wanted, there, f"{path}[{number}]", quote)
        case _:
            if not _equal(expected, found):
                what = path or "its JSON"
                yield Outcome.FAIL, f"says that {what} is {_shown(found, quote)}, expected {plain(expected)}"


def _joined(path: str, key: str) -> str:
    if not re.fullmatch(r"[\w-]+", key):
        return f"{path}[{json.dumps(key)}]"
    return f"{path}.{key}" if path else key


def _equal(expected: Json, found: object) -> bool:
    """Numbers by their value; true is no 1."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    return expected == found


def _shown(found: object, quote: Callable[[str], str]) -> str:
    """Masked before anything escapes it, because an escaped secret is not found."""
    match found:
        case str():
            return f'"{short(quote(found))}"'
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            return short(quote(json.dumps(found)))


class _AmbiguousJsonError(ValueError):
    """JSON, or nearly, that two readers may understand differently."""


def _parsed(body: bytes) -> object:
    text = body.decode("utf-8-sig")
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _AmbiguousJsonError("JSON in which a key stands twice")
    return found


def _no_number(_: str) -> float:
    raise _AmbiguousJsonError("JSON that holds NaN, Infinity or a number too large to be one")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)
