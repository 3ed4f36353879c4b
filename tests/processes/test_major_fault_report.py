"""Report on a major fault: two versions, due by its own deadline, approved before the case may be closed."""

from __future__ import annotations

import pytest

from engine.foundation.errors import Forbidden, InvalidAnswers
from tests.processes import papers, ways
from tests.processes.conftest import Company, Story


def solved(desk: Company, *, major_after_analysis: bool = False) -> Story:
    """A major fault that is solved and confirmed; the report is still to be written."""
    if major_after_analysis:
        case = ways.analysed(desk, analysed_as="major")
    else:
        case = ways.analysed(desk, priority="P1", severity="major")
        case.do("acknowledge_major_fault", by="jiang_tao")
    case.do("advise_by_phone", by="li_gong")
    ways.check_and_confirm(case)
    return case


def test_both_versions_are_written_and_approved_before_closing(desk: Company) -> None:
    case = solved(desk)
    case.do(
        "write_analysis_report",
        by="li_gong",
        timeline=[{"at": "09:00", "event": "核心链路中断"}],
        impact="两栋楼断网",
        cause="电源老化",
        fix="更换电源",
        prevention="增加冗余",
    )
    case.do("write_customer_version", by="li_gong")
    assert case.who("approve_analysis_report") == "zheng_hao"
    case.do("approve_analysis_report", by="zheng_hao", decision="approve")
    assert case.held("analysis_report_approved") and case.tasks == ["write_result"]
    assert case.told("analysis_report") == ["customer"]
    assert case.told("analysis_report_approved") == ["jiang_tao"]


def test_a_fault_that_turned_out_to_be_major_is_reported_on_as_well(desk: Company) -> None:
    assert solved(desk, major_after_analysis=True).tasks == ["write_analysis_report"]


def test_an_ordinary_fault_needs_no_report(desk: Company) -> None:
    assert ways.confirmed(desk).tasks == ["write_result"]


def test_the_report_tells_timeline_impact_cause_fix_and_prevention(desk: Company) -> None:
    case = solved(desk)
    empty = dict.fromkeys(("impact", "cause", "fix", "prevention"), "")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("write_analysis_report", timeline=[], **empty)
    assert list(refused.value.errors) == ["timeline", "impact", "cause", "fix", "prevention"]


def test_a_report_that_is_sent_back_is_written_again(desk: Company) -> None:
    case = solved(desk)
    case.do("write_analysis_report")
    case.do("write_customer_version")
    case.do("approve_analysis_report", by="zheng_hao", decision="reject", reason="原因不充分")
    assert case.tasks == ["write_analysis_report"] and case.told("analysis_report") == []
    papers.report_on_major_fault(case)
    assert case.tasks == ["write_result"]


def test_a_department_that_handled_the_fault_does_not_approve_its_own_report(desk: Company) -> None:
    case = ways.analysed(desk, "fault_chain", priority="P1", severity="major")
    case.do("acknowledge_major_fault", by="jiang_tao")
    case.do("support_as_maintenance_staff", by="wu_wei", decision="pass_on")
    case.do("support_as_maintenance_dept", by="zheng_hao", decision="solved", solution="切换链路")
    ways.check_and_confirm(case)
    case.do("write_analysis_report")
    case.do("write_customer_version")
    assert case.tasks == ["approve_analysis_as_assistant"]
    with pytest.raises(Forbidden):
        case.do("approve_analysis_as_assistant", by="zheng_hao", decision="approve")
    case.do("approve_analysis_as_assistant", by="feng_zhu", decision="reject", reason="缺少预防措施")
    case.do("write_analysis_report")
    case.do("write_customer_version")
    case.do("approve_analysis_as_assistant", by="feng_zhu", decision="approve")
    assert case.held("analysis_report_approved")


def test_report_version_and_approval_have_deadlines_of_their_own(desk: Company) -> None:
    case = solved(desk)
    desk.until("03-04 18:00")
    case.do("write_analysis_report")
    desk.until("03-05 18:00")
    case.do("write_customer_version")
    desk.until("03-06 18:00")
    late = ("analysis_overdue", "customer_version_overdue", "analysis_approval_overdue")
    assert {name: case.fired[name] for name in late} == {
        "analysis_overdue": "03-04 18:00",
        "customer_version_overdue": "03-05 18:00",
        "analysis_approval_overdue": "03-06 18:00",
    }
    assert case.told("analysis_report_late") == ["zhou_fu"] * 3
    assert case.held("vice_president_told_of_analysis")


def test_the_assistants_approval_has_a_deadline_too(desk: Company) -> None:
    case = ways.analysed(desk, "fault_chain", severity="major")
    case.do("acknowledge_major_fault", by="jiang_tao")
    case.do("support_as_maintenance_staff", by="wu_wei", decision="pass_on")
    case.do("support_as_maintenance_dept", by="zheng_hao", decision="solved")
    ways.check_and_confirm(case)
    case.do("write_analysis_report")
    case.do("write_customer_version")
    desk.until("03-02 18:00")
    assert case.fired["assistant_approval_overdue"] == "03-02 18:00"


def test_people_who_are_not_added_to_a_late_repair_are_reported(desk: Company) -> None:
    case = ways.analysed(desk, priority="P1")
    desk.wait(hours=9)
    assert "manpower_overdue" in case.fired and case.held("vice_president_told_of_manpower")
    case.do("add_manpower", by="sun_jing")
    assert case.held("manpower_added") and not case.held("fault_seen_through")
