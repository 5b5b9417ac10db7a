"""What those who answer the questions of a rollout's plan are built from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rollout.frozen import dataclass, field
from rollout.model.events import RolloutId
from rollout.model.plan import Plan
from rollout.model.state import RolloutState
from rollout.model.variables import references
from rollout.ports import Store
from rollout.settings import Settings
from rollout.wiring.variables import Lookup, lookup_of, own_variables


@dataclass(frozen=True)
class Surroundings:
    """`refused` are kinds of questions that are not asked, each with the reason."""

    plan: Plan
    folder: Path
    rollout: RolloutId
    state: RolloutState
    store: Store
    settings: Settings
    refused: Mapping[str, str] = field(default_factory=dict)

    def lookup(self, environment: str) -> Lookup:
        return lookup_of(self.settings, self.plan.environments[environment])

    def own(self, environment: str) -> Mapping[str, str]:
        return own_variables(self.settings, self.plan.environments[environment])

    @property
    def secret_names(self) -> frozenset[str]:
        """The variables that the plan uses where credentials stand, whatever they are called."""
        texts: list[str] = []
        for environment in self.plan.environments.values():
            if spec := environment.prometheus:
                texts += [spec.url, spec.token, spec.password, *spec.headers.values()]
        for gate in self.plan.every_gate():
            texts += gate.secrets
        texts += [channel.url for channel in self.plan.around.channels.values()]  # who knows it may send
        return frozenset(name for text in texts for name, _ in references(text))

    def allows(self, address: str) -> bool:
        """Whether NAME:PORT may be asked."""
        return self.settings.trust is None or self.settings.trust.allows(address)
