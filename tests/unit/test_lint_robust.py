"""Checks say what they know of any plan, and never bring a reading down."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rollout.model.units import UNITS
from rollout.planfile import read
from rollout.planfile.checks import warnings
from rollout.shapes.promql import trees
from rollout.shapes.promql_tree import DEEPEST
from tests.faults.rig import LONG
from tests.metric_plans import QUERY_LINE, ids, metric_plan, problems
from tests.plans.small import KINDS, SAMPLE, read_text

ROOT = Path(__file__).parents[2]
PLANS = [SAMPLE, ROOT / "demo" / "plan.yaml", *sorted((ROOT / "plans").glob("*.yaml"))]

NAMES = st.sampled_from(
    ["x", "x_total", "errors_total", "x_seconds_bucket", "x_ms_sum", "x_count", "y_bytes", "up", "z_ratio", "a:b_total"]
)
LABELS = st.sampled_from(["", '{code=~"5.."}', '{le="1"}', '{instance!="a"}', '{__name__=~"x.*"}'])
INSTANT = st.builds("{}{}".format, NAMES, LABELS)
RANGES = st.builds(
    "{}[{}]{}".format, INSTANT, st.sampled_from(["5m", "30s", "1h", "1d"]), st.sampled_from(["", " offset 1h"])
)
RATED = st.builds("{}({})".format, st.sampled_from(["rate", "increase", "deriv", "delta", "max_over_time"]), RANGES)
NUMBERS = st.sampled_from(["0", "1", "60", "100", "3600", "1e6", "NaN", "Inf", "-1"])
BINARY = st.sampled_from(["+", "-", "*", "/", "%", "^", "and", "or", "unless", "<", ">= bool", "== bool", "!="])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({}) {} ({})".format, inner, BINARY, inner),
        st.builds("({}) {} {}".format, inner, st.sampled_from(["*", "/", "+", "-", ">"]), NUMBERS),
        st.builds("{} {} ({})".format, NUMBERS, st.sampled_from(["*", "/", "-"]), inner),
        st.builds("{}({})".format, st.sampled_from(["sum", "avg by (le)", "count", "max without (le)"]), inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "-", "absent", "scalar", "sort", "timestamp"]), inner),
        st.builds("histogram_quantile(0.9, {})".format, inner),
        st.builds("clamp_min({}, 1)".format, inner),
        st.builds("max_over_time(({})[1h:1m])".format, inner),
        st.builds("({}) or vector({})".format, inner, NUMBERS),
    )


QUERIES = st.recursive(st.one_of(INSTANT, RATED), larger, max_leaves=12)


@settings(max_examples=3_000 if LONG else 100, deadline=None)
@given(QUERIES, st.sampled_from(sorted(UNITS)))
@example("1 / ((x) / Inf)", "%")
@example("1 / (x * 1e-320)", "%")
@example("1 / 1e-320", "s")
def test_any_query_can_be_checked_against_any_unit(query: str, unit: str) -> None:
    reading = read_text(metric_plan(query, unit))
    errors = [problem.message for problem in reading.errors]
    assert not errors or all("is not valid PromQL" in error for error in errors)
    assert {problem.id for problem in reading.problems} <= {*warnings.WARNINGS, "promql"}


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, 400])
@pytest.mark.parametrize("form", ["abs({})", "-{}", "sum({})", "({} + 1)", "{} - 1", "({} or vector(0))", "{} > 1"])
def test_no_query_is_too_deep(form: str, depth: int) -> None:
    query = "rate(x_total[1m])"
    for _ in range(depth if "{})" in form or form == "-{}" else depth // 2):  # at most 500 operators and brackets
        query = form.format(query)
    assert read_text(metric_plan(query, "/s")).plan is not None


def test_brackets_do_not_make_a_query_deep() -> None:
    assert f"{QUERY_LINE} short-range" in ids(metric_plan("(" * 400 + "rate(x_total[1m])" + ")" * 400, "/s"))


def test_what_the_parser_does_not_know_is_not_guessed_at() -> None:
    assert ids(metric_plan("newest_function(rate(x_total[1m]))", "count")) == [f"{QUERY_LINE} unknown-function"]
    assert list(trees("newest_function(x)", {})) == []


WORD = re.compile(rb"[\w.%<>/-]+")
QUERY_PARTS = [
    b"rate",
    b"sum",
    b"or vector(0)",
    b"/",
    b"x_total",
    b"[1m]",
    b"/h",
    b"count",
    b"ratio",
    b"ms",
    b"< 0",
    b"72h",
]


@pytest.mark.parametrize("seed", range(20 if LONG else 1))
def test_a_plan_that_was_written_over_is_still_checked(seed: int) -> None:
    """Words change places, which keeps more plans valid than damage does: the checks are for those."""
    source = random.Random(seed)  # the same plans in every run
    sample = SAMPLE.read_bytes()
    words = list(WORD.finditer(sample))
    whole = 0
    for _ in range(200):
        word = source.choice(words)
        other = source.choice([*QUERY_PARTS, source.choice(words)[0]])
        reading = read(sample[: word.start()] + other + sample[word.end() :], "plan.yaml", KINDS)
        whole += reading.plan is not None
        assert all(reading.rendered(problem) for problem in reading.problems)
    assert whole > 25


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_a_plan_of_this_project_is_clean(path: Path) -> None:
    assert read(path.read_bytes(), path.name, KINDS).problems == ()


def test_the_table_holds_only_what_checks_find() -> None:
    modules = [path for path in Path(warnings.__file__).parent.glob("*.py") if path.stem != "warnings"]
    sources = "".join(path.read_text() for path in modules)
    assert [id for id in warnings.WARNINGS if f'"{id}"' not in sources] == []


def test_every_warning_has_a_way_out() -> None:
    for query, unit in [("rate(x_total[1m])", "/h"), ("x_total or vector(0)", "count"), ("count(x > 1)", "count")]:
        assert all(problem.hint for problem in problems(metric_plan(query, unit)))
