"""Shape of PromQL: checked by a parser, measured for how far back it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache

from rollout.frozen import dataclass
from rollout.model.durations import parse_duration
from rollout.model.variables import UnsetVariableError, defaults, expand, fit_for_query, references
from rollout.shapes.book import Book, Unreadable
from rollout.shapes.nodes import Node
from rollout.shapes.promql_tree import DEEPEST, Call, Selector, Subquery, Text, Tree, reach, tree_of
from rollout.shapes.scalars import Template
from rollout.shapes.shape import Schema, defined

LONGEST = 4096
_IS = "A query that comes to a vector or a scalar. In it `${VAR}` stands for what the environment's `vars` say."

MOST_OPERATORS = 500
"""The parser descends into itself: it takes seconds for some thousands, and at 8,000 it runs out of stack."""

_STAND_INS = ("placeholder", "1m")
"""For a variable's value that only the machine knows: a word, and where no word fits, a duration."""

_OPERATOR = re.compile(r"[-+*/%^(]")
_UNKNOWN_FUNCTION = re.compile(r"unknown function with name '(?P<name>.*)'\Z")
_BRACKETS = re.compile(r"(?:\[|offset\s)\s*(?P<range>[0-9wdhms]+)")


@dataclass(frozen=True)
class CheckedQuery:
    """`reach` is how far back it looks: its longest range, with offsets and sub-queries."""

    text: str
    reach: timedelta


@dataclass(frozen=True)
class PromQL:
    """A query that comes to a vector or a scalar. `${VAR}` stands for what `vars` say, in each environment."""

    def read(self, node: Node, book: Book) -> CheckedQuery:
        text = Template(from_vars=True, empty=False).read(node, book)
        if len(text) > LONGEST or len(_OPERATOR.findall(text)) > MOST_OPERATORS:
            message = f"a query has at most {LONGEST} characters and {MOST_OPERATORS} operators and brackets"
            book.error(node, message, "record a part of it with a rule of Prometheus", "promql")
            raise Unreadable
        for name, value in _unfit(text, book):
            message = f"in a query ${{{name}}} would become {value!r}: only letters, digits and _ . : - may stand there"
            book.error(node, message, id="promql")
            raise Unreadable
        failures = []
        for stand_in in _STAND_INS:
            try:
                forms = [_parse(form.text) for form in _expansions(text, book.vars, stand_in)]
                return CheckedQuery(text, max(reach(tree) for tree, _ in forms))
            except _UnknownFunctionError as unknown:
                book.warn(node, "unknown-function", f"the PromQL function {unknown} is not known to the checker")
                return CheckedQuery(text, _ranges_added_up(text))
            except (ValueError, OverflowError) as error:
                failures.append(str(error))
                continue
        book.error(node, f"this is not valid PromQL: {failures[0]}", id="promql")
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        text = Template(empty=False).schema(definitions)
        return defined("query", {"title": "PromQL", "description": _IS, **text, "maxLength": LONGEST}, definitions)


class _UnknownFunctionError(Exception):
    pass


def trees(text: str, variables: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Tree, bool]]:
    """A valid query as each environment asks it, and whether it was guessed what a variable stands for.

    Nothing where it cannot be parsed, or is too deep to reason about.
    """
    for stand_in in _STAND_INS:
        try:
            forms = [(*_parse(form.text), form.guessed) for form in _expansions(text, variables, stand_in)]
        except (_UnknownFunctionError, ValueError, OverflowError):
            continue
        yield from ((tree, guessed) for tree, depth, guessed in forms if depth <= DEEPEST)
        return


@dataclass(frozen=True)
class _Form:
    text: str
    guessed: bool


def _expansions(text: str, variables: Mapping[str, Mapping[str, str]], stand_in: str) -> list[_Form]:
    """The query as each environment asks it; where none can tell yet, with stand-ins alone."""
    found = {}
    names = {name for name, _ in references(text)}
    for written in variables.values():
        unsure = {name for name, value in written.items() if "${" in value}
        known = {name: stand_in if name in unsure else value for name, value in written.items()}
        try:
            form = _Form(expand(text, known.get), guessed=bool(unsure & names))
        except UnsetVariableError:
            continue
        found[form.text] = form
    return list(found.values()) or [_Form(expand(text, lambda _: stand_in), guessed=bool(names))]


def _unfit(text: str, book: Book) -> Iterator[tuple[str, str]]:
    """Only the run knows what a reference within a value comes to, and looks at it then."""
    names = {name for name, _ in references(text)}
    for written in book.vars.values():
        for name, value in written.items():
            if name in names and not fit_for_query(expand(value, lambda _: "")):
                yield name, value
    for name, default in defaults(text):
        if not fit_for_query(default):
            yield name, default


@lru_cache(maxsize=512)
def _parse(query: str) -> tuple[Tree, int]:
    """The tree and its depth; ValueError for what is no query, or comes to no vector and no scalar."""
    import promql_parser as promql

    try:
        tree, depth = tree_of(promql.parse(query))
    except ValueError as error:
        unknown = _UNKNOWN_FUNCTION.match(str(error))
        if unknown:
            raise _UnknownFunctionError(unknown["name"]) from error
        raise
    _check_type(tree)
    return tree, depth


def _check_type(tree: Tree) -> None:
    while isinstance(tree, Call) and tree.function == "-":
        (tree,) = tree.args
    if isinstance(tree, Subquery) or (isinstance(tree, Selector) and tree.range is not None):
        raise ValueError("it comes to a range; a function such as rate() or max_over_time() makes numbers of it")
    if isinstance(tree, Text):
        raise ValueError("it comes to a text, not to numbers")


def _ranges_added_up(text: str) -> timedelta:
    """At least as far as the query looks back, where it cannot be parsed."""
    total = timedelta()
    for match in _BRACKETS.finditer(text):
        try:
            total += parse_duration(match["range"])
        except ValueError:
            continue
    return total
