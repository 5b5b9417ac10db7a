"""Shape of PromQL: checked by a parser, measured for how far back it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from rollout.frozen import dataclass
from rollout.model.durations import parse_duration
from rollout.model.variables import UnsetVariableError, defaults, expand, fit_for_query, references
from rollout.shapes.book import Book, Unreadable
from rollout.shapes.nodes import Node
from rollout.shapes.scalars import Template
from rollout.shapes.shape import Schema

if TYPE_CHECKING:
    from promql_parser import Expr

LONGEST = 4096
MOST_OPERATORS = 500
"""The parser descends into itself: it takes seconds for some thousands, and at 8,000 it runs out of stack."""

_STAND_INS = ("placeholder", "1m")
"""For a variable's value that only the machine knows: a word, and where no word fits, a duration."""

_OPERATOR = re.compile(r"[-+*/%^(]")
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
_UNKNOWN_FUNCTION = re.compile(r"unknown function with name '(?P<name>.*)'\Z")
_BRACKETS = re.compile(r"(?:\[|offset\s)\s*(?P<range>[0-9wdhms]+)")


@dataclass(frozen=True)
class CheckedQuery:
    """`reach` is how far back it looks: its longest range, with offsets and sub-queries."""

    text: str
    reach: timedelta


@dataclass(frozen=True)
class PromQL:
    """A query that comes to a vector or a scalar. `${VAR}` stands for what `vars` say, in each environment.

    A `judged` one should not be a comparison.
    """

    judged: bool = False

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
                roots = [_parse(query) for query in _expansions(text, book, stand_in)]
                checked = CheckedQuery(text, max(_reach(root) for root in roots))
            except _UnknownFunctionError as unknown:
                book.warn(node, "unknown-function", f"the PromQL function {unknown} is not known to the checker")
                return CheckedQuery(text, _ranges_added_up(text))
            except (ValueError, OverflowError) as error:
                failures.append(str(error))
                continue
            if self.judged and any(_is_comparison(root) for root in roots):
                message = "this query is a comparison: that it returns nothing means two things, false and no data"
                book.warn(node, "comparison", message, "leave the bound to `require` and `when`, or write `bool`")
            return checked
        book.error(node, f"this is not valid PromQL: {failures[0]}", id="promql")
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": ["string", "number"]}


class _UnknownFunctionError(Exception):
    pass


def _expansions(text: str, book: Book, stand_in: str) -> set[str]:
    """The query as each environment asks it; where none can tell yet, with stand-ins alone."""
    found = set()
    for written in book.vars.values():
        known = {name: stand_in if "${" in value else value for name, value in written.items()}
        try:
            found.add(expand(text, known.get))
        except UnsetVariableError:
            continue
    return found or {expand(text, lambda _: stand_in)}


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


def _parse(query: str) -> Expr:
    """ValueError for what is no query, or comes to no vector and no scalar."""
    import promql_parser as promql

    try:
        root = promql.parse(query)
    except ValueError as error:
        unknown = _UNKNOWN_FUNCTION.match(str(error))
        if unknown:
            raise _UnknownFunctionError(unknown["name"]) from error
        raise
    _check_type(root)
    return root


def _reach(root: Expr) -> timedelta:
    import promql_parser as promql

    longest = timedelta()
    open_ends: list[tuple[Expr, timedelta]] = [(root, timedelta())]
    while open_ends:
        node, seen = open_ends.pop()
        match node:
            case promql.VectorSelector():
                seen += node.offset or timedelta()
            case promql.MatrixSelector():
                seen += node.range + (node.vector_selector.offset or timedelta())
            case promql.SubqueryExpr():
                open_ends.append((node.expr, seen + (node.range or timedelta()) + (node.offset or timedelta())))
            case promql.BinaryExpr():
                open_ends += [(node.lhs, seen), (node.rhs, seen)]
            case promql.Call():
                open_ends += [(argument, seen) for argument in node.args]
            case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr():
                open_ends.append((node.expr, seen))
            case _:
                pass  # a literal looks at nothing
        longest = max(longest, seen)
    return longest


def _bare(root: Expr) -> Expr:
    """Without the brackets and signs around it."""
    import promql_parser as promql

    while isinstance(root, promql.ParenExpr | promql.UnaryExpr):
        root = root.expr
    return root


def _is_comparison(root: Expr) -> bool:
    """One with `bool` comes to 0 or 1 and is none."""
    import promql_parser as promql

    root = _bare(root)
    if not isinstance(root, promql.BinaryExpr) or str(root.op) not in _COMPARISONS:
        return False
    return root.modifier is None or not root.modifier.return_bool


def _check_type(root: Expr) -> None:
    import promql_parser as promql

    root = _bare(root)
    if isinstance(root, promql.MatrixSelector | promql.SubqueryExpr):
        raise ValueError("it comes to a range; a function such as rate() or max_over_time() makes numbers of it")
    if isinstance(root, promql.StringLiteral):
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
