"""What a shell offers behind a Tab. It only looks, and where it cannot, it offers nothing and says nothing."""

from __future__ import annotations

from rollout.cli.completing.offering import offering, offering_answers, offering_of, offering_several_of
from rollout.cli.completing.shells import register

__all__ = ["offering", "offering_answers", "offering_of", "offering_several_of"]

register()
