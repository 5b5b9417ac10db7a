"""Every event of a rollout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from rollout.model.events import Event, EventKind
from rollout.model.values import from_json
from rollout.operations.history import History
from rollout.render.console import console, styled, table
from rollout.render.text import shown


def write(result: History, stream: TextIO) -> None:
    out = console(stream)
    zone = datetime.now().astimezone().tzname()
    headings = ("seq", f"at ({zone})", "who", "what", "", *(["hash"] if result.verified else []))
    out.print(table(headings, [_row(event, hashed=result.verified) for event in result.events]))
    if not result.verified:
        for last in result.events[-1:]:
            out.print(styled(f"head [{last.hash[:12]}]"))
        return
    if result.broken is None:
        out.print(styled(f"the chain of {len(result.events)} events is whole"))
    else:
        out.print(styled("error", f": the chain is broken from event {result.broken} on: the record was altered"))
    for finding in result.findings:
        out.print(styled("error", f": {finding}"))


def _row(event: Event, *, hashed: bool) -> tuple[str, ...]:
    row = (str(event.seq), _local(event.at), event.actor, event.kind, _what(event))
    return (*row, event.hash[:12]) if hashed else row


def _local(at: str) -> str:
    """As it stands there where it is no time: somebody altered it."""
    try:
        return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return at


def _what(event: Event) -> str:
    data = event.data
    words = [_answer(data)] if event.kind == EventKind.ANSWERED else []
    place = data.get("to") or data.get("position")
    if isinstance(place, Mapping):
        words.append(f"{place.get('phase')}/{place.get('step')}")
    words += [f"{key}: {data[key]}" for key in ("role", "level", "verdict", "reason", "error") if data.get(key)]
    changes = data.get("changes")
    if isinstance(changes, list):
        words += [f"{row.get('flag')}={_text(row.get('after'))}" for row in changes if isinstance(row, Mapping)]
    return ", ".join(words)


def _answer(data: Mapping[str, object]) -> str:
    value, unit = data.get("value"), data.get("unit")
    said = ("yes" if value else "no") if isinstance(value, bool) else f"{_text(value)} {unit or ''}".strip()
    return f"{data.get('id')}: {said}"


def _text(value: object) -> str:
    try:
        return shown(from_json(value))
    except ValueError:  # altered since it was recorded
        return str(value)
