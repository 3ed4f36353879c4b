"""Maintenance plans come from contracts, and inspection visits from the plans, by themselves."""

from __future__ import annotations

from datetime import date

from engine.acts import schedules
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.rounds import goes_off, next_visit, opened_by_itself, promise_maintenance

CONTRACT = "HT-gold"


def agreed(desk: Company, *, months: int | None = 3) -> Story:
    """The contract's plan is to be drawn up."""
    promise_maintenance(desk, CONTRACT, months=months, next_visit_on=date(2026, 4, 4))
    return desk.open("maintenance_plan", by="sun_jing", contract=CONTRACT, customer=GOLD)


def in_force(desk: Company) -> Story:
    """A visit every three months from 4 April on, which is a holiday."""
    case = agreed(desk)
    case.do("draw_up_plan", by="li_gong", first_visit_on="2026-04-04", every_months=3, engineer="wang_gong")
    case.do("approve_plan", by="sun_jing", decision="approve")
    return case


def test_the_plan_takes_its_terms_from_the_contract(desk: Company) -> None:
    case = agreed(desk)
    terms = next(
        p["d"]["terms"] for e in case.history for p in e.content["path"] if "terms" in p.get("d", {})
    )
    assert terms["months"] == 3 and terms["next_visit_on"] == "2026-04-04" and terms["customer"] == GOLD


def test_an_approved_plan_opens_each_visit_on_a_working_day(desk: Company) -> None:
    case = in_force(desk)
    assert case.outcome == "plan_in_force" and case.told("maintenance_planned") == ["customer"]
    desk.until("12-31 12:00")
    visits = opened_by_itself(desk, "inspection_visit")
    # 4 April 2026 is the Tomb-Sweeping holiday, 4 July a Saturday, 4 October within the National Day holidays.
    assert [local(v.row.opened_at) for v in visits] == ["04-07 09:00", "07-06 09:00", "10-08 09:00"]
    assert {v.row.customer_name for v in visits} == {GOLD} and visits[0].who(
        "agree_inspection_date"
    ) == "wang_gong"


def test_the_next_visit_of_the_contract_moves_on_with_each_round(desk: Company) -> None:
    in_force(desk)
    assert next_visit(desk, CONTRACT) == date(2026, 4, 4)
    desk.until("04-30 12:00")
    assert next_visit(desk, CONTRACT) == date(2026, 7, 4)


def test_visits_end_with_the_contract(desk: Company) -> None:
    in_force(desk)
    desk.wait(days=3 * 365)
    assert len(opened_by_itself(desk, "inspection_visit")) == 3, "the contract ends with the year"


def test_a_plan_sent_back_is_drawn_up_again(desk: Company) -> None:
    case = agreed(desk)
    case.do("draw_up_plan", by="li_gong", first_visit_on="2026-04-04", every_months=3)
    case.do("approve_plan", by="sun_jing", decision="send_back", reason="每月一次")
    assert case.tasks == ["draw_up_plan"]


def test_a_contract_without_maintenance_needs_no_plan(desk: Company) -> None:
    assert agreed(desk, months=None).outcome == "no_maintenance_owed"


def test_the_manager_is_told_of_a_late_plan(desk: Company) -> None:
    case = agreed(desk)
    assert goes_off(desk, case, "plan_overdue") == "03-06 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_late_plan")


def test_a_contract_with_maintenance_starts_its_plan_by_itself_once(desk: Company) -> None:
    promise_maintenance(desk, CONTRACT, months=6, next_visit_on=None)
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.wait(days=2)
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.wait(days=2)
    plan = opened_by_itself(desk, "maintenance_plan")
    assert [p.row.facts["contract"] for p in plan] == [CONTRACT] and plan[0].tasks == ["draw_up_plan"]
    assert plan[0].held("maintenance_agreed")
