"""Histograms: quantiles of all series together, from buckets that keep their bounds."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model.plan import SeriesRule
from rollout.planfile.checks.query import AskedQuery, Finding
from rollout.shapes.promql_tree import Aggregate, Binary, Call, Literal, Selector, Tree, children, selectors, walk

_BOUND = "le"
_ONE_PLACE = frozenset({"instance", "pod", "pod_name", "host", "hostname", "node"})
_WORST = ("max", "min", "topk", "bottomk")
_OF_BUCKETS = ("histogram_quantile", "histogram_fraction")


def quantiles_keep_their_buckets(asked: AskedQuery) -> Iterator[Finding]:
    for call in walk(asked.tree):
        if not isinstance(call, Call) or call.function != "histogram_quantile" or not _buckets(call.args[1]):
            continue
        losing = next((node for node in walk(call.args[1]) if isinstance(node, Aggregate) and _loses_bound(node)), None)
        if losing is not None:
            message = f"{losing.op}(…) drops the label le, and without it histogram_quantile() has no buckets: no data"
            yield Finding("no-le", message, "keep it: sum by (le) (…)")


def quantiles_are_shares(asked: AskedQuery) -> Iterator[Finding]:
    """Anything above 1 comes to +Inf, which is never judged."""
    for call in walk(asked.tree):
        match call:
            case Call(function="histogram_quantile", args=(Literal(value=share), *_)) if not 0 <= share <= 1:
                message = f"histogram_quantile({share:g}, …) is no quantile: it is written as a share from 0 to 1"
                yield Finding("quantile-scale", message, f"write {share / 100:g}" if 1 < share <= 100 else "")


def one_quantile_is_judged(asked: AskedQuery) -> Iterator[Finding]:
    """The worst of several is a choice that may be written down: `series: max`, or `max(…)`."""
    if asked.metric.series in (SeriesRule.MAX, SeriesRule.MIN):
        return
    for call in _quantiles(asked.tree, worst=False):
        buckets = call.args[1]
        names = {series.name for series in selectors(buckets) if not _is_one_place(series)}
        if _buckets(buckets) and names and not any(isinstance(node, Aggregate) for node in walk(buckets)):
            message = (
                f"several instances of {min(names)} give several quantiles, and none of them is that of all requests"
            )
            hint = "write histogram_quantile(…, sum by (le) (rate(…))), or series: max for the worst instance"
            yield Finding("quantile-per-series", message, hint)


def buckets_are_not_added_up(asked: AskedQuery) -> Iterator[Finding]:
    for series in _loose(asked.tree):
        if series.name.endswith("_bucket") and not any(one.label == _BOUND for one in series.matchers):
            total = series.name.removesuffix("_bucket") + "_count"
            message = f"every bucket of {series.name} counts those below it too, so one request counts several times"
            yield Finding("buckets-added", message, f"take {total}, or one bucket: {series.name}{{le=…}}")


def _quantiles(tree: Tree, *, worst: bool) -> Iterator[Call]:
    """Those of which not just the worst is taken."""
    if isinstance(tree, Aggregate) and tree.op in _WORST:
        worst = True
    if isinstance(tree, Call) and tree.function == "histogram_quantile" and not worst:
        yield tree
    for child in children(tree):
        yield from _quantiles(child, worst=worst)


def _loose(tree: Tree) -> Iterator[Selector]:
    """Series outside of what looks at buckets by their bounds, or only at whether there are any."""
    match tree:
        case Selector():
            yield tree
        case Call(function=function) if function in _OF_BUCKETS or function.startswith(("absent", "present")):
            return
        case Aggregate(op="count" | "group" | "count_values"):
            return
        case Aggregate() if not _loses_bound(tree):
            return
        case Binary(op="and" | "unless"):
            yield from _loose(tree.left)
        case _:
            for child in children(tree):
                yield from _loose(child)


def _loses_bound(tree: Aggregate) -> bool:
    if tree.op in ("topk", "bottomk", "limitk", "limit_ratio"):
        return False
    return tree.without is (_BOUND in tree.labels)


def _buckets(tree: Tree) -> bool:
    return any(series.name.endswith("_bucket") for series in selectors(tree))


def _is_one_place(series: Selector) -> bool:
    return any(one.label in _ONE_PLACE and one.op == "=" for one in series.matchers)
