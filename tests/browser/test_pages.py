"""A day at the desk in a real browser: by mouse, by keyboard, on a phone, and without scripts."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.acts import worklist
from engine.acts.cast import People
from engine.acts.publishing import read_folder
from engine.acts.queues import inbox
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.settings import source_folder
from tests.browser.conftest import DESKTOP, PHONE, Site
from webapp.context import EXTENSION

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PEOPLE = People()
TABLET = (1000, 800)


class Desk:
    """The product with its procedures published and some reports taken in."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cases: Cases = site.app.extensions[EXTENSION].cases
        with site.database.write() as tx:
            releases.publish(tx, read_folder(source_folder()), actor="xie_liu", at=site.clock(), note="")
        self.numbers = [self.report("滨江会展中心"), self.report("明德小学")]

    def report(self, customer: str) -> str:
        """A report comes in by phone."""
        said = {"channel": "phone", "customer": customer, "description": "画面中断", "serial": "SN-7730214"}
        return worklist.start(self.cases, "service_case", said, actor=PEOPLE.chen_min, now=self.site.clock())

    def task(self, number: str) -> str:
        """The page of the case's first task."""
        page = inbox(self.cases, actor=PEOPLE.chen_min, now=self.site.clock(), queue="groups")
        mine = inbox(self.cases, actor=PEOPLE.chen_min, now=self.site.clock(), queue="mine")
        found = next(line for line in (*page.rows, *mine.rows) if line.number == number)
        return f"/cases/{number}/tasks/{found.task_id}"


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site)


def finish_triage(page: Page) -> None:
    """Say that the request is a question, and complete the task."""
    page.check('input[name="kind"][value="consultation"]')
    page.click("[data-primary]")


def forgive(site: Site, *, status: int) -> None:
    """The browser reports a refused request as an error; here it was wanted."""
    site.errors[:] = [error for error in site.errors if f"status of {status}" not in error]


def test_from_the_inbox_through_a_claim_to_the_next_task(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min")
    page.locator("[data-line]").first.locator("[data-claim]").click()
    expect(page.locator(".message")).to_contain_text("任务已由您领取")
    first = page.url
    finish_triage(page)
    expect(page.locator(".message")).to_contain_text("这是您的下一项任务")
    expect(page).not_to_have_url(first)
    expect(page.locator("main h1")).to_be_visible()


def test_the_list_stays_beside_the_task_on_a_wide_screen_and_gives_way_on_a_narrow_one(desk: Desk) -> None:
    url = desk.task(desk.numbers[0])
    wide = desk.site.open(url, person="chen_min", size=DESKTOP)
    expect(wide.locator(".split > .list")).to_be_visible()
    narrow = desk.site.open(url, person="chen_min", size=TABLET)
    expect(narrow.locator(".split > .list")).to_be_hidden()


def test_wrong_answers_keep_what_was_typed_and_put_the_summary_in_focus(desk: Desk) -> None:
    page = desk.site.open(desk.task(desk.numbers[0]), person="chen_min")
    page.check('input[name="kind"][value="exchange"]')
    page.click("[data-primary]")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator('input[name="kind"][value="exchange"]')).to_be_checked()
    forgive(desk.site, status=422)


def test_whoever_is_slower_keeps_what_was_typed_and_is_told_who_was_faster(desk: Desk) -> None:
    page = desk.site.open(desk.task(desk.numbers[0]), person="he_jie")
    page.check('input[name="kind"][value="consultation"]')
    task = desk.task(desk.numbers[0]).rpartition("/")[2]
    worklist.complete(
        desk.cases,
        desk.numbers[0],
        UUID(task),
        {"kind": "consultation"},
        actor=PEOPLE.chen_min,
        now=desk.site.clock(),
    )
    page.click("[data-primary]")
    expect(page.locator("#messages > .message.problem[role=alert]")).to_contain_text("陈敏")
    expect(page.locator('input[name="kind"][value="consultation"]')).to_be_checked()
    forgive(desk.site, status=409)


def test_a_draft_saves_itself_and_comes_back(desk: Desk) -> None:
    page = desk.site.open(desk.task(desk.numbers[0]), person="chen_min")
    with page.expect_response(re.compile("/draft$")):
        page.check('input[name="kind"][value="complaint"]')
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    page.reload()
    expect(page.locator('input[name="kind"][value="complaint"]')).to_be_checked()


def test_a_report_that_comes_in_appears_in_the_open_inbox(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min")
    expect(page.locator("[data-line]")).to_have_count(2)
    desk.report("海港物流")
    page.evaluate("window.htmx.trigger(document.getElementById('inbox-list'), 'refresh')")
    expect(page.locator("[data-line]")).to_have_count(3)
    expect(page.locator("#inbox-list")).to_contain_text("海港物流")


def test_the_whole_way_by_keyboard(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-item]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-item]").first).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".message")).to_contain_text("任务已由您领取")
    page.focus('input[name="kind"][value="fault"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message")).to_contain_text("已完成")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/inbox/$"))
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()


def test_the_slider_steps_through_the_history_of_a_case(desk: Desk) -> None:
    number = desk.numbers[0]
    page = desk.site.open(desk.task(number), person="chen_min")
    finish_triage(page)
    expect(page.locator(".message")).to_contain_text("已完成")
    page.goto(f"{desk.site.url}/cases/{number}")
    page.wait_for_selector("[data-diagram][data-ready]")
    expect(page.locator("[data-player-count]")).to_have_text("第 2 / 2 步")
    page.click("[data-player-previous]")
    expect(page.locator("[data-player-count]")).to_have_text("第 1 / 2 步")
    expect(page.locator("[data-player-text]")).to_contain_text("受理案例")
    page.focus("[data-player-slider]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-player-text]")).to_contain_text("鉴别请求")
    page.click("[data-diagram-path] >> text=服务案例")
    expect(page.locator('.djs-element[data-element-id="case_intake"]')).to_have_class(re.compile("active"))


def test_the_player_goes_to_the_innermost_diagram_in_which_something_is_in_progress(desk: Desk) -> None:
    number = desk.numbers[0]
    page = desk.site.open(desk.task(number), person="chen_min")
    finish_triage(page)
    expect(page.locator(".message")).to_contain_text("已完成")
    page.goto(f"{desk.site.url}/cases/{number}")
    shown = page.locator("[data-diagram]")
    expect(shown).to_have_attribute("data-process", "answer_question")
    expect(page.locator("[data-diagram-path]")).to_contain_text("服务案例")
    page.click("[data-player-previous]")
    expect(shown).to_have_attribute("data-process", "case_intake")
    expect(page.locator('.djs-element[data-element-id="triage"]')).to_have_class(re.compile("active"))


def test_everything_but_diagrams_works_without_scripts(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min", scripts=False)
    page.locator("[data-line]").first.locator("[data-claim]").click()
    expect(page.locator("main h1")).to_have_text("鉴别请求")
    finish_triage(page)
    expect(page.locator(".message")).to_contain_text("这是您的下一项任务")
    page.goto(f"{desk.site.url}/cases/new/service_case")
    page.check('input[name="channel"][value="phone"]')
    page.fill('input[name="customer"]', "海港物流")
    page.fill('textarea[name="description"]', "防火墙策略下发失败")
    page.click("[data-primary]")
    expect(page.locator("h1")).to_have_text("防火墙策略下发失败")


PAGES = (
    "/inbox/",
    "/inbox/groups",
    "/cases/",
    "/cases/new",
    "/cases/new/service_case",
    "/dashboard/",
    "/processes/",
    "/processes/service_case",
    "/processes/tables/limits",
    "/processes/forms/triage",
    "/processes/releases",
    "/processes/releases/1",
    "/timers",
    "/incidents",
    "/people/",
    "/people/new",
    "/people/chen_min",
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_an_axe_violation_or_scrolls_sideways(
    desk: Desk, language: str, size: tuple[int, int]
) -> None:
    task = desk.task(desk.numbers[0])
    held = UUID(task.rpartition("/")[2])
    worklist.claim(desk.cases, desk.numbers[0], held, actor=PEOPLE.chen_min, now=desk.site.clock())
    case = f"/cases/{desk.numbers[0]}"
    own = [task, f"{task}?tab=history", f"{task}?tab=diagram", f"{task}/hand-over", case]
    found: list[str] = []
    for person, paths in (
        ("chen_min", own),
        ("guan_li", [*PAGES, f"{case}/verification", f"{case}/intervention"]),
    ):
        page = desk.site.open("/inbox/", person=person, language=language, size=size)
        for path in paths:
            page.goto(desk.site.url + path)
            page.wait_for_load_state("networkidle")
            result = Axe().run(page, options=RULES)
            if result.violations_count:
                found.append(f"{path}: {result.generate_report()}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path}: scrolls sideways")
    assert not found, "\n".join(found)
