"""The inbox: what waits, in which order, how fresh, and how a task is taken."""

from __future__ import annotations

import pytest

from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def test_an_empty_inbox_says_what_would_be_here_and_how_to_get_there(desk: Desk) -> None:
    page = desk.web.as_("chen_min").get("/inbox/").text
    assert "您没有在手任务" in page
    assert 'href="/inbox/groups"' in page


def test_a_task_appears_in_the_queue_of_its_group_with_case_customer_and_deadline(desk: Desk) -> None:
    number = desk.report()
    page = words(desk.web.as_("he_jie").get("/inbox/groups").text)
    assert all(word in page for word in ("鉴别请求", number, "滨江会展中心", "还剩 30 分钟"))


def test_people_see_only_the_queues_of_their_groups(desk: Desk) -> None:
    desk.report()
    web = desk.web.as_("li_gong")
    assert "鉴别请求" not in web.get("/inbox/groups").text
    assert web.get("/inbox/groups/call_center").status_code == 403


def test_overdue_tasks_come_first_under_their_own_heading(desk: Desk) -> None:
    late = desk.report(description="先到的报告")
    desk.web.clock.advance(minutes=40)
    fresh = desk.report(description="后到的报告")
    page = desk.web.as_("he_jie").get("/inbox/groups").text
    assert page.index("已超时") < page.index(late) < page.index("今天</h2>") < page.index(fresh)
    assert "超时 10 分钟" in words(page)


def test_one_click_claims_a_task_and_opens_it(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    answer = web.post(desk.url(number, "/claim"), {"revision": "1"}, follow_redirects=True)
    assert answer.status_code == 200
    assert desk.task(number).assignee == "he_jie"
    assert "任务已由您领取" in answer.text
    assert number in web.get("/inbox/").text


def test_claiming_what_somebody_else_took_says_who_has_it(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="chen_min")
    answer = desk.web.as_("he_jie").post(desk.url(number, "/claim"), {"revision": "1"})
    assert answer.status_code == 409
    assert "陈敏" in answer.text


def test_the_same_claim_sent_twice_is_one_claim(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    form = {"revision": "1", "idempotency_key": "one-click"}
    assert [web.post(desk.url(number, "/claim"), form).status_code for _ in range(2)] == [303, 303]
    assert desk.task(number).revision == 2


def test_a_poll_is_answered_with_not_modified_until_something_changes(desk: Desk) -> None:
    desk.report()
    web = desk.web.as_("he_jie")
    first = web.get("/inbox/list/groups")
    unchanged = web.get("/inbox/list/groups", headers={"If-None-Match": first.headers["ETag"]})
    desk.report(customer="明德小学")
    changed = web.get("/inbox/list/groups", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, unchanged.status_code, changed.status_code) == (200, 304, 200)
    assert unchanged.data == b""
    assert "明德小学" in changed.text


def test_search_finds_by_serial_number_and_says_so_when_nothing_matches(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    assert number in web.get("/inbox/groups?q=SN-7730214").text
    assert "没有与“天线”相符的任务" in web.get("/inbox/groups?q=天线").text


def test_a_long_queue_is_paged_by_key_and_every_task_can_be_reached(desk: Desk) -> None:
    numbers = {desk.report() for _ in range(53)}
    web = desk.web.as_("he_jie")
    seen: set[str] = set()
    url: str | None = "/inbox/groups"
    while url:
        page = web.get(url).text
        seen |= {number for number in numbers if number in page}
        url = (
            page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
            if 'rel="next"' in page
            else None
        )
        url = url.replace("&amp;", "&") if url else None
    assert seen == numbers


def test_an_address_that_no_list_gave_out_is_refused_in_words(desk: Desk) -> None:
    answer = desk.web.as_("he_jie").get("/inbox/groups?after=nonsense")
    assert answer.status_code == 404
    assert "翻页地址" in answer.text


def test_the_counts_of_the_rail_follow_the_queues(desk: Desk) -> None:
    desk.report()
    number = desk.report()
    desk.claim(number, by="he_jie")
    page = words(desk.web.as_("he_jie").get("/inbox/").text)
    assert "我的待办 1" in page
    assert "岗位待办 1" in page


def test_the_inbox_speaks_english_when_asked(desk: Desk) -> None:
    desk.report()
    web = desk.web.as_("he_jie")
    web.client.set_cookie("language", "en")
    page = words(web.get("/inbox/groups").text)
    assert "Identify the request" in page
    assert "30 minutes left" in page
