"""Handling: analysis, then by phone, remotely with consent, or on site; nobody leaves before it is solved."""

from __future__ import annotations

import pytest

from engine.foundation.errors import InvalidAnswers, NotFound
from tests.processes import papers, ways
from tests.processes.conftest import GOLD, Company, local


def test_by_phone(desk: Company) -> None:
    case = ways.analysed(desk, "phone")
    case.do("advise_by_phone", means="fax")
    ways.check_and_confirm(case)
    assert (
        case.held("confirmed_by_customer") and case.held("fault_solved") and case.held("solution_confirmed")
    )
    assert case.held("solution_agreed")


def test_remotely_with_the_consent_of_the_customer(desk: Company) -> None:
    case = ways.analysed(desk, "remote")
    assert case.tasks == ["record_consent"]
    with pytest.raises(NotFound):
        case.do("remote_session", by="li_gong")
    case.do("record_consent", consent="yes", given_by="王老师", means="email", scope="只限故障主机")
    case.do("remote_session", by="li_gong")
    assert case.held("remote_session_held")
    ways.check_and_confirm(case)
    assert case.tasks == ["write_result"]


def test_consent_needs_to_say_who_gave_it_how_and_for_what(desk: Company) -> None:
    case = ways.analysed(desk, "remote")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("record_consent", consent="yes", given_by="", means="", scope="")
    assert list(refused.value.errors) == ["given_by", "means", "scope"]


def test_without_consent_there_is_no_remote_session_but_a_visit_with_a_waiver(desk: Company) -> None:
    case = ways.analysed(desk, "remote")
    case.do("record_consent", consent="no")
    assert case.held("consent_refused") and not case.held("remote_session")
    assert case.tasks == ["waive_remote_diagnosis"]
    with pytest.raises(InvalidAnswers):
        case.do("waive_remote_diagnosis", reason="", explanation="")
    case.do("waive_remote_diagnosis", reason="customer_refused", explanation="客户不同意远程")
    assert case.tasks == ["arrange_visit"]


def test_a_visit_needs_remote_diagnosis_or_a_waiver(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    assert case.tasks == ["waive_remote_diagnosis"]
    with pytest.raises(NotFound):
        case.do("arrange_visit", by="li_gong")
    case.do("waive_remote_diagnosis", reason="obvious_hardware", explanation="主机冒烟")
    case.do("arrange_visit", place="三楼机房", visitor="own", visit_at="2026-03-02T14:00")
    assert case.told("visit_arranged") == ["customer"]


def test_after_a_remote_session_the_visit_needs_no_waiver(desk: Company) -> None:
    case = ways.analysed(desk, "remote")
    case.do("record_consent", consent="yes")
    case.do("remote_session")
    case.do("test_and_verify", result="fail")
    assert case.held("test_failed")
    ways.agree(case, "on_site")
    assert case.tasks == ["arrange_visit"] and not case.held("waive_remote_diagnosis")
    case.do("arrange_visit")
    desk.wait(hours=3)
    case.do("confirm_arrival", symptom_confirmed="yes")
    assert case.row.arrived_at == desk.clock.now
    case.do("check_safety")
    case.do("repair_on_site", part="none")
    ways.check_and_confirm(case)
    assert case.held("repaired_on_site")
    papers.file_service_report(case)
    ways.finish(case)
    assert case.outcome == "completed"


def test_a_customer_who_does_not_agree_gets_another_proposal(desk: Company) -> None:
    case = ways.accepted(desk)
    case.do("analyse_fault", next_step="phone", severity="normal")
    case.do("agree_solution", agreed="no", objection="停机时间太长")
    assert case.tasks == ["analyse_fault"]
    ways.agree(case, "phone")
    assert case.tasks == ["advise_by_phone"] and case.passed("analyse_fault") == 2


def test_a_failed_test_leads_back_to_the_analysis(desk: Company) -> None:
    case = ways.analysed(desk)
    case.do("advise_by_phone")
    case.do("test_and_verify", result="fail")
    assert case.tasks == ["analyse_fault"] and case.row.restored_at is None
    assert case.promise("restoration").met_at is None


def test_not_solved_not_leaving(desk: Company) -> None:
    case = ways.restored(desk)
    case.do("confirm_with_customer", confirmed="no", objection="仍有杂音")
    assert case.held("solution_not_confirmed") and case.tasks == ["analyse_fault"]
    assert case.row.confirmed_at is None


def test_a_workaround_comes_with_the_next_plan_and_the_work_goes_on(desk: Company) -> None:
    case = ways.analysed(desk, "workaround")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("plan_workaround", workaround="用备机", next_plan="", promised_on="")
    assert list(refused.value.errors) == ["next_plan", "promised_on"]
    case.do("plan_workaround", workaround="用备机", next_plan="等补丁", promised_on="2026-03-06")
    assert case.told("workaround_planned") == ["customer"]
    assert case.tasks == ["analyse_fault"]


def test_application_software_goes_to_the_software_division(desk: Company) -> None:
    case = ways.analysed(desk, "software")
    assert case.told("software_transferred") == ["chen_min", "he_jie", "xu_mei"]
    assert case.who("accept_transfer") == "shen_ruan" and case.row.handler == "li_gong"
    case.do("accept_transfer", by="shen_ruan")
    case.do("solve_software_problem", by="shen_ruan")
    assert case.held("software_problem_treated")
    assert case.who("test_and_verify") == "li_gong", "the handler keeps the case"


def test_a_transfer_that_nobody_accepts_is_chased_by_project_management(desk: Company) -> None:
    case = ways.analysed(desk, "software")
    desk.until("03-02 14:00")
    assert case.fired["transfer_not_accepted"] == "03-02 14:00"
    assert case.tasks == ["accept_transfer", "press_for_acceptance"] and case.row.handler == "li_gong"
    case.do("press_for_acceptance", by="xu_mei")
    assert case.held("transfer_chased") and case.tasks == ["accept_transfer"]


def test_a_difficult_fault_goes_along_the_fault_chain_and_comes_back(desk: Company) -> None:
    case = ways.analysed(desk, "fault_chain")
    case.do("support_as_maintenance_staff", by="wu_wei", decision="hand_back", instruction="先更新固件")
    assert case.tasks == ["analyse_fault"]
    ways.agree(case, "fault_chain")
    case.do("support_as_maintenance_staff", by="wu_wei", decision="solved", solution="更换电源")
    assert case.tasks == ["test_and_verify"]


def test_the_first_contact_that_is_late_is_reminded_of_once(desk: Company) -> None:
    case = ways.accepted(desk)
    assert case.promise("first_contact").due_at is not None
    desk.until("03-02 14:00")
    assert case.fired == {"first_contact_overdue": "03-02 14:00"}
    assert case.told("first_contact_reminder") == ["li_gong"] and case.held("first_contact_reminded")
    desk.wait(minutes=5)
    ways.agree(case, "phone")
    assert local(case.promise("first_contact").met_at) == "03-02 14:05"
    assert case.promise("first_contact").state(at=desk.clock.now, calendars={}) == "missed"


def test_the_first_contact_in_time_stays_silent(desk: Company) -> None:
    case = ways.analysed(desk)
    desk.until("03-02 17:00")
    assert case.told("first_contact_reminder") == []


def test_a_late_arrival_reaches_the_manager(desk: Company) -> None:
    case = ways.analysed(desk, "on_site", priority="P1", customer=GOLD)
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit")
    desk.until("03-02 13:00")
    assert case.fired["arrival_overdue"] == "03-02 13:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_arrival")
    case.do("confirm_arrival")
    assert local(case.row.arrived_at) == "03-02 13:00"


def test_an_arrival_in_time_stays_silent(desk: Company) -> None:
    case = ways.analysed(desk, "on_site", priority="P1", customer=GOLD)
    case.do("waive_remote_diagnosis")
    case.do("arrange_visit")
    desk.until("03-02 12:00")
    case.do("confirm_arrival")
    desk.until("03-02 13:30")
    assert "arrival_overdue" not in case.fired


def test_a_confirmation_that_does_not_come_is_reminded_of(desk: Company) -> None:
    case = ways.restored(desk)
    desk.until("03-03 18:00")
    assert case.fired == {"confirmation_overdue": "03-03 18:00"}
    assert case.told("confirmation_reminder") == ["li_gong"] and case.held("confirmation_reminded")
    assert case.tasks == ["confirm_with_customer"]


def test_an_exchanged_part_goes_to_the_supplier_while_the_customer_is_served(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    papers.arrive(case)
    case.do("repair_on_site", part="exchanged", part_name="电源", old_serial="P-1", new_serial="P-2")
    ways.check_and_confirm(case)
    assert case.tasks == ["bring_part_back"] and case.row.confirmed_at is not None
    case.do("bring_part_back", by="li_gong", part_name="电源", old_serial="P-1", handed_to="han_cai")
    case.do("ship_to_supplier", by="han_cai")
    case.do("record_supplier_decision", by="han_cai", decision="replace")
    case.do("receive_part", by="han_cai")
    case.do("inspect_part", by="wang_gong", result="pass")
    case.do("hand_over_part", by="li_gong", destination="stock")
    papers.file_service_report(case)
    assert case.tasks == ["write_result"], "closed only when every part is settled"
    ways.finish(case)
    assert case.outcome == "completed"


def test_a_part_taken_for_repair_comes_back_before_the_work_is_verified(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    papers.arrive(case)
    case.do("repair_on_site", part="taken_for_repair", part_name="电源", old_serial="P-1")
    assert case.held("part_taken_away") and case.held("waiting_for_part")
    assert case.tasks == ["bring_part_back"] and case.row.restored_at is None
    case.do("bring_part_back", by="li_gong")
    case.do("ship_to_supplier", by="han_cai")
    case.do("record_supplier_decision", by="han_cai", decision="repair")
    case.do("receive_part", by="han_cai")
    case.do("inspect_part", by="wang_gong", result="pass")
    case.do("hand_over_part", by="li_gong", destination="customer")
    assert case.tasks == ["analyse_fault"]
    ways.agree(case, "on_site")
    assert case.tasks == ["waive_remote_diagnosis"]


def test_exchanged_parts_need_both_serial_numbers(desk: Company) -> None:
    case = ways.analysed(desk, "on_site")
    papers.arrive(case)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("repair_on_site", part="exchanged", part_name="电源", old_serial="", new_serial="")
    assert list(refused.value.errors) == ["old_serial", "new_serial"]
