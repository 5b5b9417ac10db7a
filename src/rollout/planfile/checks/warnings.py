"""What `lint` warns of in a plan without errors; no other command looks for it, or pays for looking.

To add one: a function that reports to the book, and its line in CHECKS; what it finds gets a line in WARNINGS. The id
of a finding never changes.
"""

from __future__ import annotations

from collections.abc import Callable

from rollout.model.plan import Plan
from rollout.planfile.checks import bounds, conditions, credentials, flags, levels, queries, waits
from rollout.shapes import Book

CHECKS: tuple[Callable[[Plan, Book], None], ...] = (
    flags.no_environment_lacks_a_target,
    flags.exposure_is_judged,
    bounds.bounds_tell_values_apart,
    bounds.triggers_and_gates_do_not_overlap,
    waits.phases_last_as_long_as_they_say,
    waits.soaks_outlast_settling,
    conditions.alerts_are_the_rollouts_own,
    queries.queries_mean_what_they_are_taken_for,
    conditions.absence_is_told_from_silence,
    conditions.values_have_units,
    conditions.names_are_told_apart,
    levels.an_emergency_is_spelt_right,
    credentials.credentials_stand_in_variables,
)


WARNINGS = {
    "always-holds": "a bound that every value satisfies: a gate that cannot fail, a trigger that always fires",
    "bound-scale": "a bound of a ratio that was meant as a percentage",
    "buckets-added": "buckets of a histogram added up, though each counts those below it too",
    "comparison": "a query that is a comparison: its empty answer means false, or no data",
    "everybodys-alerts": "alerts selected by their severity alone",
    "filled-denominator": "`or vector(…)` in a denominator, where it hides that there is no data",
    "hidden-silence": "a query that comes to a number where there is no data",
    "literal-secret": "a credential written into the plan, whose text is kept in the record",
    "near-emergency": "a level of rollback whose name is nearly `emergency`",
    "never-holds": "a bound that no value satisfies: a gate that cannot pass, a trigger that cannot fire",
    "no-baseline": "a bound relative to a baseline that no phase records",
    "no-denominator": "a number of events, or of events per second, whose unit says that it is a share",
    "no-gates": "a phase that exposes users and has no gate",
    "no-le": "histogram_quantile() over a sum without the label le",
    "no-present": "`absent` without `present`: an outage would be filled too",
    "no-target": "an environment without any target",
    "no-unit": "a query's value without a unit of its own",
    "none-is-nothing": "a count of what matches, which has no value where nothing does",
    "numerator-absent": "a ratio of failures that has no value before the first failure",
    "per-second": "a rate per second whose unit says something else",
    "quantile-per-series": "one quantile for each instance, where that of all requests is meant",
    "quantile-scale": "histogram_quantile() with a percentage instead of a share",
    "raw-counter": "a counter's value without rate() or increase()",
    "same-name": "a gate and a trigger of one name",
    "settles-past-soak": "a gate that settles for longer than its step soaks",
    "short-range": "a range that holds too few samples for rate()",
    "soaks-too-long": "soaks that add up to more than the duration of their phase",
    "target-missing": "a flag whose target an environment does not have",
    "trigger-in-gate": "a trigger that can fire while a gate on the same metric passes",
    "unit-dimension": "a unit of another dimension than what the query measures",
    "unit-scale": "a unit of another size than what the query measures",
    "window-too-long": "a `for` that is not full when the duration of its phase is over",
}
"""What the checks warn of, by the id of the finding. More comes from single parts of a plan, as they are read."""
