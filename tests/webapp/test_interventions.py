"""Interventions: a deadline moved or a case cancelled from its page, for a reason, and still provable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.acts.replay import verify_case
from engine.acts.timers import fire_due
from engine.acts.worklist import case_id
from engine.foundation.models import AccessLog, Case, Timer
from tests.webapp.conftest import Web
from tests.webapp.desk import Desk, hidden, words


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def timer_of(desk: Desk, number: str) -> Any:
    """The first deadline of a case."""
    query = select(Timer.id, Timer.due_at).where(Timer.case_id == case_id(desk.cases, number))
    with desk.web.database.read() as tx:
        return tx.execute(query.order_by(Timer.due_at)).first()


def status_of(desk: Desk, number: str) -> str:
    with desk.web.database.read() as tx:
        return tx.execute(select(Case.status).where(Case.number == number)).scalar_one()


def moved(desk: Desk, number: str, **changes: str) -> dict[str, object]:
    """What the form sends: 2 March 2026, 13:00 in Shanghai."""
    form = {"timer": str(timer_of(desk, number).id), "due_at": "2026-03-02T13:00", "reason": "等总机恢复"}
    return {**form, **changes}


def proved(desk: Desk, number: str) -> bool:
    """Whether the history is whole and leads again where it led."""
    return verify_case(desk.cases, case_id(desk.cases, number)).whole


@pytest.mark.parametrize("person", ["xie_liu", "guan_li"])
def test_the_case_page_leads_owner_and_administrator_to_the_interventions(desk: Desk, person: str) -> None:
    number = desk.report()
    web = desk.web.as_(person)
    assert f"/cases/{number}/intervention" in web.get(f"/cases/{number}").text
    shown = words(web.get(f"/cases/{number}/intervention").text)
    assert "调整时限" in shown
    assert "取消案例" in shown


def test_the_list_of_timers_leads_to_the_one_that_it_names(desk: Desk) -> None:
    number = desk.report()
    link = f"/cases/{number}/intervention?timer={timer_of(desk, number).id}"
    assert link in desk.web.as_("guan_li").get("/timers").text
    assert "selected" in desk.web.get(link).text
    assert "/intervention" not in desk.web.as_("li_gong").get("/timers").text


@pytest.mark.parametrize("ending", ["", "/deadline", "/cancel"])
def test_anybody_else_is_refused_and_the_refusal_is_logged(desk: Desk, ending: str) -> None:
    number = desk.report()
    web = desk.web.as_("sun_jing")
    assert "/intervention" not in web.get(f"/cases/{number}").text
    address = f"/cases/{number}/intervention{ending}"
    answer = web.post(address, moved(desk, number)) if ending else web.get(address)
    assert answer.status_code == 403
    with desk.web.database.read() as tx:
        refused = tx.execute(select(AccessLog.actor, AccessLog.act).where(AccessLog.allowed.is_(False))).all()
    assert ("sun_jing", "intervene") in {tuple(row) for row in refused}
    assert status_of(desk, number) != "cancelled"


def test_a_moved_deadline_is_in_the_history_fires_then_and_is_proved(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("guan_li")
    page = web.post(f"/cases/{number}/intervention/deadline", moved(desk, number), follow_redirects=True)
    assert page.status_code == 200
    assert "等总机恢复" in words(page.text)
    due_at = timer_of(desk, number).due_at
    assert (due_at.hour, due_at.minute) == (5, 0), "13:00 in Shanghai"
    assert fire_due(desk.cases, now=due_at - timedelta(minutes=1)) == 0
    assert fire_due(desk.cases, now=due_at) == 1
    assert proved(desk, number)


def test_the_same_submit_twice_moves_a_deadline_once(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("guan_li")
    key = hidden(web.get(f"/cases/{number}/intervention").text, "idempotency_key")
    form = moved(desk, number, idempotency_key=key)
    for _ in range(2):
        assert web.post(f"/cases/{number}/intervention/deadline", form).status_code == 303
    assert words(web.get(f"/cases/{number}").text).count("等总机恢复") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": "  "}, "为什么调整时限"),
        ({"due_at": ""}, "将来的日期和时间"),
        ({"due_at": "2020-01-01T08:00"}, "将来的日期和时间"),
        ({"timer": "nothing"}, "要调整的时限"),
    ],
)
def test_a_wrong_deadline_comes_back_with_what_was_typed(
    desk: Desk, changes: dict[str, str], said: str
) -> None:
    number = desk.report()
    before = timer_of(desk, number).due_at
    form = moved(desk, number, **changes)
    answer = desk.web.as_("guan_li").post(f"/cases/{number}/intervention/deadline", form)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert str(form["reason"]).strip() in answer.text
    assert timer_of(desk, number).due_at == before


def test_a_deadline_that_does_not_wait_any_more_is_refused(desk: Desk) -> None:
    number = desk.report()
    form = moved(desk, number, timer="00000000-0000-0000-0000-000000000000")
    answer = desk.web.as_("guan_li").post(f"/cases/{number}/intervention/deadline", form)
    assert answer.status_code == 422
    assert "仍在等待的定时器" in answer.text


def test_a_cancelled_case_says_why_waits_for_nobody_and_is_proved(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("xie_liu")
    page = web.post(f"/cases/{number}/intervention/cancel", {"reason": "重复报修"}, follow_redirects=True)
    assert page.status_code == 200
    assert "重复报修" in words(page.text)
    assert status_of(desk, number) == "cancelled"
    assert desk.task(number) is None
    assert timer_of(desk, number) is None
    assert "案例已结束" in words(web.get(f"/cases/{number}/intervention").text)
    assert proved(desk, number)


def test_a_case_is_not_cancelled_without_a_reason(desk: Desk) -> None:
    number = desk.report()
    answer = desk.web.as_("xie_liu").post(f"/cases/{number}/intervention/cancel", {"reason": " "})
    assert answer.status_code == 422
    assert "为什么取消" in words(answer.text)
    assert status_of(desk, number) != "cancelled"


def test_a_case_is_cancelled_once(desk: Desk) -> None:
    number = desk.report()
    web = desk.web.as_("xie_liu")
    statuses = [
        web.post(f"/cases/{number}/intervention/cancel", {"reason": "重复"}).status_code for _ in range(2)
    ]
    assert statuses == [303, 409]
