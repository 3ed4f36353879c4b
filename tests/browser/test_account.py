"""Setting up a second factor and signing in with it, on a phone and without scripts; nothing breaks the content policy."""

from __future__ import annotations

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.bpmn import releases
from engine.desk.people import set_password
from engine.foundation.security import SYSTEM
from tests.browser.conftest import PHONE, Site
from tests.engine import small_release

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PASSWORD = "correct horse battery"
FACTOR = "/account/second-factor"


@pytest.fixture
def site(site: Site) -> Site:
    """The product, where Li Gong has a password."""
    with site.database.write() as tx:
        releases.publish(tx, small_release.files(), actor="xie_liu", at=site.clock(), note="")
        set_password(tx, "li_gong", PASSWORD, actor=SYSTEM)
    return site


def sound(page: Page) -> None:
    """No violation, and nothing to scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_it_is_set_up_and_used_without_scripts(site: Site) -> None:
    page = site.open(FACTOR, person="li_gong", size=PHONE, scripts=False)
    page.locator("main button.btn-primary").click()
    secret = page.locator("main code").inner_text().replace(" ", "")
    expect(page.locator("figure svg")).to_be_visible()
    page.locator("#code-first").fill(pyotp.TOTP(secret).at(site.clock()))
    page.locator("main button.btn-primary").click()
    expect(page.locator("main li code")).to_have_count(10)

    site.clock.advance(seconds=30)
    elsewhere = site.open("/sign-in?next=/account/", size=PHONE, scripts=False)
    elsewhere.locator("#account").fill("li_gong")
    elsewhere.locator("#password").fill(PASSWORD)
    elsewhere.locator("[data-primary]").click()
    elsewhere.locator("#code").fill(pyotp.TOTP(secret).at(site.clock()))
    elsewhere.locator("[data-primary]").click()
    expect(elsewhere).to_have_url(f"{site.url}/account/")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_pages_have_no_axe_violation_and_fit_a_phone(site: Site, language: str) -> None:
    page = site.open("/account/", person="li_gong", language=language, size=PHONE)
    sound(page)
    page.goto(site.url + FACTOR)
    sound(page)
    page.locator("main button.btn-primary").click()
    page.wait_for_selector("figure svg")
    sound(page)
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.locator("#code-first").fill(pyotp.TOTP(secret).at(site.clock()))
    page.locator("main button.btn-primary").click()
    page.wait_for_selector("main li code")
    sound(page)
    page.goto(site.url + FACTOR)
    sound(page)
    stranger = site.open("/sign-in", language=language, size=PHONE)
    stranger.locator("#account").fill("li_gong")
    stranger.locator("#password").fill(PASSWORD)
    stranger.locator("form [data-primary]").first.click()
    stranger.wait_for_selector("#code")
    sound(stranger)
