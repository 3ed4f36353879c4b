"""The page of schedules: what opens by itself can be seen before it happens."""

from __future__ import annotations

import pytest

from engine.acts import schedules
from engine.foundation.errors import ShouhouError
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, words
from webapp.schedules import how_often


def test_every_schedule_is_listed_in_both_languages_and_the_timers_lead_there(web: Web) -> None:
    desk = Desk(web)
    schedules.keep(desk.cases, now=web.clock.now)
    member = web.as_("chen_min")
    assert "/timers/schedules" in member.get("/timers").text
    page = words(member.get("/timers/schedules").text)
    for said in ("月度投诉分析", "每月 3 日 09:00", "服务工程师", "李工", "每 6 个月 1 日 09:00"):
        assert said in page
    assert "li_gong" not in page
    member.post("/language", {"language": "en"})
    assert "Every month on day 3, 09:00" in member.get("/timers/schedules").text


def test_an_empty_plan_says_what_would_be_here(web: Web) -> None:
    Desk(web)
    assert "目前没有定期流程" in web.as_("chen_min").get("/timers/schedules").text


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("monthly day=3 time=09:00", "每月 3 日 09:00", "Every month on day 3, 09:00"),
        ("every 2 weeks weekday=7 time=08:30", "每 2 周星期日 08:30", "Every 2 weeks on Sunday, 08:30"),
        ("every 1 weeks weekday=1 time=08:30", "每周星期一 08:30", "Every week on Monday, 08:30"),
        ("once time=10:00", "一次, 10:00", "Once, 10:00"),
    ],
)
def test_a_rule_is_read_out(rule: str, zh: str, en: str) -> None:
    words_of_rule = how_often(rule)
    assert (words_of_rule.zh, words_of_rule.en) == (zh, en)


def test_a_rule_that_means_nothing_is_refused() -> None:
    with pytest.raises(ShouhouError):
        how_often("now and then")
