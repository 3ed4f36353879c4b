"""The account manager calls regularly, advises, and passes on what was heard."""

from __future__ import annotations

from typing import Any

from engine.acts import schedules
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.rounds import change_customer, goes_off, opened_by_itself


def due(desk: Company) -> Story:
    """A visit to be arranged."""
    return desk.open("customer_visit", by="zhu_lan", customer=GOLD, manager="zhu_lan")


def visited(desk: Company, **heard: Any) -> Story:
    """The visit took place."""
    case = due(desk)
    case.do("arrange_customer_visit", accepted="yes")
    case.do("advise_customer", **{"has_opinion": "no", "wants_expert": "no", **heard})
    return case


def test_an_ordinary_visit_is_recorded(desk: Company) -> None:
    assert visited(desk).outcome == "visit_recorded" and desk.post() == []


def test_an_opinion_goes_to_the_department(desk: Company) -> None:
    visited(desk, has_opinion="yes", opinion="备件太慢", department="sales")
    (opinion,) = desk.post()
    assert opinion.row.process == "customer_opinion" and opinion.row.customer_name == GOLD
    assert opinion.tasks == ["answer_for_sales"]


def test_a_hard_question_goes_to_an_expert(desk: Company) -> None:
    visited(desk, wants_expert="yes", question="如何扩容")
    (expert,) = desk.post()
    assert expert.row.process == "expert_service" and expert.tasks == ["choose_expert"]


def test_a_customer_may_decline(desk: Company) -> None:
    case = due(desk)
    case.do("arrange_customer_visit", accepted="no", reason="近期繁忙")
    assert case.outcome == "visit_declined"


def test_the_account_manager_is_reminded(desk: Company) -> None:
    case = due(desk)
    assert goes_off(desk, case, "customer_visit_overdue") == "03-13 18:00"
    assert case.told("task_overdue") == ["zhu_lan"] and case.held("account_manager_reminded_of_visit")


def test_each_customer_with_an_account_manager_is_visited_every_quarter(desk: Company) -> None:
    change_customer(desk, GOLD, manager="zhu_lan")
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.until("07-30 12:00")
    visits = opened_by_itself(desk, "customer_visit")
    assert [local(v.row.opened_at) for v in visits] == ["04-07 09:00", "07-06 09:00"]
    assert {(v.row.customer_name, v.who("arrange_customer_visit")) for v in visits} == {(GOLD, "zhu_lan")}
