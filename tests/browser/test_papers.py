"""The service report on paper: nothing but the sheet, which needs no scripts and nobody's good eyes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.acts.publishing import read_folder
from engine.bpmn import releases
from engine.foundation.settings import source_folder
from tests.browser.conftest import PHONE, Site
from tests.webapp.visits import visit
from webapp.context import EXTENSION

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
A4 = (718, 1000)  # the width of a sheet between its margins


@pytest.fixture
def reported(site: Site) -> str:
    """The address of a sheet."""
    with site.database.write() as tx:
        releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=site.clock(), note="")
    case = visit(site.app.extensions[EXTENSION].cases, site.clock)
    case.do("write_service_report", by="li_gong", leftovers="no")
    return f"/cases/{case.number}/papers/service-report"


def test_on_paper_only_the_sheet_is_left_and_fits_its_width(site: Site, reported: str) -> None:
    page = site.open(reported, person="sun_jing", size=A4, scripts=False)
    page.emulate_media(media="print")
    expect(page.locator(".sheet-signature")).to_be_visible()
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".crumb")).to_be_hidden()
    box = page.locator(".sheet").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= A4[0]


def test_the_sheet_and_the_schedules_have_no_axe_violation_and_never_scroll_sideways(
    site: Site, reported: str
) -> None:
    for path in (reported, "/timers/schedules"):
        page = site.open(path, person="sun_jing", size=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
