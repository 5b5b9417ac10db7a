"""The site that `make docs` builds: every link leads somewhere, and nothing is loaded from elsewhere."""

from __future__ import annotations

import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from docs.build import build, run_zensical

LOADING: Final = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


class Loaded(HTMLParser):
    """What a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = LOADING.get(tag)
        self.addresses += [value for name, value in attrs if name == wanted and value]


@pytest.fixture(name="site", scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("docs")).parent


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text())
        assert [address for address in loaded.addresses if "//" in address] == []


def test_its_style_names_no_font_or_picture_of_elsewhere(site: Path) -> None:
    assert [style.name for style in site.rglob("*.css") if "url(http" in style.read_text()] == []


@pytest.mark.parametrize("link", ["nowhere.md", "tutorial.md#nowhere"])
def test_a_link_that_leads_nowhere_fails(site: Path, link: str) -> None:
    page = site.parent / "pages" / "index.md"
    text = page.read_text()
    page.write_text(f"{text}\n[a link]({link})\n")
    try:
        with pytest.raises(subprocess.CalledProcessError):
            run_zensical(site.parent)
    finally:
        page.write_text(text)
