"""What the pages in docs/ tell to type does what they say. `make docs-update` writes down what is printed now."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import docs_pages as pages
from tests.cli.docs_pages import DOCS, ROOT, Part, Typed
from tests.cli.docs_session import Session
from tests.cli.docs_shop import Demo, hurried, running_demo
from tests.prometheus_server import PrometheusServer
from tests.warm.running import Warm

UPDATE = os.environ.get("ROLLOUT_DOCS_UPDATE") == "1"
HURRY = 1.0 if UPDATE else 5.0
"""How much faster the tutorial goes here than at a reader's: its windows of 5 s are 1 s."""
ENV = "# the new checkout, and the share of customers who get it\nCHECKOUT_V2=false\nCHECKOUT_V2_PERCENT=0\n"
RUN = [page for page in pages.PAGES if pages.session_of(page)]
RUN.sort(key=lambda page: page == "tutorial.md")


def killed(session: Session) -> None:
    """An advance whose process is killed while a command of the plan hangs; the next time it does not."""
    hanging, command = session.folder / "hanging", session.folder / "restart.sh"
    command.write_text("#!/bin/sh\ntouch hanging\nsleep 2\n")
    command.chmod(0o755)
    running = session.warm.start(["advance", "--yes"], session.folder, session.variables)
    until = time.monotonic() + 20
    while not hanging.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    running.send(signal.SIGKILL)
    assert running.wait().code == -signal.SIGKILL
    command.write_text("#!/bin/sh\n")


def advanced(session: Session) -> None:
    """The first step has been taken."""
    assert session.run(Typed("rollout advance --yes", 0, None))[0] == 0


MEANWHILE = {"advanced": advanced, "killed": killed}


@pytest.fixture(name="demo", scope="module")
def demo_that_has_started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Before the first page, so that it sells when the tutorial, which is the last one, begins."""
    with running_demo(tmp_path_factory.mktemp("demo"), ENV, HURRY) as demo:
        yield demo


def at_the_demo(demo: Demo, warm: Warm) -> Session:
    """With the demo's plan, and a shop that does what its flags say."""
    session = Session(demo.home, warm, demo.url, HURRY, 0 if UPDATE else 6 / HURRY)
    plan = demo.home / "demo" / "plan.yaml"
    plan.parent.mkdir()
    plan.write_text(hurried((ROOT / "demo" / "plan.yaml").read_text(), HURRY))
    session.variables["DEMO"] = str(plan.parent)
    demo.until_it_sells()
    return session


def at_the_shop(home: Path, warm: Warm, url: str, page: str) -> Session:
    """With the plan of the page that tells how to write one, where the page shows none of its own."""
    session = Session(home, warm, url)
    (session.folder / ".env").write_text(ENV)
    if not any(part.mark == "file" for part in pages.parts(page)):
        session.write(next(part for part in pages.parts("how-to/write-a-plan.md") if part.mark == "file"))
    return session


def followed(page: str, session: Session) -> Iterator[tuple[Part, list[tuple[Typed, int, str]]]]:
    """Types the page: each block with what came of each line."""
    for part in pages.parts(page):
        if part.what == "meanwhile":
            MEANWHILE[part.text](session)
        elif part.mark == "file":
            session.write(part)
        elif part.what in ("sh", "console") and part.mark != "not run":
            yield part, [(line, *session.run(line)) for line in pages.typed(part)]


def as_it_is_now(block: list[tuple[Typed, int, str]]) -> str:
    """What is printed, as the page has it where only figures differ."""
    entries = []
    for line, code, shown in block:
        before = line.shown or ""
        same = pages.words_of(before) == pages.words_of(shown)
        entries.append((line.line, before if same else shown, code))
    return pages.transcript(entries)


@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_do_what_it_says(
    page: str, tmp_path: Path, warm: Warm, prometheus: PrometheusServer, demo: Demo
) -> None:
    at_demo = pages.session_of(page) == "demo"
    session = at_the_demo(demo, warm) if at_demo else at_the_shop(tmp_path, warm, prometheus.url, page)
    text = pages.text_of(page)
    now: list[tuple[Part, str]] = []
    for part, block in followed(page, session):
        for line, code, shown in block:
            assert (code, line.line) == (line.exit, line.line), shown
            if line.shown is not None and not UPDATE:
                assert pages.words_of(shown) == pages.words_of(line.shown), (
                    f"make docs-update, if it is right:\n{shown}"
                )
        if UPDATE and part.what == "console":
            now.append((part, as_it_is_now(block)))
    for part, block_text in reversed(now):
        text = text[: part.start] + block_text + text[part.start + len(part.text) :]
    if UPDATE:
        (DOCS / page).write_text(text, encoding="utf-8")


def test_a_page_with_commands_says_where_they_run() -> None:
    for page in pages.PAGES:
        commands = [part for part in pages.parts(page) if part.what in ("sh", "console") and part.mark != "not run"]
        assert not commands or pages.session_of(page), page
