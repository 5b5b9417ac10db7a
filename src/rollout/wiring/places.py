"""Where the targets of an environment are: the variables that say so, and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rollout.model.plan import Environment
from rollout.model.variables import UnsetVariableError, defaults, expand, references
from rollout.wiring.variables import Lookup


def places_of(environment: Environment, lookup: Lookup) -> Mapping[str, str]:
    """The values of those variables, or what stands for them where they have none."""
    texts = [text for spec in environment.targets.values() for text in spec.places]
    otherwise = {name: default for text in reversed(texts) for name, default in defaults(text)}
    names = sorted({name for text in texts for name, _ in references(text)})
    values = {name: lookup(name) for name in names}
    known = {name: otherwise.get(name) if value is None else value for name, value in values.items()}
    return {name: value for name, value in known.items() if value is not None}


def place_lookup(lookup: Lookup, places: Mapping[str, str]) -> Lookup:
    """By what was recorded first: another shell's variables may name another place."""
    return lambda name: places[name] if name in places else lookup(name)


def moved(
    before: Environment, places: Mapping[str, str], now: Environment, lookup: Lookup
) -> Iterator[tuple[str, str]]:
    """Targets that were somewhere else `before`, when `places` were recorded, each with a sentence."""
    recorded = place_lookup(lookup, places)
    for name in now.targets.keys() & before.targets.keys():
        there = [_known(text, recorded) for text in before.targets[name].places if text]
        here = [_known(text, lookup) for text in now.targets[name].places if text]
        if "" not in here and here != there:
            yield name, f"target {name} is {' '.join(here)} here, and the rollout has {' '.join(there)} in its record"


def _known(text: str, lookup: Lookup) -> str:
    """Empty where a variable has no value: then nothing contradicts the record."""
    try:
        return expand(text, lookup)
    except UnsetVariableError:
        return ""
