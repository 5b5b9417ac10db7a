"""What can only be said of a plan as a whole, once everything in it has been read.

To add an error: a function that reports to the book, and its line below. Warnings stand in `warnings`.
"""

from __future__ import annotations

from collections.abc import Callable

from rollout.model.plan import Plan
from rollout.planfile.checks import conditions, flags, levels, people
from rollout.shapes import Book

_ERRORS: tuple[Callable[[Plan, Book], None], ...] = (
    flags.every_flag_has_a_place,
    flags.no_key_is_written_twice,
    conditions.verification_does_not_settle,
    levels.an_emergency_asks_nobody,
    levels.triggers_name_levels_that_exist,
    conditions.baselines_are_recorded,
    people.a_tick_means_one_thing,
)


def check(plan: Plan, book: Book, *, warn: bool) -> None:
    """Warnings are for plans without errors: of a plan that lacks parts they would say what is not so."""
    for one in _ERRORS:
        one(plan, book)
    if warn and not book.failed:
        from rollout.planfile.checks.warnings import CHECKS

        for one in CHECKS:
            one(plan, book)
