"""On site: agreed beforehand, proved by the site's code, safe before work, and nobody leaves a fault unsolved."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from engine.foundation.errors import InvalidAnswers
from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Part, Site
from tests.conftest import MONDAY
from tests.processes import papers, ways
from tests.processes.conftest import STANDARD, Company, Story

SERIAL = "SN-7730214"


def installed(desk: Company) -> None:
    """The device stands at the site B-3, and the register of parts knows what fits it."""
    site = new_id(MONDAY)
    with desk.cases.database.write() as tx:
        customer = tx.execute(select(Customer.id).where(Customer.name == STANDARD)).scalar_one()
        tx.execute(insert(Site).values(id=site, revision=1, code="B-3", customer_id=customer, name="三号楼"))
        device = {"model": "SW-7600", "serial": SERIAL, "name": "核心交换机", "status": "in_service"}
        tx.execute(insert(Asset).values(id=new_id(MONDAY), customer_id=customer, site_id=site, **device))
        for sku, models in (("PS-2200", ["SW-7600"]), ("FN-4", ["VC-900"])):
            part = {"sku": sku, "name": f"配件 {sku}", "models": models}
            tx.execute(insert(Part).values(id=new_id(MONDAY), revision=1, **part))


def visited(desk: Company, **known: str) -> Story:
    """The engineer stands before the device, and it is safe to begin."""
    case = ways.analysed(desk, "on_site", **known)
    papers.arrive(case)
    return case


def visited_for_configuration(desk: Company) -> Story:
    case = ways.accepted(desk)
    case.do("analyse_fault", next_step="on_site", severity="normal", nature="configuration")
    case.do("agree_solution", agreed="yes")
    papers.arrive(case)
    return case


def test_the_appointment_is_agreed_with_somebody(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    case.do("waive_remote_diagnosis")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("arrange_visit", agreed_with="")
    assert list(refused.value.errors) == ["agreed_with"]


def test_the_code_at_the_site_proves_the_arrival(desk: Company) -> None:
    installed(desk)
    case = ways.analysed(desk, "on_site", serial=SERIAL)
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit")
    case.do("confirm_arrival", site_code="A-1")
    assert case.tasks == ["confirm_arrival"] and case.row.arrived_at is None
    desk.wait(minutes=20)
    case.do("confirm_arrival", site_code="b-3")
    assert case.tasks == ["check_safety"] and case.row.arrived_at == desk.clock.now
    assert case.held("engineer_arrived") and case.promise("arrival").met_at == desk.clock.now


def test_work_begins_when_every_line_of_the_safety_check_is_ticked(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit")
    case.do("confirm_arrival")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("check_safety", permit=True, power=False, backup=True, privacy=True, rules=True)
    assert list(refused.value.errors) == ["power"]


def test_a_suitable_part_is_fitted_tested_and_signed_for(desk: Company) -> None:
    installed(desk)
    case = visited(desk, serial=SERIAL)
    case.do("repair_on_site", part="exchanged", part_name="PS-2200", old_serial="P-1", new_serial="P-2")
    assert not case.held("approve_unlisted_part")
    case.do("test_and_verify", result="pass")
    case.do("confirm_with_customer", confirmed="yes", signature="data:image/png;base64,AAAA")
    assert case.held("solved_on_site") and case.held("repaired_on_site")


def test_a_part_that_does_not_fit_needs_the_managers_approval(desk: Company) -> None:
    installed(desk)
    case = visited(desk, serial=SERIAL)
    wrong = {"part": "exchanged", "part_name": "FN-4", "old_serial": "P-1", "new_serial": "P-2"}
    case.do("repair_on_site", **wrong)
    assert case.who("approve_unlisted_part") == "sun_jing"
    case.do("approve_unlisted_part", by="sun_jing", decision="reject")
    assert case.tasks == ["repair_on_site"], "a suitable part is to be fitted"
    case.do("repair_on_site", **wrong)
    case.do("approve_unlisted_part", by="sun_jing", decision="approve")
    assert case.tasks == ["test_and_verify"]


def test_whoever_refuses_to_sign_says_why(desk: Company) -> None:
    case = visited(desk)
    case.do("repair_on_site", part="none")
    case.do("test_and_verify", result="pass")
    case.do("confirm_with_customer", confirmed="no", objection="仍有告警")
    assert case.held("unsolved_on_site") and case.held("not_solved_on_site")
    assert case.tasks == ["analyse_fault"]


def test_with_a_configuration_fault_nobody_leaves_before_it_is_solved(desk: Company) -> None:
    case = visited_for_configuration(desk)
    case.do("repair_on_site", part="none")
    case.do("test_and_verify", result="fail")
    assert case.tasks == ["repair_on_site"], "the engineer stays"
    case.do("repair_on_site", part="none")
    ways.check_and_confirm(case)
    assert case.held("repaired_on_site")


def test_a_manager_may_waive_the_staying(desk: Company) -> None:
    case = visited_for_configuration(desk)
    case.press("leave_requested", by="li_gong", reason="客户机房关闭", next_step="明早继续")
    assert case.who("decide_on_leaving") == "sun_jing"
    case.do("decide_on_leaving", by="sun_jing", decision="stay")
    assert case.tasks == ["repair_on_site"]
    case.press("leave_requested", by="li_gong", reason="客户机房关闭", next_step="明早继续")
    case.do("decide_on_leaving", by="sun_jing", decision="leave")
    assert case.held("left_with_waiver") and case.held("not_solved_on_site")
    assert case.tasks == ["analyse_fault"]


def test_a_part_taken_away_leaves_nothing_to_test(desk: Company) -> None:
    case = visited(desk)
    case.do("repair_on_site", part="taken_for_repair", part_name="电源", old_serial="P-1")
    assert case.held("part_taken_from_site") and case.held("part_taken_away")
    assert not case.held("test_and_verify")


def test_appointment_and_safety_check_have_deadlines(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    case.do("waive_remote_diagnosis")
    desk.until("03-02 18:00")
    assert case.fired["appointment_overdue"] == "03-02 18:00"
    case.do("arrange_visit")
    case.do("confirm_arrival")
    desk.until("03-02 19:00")
    assert case.fired["safety_check_overdue"] == "03-02 19:00"
    assert case.told("task_overdue") == ["sun_jing"] * 2


def test_a_manager_who_keeps_the_site_waiting_is_reported(desk: Company) -> None:
    installed(desk)
    case = visited(desk, serial=SERIAL)
    case.do("repair_on_site", part="exchanged", part_name="FN-4", old_serial="1", new_serial="2")
    desk.until("03-02 10:00")
    assert case.fired["part_approval_overdue"] == "03-02 10:00"
    case.do("approve_unlisted_part", by="sun_jing", decision="reject")
    case.press("leave_requested", by="li_gong", reason="客户机房关闭", next_step="明早继续")
    desk.until("03-02 11:00")
    assert case.fired["leaving_overdue"] == "03-02 11:00"
    assert case.told("task_overdue") == ["zhou_fu"] * 2 and case.held("vice_president_told_of_site")


def test_a_workaround_is_planned_in_time_and_told(desk: Company) -> None:
    case = ways.analysed(desk, "workaround")
    desk.until("03-02 18:00")
    assert case.fired["workaround_overdue"] == "03-02 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_workaround")
    case.do("plan_workaround")
    assert case.held("workaround_provided") and case.told("workaround_planned") == ["customer"]
    assert case.tasks == ["analyse_fault"]
