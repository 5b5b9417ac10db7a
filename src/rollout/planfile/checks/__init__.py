"""What can only be said of a plan as a whole, once everything in it has been read.

To add one: a function that reports to the book, and its line below. The id of a finding never changes.
"""

from __future__ import annotations

from collections.abc import Callable

from rollout.model.plan import Plan
from rollout.planfile.checks import conditions, flags, levels
from rollout.shapes import Book

Check = Callable[[Plan, Book], None]

_ERRORS: tuple[Check, ...] = (
    flags.every_flag_has_a_place,
    flags.no_key_is_written_twice,
    conditions.verification_does_not_settle,
    levels.an_emergency_asks_nobody,
    levels.triggers_name_levels_that_exist,
    conditions.baselines_are_recorded,
)

_WARNINGS: tuple[Check, ...] = (
    flags.no_environment_lacks_a_target,
    flags.exposure_is_judged,
    conditions.absence_is_told_from_silence,
    conditions.values_have_units,
    conditions.names_are_told_apart,
    levels.an_emergency_is_spelt_right,
)


def check(plan: Plan, book: Book) -> None:
    """Warnings are for plans without errors: of a plan that lacks parts they would say what is not so."""
    for one in _ERRORS:
        one(plan, book)
    for one in () if book.failed else _WARNINGS:
        one(plan, book)
