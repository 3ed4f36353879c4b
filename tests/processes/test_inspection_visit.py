"""An inspection: a day agreed, readings judged by their table, failed items in a case of their own, a report reviewed."""

from __future__ import annotations

from typing import Any

from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off

FINE = {
    "room_temperature": 22,
    "cpu_load": 40,
    "memory_use": 50,
    "disk_use": 60,
    "packet_loss": 0.1,
    "ups_minutes": 30,
    "appearance": "fine",
}


def arranged(desk: Company) -> Story:
    """Engineer Li comes on the tenth."""
    case = desk.open(
        "inspection_visit", by="chen_min", customer=GOLD, engineer="li_gong", serial=f"SN-{GOLD}"
    )
    case.do("agree_inspection_date", agreed="yes", visit_on="2026-03-10")
    return case


def inspected(desk: Company, **readings: Any) -> Story:
    """The readings are taken."""
    case = arranged(desk)
    case.do("inspect_system", serial=f"SN-{GOLD}", **{**FINE, **readings})
    return case


def reviewed(case: Story, decision: str) -> None:
    """The report is written, and both look at it."""
    case.do("write_inspection_report")
    case.do("review_as_call_center", decision="accept")
    case.do("review_as_service_department", by="sun_jing", decision=decision, remark="读数不全")


def test_readings_within_their_limits_lead_straight_to_the_report(desk: Company) -> None:
    case = inspected(desk)
    assert case.told("inspection_announced") == ["customer"] and case.row.arrived_at is not None
    assert desk.post() == []
    reviewed(case, "accept")
    assert case.outcome == "inspection_archived"


def test_each_failed_item_opens_a_service_case(desk: Company) -> None:
    case = inspected(desk, disk_use=93, room_temperature=31)
    faults = desk.post()
    assert {fault.row.facts["failed"] for fault in faults} == {"room_temperature", "disk_use"}
    for fault in faults:
        assert fault.row.process == "service_case" and fault.row.customer_name == GOLD
        assert fault.row.facts["from_case"] == case.number and fault.tasks == ["triage"]
        assert fault.row.asset_id is not None, "the device goes along"


def test_a_report_sent_back_is_written_again(desk: Company) -> None:
    case = inspected(desk)
    reviewed(case, "send_back")
    assert case.tasks == ["write_inspection_report"]
    reviewed(case, "accept")
    assert case.outcome == "inspection_archived"


def test_a_customer_may_decline(desk: Company) -> None:
    case = desk.open("inspection_visit", by="chen_min", customer=GOLD)
    case.do("agree_inspection_date", agreed="no", reason="封网期")
    assert case.outcome == "inspection_declined"


def test_the_manager_is_told_of_a_late_inspection(desk: Company) -> None:
    case = arranged(desk)
    assert goes_off(desk, case, "system_inspection_overdue") == "03-13 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_inspection")
