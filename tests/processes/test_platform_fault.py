"""Platform fault: announced once, later reports are linked and answered without dispatch, all are told when it is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.acts.known_faults import known_fault
from engine.foundation.models import CaseLink
from engine.foundation.models.registers import Bulletin
from tests.processes import ways
from tests.processes.conftest import GOLD, STANDARD, Company, Story

FOUND: dict[str, Any] = {
    "description": "园区核心平台登录失败",
    "area": "高新园区",
    "symptoms": "登录失败 认证超时",
}


def found(desk: Company) -> Story:
    return desk.open("platform_fault", by="wu_wei", **FOUND)


def announced(desk: Company) -> Story:
    fault = found(desk)
    fault.do("confirm_platform_fault", by="zheng_hao", decision="announce", advice="预计两小时内恢复", **AREA)
    return fault


AREA: dict[str, Any] = {"area": "高新园区", "symptoms": "登录失败 认证超时"}


def matching_report(desk: Company, customer: str = STANDARD) -> Story:
    case = desk.report(customer, description="今早起登录失败", location="高新园区二号楼")
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P2"])
    return case


def linked_report(desk: Company, customer: str = STANDARD) -> Story:
    case = matching_report(desk, customer)
    case.do("compare_with_announcement", by="chen_min", same="yes")
    return case


def bulletin(desk: Company) -> Any:
    with desk.cases.database.read() as tx:
        return tx.execute(select(Bulletin.__table__)).one()


def test_whoever_finds_a_platform_fault_tells_the_maintenance_department(desk: Company) -> None:
    fault = found(desk)
    assert fault.told("platform_fault_found") == ["zheng_hao"]
    assert fault.tasks == ["confirm_platform_fault"] and fault.status == "confirming"


def test_an_announcement_reaches_the_call_centre_and_the_register(desk: Company) -> None:
    fault = announced(desk)
    assert fault.told("platform_fault_announced") == ["chen_min", "he_jie"]
    row = bulletin(desk)
    assert (row.kind, row.status, row.case_number) == ("platform_fault", "announced", fault.number)
    assert (row.symptoms, row.announced_at) == (["登录失败", "认证超时"], desk.clock.now)


def test_intake_shows_the_match_while_somebody_is_still_typing(desk: Company) -> None:
    actor = desk.actor("chen_min")
    assert known_fault(desk.cases, actor=actor, words="登录失败") is None
    fault = announced(desk)
    for typed in ({"words": "客户说登录失败"}, {"place": "高新园区二号楼"}):
        match = known_fault(desk.cases, actor=actor, **typed)
        assert match is not None and match.case == fault.number
    assert known_fault(desk.cases, actor=actor, place="老城区", words="登录失败") is None
    assert known_fault(desk.cases, actor=actor, words="画面中断") is None


def test_a_later_report_is_recorded_linked_and_answered_without_a_second_dispatch(desk: Company) -> None:
    fault = announced(desk)
    case = linked_report(desk)
    assert case.told("platform_fault_known") == ["customer"]
    assert (case.tasks, case.status, case.outcome) == ([], "linked", None)
    assert not case.held("case_dispatched") and case.row.dispatched_at is None
    with desk.cases.database.read() as tx:
        link = tx.execute(select(CaseLink.target, CaseLink.kind).where(CaseLink.case_id == case.id)).one()
    assert tuple(link) == (fault.number, "same_fault")


def test_restoration_tells_all_linked_customers_at_once(desk: Company) -> None:
    fault = announced(desk)
    cases = [linked_report(desk, customer) for customer in (STANDARD, GOLD)]
    desk.wait(minutes=30)
    fault.do("restore_platform", by="zheng_hao", work="认证服务已切换到备用节点")
    assert fault.outcome == "platform_restored" and bulletin(desk).status == "restored"
    assert fault.told("platform_fault_ended") == ["chen_min", "he_jie"]
    desk.post()
    for case in cases:
        assert case.outcome == "settled_with_platform" and case.told("platform_restored") == ["customer"]
        assert case.held("platform_fault_over") and case.held("covered_by_platform_fault")
        assert case.held("restored_with_platform")
    assert fault.row.restored_at == desk.clock.now


def test_a_customer_is_told_once_even_if_the_outbox_is_carried_out_again(desk: Company) -> None:
    fault = announced(desk)
    case = linked_report(desk)
    fault.do("restore_platform", by="zheng_hao")
    desk.post()
    events = len(case.history)
    desk.post()
    assert len(case.history) == events


def test_a_report_that_is_linked_when_it_is_over_already_does_not_wait(desk: Company) -> None:
    fault = announced(desk)
    case = matching_report(desk)
    fault.do("restore_platform", by="zheng_hao")
    desk.post()
    case.do("compare_with_announcement", by="chen_min", same="yes")
    assert case.outcome is None
    desk.post()
    assert case.outcome == "settled_with_platform"


def test_another_fault_goes_the_usual_way(desk: Company) -> None:
    announced(desk)
    case = matching_report(desk)
    case.do("compare_with_announcement", by="chen_min", same="no")
    assert case.held("different_fault") and case.tasks == ["accept_case"]


def test_a_report_that_was_linked_by_mistake_is_taken_back(desk: Company) -> None:
    fault = announced(desk)
    case = linked_report(desk)
    case.press("different_fault_found", by="he_jie", reason="只有这一台登录不了")
    assert case.held("different_fault") and case.tasks == ["accept_case"] and case.row.priority == "P2"
    fault.do("restore_platform", by="zheng_hao")
    desk.post()
    assert case.tasks == ["accept_case"] and case.told("platform_restored") == []


def test_whoever_waits_hears_of_the_progress(desk: Company) -> None:
    announced(desk)
    case = linked_report(desk)
    desk.wait(hours=8)
    assert case.passed("progress_due") == 2 and case.told("platform_fault_goes_on") == ["customer"] * 2


def test_what_is_no_platform_fault_is_told_to_whoever_found_it(desk: Company) -> None:
    fault = found(desk)
    fault.do("confirm_platform_fault", by="zheng_hao", decision="refuse", reason="仅一台终端异常")
    assert (fault.outcome, fault.status) == ("no_platform_fault", "declined")
    assert fault.told("platform_fault_refused") == ["wu_wei"]


def test_an_announcement_or_a_restoration_that_is_late_reaches_the_assistant(desk: Company) -> None:
    fault = found(desk)
    desk.until("03-02 09:15")
    fault.do("confirm_platform_fault", decision="announce", **AREA)
    desk.until("03-02 13:15")
    assert fault.fired == {"announcement_overdue": "03-02 09:15", "platform_overdue": "03-02 13:15"}
    assert fault.told("platform_fault_late") == ["feng_zhu"] * 2 and fault.held("assistant_told_of_platform")


def test_a_comparison_that_is_forgotten_reaches_the_manager(desk: Company) -> None:
    announced(desk)
    case = matching_report(desk)
    desk.wait(minutes=30)
    assert "comparison_overdue" in case.fired and case.held("manager_told_of_comparison")
    assert case.told("task_overdue") == ["sun_jing"]
