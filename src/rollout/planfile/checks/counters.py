"""Counters: they only grow, and their rates need samples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rollout.model.durations import format_duration
from rollout.planfile.checks.query import AskedQuery, Finding
from rollout.shapes.promql_tree import Aggregate, Binary, Call, Selector, Tree, children, selectors, walk

_SHORT = timedelta(minutes=2)
"""Four samples at a scrape every 30 s, the usual distance: one may get lost."""

_MEANT = timedelta(seconds=15)
"""Whoever writes less than this scrapes every few seconds and knows it: elsewhere there would never be an answer."""

_NEED_TWO_SAMPLES = ("rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear")

_ABOVE_RAW_VALUES = {
    "rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets", "timestamp",
    "absent", "absent_over_time", "present_over_time", "count_over_time",
}  # fmt: skip


def a_counter_is_not_judged_raw(asked: AskedQuery) -> Iterator[Finding]:
    raw = list(dict.fromkeys(series.name for series in _raw(asked.tree) if ":" not in series.name))
    means = {name.removesuffix("_sum") for name in raw} & {name.removesuffix("_count") for name in raw} - set(raw)
    for name in raw:
        stem = name.removesuffix("_sum").removesuffix("_count")
        if name.endswith(("_total", "_bucket")) or stem in means:
            message = f"{name} is a counter: it only grows, so its value says nothing about now"
            yield Finding("raw-counter", message, f"take rate({name}[5m]) or increase({name}[1h])")


def a_range_holds_samples(asked: AskedQuery) -> Iterator[Finding]:
    for call in () if asked.guessed else walk(asked.tree):
        if not isinstance(call, Call) or call.function not in _NEED_TWO_SAMPLES:
            continue
        series = call.args[0]
        span = series.range if isinstance(series, Selector) else None
        if span is not None and _MEANT <= span < _SHORT:
            message = (
                f"{call.function}() needs two samples, and {format_duration(span)} holds just two at a scrape every "
                f"{format_duration(span / 2)} (on Prometheus 3 its left end does not count): one missed leaves no data"
            )
            yield Finding("short-range", message, "write [2m] or more; [5m] is usual")


def _raw(tree: Tree) -> Iterator[Selector]:
    """Series whose own values have a part in the result."""
    match tree:
        case Selector():
            yield tree
        case Call(function=function) if function in _ABOVE_RAW_VALUES:
            return
        case Aggregate(op="count" | "group" | "count_values"):
            return
        case Binary(op="and" | "unless"):
            yield from _raw(tree.left)
        case Binary(op="-") if _is_growth(tree):
            return
        case _:
            for child in children(tree):
                yield from _raw(child)


def _is_growth(tree: Binary) -> bool:
    """`x - x offset 1h`."""
    names = [{series.name for series in selectors(side)} for side in (tree.left, tree.right)]
    return names[0] == names[1] and any(series.offset for series in selectors(tree.right))
