"""What a metric's query measures against the unit that the plan gives it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rollout.frozen import dataclass
from rollout.model.durations import format_duration
from rollout.model.units import UNITS, Dimension, Unit, described
from rollout.planfile.checks.measures import BYTES, EVENTS, PER_SECOND, SECONDS, Measure, may_be_a_quantity, measure_of
from rollout.planfile.checks.query import AskedQuery, Finding
from rollout.shapes.promql_tree import Call, Selector, Tree, walk


def the_unit_is_what_is_measured(asked: AskedQuery) -> Iterator[Finding]:
    measure = measure_of(asked.tree)
    kind = _kind(measure) if measure and measure.constant is None else None
    if measure is None or kind is None:
        return
    unit = UNITS[asked.metric.unit]
    off = measure.scale * float(unit.factor)
    if unit.dimension is kind.dimension:
        if not math.isclose(off, 1, rel_tol=1e-6) and _sure(measure, kind.dimension):
            yield _per_second(asked) if _bare(measure, kind) else _scale(asked, measure, kind, unit, off)
    elif unit.dimension in kind.never and _plain(measure, kind, unit):
        if unit.dimension is Dimension.SHARE and kind.dimension is Dimension.RATE:
            yield _no_denominator(asked, measure)
        elif _bare(measure, kind):
            yield _per_second(asked)
        elif unit.dimension is not Dimension.COUNT and not _sum_over_window(measure, kind, unit):
            yield _dimension(asked, measure, kind, unit)


@dataclass(frozen=True)
class _Kind:
    """A dimension of values, and the dimensions of units that they never have. Where both look right, neither is."""

    words: str
    dimension: Dimension
    never: frozenset[Dimension]
    hint: str


_PHYSICAL = frozenset({Dimension.TIME, Dimension.SIZE, Dimension.SHARE, Dimension.RATE, Dimension.THROUGHPUT})
_SHARE = _Kind("a ratio of two like things", Dimension.SHARE, _PHYSICAL, "write unit: ratio")
_TIME = _Kind("a time", Dimension.TIME, _PHYSICAL, "write unit: s")
_SIZE = _Kind("a size", Dimension.SIZE, _PHYSICAL, "write unit: B")
_COUNT = _Kind("a number of things", Dimension.COUNT, _PHYSICAL, "write unit: count")
_NEVER_RATES = frozenset({Dimension.TIME, Dimension.SIZE, Dimension.COUNT})
_RATE = _Kind("a rate", Dimension.RATE, _NEVER_RATES | {Dimension.SHARE}, "write unit: /s")
_RATE_OF_SOMETHING = _Kind("a rate", Dimension.RATE, _NEVER_RATES, "write unit: /s")
_THROUGHPUT = _Kind(
    "bytes per second",
    Dimension.THROUGHPUT,
    frozenset({Dimension.TIME, Dimension.SIZE, Dimension.SHARE}),
    "write unit: B/s",
)
_BUSY = _Kind(
    "seconds per second, the share of time that was spent",
    Dimension.SHARE,
    frozenset({Dimension.TIME}),
    "for the mean time of one, divide by the rate of its _count; for the share of time, write unit: ratio",
)

_KINDS: dict[tuple[tuple[str, int], ...], _Kind] = {
    (): _SHARE,
    ((SECONDS, 1),): _TIME,
    ((BYTES, 1),): _SIZE,
    ((EVENTS, 1),): _COUNT,
    ((EVENTS, 1), (PER_SECOND, 1)): _RATE,
    ((BYTES, 1), (PER_SECOND, 1)): _THROUGHPUT,
    ((PER_SECOND, 1), (SECONDS, 1)): _BUSY,
}


def _kind(measure: Measure) -> _Kind | None:
    found = dict(measure.dimensions)
    if found.get(EVENTS) == -1 and len(found) == 2:
        del found[EVENTS]  # seconds per event: the mean time of one
    known = _KINDS.get(tuple(sorted(found.items())))
    if known is not None:
        return known
    per_second_of_one = found.pop(PER_SECOND, 0) == 1 and list(found.values()) == [1]
    return _RATE_OF_SOMETHING if per_second_of_one and not any(map(may_be_a_quantity, found)) else None


_USUAL = {
    Dimension.SHARE: (1, 100),
    Dimension.TIME: (1, 1e3, 1e6, 1e9, 1 / 60, 1 / 3600, 1 / 86400),
    Dimension.RATE: (1, 60, 3600, 86400),
}


def _sure(measure: Measure, dimension: Dimension) -> bool:
    """A number in the query may stand for anything, unless it is one that units are converted with."""
    usual = _USUAL.get(dimension) or [1 / float(unit.factor) for unit in _units(dimension)]
    return not measure.scaled or any(math.isclose(measure.scale, one) for one in usual)


def _plain(measure: Measure, kind: _Kind, unit: Unit) -> bool:
    """As the series are, or made a percentage: what other numbers do to a dimension only the author knows."""
    percentage = Dimension.SHARE in (kind.dimension, unit.dimension) and math.isclose(measure.scale, 100)
    return not measure.scaled or math.isclose(measure.scale, 1) or percentage


def _units(dimension: Dimension) -> list[Unit]:
    return [unit for unit in UNITS.values() if unit.dimension is dimension]


def _bare(measure: Measure, kind: _Kind) -> bool:
    """Per second, as `rate` gives it."""
    return kind.dimension is Dimension.RATE and math.isclose(measure.scale, 1)


def _sum_over_window(measure: Measure, kind: _Kind, unit: Unit) -> bool:
    """`increase` of bytes or seconds: their sum over the window, which the unit may well say."""
    sums = {Dimension.THROUGHPUT: Dimension.SIZE, Dimension.SHARE: Dimension.TIME}
    over_window = PER_SECOND in measure.dimensions and not math.isclose(measure.scale, 1)
    return over_window and sums.get(kind.dimension) is unit.dimension


def _per_second(asked: AskedQuery) -> Finding:
    metric, unit = asked.metric, UNITS[asked.metric.unit]
    series = None if asked.guessed else _first_rated(asked.tree)
    count = f"increase({series.name}[{format_duration(series.range)}])" if series and series.range else "increase(…)"
    hint = f"write unit: /s (bounds such as < 10/h are converted), or query {count} with unit: count"
    says = f"{metric.name!r} is per second, and its unit says {described(unit.name)}"
    if unit.dimension is Dimension.RATE:
        return Finding("per-second", f"{says}: off by a factor of {_number(1 / float(unit.factor))}", hint, "unit")
    if unit.dimension is Dimension.COUNT and series and series.range:
        seconds, window = _number(series.range.total_seconds()), format_duration(series.range)
        says = f"{metric.name!r} is per second, and its unit says count"
        return Finding("per-second", f"{says}: the count over its {window} is {seconds} times as much", hint, "unit")
    return Finding("per-second", says, hint, "unit")


def _no_denominator(asked: AskedQuery, measure: Measure) -> Finding:
    metric = asked.metric
    over_window = not measure.scaled and not math.isclose(measure.scale, 1)
    what, unit = ("over a window", "count") if over_window else ("per second", "/s")
    message = f"{metric.name!r} is a number {what}, and its unit says {described(metric.unit)}: nothing divides it"
    series = _first_rated(asked.tree)
    whole = f"that of all of {series.name}" if series and series.matchers else "that of all requests"
    return Finding("no-denominator", message, f"divide it by {whole}, or write unit: {unit} and such bounds", "unit")


def _scale(asked: AskedQuery, measure: Measure, kind: _Kind, unit: Unit, off: float) -> Finding:
    """`off` is how many times too large the number is for its unit."""
    name, factor = asked.metric.name, _number(off if off > 1 else 1 / off)
    fitting = [u.name for u in _units(kind.dimension) if math.isclose(measure.scale * float(u.factor), 1, rel_tol=1e-6)]
    if fitting:
        message = f"{name!r} is in {fitting[0]}, and its unit says {unit.name}: off by a factor of {factor}"
        hint = f"write unit: {fitting[0]}; bounds in {unit.name} are converted"
        return Finding("unit-scale", message, hint, "unit")
    message = f"{name!r} is not in {unit.name}, as its unit says, but off by a factor of {factor}"
    if kind.dimension is Dimension.SHARE:
        return Finding("unit-scale", message, "let both sides of the division look over the same window")
    count = "" if measure.scaled or kind.dimension is not Dimension.RATE else "write unit: count, or "
    return Finding("unit-scale", message, f"{count}divide it by {_number(measure.scale)} and {kind.hint}", "unit")


def _dimension(asked: AskedQuery, measure: Measure, kind: _Kind, unit: Unit) -> Finding:
    over_window = kind.dimension is Dimension.RATE and not _bare(measure, kind)
    words = "how many there were in a window" if over_window else kind.words
    message = f"{asked.metric.name!r} measures {words}, and its unit says {described(unit.name)}"
    return Finding("unit-dimension", message, "write unit: count" if over_window else kind.hint, "unit")


def _first_rated(tree: Tree) -> Selector | None:
    calls = (node for node in walk(tree) if isinstance(node, Call) and node.args)
    return next((call.args[0] for call in calls if isinstance(call.args[0], Selector) and call.args[0].range), None)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"
