"""Ranges of numbers: those that a condition lets through, and those that a query can come to at all."""

from __future__ import annotations

import math

from rollout.frozen import dataclass, replace
from rollout.model.conditions import Condition, Op
from rollout.shapes.promql_tree import COMPARISONS, Aggregate, Binary, Call, Literal, Selector, Subquery, Tree


@dataclass(frozen=True)
class Region:
    """From `low` to `high`; `above` and `below` say that the ends themselves are not in it, nor is any of `without`."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False
    without: frozenset[float] = frozenset()

    @property
    def empty(self) -> bool:
        if self.low == self.high:
            return self.above or self.below or self.low in self.without
        return self.low > self.high

    def both(self, other: Region) -> Region:
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Region(
            low,
            high,
            any(one.above for one in (self, other) if one.low == low),
            any(one.below for one in (self, other) if one.high == high),
            self.without | other.without,
        )

    def holds_all_of(self, other: Region) -> bool:
        inside = self.low < other.low or (self.low == other.low and (other.above or not self.above))
        until = other.high < self.high or (self.high == other.high and (other.below or not self.below))
        return inside and until and not self.without


def allowed(condition: Condition, unit: str) -> Region | None:
    """What satisfies the condition, in numbers of `unit`; None where that depends on a baseline."""
    if condition.baselines:
        return None
    region = Region()
    for comparison in condition.comparisons:
        region = region.both(_of(comparison.op, comparison.limit(unit)))
    return region


def failing(condition: Condition, unit: str) -> Region | None:
    """What does not satisfy the condition, where that is one range."""
    if condition.baselines or len(condition.comparisons) != 1:
        return None
    (comparison,) = condition.comparisons
    opposite = {Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
    return _of(opposite[comparison.op], comparison.limit(unit))


def _of(op: Op, limit: float) -> Region:
    match op:
        case Op.LT | Op.LE:
            return Region(high=limit, below=op is Op.LT)
        case Op.GT | Op.GE:
            return Region(low=limit, above=op is Op.GT)
        case Op.EQ:
            return Region(limit, limit)
        case Op.NE:
            return Region(without=frozenset({limit}))


_ANY = Region()
_COUNTED = Region(low=0)
_SHARE = Region(0, 1)


def possible(tree: Tree) -> Region:
    """What a query can come to, told from its functions; what may be anything is."""
    match tree:
        case Literal(value=value):
            return Region(value, value) if math.isfinite(value) else _ANY
        case Selector(name="up" | "probe_success"):
            return _SHARE
        case Selector(name=name):
            return _COUNTED if name.endswith(("_total", "_count", "_bucket")) else _ANY
        case Subquery(inner=inner):
            return possible(inner)
        case Aggregate():
            return _of_aggregate(tree)
        case Call():
            return _of_call(tree)
        case Binary():
            return _of_binary(tree)
        case _:
            return _ANY


_WITHIN = ("avg", "max", "min", "quantile", "topk", "bottomk")
_WITHIN_TIME = ("avg_over_time", "max_over_time", "min_over_time", "last_over_time")
_NEVER_NEGATIVE = (
    "rate", "irate", "increase", "abs", "changes", "resets", "count_over_time", "stddev_over_time", "sqrt", "exp",
)  # fmt: skip


def _of_aggregate(tree: Aggregate) -> Region:
    if tree.op in ("count", "stddev", "stdvar"):
        return _COUNTED
    inner = possible(tree.inner)
    if tree.op in _WITHIN:
        return inner
    return _COUNTED if tree.op == "sum" and inner.low >= 0 else _ANY


def _of_call(tree: Call) -> Region:
    if tree.function in _NEVER_NEGATIVE:
        return _COUNTED
    if tree.function == "histogram_fraction":
        return _SHARE
    if tree.function in (*_WITHIN_TIME, "vector"):
        return possible(tree.args[0])
    return _ANY


def _of_binary(tree: Binary) -> Region:
    if tree.op in COMPARISONS:
        passed = tree.right if isinstance(tree.left, Literal) else tree.left
        return possible(passed) if tree.filters else _SHARE
    left, right = possible(tree.left), possible(tree.right)
    match tree.op:
        case "and" | "unless":
            return left
        case "or":
            return Region(min(left.low, right.low), max(left.high, right.high))
        case "/" if _is_part_of(tree.left, tree.right):
            return _SHARE
        case "+":
            return Region(left.low + right.low, left.high + right.high)
        case "-":
            return Region(left.low - right.high, left.high - right.low)
        case "*" | "/":
            return _scaled(tree.op, left, right)
        case _:
            return _ANY


def _scaled(op: str, left: Region, right: Region) -> Region:
    if op == "*" and left.low == left.high:
        left, right = right, left
    factor = right.low if right.low == right.high else 0.0
    if factor > 0:
        factor = factor if op == "*" else 1 / factor
        return Region(left.low * factor, left.high * factor)
    return _COUNTED if left.low >= 0 and right.low >= 0 else _ANY


def _is_part_of(part: Tree, whole: Tree) -> bool:
    """The same sum over fewer of the same series, filled with 0 or not."""
    if isinstance(part, Binary) and part.op == "or" and part.right == Call("vector", (Literal(0.0),)):
        part = part.left
    if isinstance(part, Selector) and isinstance(whole, Selector):
        fewer = set(whole.matchers) <= set(part.matchers) and (part.range is not None or possible(part).low >= 0)
        return fewer and replace(part, matchers=()) == replace(whole, matchers=())
    if isinstance(part, Aggregate) and isinstance(whole, Aggregate) and part.op == "sum":
        return replace(part, inner=whole.inner) == whole and _is_part_of(part.inner, whole.inner)
    if isinstance(part, Call) and isinstance(whole, Call) and part.function in ("rate", "increase", "irate"):
        return part.function == whole.function and _is_part_of(part.args[0], whole.args[0])
    return False
