"""A customer with a phone: report with a photo, follow, add, confirm with a signature, rate; with scripts and without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, update

from engine.acts import worklist
from engine.acts.cast import People
from engine.acts.publishing import read_folder
from engine.acts.replay import verify_all
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Contract, Customer, Task
from engine.foundation.settings import source_folder
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_frame import RULES
from tests.engine.test_attachments import JPEG
from tests.webapp.desk import FAULT
from tests.webapp.test_portal import REPAIR
from webapp.context import EXTENSION

pytestmark = pytest.mark.browser

CUSTOMER = "滨江会展中心"


@dataclass
class Visitor:
    """The customer's phone, and the colleagues who do their part in between."""

    site: Site

    @property
    def cases(self) -> Cases:
        return self.site.app.extensions[EXTENSION].cases  # type: ignore[no-any-return]

    def report(self, **options: Any) -> Page:
        page = self.site.open("/portal/", size=PHONE, **options)
        page.fill("[name=description]", "会议主机开机后画面中断, 三层会议区今天下午有会")
        page.set_input_files("[name=files]", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
        page.fill("[name=customer]", CUSTOMER)
        page.fill("[name=phone]", "138 0000 5521")
        page.locator("form[enctype] button.btn-primary").click()
        page.wait_for_url("**/portal/cases/**")
        return page

    def work(self, element: str, by: str = "li_gong", **answers: object) -> None:
        with self.site.database.read() as tx:
            task = tx.execute(select(Task.id).where(Task.element == element)).scalar_one()
            number = tx.execute(select(Case.number)).scalar_one()
        worklist.complete(self.cases, number, task, answers, actor=People()[by], now=self.site.clock())

    def repair(self) -> None:
        self.work("triage", "chen_min", **FAULT)
        self.work("accept_case", decision="accept")
        for element, answers in REPAIR:
            self.work(element, **answers)

    def close(self) -> None:
        with self.site.database.write() as tx:
            tx.execute(update(Case).values(closed_at=self.site.clock()))


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """A registered customer before the procedures as they are shipped."""
    now, id = site.clock(), new_id(site.clock())
    covered = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "coverage": "gold"}
    with site.database.write() as tx:
        releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=now, note="")
        tx.execute(insert(Customer).values(id=id, name=CUSTOMER))
        tx.execute(insert(Contract).values(id=new_id(now), customer_id=id, number="C-1", **covered))
    return Visitor(site)


def judge(page: Page) -> None:
    """Nothing that axe finds, and nothing beside the screen."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def sign(page: Page) -> None:
    """Draw on the pad."""
    pad = page.locator("canvas[data-signature]")
    pad.scroll_into_view_if_needed()
    page.wait_for_selector("canvas[data-on]")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 80)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 40 + step * 25, box["y"] + 80 + (-1) ** step * 30)
    page.mouse.up()


def test_a_phone_reports_follows_confirms_and_rates(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.report()
    expect(page.locator(".receipt")).to_contain_text("SH-2026-000001")
    expect(page.locator("h1")).to_have_text("已收到, 正在安排工程师")
    expect(page.locator(".sent")).to_contain_text("现场.jpg")
    judge(page)
    page.fill("[name=text]", "门禁需要提前预约")
    page.click("#add button.btn-outline-secondary")
    expect(page.locator(".sent")).to_contain_text("门禁需要提前预约")
    visitor.repair()
    page.reload()
    expect(page.locator("h1")).to_have_text("已恢复, 请您确认")
    judge(page)
    page.check("[name=confirmed][value=yes]")
    page.fill("[name=confirmed_by]", "周晓岚")
    sign(page)
    page.screenshot(path=tmp_path / "confirm-390.png", full_page=True)
    page.click("#question button.btn-primary")
    expect(page.locator("#question")).to_have_count(0)
    visitor.close()
    page.reload()
    for name, value in (("solved", "yes"), ("score_solution", "5"), ("score_service", "4")):
        page.check(f"[name={name}][value='{value}']")
    judge(page)
    page.click("#rate button.btn-wide")
    expect(page.locator("#rate [role=status]")).to_contain_text("已收到您的评价")
    assert verify_all(visitor.cases).whole


def test_everything_works_without_scripts(visitor: Visitor) -> None:
    page = visitor.report(scripts=False)
    visitor.repair()
    page.reload()
    page.check("[name=confirmed][value=no]")
    page.fill("[name=objection]", "还是黑屏")
    page.click("#question button.btn-primary")
    expect(page.locator("h1")).not_to_have_text("已恢复, 请您确认")
    expect(page.locator("#question")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_report_page_is_whole_in_both_languages(
    visitor: Visitor, language: str, size: tuple[int, int]
) -> None:
    page = visitor.site.open(f"/portal/?lang={language}", language="zh", size=size)
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[language])
    judge(page)
    page.click(".btn-primary")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.locator("[data-error-summary] li").count() == 3
    judge(page)
    visitor.site.errors[:] = [said for said in visitor.site.errors if "422" not in said]


def test_a_wrong_link_says_so_and_leads_nowhere(visitor: Visitor) -> None:
    page = visitor.site.open("/portal/cases/" + "A" * 43, size=PHONE)
    expect(page.locator("main")).to_contain_text("无效或已过期")
    judge(page)
    visitor.site.errors[:] = [said for said in visitor.site.errors if "404" not in said]
