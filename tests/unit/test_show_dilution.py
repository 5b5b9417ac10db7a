"""What a bound over everybody says of the few who have the feature."""

from __future__ import annotations

import pytest

from rollout.engine.dilution import Dilution
from rollout.operations.show import show
from tests.plans.small import read_text

ERRORS = "(sum(rate(errors_total[5m])) or vector(0)) / sum(rate(x_total[5m]))"

STEPS = "[{name: a, set: {ON: true, SHARE: 10}}, {name: b, set: {SHARE: 50}}]"


def dilutions(*, query: str = ERRORS, unit: str = "ratio", steps: str = STEPS, require: str = "< 0.1%",
              when: str = "> 2%", phases: str = "") -> dict[str, Dilution]:  # fmt: skip
    both = f"[{{id: one, gates: [g], steps: {steps}}}, {{id: all, gates: [g], steps: [{{set: {{SHARE: 100}}}}]}}]"
    text = f"""\
rollout: 1
name: shop
environments: {{prod: {{targets: {{api: {{type: dotenv, path: .env}}}}, vars: {{V: "2.0"}}}}}}
flags: {{ON: {{type: bool, safe: false}}, SHARE: {{type: percent, safe: 0}}, NEW_CART: {{type: percent, safe: 0}}}}
metrics: {{m: {{query: '{query}', unit: '{unit}'}}}}
gates: {{g: {{metric: m, require: '{require}'}}}}
phases: {phases or both}
triggers: {{t: {{any: [{{metric: m, when: '{when}'}}], rollback: emergency}}}}
"""
    plan = read_text(text).plan
    assert plan is not None, read_text(text).problems
    return dict(show(plan, "prod").dilutions)


def test_a_bound_of_all_is_told_for_those_who_have_the_feature() -> None:
    (dilution,) = dilutions().values()
    assert dilution.sentence == (
        "m selects no cohort: with 10 % (one/a) < 0.1 % of all is < 1 % of theirs, > 2 % of all is > 20 % of theirs"
    )
    assert [(one.text, one.stop.label, one.percent, one.alone) for one in dilution.bounds] == [
        ("< 0.1 %", "one/a", 10, 0.01),
        ("> 2 %", "one/a", 10, 0.2),
    ]


@pytest.mark.parametrize(
    ("unit", "require", "when", "told"),
    [
        ("ratio", "> 99%", "< 95%", "> 99 % of all is > 90 % of theirs, < 95 % of all is < 50 % of theirs"),
        ("%", "> 99", "< 95", "> 99 % of all is > 90 % of theirs, < 95 % of all is < 50 % of theirs"),
        ("ratio", "> 70%", "< 50%", "theirs alone cannot break > 70 %, theirs alone cannot fire < 50 %"),
        (
            "ratio",
            "< 0.001",
            "> 20%",
            "< 0.1 % of all is < 1 % of theirs, theirs alone cannot fire > 20 %",
        ),
        ("/s", "< 10/h", "> 1", "the others count too"),
        ("ratio", "!= 5%", "== 7%", "the others count too"),
    ],
)
def test_both_directions_are_told(unit: str, require: str, when: str, told: str) -> None:
    (dilution,) = dilutions(query="m", unit=unit, require=require, when=when).values()
    assert dilution.sentence == f"m selects no cohort: with 10 % (one/a) {told}"


def test_each_bound_is_told_where_the_fewest_have_the_feature() -> None:
    later = STEPS.replace("set: {SHARE: 50}", "set: {SHARE: 50}, gates: [g]")
    (dilution,) = dilutions(phases=f"[{{id: one, gates: [{{confirm: Fine}}], steps: {later}}}]").values()
    assert dilution.sentence == (
        "m selects no cohort: with 10 % (one/a) > 2 % of all is > 20 % of theirs;"
        " with 50 % (one/b) < 0.1 % of all is < 0.2 % of theirs"
    )


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(e_total{version="v2"}[5m])) / sum(rate(x_total{version="v2"}[5m]))',
        'error_share{app_version=~"2.*"}',
        'error_share{pod=~"shop-canary-.*"}',
        'error_share{new_cart="on"}',
        'error_share{version="${V}"}',
    ],
)
def test_a_query_that_selects_a_cohort_is_not_diluted(query: str) -> None:
    (dilution,) = dilutions(query=query).values()
    assert (dilution.selects_cohort, dilution.sentence) == (True, "m selects a cohort: its bounds are of that")


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(e_total{version="v2"}[5m])) / sum(rate(x_total[5m]))',
        'error_share{version!="v2"}',
        'error_share{version=~".*"}',
        'error_share{job="shop"}',
    ],
)
def test_a_query_that_looks_at_others_too_is_diluted(query: str) -> None:
    (dilution,) = dilutions(query=query).values()
    assert not dilution.selects_cohort


@pytest.mark.parametrize(
    "steps", ["[{set: {ON: true, SHARE: 100}}]", "[{set: {ON: true}}]", "[{set: {ON: true, SHARE: 0}}]"]
)
def test_where_everybody_or_nobody_has_it_nothing_is_diluted(steps: str) -> None:
    assert dilutions(steps=steps) == {}


def test_a_bound_relative_to_a_baseline_is_not_converted() -> None:
    phases = f"[{{id: one, baseline: [m], gates: [g], steps: {STEPS}}}]"
    (dilution,) = dilutions(require="<= baseline", phases=phases).values()
    assert [one.text for one in dilution.bounds] == ["> 2 %"]
