"""What the value of a query measures, told from its functions and from the names of its series.

The names follow Prometheus' conventions. Whatever does not tell for sure is unknown: None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from rollout.frozen import dataclass
from rollout.shapes.promql_tree import Aggregate, Binary, Call, Literal, Selector, Subquery, Tree, selectors

SECONDS, BYTES, EVENTS, PER_SECOND = "seconds", "bytes", "events", "per second"
"""The dimensions that names tell. Others are called after the series whose unit is not known."""

_UNITS = {
    "seconds": (SECONDS, 1.0),
    "milliseconds": (SECONDS, 1e3),
    "ms": (SECONDS, 1e3),
    "microseconds": (SECONDS, 1e6),
    "nanoseconds": (SECONDS, 1e9),
    "minutes": (SECONDS, 1 / 60),
    "hours": (SECONDS, 1 / 3600),
    "days": (SECONDS, 1 / 86400),
    "bytes": (BYTES, 1.0),
    "ratio": ("", 1.0),
    "percent": ("", 100.0),
}
_HISTOGRAM = ("_bucket", "_sum", "_count", "_total", "_max", "_min")
_NOT_EVENTS = {
    "time", "duration", "latency", "wait", "cpu", "busy", "idle", "uptime", "pause", "lag", "delay", "secs", "ms", "us",
    "ns", "size", "memory", "mem", "octets", "data", "io", "kb", "mb", "usage", "energy", "joules", "cost", "money",
}  # fmt: skip
"""A counter with such a word in its name may add up time, bytes or money."""


@dataclass(frozen=True)
class Measure:
    """`scale` is the value of one in base units (seconds, bytes, events, a ratio): 1000 where it is in milliseconds.

    `dimensions` have their exponents, `scaled` is whether a number in the query had its part in `scale`. `constant` is
    for what has no dimension of its own: a literal.
    """

    dimensions: Mapping[str, int]
    scale: float = 1.0
    scaled: bool = False
    constant: float | None = None

    def times(self, other: Measure, sign: int) -> Measure | None:
        """Multiplied (`sign` 1) or divided (-1); None where that means nothing."""
        if self.constant is not None and other.constant is not None:
            if sign < 0:
                return _constant(self.constant / other.constant) if other.constant else None
            return _constant(self.constant * other.constant)
        if self.constant == 0 or other.constant == 0:
            return None if sign < 0 and other.constant == 0 else _constant(0.0)
        total = dict(self.dimensions)
        for name, power in other.dimensions.items():
            total[name] = total.get(name, 0) + sign * power
        by_hand = self.constant is not None or other.constant is not None
        factors = [one.scale if one.constant is None else one.constant for one in (self, other)]
        kept = {name: power for name, power in total.items() if power}
        if sign < 0 and not factors[1]:  # as of `x / Inf`
            return None
        scale = factors[0] / factors[1] if sign < 0 else factors[0] * factors[1]
        return Measure(kept, scale, self.scaled or other.scaled or by_hand)

    def plus(self, other: Measure) -> Measure | None:
        if self.constant is not None and other.constant is not None:
            return Measure({}, constant=math.nan)
        if self.constant is not None or other.constant is not None:
            return other if self.constant is not None else self
        if self.scale != other.scale:
            return None
        if self.dimensions == other.dimensions:
            return Measure(self.dimensions, self.scale, self.scaled or other.scaled)
        if {self.dimensions.get(PER_SECOND), other.dimensions.get(PER_SECOND)} != {1}:
            return None
        both = " + ".join(sorted({*self.dimensions, *other.dimensions} - {PER_SECOND}))
        return Measure({both: 1, PER_SECOND: 1}, self.scale, self.scaled or other.scaled)


def measure_of(tree: Tree) -> Measure | None:
    match tree:
        case Literal(value=value):
            return _constant(value)
        case Selector():
            return _of_series(tree)
        case Aggregate():
            return _of_aggregate(tree)
        case Call():
            return _of_call(tree)
        case Binary():
            return _of_binary(tree)
        case Subquery(inner=inner):
            return measure_of(inner)
        case _:
            return None


def unit_in(name: str) -> tuple[str, float] | None:
    """The unit that a name ends in, before `_total` and the parts of a histogram: its dimension and scale."""
    *before, last = _stem(name).split("_")
    if not before or ":" in name or "per" in before:  # a recording rule's name ends in what was done to it
        return None
    return None if before[-1].isdigit() or before[-1] in ("last", "past") else _UNITS.get(last)


def may_be_a_quantity(name: str) -> bool:
    return not _NOT_EVENTS.isdisjoint(re.split(r"[^a-z]+", name.lower()))


def _constant(value: float) -> Measure:
    return Measure({}, constant=value)


def _stem(name: str) -> str:
    for suffix in _HISTOGRAM:
        if name.endswith(suffix):
            return _stem(name.removesuffix(suffix))
    return name


def _of_series(series: Selector) -> Measure | None:
    """The unit of what is counted or added up; a raw counter itself is another check's concern."""
    name = series.name
    if not name or ":" in name:
        return None
    if name.endswith(("_bucket", "_count")):
        return Measure({EVENTS: 1}) if series.range is not None else None
    unit = unit_in(name)
    if unit is not None:
        return Measure({unit[0]: 1} if unit[0] else {}, unit[1])
    if name.endswith("_total") and series.range is not None and not may_be_a_quantity(name):
        return Measure({EVENTS: 1})
    return Measure({f"series {_stem(name)}": 1})


_KEEPING_AGGREGATES = ("sum", "avg", "max", "min", "quantile", "topk", "bottomk", "limitk", "limit_ratio", "stddev")
_KEEPING_CALLS = {
    "-", "abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "sort", "sort_desc", "scalar", "vector",
    "label_replace", "label_join", "delta", "idelta", "avg_over_time", "min_over_time", "max_over_time",
    "last_over_time", "first_over_time", "quantile_over_time", "stddev_over_time", "mad_over_time", "predict_linear",
}  # fmt: skip
_OF_SECOND_ARGUMENT = ("histogram_quantile", "quantile_over_time")
_PER_SECOND_CALLS = ("rate", "irate", "deriv")


def _of_aggregate(tree: Aggregate) -> Measure | None:
    if tree.op in _KEEPING_AGGREGATES:
        return measure_of(tree.inner)
    return Measure({EVENTS: 1}) if tree.op in ("count", "count_values") else None


def _of_call(tree: Call) -> Measure | None:
    if not tree.args:
        return Measure({SECONDS: 1}) if tree.function == "time" else None
    if tree.function == "timestamp":
        return Measure({SECONDS: 1})
    if tree.function == "histogram_quantile":
        return _of_observed(tree.args[1])
    if tree.function in _KEEPING_CALLS:
        return measure_of(tree.args[1 if tree.function in _OF_SECOND_ARGUMENT else 0])
    if tree.function in _PER_SECOND_CALLS or tree.function == "increase":
        return _over_time(tree)
    return None


def _over_time(tree: Call) -> Measure | None:
    series = tree.args[0]
    of = measure_of(series)
    if of is None or of.constant is not None or not isinstance(series, Selector | Subquery) or not series.range:
        return None
    seconds = series.range.total_seconds() if tree.function == "increase" else 1
    return Measure({**of.dimensions, PER_SECOND: 1}, of.scale * seconds, of.scaled)


def _of_observed(buckets: Tree) -> Measure | None:
    units = {unit_in(series.name) for series in selectors(buckets)}
    unit = units.pop() if len(units) == 1 else None
    return None if unit is None else Measure({unit[0]: 1} if unit[0] else {}, unit[1])


def _of_binary(tree: Binary) -> Measure | None:
    if tree.filters or tree.op in ("and", "unless"):
        return measure_of(tree.right if isinstance(tree.left, Literal) else tree.left)
    left, right = measure_of(tree.left), measure_of(tree.right)
    if left is None or right is None:
        return None
    match tree.op:
        case "+" | "-":
            return left.plus(right)
        case "*":
            return left.times(right, 1)
        case "/":
            return left.times(right, -1)
        case "or":
            same = left.dimensions == right.dimensions and left.scale == right.scale
            return left if right.constant is not None or same else None
        case _:
            return None
