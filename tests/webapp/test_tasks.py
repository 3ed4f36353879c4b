"""A task: its form keeps what is typed, completing it offers the next one, and whoever comes too late is told."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from engine.foundation.models import AccessLog, Draft
from tests.webapp.conftest import Web
from tests.webapp.desk import FAULT, TRIAGE, Desk, hidden, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def test_the_facts_stand_above_the_form(desk: Desk) -> None:
    number = desk.report()
    page = desk.web.as_("he_jie").get(desk.url(number)).text
    assert page.index("会议主机开机后画面中断") < page.index('<form class="task-form"')
    assert "SN-7730214" in page


def test_completing_a_task_answers_with_the_next_one(desk: Desk) -> None:
    first, second = desk.report(), desk.report(customer="明德小学")
    web = desk.web.as_("he_jie")
    answer = web.post(desk.url(first), {"revision": "1", **TRIAGE}, follow_redirects=True)
    assert answer.status_code == 200
    assert "已完成。这是您的下一项任务" in answer.text
    assert first in answer.request.path or second in answer.request.path


def test_a_browser_that_swaps_pages_gets_the_next_task_in_the_same_answer(desk: Desk) -> None:
    first = desk.report()
    second = desk.report(customer="明德小学")
    desk.claim(second, by="he_jie")
    answer = desk.web.as_("he_jie").post(
        desk.url(first), {"revision": "1", **TRIAGE}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"].startswith(f"/cases/{second}/tasks/")
    assert "明德小学" in answer.text


def test_what_a_choice_makes_necessary_is_asked_for(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    refused = web.post(desk.url(number), {"revision": "1", "kind": "exchange"})
    assert refused.status_code == 422
    assert 'value="exchange" checked' in refused.text


def test_wrong_answers_show_the_page_again_with_what_was_typed(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "he_jie", **TRIAGE)
    answer = desk.web.as_("he_jie").post(desk.url(number), {"revision": "1", "answer": ""})
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text


def test_a_draft_is_kept_for_its_writer_alone(desk: Desk) -> None:
    number = desk.report()
    desk.complete(number, "he_jie", **TRIAGE)
    web = desk.web.as_("he_jie")
    form = desk.task(number).element
    saved = web.post(desk.url(number, "/draft"), {"answer": "先说明手册第 12 页"})
    assert saved.status_code == 204
    assert form == "answer_consultation"
    assert "先说明手册第 12 页" in web.get(desk.url(number)).text
    assert "草稿已保存" in web.get(desk.url(number)).text
    assert "先说明手册第 12 页" not in web.as_("chen_min").get(desk.url(number)).text


def test_a_stale_page_is_told_so_and_keeps_what_was_typed(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    answer = desk.web.as_("he_jie").post(desk.url(number), {"revision": "1", **TRIAGE})
    assert answer.status_code == 409
    assert "任务在您打开之后已有变化" in answer.text
    assert "<dd>咨询</dd>" in answer.text


def test_a_task_that_is_gone_says_who_completed_it_and_when(desk: Desk) -> None:
    number = desk.report()
    url = desk.url(number)
    desk.complete(number, "chen_min", **TRIAGE)
    answer = desk.web.as_("he_jie").post(url, {"revision": "1", **TRIAGE})
    assert answer.status_code == 409
    assert "陈敏" in answer.text
    assert "03-02 09:00" in answer.text


def test_a_double_click_completes_once_and_answers_the_same(desk: Desk) -> None:
    number = desk.report()
    desk.report(customer="明德小学")
    web = desk.web.as_("he_jie")
    url = desk.url(number)
    form = {"revision": "1", "idempotency_key": "double-click", **TRIAGE}
    answers = [web.post(url, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert desk.task(number).element == "answer_consultation"


def test_people_outside_the_group_are_refused_and_the_attempt_is_logged(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("li_gong")
    page = web.get(desk.url(number))
    answer = web.post(desk.url(number), {"revision": "1", **TRIAGE})
    assert "您可以查看, 但不能办理" in page.text
    assert answer.status_code == 403
    with desk.web.database.read() as tx:
        assert (
            tx.execute(select(AccessLog.actor).where(AccessLog.allowed.is_(False))).scalars().first()
            == "li_gong"
        )


def test_giving_back_returns_the_task_to_its_group(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    desk.web.as_("he_jie").post(desk.url(number, "/release"), {"revision": "2"})
    assert desk.task(number).assignee is None


def test_handing_over_needs_a_person_and_a_reason_and_keeps_what_was_typed(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    web = desk.web.as_("he_jie")
    refused = web.post(desk.url(number, "/hand-over"), {"revision": "2", "reason": "我今天出差"})
    assert refused.status_code == 422
    assert "我今天出差" in refused.text
    given = {"revision": "2", "person": "chen_min", "reason": "我今天出差"}
    assert web.post(desk.url(number, "/hand-over"), given).status_code == 303
    assert desk.task(number).assignee == "chen_min"
    assert "我今天出差" in words(web.get(f"/cases/{number}").text)


def test_the_tabs_show_history_and_diagram(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    assert "受理案例" in web.get(desk.url(number) + "?tab=history").text
    assert "data-diagram" in web.get(desk.url(number) + "?tab=diagram").text


def test_every_form_carries_a_fresh_key_and_the_revision(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    pages = [web.get(desk.url(number)).text.partition('class="task-form"')[2] for _ in range(2)]
    assert hidden(pages[0], "idempotency_key") != hidden(pages[1], "idempotency_key")
    assert hidden(pages[0], "revision") == "1"


def test_the_draft_ends_with_its_task(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("he_jie")
    web.post(desk.url(number, "/draft"), TRIAGE)
    web.post(desk.url(number), {"revision": "1", **TRIAGE})
    with desk.web.database.read() as tx:
        assert tx.execute(select(Draft.task_id)).all() == []


def test_a_manager_reassigns_what_somebody_else_holds(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    web = desk.web.as_("sun_jing")
    assert desk.url(number, "/hand-over") in web.get(desk.url(number)).text
    answer = web.post(
        desk.url(number, "/hand-over"), {"person": "chen_min", "reason": "何洁外出", "revision": "2"}
    )
    assert answer.status_code == 303
    assert desk.task(number).assignee == "chen_min"
    assert "何洁外出" in words(web.get(f"/cases/{number}").text)


def test_whoever_neither_holds_a_task_nor_manages_it_hands_nothing_over(desk: Desk) -> None:
    number = desk.report()
    desk.claim(number, by="he_jie")
    web = desk.web.as_("chen_min")
    assert desk.url(number, "/hand-over") not in web.get(desk.url(number)).text
    answer = web.post(desk.url(number, "/hand-over"), {"person": "chen_min", "reason": "忙", "revision": "2"})
    assert answer.status_code == 403
    assert desk.task(number).assignee == "he_jie"


ANALYSED = {
    "nature": "hardware",
    "cause": "光模块老化",
    "section": "主机",
    "severity": "normal",
    "next_step": "phone",
}


def in_hand(desk: Desk) -> str:
    """A fault that an engineer is at work on."""
    number = desk.report()
    desk.complete(number, "he_jie", **FAULT)
    desk.complete(number, "he_jie", decision="serve_goodwill", reason="老客户")
    desk.complete(number, "sun_jing", decision="approve")
    desk.complete(number, desk.task(number).assignee, decision="accept")
    return number


def withdrawal(desk: Desk, number: str) -> str:
    """The page of the button by which the call centre withdraws a report, as the task's page leads to it."""
    page = desk.web.as_("chen_min").get(desk.url(number)).text
    found = re.search(r'href="([^"]+/actions/[^"]+)">客户已撤回', page)
    assert found, words(page)
    return found[1]


def test_a_button_is_shown_to_its_group_on_a_task_that_others_do(desk: Desk) -> None:
    number = in_hand(desk)
    assert 'class="task-form"' not in desk.web.as_("chen_min").get(desk.url(number)).text
    form = desk.web.get(withdrawal(desk, number))
    assert form.status_code == 200
    assert "客户撤回的原因" in form.text


def test_a_button_pressed_twice_acts_once_and_answers_the_same(desk: Desk) -> None:
    number = in_hand(desk)
    address = withdrawal(desk, number)
    said = {"reason": "设备已退回", "told_by": "周晓岚", "idempotency_key": "once"}
    first, second = (desk.web.post(address, said) for _ in range(2))
    assert desk.task(number).element == "write_result", "the task on which it was pressed is gone"
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


def test_a_button_still_works_when_the_task_beside_it_is_done(desk: Desk) -> None:
    number = in_hand(desk)
    address = withdrawal(desk, number)
    desk.complete(number, "li_gong", **ANALYSED)
    said = {"reason": "设备已退回", "told_by": "周晓岚"}
    assert desk.web.post(address, {"reason": ""}).status_code == 409
    assert desk.web.post(address, said).status_code == 303
    assert desk.task(number).element == "write_result"


def test_a_button_that_is_gone_cannot_be_pressed_anew(desk: Desk) -> None:
    number = in_hand(desk)
    address = withdrawal(desk, number)
    desk.web.post(address, {"reason": "设备已退回", "told_by": "周晓岚"})
    assert desk.web.post(address, {"reason": "又一次", "told_by": "周晓岚"}).status_code == 409
