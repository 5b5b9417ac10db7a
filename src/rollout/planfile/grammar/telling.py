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
                "type": Key(Name(), "The kind of service behind it. Without it: a plain webhook.", example="pagerduty"),
                "url": Key(
                    _URL,
                    "The address that messages are posted to; `${VAR}` keeps it out of the plan.",
                    example="${PAGER_URL}",
                    required=True,
                ),
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
            "role": Key(Text(), "What they are asked for.", example="On-call", required=True),
            "name": Key(
                Template(), "Who it is; `${VAR}` is filled in. Without it: the role alone.", example="Platform rota"
            ),
            "phone": Key(
                Template(), "Telephone number; `${VAR}` is filled in. Without it: none.", example="${ON_CALL_PHONE:-}"
            ),
            "email": Key(
                Template(), "Mail address; `${VAR}` is filled in. Without it: none.", example="on-call@example.com"
            ),
            "responds": Key(Duration(), "How soon they answer. Without it nothing is promised.", example="15m"),
            "scope": Key(Text(), "What they decide. Without it nothing is said.", example="Outages"),
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
            "after": Key(Duration(), "How long after it began.", example="5m", required=True, also=("0m",)),
            "who": Key(Text(), "Who hears of it: the role of a contact, or a name.", example="On-call", required=True),
            "channel": Key(
                Reference("channel"), "The channel that it is told over. Without it: it is only shown.", example="ops"
            ),
            "if": Key(
                Choice(Occasion),
                "The only occasion on which it is told. Without it: always.",
                example="rollback",
                into="if_",
            ),
            "send": Key(
                Boolean(),
                "With `true` it is sent. Without it it is only shown.",
                example=True,
                default=False,
            ),
            "message": Key(
                Template(),
                "What they are told; `${VAR}` is filled in. Without it: what happened.",
                example="Rolled back: look at ${API}",
            ),
        },
        what="step of the escalation",
    )
)

_ANNOUNCEMENT = Record(
    Announcement,
    {
        "when": Key(Choice(Occasion), "The occasion.", example="before", required=True, also=("complete",)),
        "phase": Key(
            Reference("phase"), "The phase whose occasion it is. Without it: the whole rollout's.", example="limited"
        ),
        "lead": Key(
            Duration(), "How long before it, for `when: before` alone. Without it: at once before.", example="1w"
        ),
        "to": Key(TEXTS, "Who is told. Without it: whoever reads the channel.", example=["Product", "Support"]),
        "channel": Key(
            Reference("channel"), "The channel that it is told over. Without it: it is only shown.", example="ops"
        ),
        "message": Key(
            Template(empty=False), "What they are told; `${VAR}` is filled in.", example="Starts ${DATE}", required=True
        ),
        "action": Key(Text(), "What they are asked to do. Without it: nothing.", example="Review the runbook"),
        "every": Key(Duration(), "How long until it is told again. Without it: once.", example="15m"),
        "send": Key(
            Boolean(),
            "With `true` it is sent. Without it it is only shown.",
            example=True,
            default=False,
        ),
    },
    what="announcement",
    rules={"if": {"required": ["lead"]}, "then": {"properties": {"when": {"const": "before"}}}},
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
        "id": Key(Name(), "The id by which gates and triggers name it.", example="high-errors", required=True),
        "title": Key(Text(), "What is wrong.", example="High error rate", required=True),
        "symptoms": Key(TEXTS, "How it shows. Without it nothing is said.", example=["Spike of errors"]),
        "investigate": Key(TEXTS, "How to find the cause. Without it nothing is said.", example=["Check the logs"]),
        "resolve": Key(TEXTS, "How to end it. Without it nothing is said.", example=["Roll back"]),
    },
    what="runbook entry",
)

RUNBOOK = Mapped(ListOf(_EntryShape(), id=lambda entry: entry.id, what="runbook entry"), _by_id)
