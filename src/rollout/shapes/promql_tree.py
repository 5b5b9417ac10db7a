"""A query as a tree of plain values: what the parser found, without brackets, for those who reason about queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from rollout.frozen import dataclass

if TYPE_CHECKING:
    from promql_parser import Expr, VectorSelector

DEEPEST = 100
"""Trees deeper than this are not reasoned about: those who do so descend into themselves."""

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Literal:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Matcher:
    """`op` is `=`, `!=`, `=~` or `!~`."""

    label: str
    op: str
    value: str

    @property
    def selects(self) -> bool:
        return self.op in ("=", "=~")


@dataclass(frozen=True)
class Selector:
    """`range` None: the value now. `name` is empty where only labels select."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    range: timedelta | None = None
    offset: timedelta = timedelta()


@dataclass(frozen=True)
class Subquery:
    inner: Tree
    range: timedelta
    offset: timedelta = timedelta()


@dataclass(frozen=True)
class Call:
    """A function; `-` is the sign."""

    function: str
    args: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Aggregate:
    """`without`: the labels are those that go, else those that stay."""

    op: str
    inner: Tree
    labels: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True)
class Binary:
    """`filters`: a comparison that lets through what satisfies it, and comes to no number of its own."""

    op: str
    left: Tree
    right: Tree
    filters: bool = False


Tree = Literal | Text | Selector | Subquery | Call | Aggregate | Binary


def tree_of(root: Expr) -> tuple[Tree, int]:
    """The tree and how deep it is. Nothing here descends into itself, so no query is too deep for it."""
    exprs = [_bare(root)]
    below: list[range] = []
    for expr in exprs:  # parents before their children
        parts = [_bare(part) for part in _parts(expr)]
        below.append(range(len(exprs), len(exprs) + len(parts)))
        exprs += parts
    made: dict[int, tuple[Tree, int]] = {}
    for n in reversed(range(len(exprs))):
        under = [made.pop(child) for child in below[n]]
        made[n] = _node(exprs[n], [tree for tree, _ in under]), 1 + max((depth for _, depth in under), default=0)
    return made[0]


def children(tree: Tree) -> tuple[Tree, ...]:
    match tree:
        case Call():
            return tree.args
        case Binary():
            return (tree.left, tree.right)
        case Aggregate() | Subquery():
            return (tree.inner,)
        case _:
            return ()


def walk(tree: Tree) -> Iterator[Tree]:
    open_ends = [tree]
    while open_ends:
        node = open_ends.pop(0)
        yield node
        open_ends[:0] = children(node)


def selectors(tree: Tree) -> Iterator[Selector]:
    return (node for node in walk(tree) if isinstance(node, Selector))


def reach(tree: Tree) -> timedelta:
    """How far back it looks: its longest range with offsets and sub-queries."""
    longest = timedelta()
    open_ends = [(tree, timedelta())]
    while open_ends:
        node, seen = open_ends.pop()
        if isinstance(node, Selector | Subquery):
            seen += (node.range or timedelta()) + node.offset
        open_ends += [(child, seen) for child in children(node)]
        longest = max(longest, seen)
    return longest


def _bare(expr: Expr) -> Expr:
    import promql_parser as promql

    while isinstance(expr, promql.ParenExpr):
        expr = expr.expr
    return expr


def _parts(expr: Expr) -> list[Expr]:
    import promql_parser as promql

    match expr:
        case promql.BinaryExpr():
            return [expr.lhs, expr.rhs]
        case promql.Call():
            return list(expr.args)
        case promql.AggregateExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return [expr.expr]
        case _:
            return []


def _node(expr: Expr, parts: list[Tree]) -> Tree:
    import promql_parser as promql

    match expr:
        case promql.NumberLiteral():
            return Literal(expr.val)
        case promql.StringLiteral():
            return Text(expr.val)
        case promql.VectorSelector():
            return _selector(expr, None)
        case promql.MatrixSelector():
            return _selector(expr.vector_selector, expr.range)
        case promql.SubqueryExpr():
            return Subquery(parts[0], expr.range or timedelta(), expr.offset or timedelta())
        case promql.Call():
            return Call(expr.func.name, tuple(parts))
        case promql.UnaryExpr():
            return Call("-", tuple(parts))
        case promql.AggregateExpr():
            by = expr.modifier
            without = by is not None and by.type == promql.AggModifierType.Without
            return Aggregate(str(expr.op), parts[0], tuple(by.labels) if by else (), without)
        case promql.BinaryExpr():
            op = str(expr.op)
            returns_bool = expr.modifier is not None and expr.modifier.return_bool
            return Binary(op, parts[0], parts[1], op in COMPARISONS and not returns_bool)
        case _:
            return Call("", tuple(parts))  # what a newer parser knows says nothing here


_OPS = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}


def _selector(expr: VectorSelector, span: timedelta | None) -> Selector:
    found = [Matcher(one.name, _OPS[str(one.op)], one.value) for one in expr.matchers.matchers]
    named = [one.value for one in found if one.label == "__name__" and one.op == "="]
    others = tuple(one for one in found if one.label != "__name__")
    return Selector(expr.name or next(iter(named), ""), others, span, expr.offset or timedelta())
