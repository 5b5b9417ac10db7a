"""From the bytes of a plan file to a tree of nodes: bounded, without constructors, with a place for every part."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from rollout.frozen import dataclass, field, replace
from rollout.planfile.source import BREAK, NotAPlan, decoded, strange_character
from rollout.shapes import Mapping, Node, Place, Scalar, Sequence

DEEPEST = 64
MOST_ALIASES = 50
MOST_NODES = 20_000

_LOADER: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_nodes(content: bytes) -> Mapping:
    """The mapping that the file holds; NotAPlan for anything else."""
    text = decoded(content)
    try:
        root = _Tree(text).build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        place = _place_of(error, text)
        raise NotAPlan(place, f"this is not YAML: {_said(error)}", _remedy(error, text, place)) from error
    except yaml.YAMLError as error:
        raise NotAPlan(Place(1, 1), f"this is not YAML: {error}") from error
    if root is None:
        raise NotAPlan(Place(1, 1), "this file is empty", "`rollout init` writes a starter plan")
    if not isinstance(root, Mapping):
        raise NotAPlan(
            root.place, f"a plan is a mapping, found {root.described}", "`rollout init` writes a starter plan"
        )
    return root


@dataclass
class _Open:
    """A collection whose end has not been seen; `key` is the one that waits for its value."""

    place: Place
    is_mapping: bool
    anchor: str
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    key: Scalar | None = None
    size: int = 1
    height: int = 1


@dataclass(frozen=True)
class _Anchored:
    """`size` and `height` count what an alias stands for."""

    node: Node
    size: int
    height: int


class _Tree:
    """Builds nodes from events with a stack of its own, so that no depth of the file is a depth of calls."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._aliases = 0
        self._root: Node | None = None
        self._documents = 0

    def build(self, events: Iterable[yaml.Event]) -> Node | None:
        for event in events:
            match event:
                case yaml.DocumentStartEvent():
                    self._document(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.ScalarEvent():
                    self._check_tag(event)
                    self._add(self._scalar(event), event.anchor or "")
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._check_tag(event)
                    self._open(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close()
                case _:
                    pass  # begin and end of the stream
        return self._root

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise NotAPlan(_place(event), "a plan is one document; here a second one begins", "remove the `---`")
        if event.version not in (None, (1, 2)):
            raise NotAPlan(_place(event), "a plan is YAML 1.2", "remove the %YAML line")

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            raise NotAPlan(
                _place(event), f"a plan has no tags such as {event.tag[:40]!r}", "quote a text that begins with !"
            )

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        strange = strange_character(event.value)
        if strange:
            raise NotAPlan(_place(event), f"this text holds {strange}")
        plain = event.implicit[0]
        return Scalar(_place(event), event.value, plain)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        place = replace(_place(event), width=1)
        if self._stack and self._stack[-1].is_mapping and self._stack[-1].key is None:
            raise NotAPlan(place, "a key is a text, not a list or a mapping", "quote a text that begins with [ or {")
        if len(self._stack) >= DEEPEST:
            raise NotAPlan(place, f"this is nested more than {DEEPEST} levels deep", id="too-large")
        self._stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent), event.anchor or ""))

    def _close(self) -> None:
        done = self._stack.pop()
        node = Mapping(done.place, tuple(done.entries)) if done.is_mapping else Sequence(done.place, tuple(done.items))
        self._add(node, done.anchor, done.size, done.height)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place = _place(event)
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise NotAPlan(place, f"a plan has at most {MOST_ALIASES} aliases", id="too-large")
        if any(one.anchor == event.anchor for one in self._stack):
            raise NotAPlan(place, f"*{event.anchor} stands for something that it is itself a part of")
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            raise NotAPlan(
                place, f"no &{event.anchor} stands before *{event.anchor}", "quote a text that begins with *"
            )
        if len(self._stack) + anchored.height - 1 > DEEPEST:
            raise NotAPlan(place, f"this is nested more than {DEEPEST} levels deep", id="too-large")
        self._add(anchored.node, "", anchored.size, anchored.height)

    def _add(self, node: Node, anchor: str, size: int = 1, height: int = 0) -> None:
        if anchor:
            self._anchors[anchor] = _Anchored(node, size, height)
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if top.size > MOST_NODES:
            raise NotAPlan(node.place, f"a plan has at most {MOST_NODES:,} parts, aliases written out", id="too-large")
        if not top.is_mapping:
            top.items.append(node)
        elif top.key is not None:
            top.entries.append((top.key, node))
            top.key = None
        elif isinstance(node, Scalar):
            top.key = node
        else:
            raise NotAPlan(node.place, "a key is a text, not a list or a mapping")


def _place(event: yaml.Event) -> Place:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # never, by the stubs' word alone
        return Place(1, 1)
    width = end.column - start.column if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, max(width, 1))


def _place_of(error: yaml.MarkedYAMLError, text: str) -> Place:
    """Where it was noticed; if that is the end of the file, where what does not end begins."""
    noticed, began = error.problem_mark, error.context_mark
    if noticed is None or (began is not None and noticed.line >= len(BREAK.split(text.rstrip()))):
        noticed = began
    return Place(noticed.line + 1, noticed.column + 1) if noticed else Place(1, 1)


def _said(error: yaml.MarkedYAMLError) -> str:
    return " ".join(part for part in (error.problem, error.context) if part)


def _remedy(error: yaml.MarkedYAMLError, text: str, place: Place) -> str:
    lines = BREAK.split(text)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    at = line[place.column - 1 : place.column]
    said = error.problem or ""
    if "\t" in line[: place.column]:
        return "YAML is indented with spaces, not with tabs"
    if at in ("%", "@", "`"):
        return f"quote a text that begins with {at}"
    if "mapping values are not allowed" in said:
        return "quote a text that holds a colon and a space"
    if "expected ',' or" in said:
        return "a comma or a bracket is missing, or a text that holds one is to be quoted"
    return ""
