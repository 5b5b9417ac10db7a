"""What stands for a character that a terminal or a log cannot show."""

from __future__ import annotations

import codecs

PLAIN = "rollout-plain"
"""An error handler for `reconfigure`: the encoding decides, character by character."""

_INSTEAD = str.maketrans("✔▶○◀█░─→…·\u00a0", "+>o<#.->.- ")


def _instead(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    hidden = error.object[error.start : error.end].translate(_INSTEAD)
    return "".join(one if one.isascii() else "?" for one in hidden), error.end


codecs.register_error(PLAIN, _instead)
