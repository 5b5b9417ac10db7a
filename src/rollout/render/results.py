"""Everything that can be rendered."""

from __future__ import annotations

from rollout.operations.advance import Advance
from rollout.operations.check import Check
from rollout.operations.history import History, Listing
from rollout.operations.lint import Lint
from rollout.operations.rollback import Rollback
from rollout.operations.show import Shown
from rollout.operations.status import StatusReport

Result = Check | StatusReport | Advance | Rollback | History | Listing | Lint | Shown
