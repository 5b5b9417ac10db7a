"""What a parent may have set for all its children, and does harm here."""

from __future__ import annotations

import signal


def hear_of_children() -> None:
    """At the start, in the main thread. Where SIGCHLD is ignored, the system drops every exit code.

    Python would take each command for one that ended with 0.
    """
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
