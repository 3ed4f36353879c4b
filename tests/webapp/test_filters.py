"""Filters that people keep: named once, they stand in the menu of their owner with their counts."""

from __future__ import annotations

import re

import pytest

from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words

LATE = {"place": "cases", "asked.status": "late", "name": "已超时的"}


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def kept(web: Web) -> str:
    """The address under which the only filter of the menu is changed."""
    found = re.search(r'data-count="filter-([0-9a-f-]+)"', web.get("/inbox/").text)
    assert found, "no filter in the menu"
    return f"/filters/{found[1]}"


def counts(web: Web) -> list[tuple[str, bool]]:
    """The numbers beside the filters, and which of them are red."""
    parts = web.get("/filters/counts").text.split("data-count-of=")[1:]
    return [("".join(re.findall(r'class="n[^>]*>([0-9]+)', part)), "n late" in part) for part in parts]


def test_a_filter_of_the_case_list_stands_in_the_menu_under_its_name(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    assert "保存这个筛选" not in web.get("/cases/").text
    page = web.get("/cases/?status=late&group=call_center").text
    assert 'name="asked.status" value="late"' in page and 'name="asked.group" value="call_center"' in page
    answer = web.post("/filters", LATE, follow_redirects=True)
    assert "“已超时的”已加入左侧菜单" in words(answer.text)
    rail = web.get("/inbox/").text.partition("</nav>")[0]
    assert "已超时的" in rail and 'href="/cases/?status=late"' in rail


def test_the_menu_marks_the_filter_and_not_the_whole_list_while_it_is_shown(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    web.post("/filters", LATE)
    for address, marked in (
        ("/cases/?status=late", "已超时的"),
        ("/cases/?status=late&search=x", "案例"),
        ("/cases/", "案例"),
    ):
        rail = web.get(address).text.partition("</nav>")[0]
        assert re.findall(r'aria-current="page"[^>]*><span[^>]*>([^<]+)', rail) == [marked]


def test_a_filter_counts_what_it_finds_and_says_what_is_late(desk: Desk) -> None:
    desk.report()
    desk.web.clock.advance(minutes=40)
    desk.report(customer="明德小学")
    web = desk.web.as_("he_jie")
    web.post("/filters", {"place": "cases", "asked.status": "open", "name": "a"})
    desk.web.clock.advance(seconds=1)
    web.post("/filters", {"place": "groups", "asked.q": "明德小学", "name": "b"})
    desk.web.clock.advance(seconds=1)
    web.post("/filters", {"place": "mine", "asked.q": "明德小学", "name": "c"})
    assert counts(web) == [("2", True), ("1", False), ("", False)]


def test_a_count_follows_what_happens(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    web.post("/filters", {"place": "groups", "asked.q": number, "name": "n"})
    assert counts(web) == [("1", False)]
    desk.claim(number, by="he_jie")
    assert counts(web) == [("", False)]


def test_a_filter_is_renamed_and_the_name_can_be_taken_back(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    web.post("/filters", LATE)
    answer = web.post(f"{kept(web)}/name", {"name": "今天先做"}, follow_redirects=True)
    assert "今天先做" in answer.text
    assert 'name="name" value="已超时的"' in answer.text.partition('id="messages"')[2]


def test_a_removed_filter_is_put_back_by_undo(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    web.post("/filters", LATE)
    address = kept(web)
    answer = web.post(f"{address}/removal", follow_redirects=True)
    assert 'data-count="filter-' not in answer.text
    assert f'action="{address}/return"' in answer.text
    web.post(f"{address}/return")
    assert kept(web) == address


def test_nobody_sees_or_changes_the_filters_of_others(desk: Desk) -> None:
    desk.web.as_("chen_min").post("/filters", LATE)
    address = kept(desk.web)
    other = desk.web.as_("li_gong")
    assert "已超时的" not in other.get("/inbox/").text
    assert [other.post(address + act, {"name": "x"}).status_code for act in ("/name", "/removal")] == [
        404,
        404,
    ]
    assert "已超时的" in desk.web.as_("chen_min").get("/inbox/").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({**LATE, "name": "  "}, "请给筛选取一个名称"),
        ({**LATE, "name": "长" * 41}, "请给筛选取一个名称"),
        ({"place": "cases", "name": "x"}, "没有选择任何条件"),
        ({"place": "cases", "asked.unknown": "1", "name": "x"}, "没有选择任何条件"),
        ({"place": "groups", "asked.status": "late", "name": "x"}, "没有选择任何条件"),
        ({"place": "nowhere", "asked.q": "x", "name": "x"}, "没有这个列表"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(desk: Desk, form: dict[str, object], told: str) -> None:
    answer = desk.web.as_("chen_min").post("/filters", form)
    assert (answer.status_code, told in answer.text) == (422, True)


def test_only_so_many_filters_fit_into_the_menu(desk: Desk) -> None:
    web = desk.web.as_("chen_min")
    answers = [web.post("/filters", {**LATE, "name": f"n{n}"}).status_code for n in range(13)]
    assert answers == [303] * 12 + [422]


def test_a_filter_of_a_group_that_one_has_left_counts_nothing(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("li_gong")
    web.post("/filters", {"place": "call_center", "asked.q": number, "name": "n"})
    assert counts(web) == [("", False)]
