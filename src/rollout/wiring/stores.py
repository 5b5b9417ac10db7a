"""Which store a command uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rollout.errors import UsageError
from rollout.model.variables import UnsetVariableError, expand
from rollout.ports import Store
from rollout.settings import Settings
from rollout.store import KINDS
from rollout.store.unusable import UnusableStore


def open_store(settings: Settings) -> Store:
    """The store that an option or a variable names, else the user's own."""
    store = _open(settings, settings.store or settings.default_store, settings.folder)
    if store is None:
        raise UsageError(f"{settings.store!r} is not a store", f"write one of {_FORMS}")
    return store


def open_planned_store(settings: Settings, planned: str, folder: Path, lookup: Callable[[str], str | None]) -> Store:
    """As `open_store`, where a plan names one (`planned`) that neither option nor variable replaces.

    `folder` is where the plan's relative paths start. What is no store stops only whoever needs the record. A plan that
    is not trusted names none.
    """
    if settings.store or not planned or settings.trust:
        return open_store(settings)
    try:
        text = expand(planned, lookup)
    except UnsetVariableError as error:
        return UnusableStore(planned, f"cannot be told: {error}")
    return _open(settings, text, folder) or UnusableStore(text, f"is none; write one of {_FORMS}")


def _open(settings: Settings, text: str, folder: Path) -> Store | None:
    kind, separator, rest = text.partition(":")
    return KINDS[kind](folder, rest, settings.patience) if separator and kind in KINDS else None


_FORMS = ", ".join(f"{kind}:…" for kind in KINDS)
