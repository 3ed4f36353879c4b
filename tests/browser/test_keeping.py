"""Filters that are kept, acts that are undone, and keys that stand where they act, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import RULES, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site)


def keep(page: Page, name: str) -> None:
    """Give the filter at hand a name."""
    page.click("text=保存这个筛选")
    page.fill(".keep input[name=name]", name)
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_contain_text("已加入左侧菜单")


def test_a_filter_is_kept_counted_removed_and_put_back_by_keyboard(desk: Desk) -> None:
    page = desk.site.open("/cases/?status=open", person="chen_min")
    keep(page, "未结的")
    entry = page.locator(".rail a", has_text="未结的")
    expect(entry).to_have_attribute("aria-current", "page")
    expect(entry.locator(".n")).to_have_text("2")
    page.click("text=从菜单移除")
    expect(entry).to_have_count(0)
    page.keyboard.press("u")
    expect(entry.locator(".n")).to_have_text("2")


def test_a_search_of_the_inbox_is_kept_and_opens_again_from_the_menu(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups?q=明德小学", person="chen_min")
    expect(page.locator("[data-line]")).to_have_count(1)
    keep(page, "明德")
    page.click(".rail a >> text=岗位待办")
    expect(page.locator("[data-line]")).to_have_count(2)
    page.click(".rail a >> text=明德")
    expect(page.locator("[data-line]")).to_have_count(1)


def test_the_numbers_of_the_menu_follow_the_list_without_a_reload(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min")
    count = page.locator(".rail [data-count=groups]")
    expect(count).to_have_text("2")
    desk.report("海港物流")
    page.evaluate("window.htmx.trigger(document.getElementById('inbox-list'), 'refresh')")
    expect(count).to_have_text("3")


def test_a_claim_is_undone_by_one_key(desk: Desk) -> None:
    page = desk.site.open("/inbox/groups", person="chen_min")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator(".message")).to_contain_text("任务已由您领取")
    page.keyboard.press("u")
    expect(page.locator(".message")).to_contain_text("退回岗位组")
    expect(page.locator(".rail [data-count=groups]")).to_have_text("2")


def test_filters_and_undo_work_without_scripts(desk: Desk) -> None:
    page = desk.site.open("/cases/?status=open", person="chen_min", scripts=False)
    keep(page, "未结的")
    page.click("text=从菜单移除")
    page.click("[data-undo]")
    expect(page.locator(".rail a", has_text="未结的")).to_be_visible()


def test_keys_stand_where_they_act_and_only_where_there_is_a_keyboard(desk: Desk) -> None:
    page = desk.site.open(desk.task(desk.numbers[0]) + "?queue=groups", person="chen_min")
    foot = page.locator(".list > .keys-hint")
    for key in ("j", "k", "Enter", "c", "?"):
        expect(foot.locator("kbd").get_by_text(key, exact=True)).to_be_visible()
    expect(page.locator(".find kbd")).to_have_text("/")
    expect(page.locator("[data-primary] kbd")).to_be_visible()
    expect(page.locator(".work [data-claim] kbd")).to_have_text("c")
    beside = "getComputedStyle(document.querySelector('.rail [data-keys]'), '::after').content"
    assert page.evaluate(beside) == '"g i"'
    phone = desk.site.open("/inbox/groups", person="chen_min", size=PHONE)
    for hint in phone.locator("main kbd").all():
        expect(hint).to_be_hidden()


def test_the_panel_of_keys_names_each_key_that_works(desk: Desk) -> None:
    page = desk.site.open("/inbox/", person="chen_min")
    page.keyboard.press("?")
    shown = [" ".join(one.locator("kbd").all_inner_texts()) for one in page.locator("#keys dt").all()]
    assert shown == ["/", "j k", "Enter", "c", "Ctrl Enter", "g i", "u", "?"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filtered_list_and_a_notice_that_can_be_undone_are_accessible(
    desk: Desk, size: tuple[int, int], language: str
) -> None:
    page = desk.site.open("/cases/?status=open&search=a", person="chen_min", size=size, language=language)
    page.locator(".keep summary").click()
    page.fill(".keep input[name=name]", "一二三四五六七八九十" * 4)
    page.keyboard.press("Enter")
    page.wait_for_selector(".message [data-undo]")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
