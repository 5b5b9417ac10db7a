"""Which rollout a command means, by its argument and its options."""

from __future__ import annotations

from rollout.errors import UsageError
from rollout.settings import Settings, read_settings


def settings_from(argument: str, option: str, environment: str, store: str) -> Settings:
    """UsageError when two different plans are named."""
    if argument and option and argument != option:
        raise UsageError(f"two plans are named, {argument!r} and {option!r}", "name one")
    return read_settings(argument or option, environment, store)
