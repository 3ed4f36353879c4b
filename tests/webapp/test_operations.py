"""Incidents, timers and the dashboard: what is stuck, what comes next, and how much there is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.acts.publishing import read_folder
from engine.foundation.settings import source_folder
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, Desk, words

SOUND, BROKEN = b"coverage = entitlement()", b"coverage = 1 // 0"


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


@pytest.fixture
def stuck(desk: Desk) -> str:
    """The number of a case whose triage fails, because a script divides by nothing."""
    files = read_folder(source_folder())
    broken = [replace(f, content=f.content.replace(SOUND, BROKEN)) for f in files]
    desk.publish(broken, note="a broken script")
    number = desk.report()
    desk.web.as_("he_jie").post(desk.url(number), {"revision": "1", **FAULT})
    return number


def test_an_incident_keeps_what_was_typed_and_says_what_failed(desk: Desk, stuck: str) -> None:
    page = words(desk.web.as_("guan_li").get("/incidents").text)
    for said in (stuck, "何洁", "故障", "高"):
        assert said in page
    assert stuck in desk.web.get("/cases/?status=incident").text
    assert "出现异常" in words(desk.web.get(f"/cases/{stuck}").text)


def test_who_may_not_see_incidents_reads_that_the_input_is_kept_and_is_led_nowhere(
    desk: Desk, stuck: str
) -> None:
    page = desk.web.as_("he_jie").get(f"/cases/{stuck}").text
    assert "填写的内容已保留" in words(page) and "/incidents" not in page
    assert "/incidents#" in desk.web.as_("guan_li").get(f"/cases/{stuck}").text


def test_a_retry_that_fails_again_says_so_and_counts(desk: Desk, stuck: str) -> None:
    web = desk.web.as_("guan_li")
    found = re.search(r'action="(/cases/[^"]+/retry)"', web.get("/incidents").text)
    assert found
    again = web.post(found[1], follow_redirects=True)
    assert again.status_code == 200
    assert "已尝试 2 次" in words(again.text)
    assert desk.task(stuck).element == "triage"


def test_staff_may_not_see_or_retry_incidents(desk: Desk, stuck: str) -> None:
    assert desk.web.as_("he_jie").get("/incidents").status_code == 403
    assert "/incidents" not in desk.web.get("/inbox/").text


def test_without_incidents_the_page_says_what_would_be_here(desk: Desk) -> None:
    assert "没有流程异常" in desk.web.as_("guan_li").get("/incidents").text


def test_timers_are_listed_in_the_order_in_which_they_fire(desk: Desk) -> None:
    first = desk.report()
    desk.web.clock.advance(minutes=5)
    second = desk.report()
    page = desk.web.as_("li_gong").get("/timers").text
    assert page.index(first) < page.index(second)
    assert "鉴别已超时" in page


def test_without_timers_the_page_says_what_would_be_here(desk: Desk) -> None:
    assert "没有运行中的定时器" in desk.web.as_("li_gong").get("/timers").text


def test_the_dashboard_counts_and_each_figure_opens_the_cases_behind_it(desk: Desk) -> None:
    late = desk.report()
    desk.web.clock.advance(minutes=35)
    fresh = desk.report()
    desk.claim(fresh, by="he_jie")
    web = desk.web.as_("sun_jing")
    page = web.get("/dashboard/").text
    shown = words(page)
    assert "未结案例 2" in shown
    assert "已超时任务 1" in shown
    assert "今天到期 1" in shown
    assert re.search(r"用户服务呼叫中心 2 1 1 1", shown), shown
    assert "何洁 1 – 1" in shown
    drilled = web.get("/cases/?group=call_center&due=late").text
    assert late in drilled
    assert fresh not in drilled


def test_an_empty_dashboard_says_how_to_begin(desk: Desk) -> None:
    assert "没有任何待办" in desk.web.as_("sun_jing").get("/dashboard/").text
