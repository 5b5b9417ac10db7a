"""Who is told what: channels, contacts, escalation, announcements, and the runbook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from rollout.frozen import dataclass, replace
from rollout.model.around import Announcement, Channel, Contact, Escalation, Occasion, RunbookEntry
from rollout.shapes import (
    Book,
    Boolean,
    ByNode,
    Choice,
    Duration,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Name,
    Node,
    Record,
    Reference,
    Schema,
    Template,
    Text,
    Unreadable,
)

TEXTS = ListOf(Text(loose=True), or_one=True)
_URL = Template(empty=False)


def _channel_named(channel: Channel, name: str) -> Channel:
    return replace(channel, name=name)


CHANNELS = MapOf(
    ByNode(
        "an address, or a mapping with type and url",
        scalar=Mapped(_URL, partial(Channel, "")),
        mapping=Record(
            partial(Channel, ""),
            {
                "type": Key(Name(), "The kind of service behind it.", example="pagerduty"),
                "url": Key(_URL, "Its address.", required=True, example="${PAGER_URL}"),
            },
            what="channel",
        ),
    ),
    kind="channel",
    named=_channel_named,
)

CONTACTS = ListOf(
    Record(
        Contact,
        {
            "role": Key(Text(), "What they are asked for.", required=True, example="On-call"),
            "name": Key(Template(), "Who it is."),
            "phone": Key(Template(), "Telephone."),
            "email": Key(Template(), "Mail."),
            "responds": Key(Duration(), "How soon they answer.", example="15m"),
            "scope": Key(Text(), "What they decide."),
        },
        what="contact",
    ),
    id=lambda contact: f"{contact.role}, {contact.name}",
    what="contact",
)

ESCALATION = ListOf(
    Record(
        Escalation,
        {
            "after": Key(Duration(), "How long after it began.", required=True, example="5m"),
            "who": Key(Text(), "Who hears of it.", required=True, example="On-call"),
            "channel": Key(Reference("channel"), "Over which channel."),
            "if": Key(Choice(Occasion), "Only then (default: always).", into="if_", example="rollback"),
            "send": Key(Boolean(), "It is sent, not only shown (default: false)."),
            "message": Key(Template(), "What they are told."),
        },
        what="step of the escalation",
    )
)

_ANNOUNCEMENT = Record(
    Announcement,
    {
        "when": Key(Choice(Occasion), "On which occasion.", required=True),
        "phase": Key(Reference("phase"), "Of this phase (default: of the whole rollout)."),
        "lead": Key(Duration(), "How long before it.", example="1w"),
        "to": Key(TEXTS, "Who is told.", example=["Product", "Support"]),
        "channel": Key(Reference("channel"), "Over which channel."),
        "message": Key(Template(empty=False), "What they are told.", required=True, example="Starts ${DATE}"),
        "action": Key(Text(), "What they are asked to do."),
        "every": Key(Duration(), "Again after each such time.", example="15m"),
        "send": Key(Boolean(), "It is sent, not only shown (default: false)."),
    },
    what="announcement",
)


@dataclass(frozen=True)
class _AnnouncementShape:
    """A message that names a phase exists where the phase takes place."""

    def read(self, node: Node, book: Book) -> Announcement:
        announcement = _ANNOUNCEMENT.read(node, book)
        if announcement.lead and announcement.when is not Occasion.BEFORE:
            book.error(node, "`lead` is for an announcement with `when: before`")
            raise Unreadable
        phase = book.phases.get(announcement.phase)
        return replace(announcement, environments=phase.environments) if phase else announcement

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _ANNOUNCEMENT.schema(definitions)


ANNOUNCEMENTS = ListOf(_AnnouncementShape())


def _by_id(entries: tuple[RunbookEntry, ...]) -> Mapping[str, RunbookEntry]:
    return {entry.id: entry for entry in entries}


@dataclass(frozen=True)
class _EntryShape:
    def read(self, node: Node, book: Book) -> RunbookEntry:
        entry = _ENTRY.read(node, book)
        book.define("runbook entry", entry.id, node.place)
        return entry

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _ENTRY.schema(definitions)


_ENTRY = Record(
    RunbookEntry,
    {
        "id": Key(Name(), "By which gates and triggers name it.", required=True, example="high-errors"),
        "title": Key(Text(), "What is wrong.", required=True),
        "symptoms": Key(TEXTS, "How it shows."),
        "investigate": Key(TEXTS, "How to find the cause."),
        "resolve": Key(TEXTS, "How to end it."),
    },
    what="runbook entry",
)

RUNBOOK = Mapped(ListOf(_EntryShape(), id=lambda entry: entry.id, what="runbook entry"), _by_id)
