"""Which variables of a file look like the flags of a feature that is about to be rolled out: by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rollout.frozen import dataclass
from rollout.targets.dotenv_text import read_values

_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_SECRET = re.compile(r"SECRET|TOKEN|PASS|KEY|CREDENTIAL|PRIVATE|AUTH")
_SHARE = re.compile(r"_(?:PERCENT|PERCENTAGE|PCT|ROLLOUT)\Z")
_NUMBER = re.compile(r"(?:100|[0-9]{1,2})(?:\.[0-9]+)?")
_TELLS = re.compile(r"FEATURE|ENABLE|FLAG|NEW_|BETA|ROLLOUT|CANARY|_V[0-9]")
_ON, _OFF = ("true", "on", "yes"), ("false", "off", "no")
_MOST = 8


@dataclass(frozen=True)
class Feature:
    """`switch` is a bool and `share` a percent, in the file or proposed; `others` could be flags too."""

    switch: str = "MY_FEATURE"
    share: str = "MY_FEATURE_PERCENT"
    has_switch: bool = False
    has_share: bool = False
    others: tuple[str, ...] = ()

    @property
    def flags(self) -> Mapping[str, bool]:
        """Both names, each with whether the file has it."""
        return {self.switch: self.has_switch, self.share: self.has_share}

    @property
    def found(self) -> bool:
        return self.has_switch or self.has_share


def feature_in(content: bytes) -> Feature:
    """What is off today, since `safe` is what stands there before the rollout. No value leaves this function."""
    switches: dict[str, bool] = {}
    shares: dict[str, bool] = {}
    for name, values in read_values(content).items():
        text = values[-1].text.lower()
        if not _NAME.fullmatch(name) or _SECRET.search(name):
            continue
        if _SHARE.search(name) and _NUMBER.fullmatch(text):
            shares[name] = float(text) == 0
        elif text in (*_ON, *_OFF) or (text in ("0", "1") and _TELLS.search(name)):
            switches[name] = text in (*_OFF, "0")
    off = [name for name, is_off in switches.items() if is_off]
    chosen = _pair(off, [name for name, is_off in shares.items() if is_off])
    taken = (chosen.switch, chosen.share)
    others = tuple(name for name in (*switches, *shares) if name not in taken)
    return Feature(chosen.switch, chosen.share, chosen.has_switch, chosen.has_share, others[:_MOST])


def _pair(switches: list[str], shares: list[str]) -> Feature:
    """A share with its switch, else a share, else a switch whose name tells, or the only one."""
    alone: Feature | None = None
    for share in shares:
        stem = _SHARE.sub("", share)
        for switch in (stem, f"{stem}_ENABLED", f"ENABLE_{stem}", f"FEATURE_{stem}"):
            if switch in switches:
                return Feature(switch, share, has_switch=True, has_share=True)
        alone = alone or Feature(stem, share, has_share=True)
    if alone:
        return alone
    telling = [name for name in switches if _TELLS.search(name)] or (switches if len(switches) == 1 else [])
    if telling:
        return Feature(telling[0], f"{telling[0]}_PERCENT", has_switch=True)
    return Feature()
