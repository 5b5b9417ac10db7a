"""Every result has a table and a document, and each module that is named is there."""

from __future__ import annotations

from importlib import import_module

import pytest

from rollout.render import FORMATS, Result


def test_every_result_is_listed() -> None:
    assert set(str(Result).split(" | ")) == set(FORMATS)


@pytest.mark.parametrize(("result", "output"), [(result, output) for result in FORMATS for output in FORMATS[result]])
def test_every_format_has_its_module(result: str, output: str) -> None:
    assert callable(import_module(f"rollout.render.{FORMATS[result][output]}").write)
