"""Registers, knowledge, reports, roster and calendar in a real browser, and a report that fills itself in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FloatRect, Page, expect
from sqlalchemy import select

from engine.acts import worklist
from engine.acts.cast import People, admit
from engine.acts.demo.world import furnish
from engine.acts.publishing import read_folder
from engine.bpmn import releases
from engine.cases import Cases
from engine.desk import bulletins
from engine.desk.registers import knowledge
from engine.desk.registers.fields import Hand
from engine.foundation.database import Database
from engine.foundation.models import Asset, Customer
from engine.foundation.settings import Settings, source_folder
from tests.browser.conftest import DESKTOP, PHONE, Site, served
from tests.conftest import MONDAY, Clock
from webapp import create_app

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PEOPLE = People()
SERIAL, CUSTOMER = "SW7-5500127", "华东第三医院"
REPORT = {"channel": "phone", "customer": CUSTOMER, "serial": SERIAL, "description": "端口时断时续"}


@pytest.fixture(scope="module")
def running(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[Site]:
    """The product with customers, an article, an announced fault and three cases: built once, only read."""
    path = tmp_path_factory.mktemp("records") / "shouhou.db"
    shutil.copyfile(sqlite_template, path)
    database, clock = Database(f"sqlite:///{path}"), Clock(MONDAY)
    settings = Settings(database_url=database.url, secret_key="for tests only", demo=True)
    cases = Cases(database, settings)
    with database.write() as tx:
        admit(tx, at=clock.now)
        furnish(tx, at=clock.now, random=Random(1))
        releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=clock.now, note="")
    for _ in range(3):
        number = worklist.start(cases, "service_case", REPORT, actor=PEOPLE.chen_min, now=clock.now)
    _tell(database, clock, number)
    app = create_app(database=database, cases=cases, settings=settings, clock=clock)
    with served(app) as url:
        yield Site(url, app, database, settings, clock, chromium)
    database.dispose()


def _tell(database: Database, clock: Clock, number: str) -> None:
    fault = {"kind": "platform_fault", "title": "华东专线中断", "symptoms": "断线", "advice": "请稍候"}
    with database.write() as tx:
        knowledge.draft(
            tx,
            case_number=number,
            title="端口风暴",
            symptom="端口时断时续",
            workaround="关闭环路端口",
            models=["SW-7600"],
            actor=PEOPLE.li_gong,
            at=clock.now,
        )
        hand = Hand(PEOPLE.chen_min, clock.now)
        bulletins.announce(tx, case_number=number, values=fault, hand=hand)


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    """The running product; fails the test when any of its pages reported an error or broke the content policy."""
    yield running
    assert running.close() == []


def rows(site: Site) -> list[str]:
    """Pages of single rows."""
    with site.database.read() as tx:
        customer: UUID = tx.execute(select(Customer.id).where(Customer.name == CUSTOMER)).scalar_one()
        asset: UUID = tx.execute(select(Asset.id).where(Asset.serial == SERIAL)).scalar_one()
        article = knowledge.search(tx, "端口风暴", actor=PEOPLE.li_gong, states=("draft",))[0].id
    return [
        f"/registers/customer/{customer}",
        f"/registers/asset/{asset}",
        f"/registers/article/{article}",
        f"/knowledge/{article}",
    ]


PAGES = (
    "/registers/",
    "/registers/customer/",
    "/registers/asset/?q=SW",
    "/registers/contract/new",
    "/registers/part/import",
    "/knowledge/",
    "/knowledge/?q=端口",
    "/duty/",
    "/calendar/",
    "/reports/",
    "/reports/2026-03",
    "/reports/2026",
    "/reports/2026-03/figures/timely_repair_rate",
    "/reports/changes",
    "/cases/new/service_case",
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_an_axe_violation_or_scrolls_sideways(
    site: Site, language: str, size: tuple[int, int]
) -> None:
    page = site.open("/registers/", person="guan_li", language=language, size=size)
    found: list[str] = []
    for path in (*PAGES, *rows(site)):
        answer = page.goto(site.url + path)
        assert answer is not None and answer.ok, path
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found.append(f"{path}: {result.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: scrolls sideways")
    assert not found, "\n".join(found)


def test_a_serial_number_fills_the_report_in_and_shows_what_is_known(site: Site) -> None:
    page = site.open("/cases/new/service_case", person="chen_min")
    page.locator("#f-contact").fill("值班护士")
    page.locator("#f-serial").press_sequentially("SW7")
    expect(page.locator("#f-serial-known option")).to_have_count(1)
    page.fill("#f-serial", SERIAL)
    expect(page.locator("#f-customer")).to_have_value(CUSTOMER)
    expect(page.locator("#f-model")).to_have_value("SW-7600")
    expect(page.locator("#f-contact")).to_have_value("值班护士")
    expect(page.locator("#intake-matches")).to_contain_text("以往案例")
    page.fill("#f-description", "全楼断线")
    expect(page.locator("#intake-matches")).to_contain_text("华东专线中断")


def test_what_a_serial_number_filled_in_follows_the_next_one(site: Site) -> None:
    page = site.open("/cases/new/service_case", person="chen_min")
    page.fill("#f-serial", SERIAL)
    expect(page.locator("#f-customer")).to_have_value(CUSTOMER)
    page.fill("#f-serial", "FW3-2210087")
    expect(page.locator("#f-customer")).to_have_value("海港物流")


def test_a_chart_of_the_report_is_drawn_and_its_numbers_stand_beside_it(site: Site) -> None:
    page = site.open("/reports/2026-03", person="sun_jing")
    expect(page.locator(".chart canvas, .chart svg").first).to_be_visible()
    expect(page.locator("main table").first).to_be_visible()


def test_the_history_hides_the_way_through_the_diagrams_until_asked(site: Site) -> None:
    page = site.open("/cases/SH-2026-000001", person="sun_jing")
    shown = page.locator(".trail [data-step]").count()
    page.click(".case-trail a:has-text('显示全部步骤')")
    expect(page.locator(".trail .minor").first).to_be_visible()
    assert page.locator(".trail [data-step]").count() > shown


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_diagram_of_a_case_stands_beside_its_history_and_stays_legible(site: Site, width: int) -> None:
    page = site.open("/cases/SH-2026-000001", person="sun_jing", size=(width, 820))
    page.wait_for_selector("[data-diagram][data-ready]")
    box, trail = _box(page, "[data-diagram-canvas]"), _box(page, ".case-trail")
    assert box["x"] + box["width"] <= trail["x"] and abs(box["y"] - trail["y"]) < 120
    scale = page.evaluate("document.querySelector('.viewport').transform.baseVal.consolidate().matrix.a")
    assert scale > 0.75  # letters of 12 px stay readable


def test_on_a_phone_the_diagram_of_a_case_has_the_width_of_the_page(site: Site) -> None:
    page = site.open("/cases/SH-2026-000001", person="sun_jing", size=(390, 820))
    page.wait_for_selector("[data-diagram][data-ready]")
    assert _box(page, "[data-diagram-canvas]")["width"] > 0.8 * 390
    assert _box(page, ".case-trail")["x"] < 30


def test_a_called_diagram_is_fetched_once_when_it_is_first_shown(site: Site) -> None:
    page = site.open("/cases/SH-2026-000001", person="sun_jing")
    fetched = "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('/picture/')).length"
    page.wait_for_selector("[data-process=case_intake]")
    page.click("[data-diagram-path] button")
    page.wait_for_selector("[data-process=service_case]")
    page.locator("[data-open=case_intake]").click()
    page.wait_for_selector("[data-process=case_intake]")
    assert page.evaluate(fetched) == 1


def _box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found
