"""The procedure in a real browser: from a clause to its element in the diagram and back, on paper and on a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.acts.publishing import read_folder
from engine.bpmn import releases
from engine.foundation.settings import source_folder
from tests.browser.conftest import DESKTOP, PHONE, Site

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PAGES = ("/procedure/", "/procedure/R-136", "/procedure/R-231", "/procedure/R-224")


@pytest.fixture
def procedures(site: Site) -> Site:
    with site.database.write() as tx:
        releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=site.clock(), note="")
    return site


def test_a_clause_opens_its_element_marked_in_the_diagram_and_leads_back(procedures: Site) -> None:
    page = procedures.open("/procedure/R-048", person="li_gong")
    page.click('a[href$="element=inspect_part"]')
    page.wait_for_selector("[data-diagram][data-ready]")
    marked = page.locator('.djs-element[data-element-id="inspect_part"]')
    expect(marked).to_have_class(re.compile("chosen"))
    expect(marked).to_be_in_viewport()
    page.locator("#inspect_part").get_by_role("link", name="R-048").click()
    expect(page.locator("h1")).to_contain_text("R-048")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_its_pages_have_no_axe_violation_and_never_scroll_sideways(
    procedures: Site, language: str, size: tuple[int, int]
) -> None:
    page = procedures.open(PAGES[0], person="li_gong", language=language, size=size)
    found: list[str] = []
    for path in PAGES:
        page.goto(procedures.url + path)
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found.append(f"{path}: {result.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: scrolls sideways")
    assert not found, "\n".join(found)


def test_on_paper_only_the_clauses_are_left(procedures: Site) -> None:
    page = procedures.open("/procedure/", person="li_gong")
    page.emulate_media(media="print")
    expect(page.locator("#R-048")).to_be_visible()
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator("form.filters")).to_be_hidden()
