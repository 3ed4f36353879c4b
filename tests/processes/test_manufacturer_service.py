"""Manufacturer's service: their engineer serves, we keep commitment, reference and result on record."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert

from engine.acts.open_task import open_task
from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Manufacturer
from tests.conftest import MONDAY
from tests.processes import ways
from tests.processes.conftest import STANDARD, Company, Story

REPORTED: dict[str, Any] = {
    "channel": "phone",
    "customer": STANDARD,
    "description": "存储控制器告警",
    "serial": "NS4-1",
    "contact": "秦老师",
}


def reported(desk: Company) -> Story:
    return desk.open("manufacturer_service", by="li_gong", **REPORTED)


def committed(desk: Company) -> None:
    """The manufacturer of the device promised to serve it until the end of the year."""
    maker, customer = new_id(MONDAY), new_id(MONDAY)
    with desk.cases.database.write() as tx:
        promise = {"commitment_scope": "三年上门服务", "commitment_until": date(2026, 12, 31)}
        tx.execute(insert(Manufacturer).values(id=maker, revision=1, name="北辰存储", **promise))
        tx.execute(insert(Customer).values(id=customer, name="示例客户", language="zh"))
        device = {"model": "NS-410", "serial": "NS4-1", "name": "网络存储", "status": "in_service"}
        tx.execute(
            insert(Asset).values(id=new_id(MONDAY), customer_id=customer, manufacturer_id=maker, **device)
        )


def test_a_report_that_went_to_the_manufacturer_is_on_record(desk: Company) -> None:
    case = reported(desk)
    assert (case.row.kind, case.status) == ("manufacturer_service", "at_manufacturer")
    case.do("call_in_manufacturer", by="li_gong", manufacturer="北辰存储", reference="BC-88")
    case.do("record_manufacturer_result", by="li_gong", result="solved", work="更换控制器")
    assert (case.outcome, case.status) == ("served_by_manufacturer", "completed")


def test_the_commitment_of_the_manufacturer_is_shown(desk: Company) -> None:
    committed(desk)
    case = reported(desk)
    task = case.task("call_in_manufacturer")
    shown = open_task(
        desk.cases, case.number, task.id, actor=desk.actor("li_gong"), now=desk.clock.now
    ).answers
    assert (shown["manufacturer"], shown["commitment"]) == ("北辰存储", "三年上门服务")


def test_what_the_manufacturer_does_not_solve_becomes_a_case_of_ours(desk: Company) -> None:
    case = reported(desk)
    case.do("call_in_manufacturer")
    case.do("record_manufacturer_result", result="not_solved", work="无备件")
    assert (case.outcome, case.status) == ("taken_over_from_manufacturer", "turned_into_case")
    (ours,) = desk.post()
    assert ours.row.process == "service_case"
    assert {name: ours.row.facts[name] for name in REPORTED} == REPORTED


def test_the_manufacturers_engineer_may_serve_a_case_of_ours(desk: Company) -> None:
    case = ways.analysed(desk, "manufacturer")
    case.do("call_in_manufacturer", by="li_gong")
    case.do("record_manufacturer_result", by="li_gong", result="solved")
    assert case.held("treated_by_others") and case.tasks == ["test_and_verify"]


def test_an_unsolved_case_of_ours_comes_back_to_the_analysis(desk: Company) -> None:
    case = ways.analysed(desk, "manufacturer")
    case.do("call_in_manufacturer")
    case.do("record_manufacturer_result", result="not_solved")
    assert case.held("manufacturer_did_not_solve") and case.held("not_treated_by_others")
    assert case.tasks == ["analyse_fault"]
    assert desk.post() == []


def test_a_manufacturer_who_is_late_is_chased_by_project_management(desk: Company) -> None:
    case = reported(desk)
    desk.until("03-02 14:00")
    case.do("call_in_manufacturer")
    desk.until("03-05 14:00")
    assert case.fired == {
        "manufacturer_call_overdue": "03-02 14:00",
        "manufacturer_overdue": "03-05 14:00",
    }
    assert case.told("manufacturer_late") == ["xu_mei"] * 2 and case.held("manufacturer_chased")
