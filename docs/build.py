"""Builds the pages in docs/ with zensical; `--update` first writes those anew that are made from the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from docs.cli_reference import cli_reference
from docs.plan_reference import plan_reference

HERE = Path(__file__).parent
ROOT = HERE.parent

MADE: dict[str, Callable[[], str]] = {
    "reference/commands.md": cli_reference,
    "reference/plan-keys.md": plan_reference,
}
"""Committed, since most people read the pages where the code lies; a test says when they are no longer right."""

ELSEWHERE = {"SECURITY.md": "security.md"}
"""Files at the top of the project that pages link to, and where they stand on the site."""


def update() -> None:
    for name, make in MADE.items():
        (HERE / name).write_text(make(), encoding="utf-8")


def build(folder: Path) -> Path:
    """The site's first page. CalledProcessError when a link or an anchor leads nowhere."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in HERE.rglob("*.md"):
        _stage(page, folder / "pages" / page.relative_to(HERE))
    for name, staged in ELSEWHERE.items():
        _stage(ROOT / name, folder / "pages" / staged)
    shutil.copy(HERE / "zensical.toml", folder)
    run_zensical(folder)
    return folder / "site" / "index.html"


def run_zensical(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=folder, check=True)


def _stage(page: Path, place: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, staged in ELSEWHERE.items():
        text = re.sub(rf"\]\(((?:\.\./)*)\.\./{re.escape(name)}", rf"](\1{staged}", text)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def main() -> int:
    if "--update" in sys.argv:
        update()
        return 0
    try:
        print(build(ROOT / ".cache" / "docs"))
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
