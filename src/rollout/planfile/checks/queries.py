"""Every metric's query, as each environment asks it, against what it is taken for.

To add a check: a function from `AskedQuery` to findings, and its line below.
"""

from __future__ import annotations

from rollout.model.plan import Plan
from rollout.planfile.checks import counters, histograms, silence, units
from rollout.planfile.checks.judged import bounds
from rollout.planfile.checks.query import AskedQuery, QueryCheck
from rollout.shapes import Book
from rollout.shapes.promql import trees

_CHECKS: tuple[QueryCheck, ...] = (
    units.the_unit_is_what_is_measured,
    counters.a_counter_is_not_judged_raw,
    counters.a_range_holds_samples,
    histograms.quantiles_keep_their_buckets,
    histograms.quantiles_are_shares,
    histograms.one_quantile_is_judged,
    histograms.buckets_are_not_added_up,
    silence.silence_is_not_a_number,
    silence.a_ratio_has_a_numerator,
    silence.a_query_is_no_comparison,
    silence.none_is_told_from_no_data,
)


def queries_mean_what_they_are_taken_for(plan: Plan, book: Book) -> None:
    """One finding of each id for a metric: several environments, or parts of a query, say the same again."""
    judged = {metric.name for whole, _ in book.conditions for metric, _ in bounds(whole)}
    for metric in plan.metrics.values():
        told = set()
        for tree, guessed in trees(metric.query, book.vars):
            asked = AskedQuery(metric, tree, guessed, metric.name in judged)
            for finding in (finding for one in _CHECKS for finding in one(asked)):
                if finding.id not in told:
                    told.add(finding.id)
                    at = book.defined[f"{finding.key} of a metric"][metric.name]
                    book.warn(at, finding.id, finding.message, finding.hint)
