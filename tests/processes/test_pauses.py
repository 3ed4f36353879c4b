"""Waiting for the customer stops the customer's clock and nothing else; waiting for parts or a supplier stops none."""

from __future__ import annotations

import pytest

from engine.acts import steering
from engine.foundation.errors import Conflict, Forbidden, Rejection
from tests.processes import ways
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.test_return_for_repair import at_supplier

WATCHES = ("half_time_used", "most_time_used", "restoration_overdue")


def pause(case: Story, reason: str = "customer_access", *, by: str = "sun_jing") -> None:
    """Stop the clock."""
    desk = case.desk
    steering.pause(desk.cases, case.number, reason=reason, actor=desk.actor(by), now=desk.clock.now)


def resume(case: Story, *, by: str = "sun_jing") -> None:
    """Let it run on."""
    desk = case.desk
    steering.resume(desk.cases, case.number, actor=desk.actor(by), now=desk.clock.now)


def test_a_pause_holds_the_customers_clock_and_gives_the_working_time_back(desk: Company) -> None:
    case = ways.analysed(desk)
    assert [case.waits[name] for name in WATCHES] == ["03-03 14:00", "03-04 13:12", "03-04 18:00"]
    desk.until("03-02 11:00")
    pause(case)
    assert [case.waits[name] for name in WATCHES] == ["-", "-", "-"]
    assert case.promise("restoration").state(at=desk.clock.now, calendars={}) == "paused"
    assert case.promise("restoration").remaining == 1440 - 120
    assert case.task("advise_by_phone").paused
    desk.until("03-05 10:00")
    assert case.told("restoration_reminder") == [] and "add_manpower" not in case.tasks
    resume(case)
    assert [case.waits[name] for name in WATCHES] == ["03-06 12:00", "03-09 11:12", "03-09 17:00"]
    assert local(case.promise("restoration").due_at) == "03-09 17:00"
    task = case.task("advise_by_phone")
    assert not task.paused and local(task.due_at) == case.waits["advise_by_phone"] == "03-05 17:00"
    desk.until("03-09 17:00")
    assert sorted(case.tasks) == ["add_manpower", "support_as_specialist"]
    assert case.fired["half_time_used"] == "03-06 12:00"
    assert case.fired["restoration_overdue"] == "03-09 17:00"


def test_a_pause_over_the_weekend_costs_no_working_time(desk: Company) -> None:
    case = ways.analysed(desk)
    desk.until("03-02 18:00")
    pause(case)
    desk.until("03-03 09:00")
    resume(case)
    assert [case.waits[name] for name in WATCHES] == ["03-03 14:00", "03-04 13:12", "03-04 18:00"]


def test_around_the_clock_means_that_a_night_counts(desk: Company) -> None:
    case = ways.analysed(desk, priority="P1", customer=GOLD)
    desk.until("03-02 10:00")
    pause(case)
    desk.until("03-03 10:00")
    resume(case)
    assert case.waits["restoration_overdue"] == "03-03 13:00"


def test_the_tiers_of_the_company_do_not_wait_for_the_customer(desk: Company) -> None:
    case = ways.analysed(desk)
    pause(case)
    assert case.waits["engineer_time_used"] == "03-05 18:00"
    desk.until("03-05 18:00")
    assert case.fired == {"engineer_time_used": "03-05 18:00"} and case.status == "escalated"


def test_a_promise_that_begins_during_a_pause_stands_still(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    pause(case, "customer_appointment")
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit")
    assert case.waits["arrival_overdue"] == "-"
    assert case.promise("arrival").paused_at == desk.clock.now
    desk.until("03-03 09:00")
    resume(case)
    assert case.waits["arrival_overdue"] == "03-05 18:00", "three whole working days"


def test_a_promise_that_is_met_during_a_pause_stays_met(desk: Company) -> None:
    case = ways.analysed(desk)
    pause(case)
    case.do("advise_by_phone")
    case.do("test_and_verify", result="pass")
    assert case.promise("restoration").met_at == desk.clock.now
    desk.wait(hours=2)
    resume(case)
    assert {case.waits[name] for name in WATCHES} == {"-"}
    desk.wait(days=5)
    assert case.told("restoration_reminder") == [] and "add_manpower" not in case.tasks


def test_the_suppliers_clock_is_not_paused(desk: Company) -> None:
    case = at_supplier(desk)
    desk.wait(days=1)
    pause(case, "customer_decision")
    assert case.waits == {"supplier_overdue": "03-16 09:00"}
    desk.until("03-16 09:00")
    assert case.fired == {"supplier_overdue": "03-16 09:00"}
    resume(case)


@pytest.mark.parametrize("reason", ["parts", "supplier", "holiday", ""])
def test_waiting_for_parts_or_a_supplier_is_no_reason(desk: Company, reason: str) -> None:
    case = ways.analysed(desk)
    with pytest.raises(Rejection, match="one of these reasons") as refused:
        pause(case, reason)
    assert "等待客户提供信息" in refused.value.text.zh
    assert case.row.paused_at is None and case.waits["half_time_used"] != "-"


def test_the_reasons_are_those_of_the_table_in_both_languages(desk: Company) -> None:
    case = ways.analysed(desk)
    reasons = dict(steering.pause_reasons(desk.cases, case.number))
    assert list(reasons) == [
        "customer_information",
        "customer_access",
        "customer_decision",
        "customer_appointment",
    ]
    assert reasons["customer_appointment"].zh == "客户要求改期"
    assert reasons["customer_appointment"].en == "The customer asked for a later date"


@pytest.mark.parametrize("person", ["chen_min", "sun_jing", "xu_mei", "li_gong"])
def test_those_who_talk_to_the_customer_may_pause(desk: Company, person: str) -> None:
    case = ways.analysed(desk)
    pause(case, by=person)
    assert (case.row.pause_reason, case.history[-1].actor) == ("customer_access", person)


@pytest.mark.parametrize("person", ["wang_gong", "han_cai", "shen_ji"])
def test_others_may_not(desk: Company, person: str) -> None:
    case = ways.analysed(desk)
    with pytest.raises(Forbidden):
        pause(case, by=person)
    assert desk.refusals == [(person, "pause_case")]


def test_a_paused_case_is_not_paused_again_nor_a_running_one_resumed(desk: Company) -> None:
    case = ways.analysed(desk)
    with pytest.raises(Conflict, match="not paused"):
        resume(case)
    pause(case)
    with pytest.raises(Conflict, match="paused already"):
        pause(case)


def test_two_pauses_add_up(desk: Company) -> None:
    case = ways.analysed(desk)
    for _ in range(2):
        pause(case)
        desk.wait(hours=1)
        resume(case)
        desk.wait(minutes=30)
    assert case.waits["restoration_overdue"] == "03-05 11:00"
