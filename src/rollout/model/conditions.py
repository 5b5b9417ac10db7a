"""What a number must satisfy: `< 0.1%`, `>= 85% and < 90%`, `<= baseline + 0.1%`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from rollout.frozen import dataclass
from rollout.model.units import UNITS, Dimension, convert, format_quantity


class Op(StrEnum):
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "=="
    NE = "!="

    def holds(self, value: float, bound: float) -> bool:
        match self:
            case Op.LT:
                return value < bound
            case Op.LE:
                return value <= bound
            case Op.GT:
                return value > bound
            case Op.GE:
                return value >= bound
            case Op.EQ:
                return value == bound
            case Op.NE:
                return value != bound

    @property
    def words(self) -> str:
        return _OP_WORDS[self]


_OP_WORDS = {
    Op.LT: "below",
    Op.LE: "at most",
    Op.GT: "above",
    Op.GE: "at least",
    Op.EQ: "exactly",
    Op.NE: "other than",
}


@dataclass(frozen=True)
class Quantity:
    """A number as written; an empty unit means the metric's own."""

    number: Fraction
    unit: str


@dataclass(frozen=True)
class Baseline:
    """The value recorded before exposure (`phase` empty: the only one), changed by `amount`.

    `change` is `+` or `-` with an amount in the metric's dimension, `*` with a bare factor, or empty.
    """

    phase: str
    change: str
    amount: Quantity


@dataclass(frozen=True)
class Comparison:
    op: Op
    bound: Quantity | Baseline

    def limit(self, unit: str) -> float:
        """The bound in `unit`; ValueError for a bound of another dimension or one that needs a baseline."""
        if isinstance(self.bound, Baseline):
            raise ValueError("a baseline is not a number yet")
        return _in_unit(self.bound, unit)


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold; `text` is how the plan writes it."""

    comparisons: tuple[Comparison, ...]
    text: str

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        return tuple(c.bound for c in self.comparisons if isinstance(c.bound, Baseline))

    def against(self, means: Mapping[Baseline, float], unit: str) -> Condition:
        """The same, with a quantity in the place of each baseline, whose means are in `unit`; `text` stays."""

        def quantity(bound: Quantity | Baseline) -> Quantity:
            if isinstance(bound, Quantity):
                return bound
            added = bound.change in ("+", "-")
            shown_in = (added and bound.amount.unit) or ("%" if UNITS[unit].dimension is Dimension.SHARE else unit)
            # By its shortest spelling: a float's exact value would make `baseline - 1%` of 0.01 more than nothing.
            scale, amount = UNITS[unit].factor / UNITS[shown_in].factor, bound.amount.number
            mean = Fraction(str(means[bound])) * scale
            if bound.change == "*":
                return Quantity(mean * amount, shown_in)
            if added and not bound.amount.unit:
                amount *= scale
            return Quantity({"+": mean + amount, "-": mean - amount, "": mean}[bound.change], shown_in)

        return Condition(tuple(Comparison(one.op, quantity(one.bound)) for one in self.comparisons), self.text)

    def check(self, unit: str) -> None:
        """ValueError when a bound cannot be compared with numbers of `unit`."""
        for comparison in self.comparisons:
            bound = comparison.bound
            if isinstance(bound, Quantity):
                _in_unit(bound, unit)
            elif bound.change == "*" and bound.amount.unit:
                raise ValueError("a baseline is multiplied with a bare number, such as baseline * 1.1")
            elif bound.change in ("+", "-"):
                _in_unit(bound.amount, unit)

    def judge(self, value: float, unit: str) -> tuple[bool, str]:
        """Whether a finite `value` of `unit` satisfies every comparison, and the sentence that says so with numbers."""
        sentences = []
        for comparison in self.comparisons:
            limit = comparison.limit(unit)
            holds = comparison.op.holds(value, limit)
            sentence = self._sentence(comparison, value, limit, unit, holds)
            if not holds:
                return False, sentence
            sentences.append(sentence)
        return True, " and ".join(sentences)

    def _sentence(self, comparison: Comparison, value: float, limit: float, unit: str, holds: bool) -> str:
        bound = comparison.bound
        shown_in = bound.unit if isinstance(bound, Quantity) and bound.unit else unit
        observed = format_quantity(value, unit, shown_in, apart_from=limit)
        allowed = format_quantity(limit, unit, shown_in, apart_from=value)
        return f"{observed} is {'' if holds else 'not '}{comparison.op.words} {allowed}"


def parse_condition(text: str) -> Condition:
    """ValueError, naming the part that does not fit, for anything but comparisons joined by `and`."""
    comparisons = tuple(_comparison(part.strip()) for part in re.split(r"\band\b", text))
    return Condition(comparisons, " ".join(text.split()))


_NUMBER = r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{1,15})?|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?"
_QUANTITY = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[A-Za-z%/]*)\Z")
_BASELINE = re.compile(
    r"baseline(?:\s*\(\s*(?P<phase>[A-Za-z0-9_.-]+)\s*\))?(?:\s*(?P<change>[-+*])\s*(?P<amount>.+))?\Z"
)
_COMPARISON = re.compile(r"(?P<op><=|>=|==|!=|<|>)\s*(?P<bound>.+)\Z")


def _comparison(part: str) -> Comparison:
    match = _COMPARISON.match(part)
    if match is None:
        raise ValueError(f"{part!r} is not a comparison; write an operator and a bound, such as < 0.1% or >= 200")
    bound = match["bound"].strip()
    baseline = _BASELINE.match(bound)
    if baseline is None:
        return Comparison(Op(match["op"]), _quantity(bound))
    amount = _quantity(baseline["amount"].strip()) if baseline["change"] else Quantity(Fraction(0), "")
    return Comparison(Op(match["op"]), Baseline(baseline["phase"] or "", baseline["change"] or "", amount))


def _quantity(text: str) -> Quantity:
    match = _QUANTITY.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a number with a unit")
    if match["unit"] and match["unit"] not in UNITS:
        raise ValueError(f"{match['unit']!r} is not a unit; known are {', '.join(UNITS)}")
    return Quantity(Fraction(match["number"]), match["unit"])


def _in_unit(quantity: Quantity, unit: str) -> float:
    return convert(quantity.number, quantity.unit or unit, unit)
