"""What people and machines read. Renderers never recompute: every number and sentence is in the result already.

To add a format: a module with a function of a result and a stream, and its line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TextIO

from rollout.render import json_format, table_format
from rollout.render.results import Result

FORMATS: Mapping[str, Callable[[Result, TextIO], None]] = {
    "table": table_format.write,
    "json": json_format.write,
}
