"""A service report is reviewed by the call centre and the service department at the same time before it is archived."""

from __future__ import annotations

from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off


def written(desk: Company) -> Story:
    """An expert report that waits for both."""
    case = desk.open("expert_service", by="zhu_lan", customer=GOLD)
    case.do("choose_expert", decision="send", expert="zhao_zhuan")
    case.do("analyse_system")
    case.do("write_expert_report")
    return case


def test_both_accept_and_the_report_is_archived(desk: Company) -> None:
    case = written(desk)
    assert sorted(case.tasks) == ["review_as_call_center", "review_as_service_department"]
    case.do("review_as_call_center", decision="accept")
    assert not case.held("report_archived"), "one of the two is not enough"
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    assert case.held("reviewed_by_both") and case.held("report_archived") and case.status == "archived"


def test_either_may_send_it_back(desk: Company) -> None:
    case = written(desk)
    case.do("review_as_service_department", by="sun_jing", decision="send_back", remark="缺配置清单")
    case.do("review_as_call_center", decision="accept")
    assert case.held("report_returned") and case.tasks == ["analyse_system"]


def test_both_are_reminded_of_a_review_that_waits(desk: Company) -> None:
    case = written(desk)
    assert goes_off(desk, case, "report_review_overdue") == "03-03 18:00"
    assert case.told("task_overdue") == ["chen_min", "he_jie", "sun_jing"] and case.held("reviewers_reminded")
