"""An expert comes on request, writes a report that is reviewed, and presents it."""

from __future__ import annotations

from tests.processes import test_report_review as report
from tests.processes.conftest import GOLD, Company
from tests.processes.rounds import goes_off


def test_the_reviewed_report_is_presented(desk: Company) -> None:
    case = report.written(desk)
    assert case.told("expert_announced") == ["customer"]
    case.do("review_as_call_center", decision="accept")
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    assert case.who("present_expert_report") == "zhao_zhuan"
    case.do("present_expert_report")
    assert case.outcome == "expert_report_delivered"


def test_a_request_may_be_declined(desk: Company) -> None:
    case = desk.open("expert_service", by="zhu_lan", customer=GOLD)
    case.do("choose_expert", decision="decline", reason="合同不含专家服务")
    assert case.outcome == "expert_declined"


def test_the_vice_president_hears_of_a_request_that_waits(desk: Company) -> None:
    case = desk.open("expert_service", by="zhu_lan", customer=GOLD)
    assert goes_off(desk, case, "expert_choice_overdue") == "03-02 18:00"
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_expert")


def test_the_expert_is_reminded_of_the_report(desk: Company) -> None:
    case = desk.open("expert_service", by="zhu_lan", customer=GOLD)
    case.do("choose_expert", decision="send", expert="qian_zhuan")
    case.do("analyse_system")
    assert case.tasks == ["write_expert_report"]
    assert goes_off(desk, case, "expert_report_overdue") == "03-06 18:00"
    assert case.told("task_overdue") == ["qian_zhuan"] and case.held("expert_reminded")
