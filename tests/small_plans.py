"""Plans in a line or two, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.changes import Slot
from rollout.model.conditions import parse_condition
from rollout.model.gate import Gate
from rollout.model.plan import (
    Command,
    Environment,
    Level,
    Metric,
    Phase,
    Plan,
    SeriesRule,
    Step,
    TargetSpec,
    Trigger,
    Windows,
)
from rollout.model.values import Flag, FlagType, FlagValue

ON = Flag("ON", FlagType.BOOL, safe=False)
PERCENT = Flag("PERCENT", FlagType.PERCENT, safe=0)
ALLOW = Flag("ALLOW", FlagType.LIST)
TTL = Flag("TTL", FlagType.INT)


def metric(
    promql: str = "errors", unit: str = "ratio", *, series: str = "every", reach: timedelta | None = None
) -> Metric:
    return Metric(promql, promql, unit, series=SeriesRule(series), reach=reach or timedelta())


def gate(
    promql: str = "errors", require: str = "< 0.1%", unit: str = "ratio", *, id: str = "", advisory: bool = False
) -> MetricGate:
    return MetricGate(id=id or promql, metric=metric(promql, unit), require=parse_condition(require), advisory=advisory)


def alarm(promql: str = "errors", when: str = "> 1%", unit: str = "ratio") -> MetricAlarm:
    return MetricAlarm(metric=metric(promql, unit), when=parse_condition(when))


def spike(promql: str = "spike", rollback: str = "emergency", *, id: str = "", review: str = "") -> Trigger:
    """Fires above 1 %; with `review`, it asks for one."""
    return Trigger(id or promql, alarm(promql), rollback="" if review else rollback, review=review)


def step(*, soak: timedelta | None = None, gates: Iterable[MetricGate] = (), **values: FlagValue) -> Step:
    return Step(0, set=values, soak=soak or timedelta(), gates=tuple(gates))


def phase(
    id: str,
    *steps: Step,
    entry: Iterable[MetricGate] = (),
    gates: Iterable[MetricGate] = (),
    at_exit: Iterable[MetricGate] = (),
    environments: tuple[str, ...] = (),
) -> Phase:
    """The steps get their numbers here."""
    numbered = tuple(replace(one, number=number) for number, one in enumerate(steps, 1))
    return Phase(
        id, entry=tuple(entry), gates=tuple(gates), exit=tuple(at_exit), steps=numbered, environments=environments
    )


def make_plan(
    *phases: Phase,
    flags: Iterable[Flag] = (ON, PERCENT, ALLOW),
    triggers: Iterable[Trigger] = (),
    levels: Iterable[Level] = (),
    targets: Iterable[str | TargetSpec] = ("api",),
    gates: Iterable[Gate] = (),
    windows: Windows | None = None,
    values: Mapping[str, FlagValue] | None = None,
    override: Mapping[str, FlagValue] | None = None,
    safe: Mapping[str, FlagValue] | None = None,
) -> Plan:
    environment = Environment(
        "production",
        targets={spec.name: spec for spec in map(_spec, targets)},
        values=values or {},
        override=override or {},
        safe=safe or {},
    )
    return Plan(
        "checkout-v2",
        environments={"production": environment, "staging": replace(environment, name="staging")},
        flags={flag.name: flag for flag in flags},
        gates={one.id: one for one in gates},
        phases=phases,
        windows=windows or Windows(),
        triggers={trigger.id: trigger for trigger in triggers},
        rollback={level.name: level for level in levels},
    )


def _spec(target: str | TargetSpec) -> TargetSpec:
    return target if isinstance(target, TargetSpec) else TargetSpec(name=target)


def commands(*texts: str, once: bool = False) -> tuple[Command, ...]:
    """Each as it would be typed."""
    return tuple(Command(tuple(text.split()), once=once) for text in texts)


PHASES = (
    phase("prepare"),
    phase("limited", step(ON=True, PERCENT=20), step(PERCENT=35)),
    phase("full", step(PERCENT=100)),
)
"""The path that most tests take."""


def slot(flag: str, target: str = "api", key: str = "") -> Slot:
    return Slot(flag, target, key or flag)
