"""Which store a command uses."""

from __future__ import annotations

from rollout.errors import UsageError
from rollout.ports import Store
from rollout.settings import Settings
from rollout.store import KINDS


def open_store(settings: Settings, planned: str = "") -> Store:
    """The store that an option or a variable names, else the plan (`planned`), else the user's own."""
    text = settings.store or planned or settings.default_store
    kind, separator, rest = text.partition(":")
    if not separator or kind not in KINDS:
        raise UsageError(f"{text!r} is not a store", "write sqlite:PATH, such as sqlite:/var/lib/rollout/store.db")
    return KINDS[kind](settings.folder, rest, settings.patience)
