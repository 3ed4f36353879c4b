"""Twice a year each customer with a contract gets an analysis of its system's health and two reports."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.rounds import goes_off, opened_by_itself


def analysed(desk: Company) -> Story:
    """Both reports are written."""
    case = desk.open("health_analysis", by="zhao_zhuan", customer=GOLD)
    case.do("analyse_operation")
    write(case)
    return case


def write(case: Story) -> None:
    """The summary and the technical report."""
    case.do("write_service_summary")
    case.do("write_technical_report")


def test_accepted_reports_go_to_the_customer(desk: Company) -> None:
    case = analysed(desk)
    case.do("review_as_call_center", decision="accept")
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    assert case.outcome == "reports_delivered" and case.told("health_reports") == ["customer"]


def test_reports_sent_back_are_written_again(desk: Company) -> None:
    case = analysed(desk)
    case.do("review_as_call_center", decision="send_back", remark="缺统计")
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    assert case.tasks == ["write_service_summary"]


def test_the_analysis_starts_from_what_happened(desk: Company) -> None:
    desk.report(GOLD)
    desk.wait(days=1)
    case = desk.open("health_analysis", by="zhao_zhuan", customer=GOLD)
    past = next(p["d"]["past"] for e in case.history for p in e.content["path"] if "past" in p.get("d", {}))
    assert past["cases"] == 1 and past["closed"] == 0


def test_the_manager_is_told_of_a_late_analysis(desk: Company) -> None:
    case = desk.open("health_analysis", by="zhao_zhuan", customer=GOLD)
    assert goes_off(desk, case, "analysis_of_operation_overdue") == "03-13 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_analysis")


def test_every_contract_has_its_turn(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.until("07-31 12:00")
    started = opened_by_itself(desk, "health_analysis")
    assert {c.row.facts["contract"] for c in started} == {"HT-gold", "HT-standard"}
    assert {local(c.row.opened_at) for c in started} == {"07-15 09:00"}
