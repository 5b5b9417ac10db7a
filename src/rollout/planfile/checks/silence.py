"""No data is not a pass: queries that answer when there is nothing, or say nothing when all is well."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rollout.model.plan import Absent
from rollout.model.units import UNITS, Dimension
from rollout.planfile.checks.query import AskedQuery, Finding
from rollout.shapes.promql_tree import COMPARISONS, Aggregate, Binary, Call, Literal, Selector, Tree, selectors, walk

_FAILING = ("error", "fail", "exception", "panic", "timeout", "abort", "crash")
"""What counts such things begins to exist with the first of them."""

_PASSING_ON = ("-", "abs", "ceil", "floor", "round", "sort", "sort_desc", "clamp", "clamp_min", "clamp_max")
_REDUCING = ("sum", "avg", "max", "min", "quantile", "topk", "bottomk")
_ABSENCE = ("absent", "absent_over_time")


def silence_is_not_a_number(asked: AskedQuery) -> Iterator[Finding]:
    """`or vector(0)` belongs to a numerator, whose denominator still tells that there is data."""
    denominators = [node.right for node in walk(asked.tree) if isinstance(node, Binary) and node.op == "/"]
    filled = next((number for number in map(_without_data, denominators) if number is not None), None)
    if filled is not None:
        message = f"where there is no data the denominator is {filled:g}, so the ratio hides that there is none"
        yield Finding("filled-denominator", message, "take `or vector(…)` out of the denominator")
        return
    constant = _without_data(asked.tree)
    if asked.judged and constant is not None:
        message = f"where there is no data at all this comes to {constant:g}, as if it had been measured"
        hint = "only a numerator may have `or vector(0)`; else write absent: zero and present: QUERY"
        yield Finding("hidden-silence", message, hint)


def a_ratio_has_a_numerator(asked: AskedQuery) -> Iterator[Finding]:
    if asked.metric.absent is not Absent.UNKNOWN or UNITS[asked.metric.unit].dimension is not Dimension.SHARE:
        return
    for node in walk(asked.tree):
        if isinstance(node, Binary) and node.op == "/" and _is_of_failures(node.left):
            name = next(selectors(node.left)).name
            message = f"before its first failure {name} may have no series, and the ratio no value although all is well"
            hint = "write (… or vector(0)) around the numerator, and around nothing else"
            yield Finding("numerator-absent", message, hint)


def a_query_is_no_comparison(asked: AskedQuery) -> Iterator[Finding]:
    """One that stands for a number. Where a side of it only guards (`and`, a denominator), its silence is meant."""
    compared = _stands_for(asked.tree)
    if compared is not None and compared.filters:
        message = "this query is a comparison: that it returns nothing means two things, false and no data"
        yield Finding("comparison", message, "leave the bound to `require` and `when`, or write `bool`")


def none_is_told_from_no_data(asked: AskedQuery) -> Iterator[Finding]:
    """`count(x > 100)` has no value where there is none; that is a number for whoever wrote it."""
    if asked.metric.absent is not Absent.UNKNOWN or not asked.judged:
        return
    for node in _numbers(asked.tree):
        if isinstance(node, Aggregate) and _counts_matches(node):
            message = f"where nothing matches, {node.op}(…) has no value at all, and not 0"
            yield Finding(
                "none-is-nothing", message, "write or vector(0) behind it, or absent: zero and present: QUERY"
            )
        if isinstance(node, Call) and node.function in _ABSENCE:
            message = f"where there is data, {node.function}() has no value at all, and not 0"
            yield Finding("none-is-nothing", message, "write or vector(0) behind it, or count what is there")


def _without_data(tree: Tree) -> float | None:
    """The finite number that this comes to where no series has any; None where it comes to nothing."""
    value = _if_empty(tree) if any(selectors(tree)) else None
    return value if value is not None and math.isfinite(value) else None


def _if_empty(tree: Tree) -> float | None:
    match tree:
        case Literal(value=value):
            return value
        case Call(function="vector" | "scalar", args=(inner,)):
            return _if_empty(inner)
        case Call(function=function, args=(inner, *limits)) if function in _PASSING_ON:
            return _limited(function, _if_empty(inner), [_if_empty(limit) for limit in limits])
        case Call(function=function) if function in _ABSENCE:
            return math.nan  # which says itself that there is nothing
        case Aggregate(op=op, inner=inner) if op in _REDUCING:
            return _if_empty(inner)
        case Binary(op="or"):
            left = _if_empty(tree.left)
            return left if left is not None or _counts_matches(tree.left) else _if_empty(tree.right)
        case Binary(op="unless"):
            return _if_empty(tree.left) if _if_empty(tree.right) is None else None
        case Binary():
            return _calculated(tree.op, _if_empty(tree.left), _if_empty(tree.right))
        case _:
            return None


def _limited(function: str, value: float | None, limits: list[float | None]) -> float | None:
    if value is None or not all(limit is not None for limit in limits):
        return None
    known = [limit for limit in limits if limit is not None]
    match function:
        case "-":
            return -value
        case "clamp_min":
            return max(value, *known)
        case "clamp_max":
            return min(value, *known)
        case _:
            return abs(value) if function == "abs" else value


def _calculated(op: str, left: float | None, right: float | None) -> float | None:
    """Of a comparison and what else is no arithmetic, the left side stands for the whole."""
    if left is None or right is None:
        return None
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else math.nan
        case _:
            return left


def _stands_for(tree: Tree) -> Binary | None:
    """The comparison whose result, changed by functions and numbers alone, is that of the query."""
    match tree:
        case Call(function=function, args=(inner, *_)) if function in _PASSING_ON:
            return _stands_for(inner)
        case Binary() if tree.op in COMPARISONS:
            return tree
        case Binary(left=Literal()) if tree.op in _ARITHMETIC:
            return _stands_for(tree.right)
        case Binary(right=Literal()) if tree.op in _ARITHMETIC:
            return _stands_for(tree.left)
        case _:
            return None


_ARITHMETIC = ("+", "-", "*", "/", "%", "^")


def _numbers(tree: Tree) -> Iterator[Tree]:
    """The parts whose absence is the absence of the whole; a denominator's is meant to be."""
    yield tree
    match tree:
        case Call(function=function, args=(inner, *_)) if function in _PASSING_ON:
            yield from _numbers(inner)
        case Binary(op="/" | "and" | "unless"):
            yield from _numbers(tree.left)
        case Binary(op="+" | "-" | "*"):
            yield from _numbers(tree.left)
            yield from _numbers(tree.right)
        case _:
            pass


def _counts_matches(tree: Tree) -> bool:
    """`count(x > 100)`, and `sum` of more than what drops zeros or NaN."""
    if not isinstance(tree, Aggregate) or tree.op not in ("count", "sum"):
        return False
    inner = tree.inner
    while isinstance(inner, Binary) and inner.op in ("and", "unless"):
        inner = inner.left
    if not isinstance(inner, Binary) or not inner.filters or inner.left == inner.right:
        return False
    return tree.op == "count" or inner.right != Literal(0)


def _is_of_failures(numerator: Tree) -> bool:
    """A sum over everything of series that all count failures, with nothing that fills it."""
    nodes = list(walk(numerator))
    sums = [node for node in nodes if isinstance(node, Aggregate)]
    filled = any(isinstance(node, Binary) and node.op == "or" for node in nodes)
    if filled or not sums or any(node.op != "sum" or node.labels for node in sums):
        return False
    series = list(selectors(numerator))
    return bool(series) and all(one.range is not None and _counts_failures(one) for one in series)


def _counts_failures(series: Selector) -> bool:
    texts = [series.name, *(one.value for one in series.matchers if one.selects)]
    if any(word in text.lower() for text in texts for word in _FAILING):
        return True
    codes = [one.value for one in series.matchers if one.selects and ("code" in one.label or "status" in one.label)]
    return any(value.startswith("5") for value in codes)
