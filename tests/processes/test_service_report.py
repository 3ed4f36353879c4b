"""Service report: two copies are accepted, and it is not filed while a leftover has no case of its own."""

from __future__ import annotations

from tests.processes import papers, ways
from tests.processes.conftest import STANDARD, Company, Story


def visited_and_solved(desk: Company) -> Story:
    case = ways.analysed(desk, "on_site")
    papers.arrive(case)
    case.do("repair_on_site", part="none")
    ways.check_and_confirm(case)
    return case


def test_both_copies_are_accepted_before_the_case_goes_on(desk: Company) -> None:
    case = visited_and_solved(desk)
    assert case.tasks == ["write_service_report"] and case.status == "reporting"
    case.do("write_service_report", by="li_gong", leftovers="no")
    assert sorted(case.tasks) == ["review_as_call_center", "review_as_service_department"]
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    assert not case.held("service_report_filed")
    case.do("review_as_call_center", by="chen_min", decision="accept")
    assert case.held("service_report_filed") and case.tasks == ["write_result"]


def test_a_report_that_is_sent_back_is_written_again(desk: Company) -> None:
    case = visited_and_solved(desk)
    case.do("write_service_report", leftovers="no")
    case.do("review_as_service_department", by="sun_jing", decision="accept")
    case.do("review_as_call_center", by="chen_min", decision="send_back", remark="缺少测试结果")
    assert case.tasks == ["write_service_report"]


def test_it_is_not_filed_while_a_leftover_has_no_case_of_its_own(desk: Company) -> None:
    case = visited_and_solved(desk)
    case.do("write_service_report", leftovers="yes", leftover="备用链路需整改")
    assert case.tasks == [] and not case.held("case_for_rest_opened")
    (rest,) = desk.post()
    assert rest.row.facts["description"] == "备用链路需整改" and rest.row.customer_name == STANDARD
    assert rest.row.facts["from_case"] == case.number
    assert case.held("case_for_rest_opened")
    deltas = [p.get("d", {}) for e in case.history for p in e.content.get("path", ())]
    assert {"number": rest.number} in [d.get("case_for_rest_opened") for d in deltas]
    papers.accept_copies(case)
    assert case.held("service_report_filed")


def test_work_that_needed_no_visit_needs_no_service_report(desk: Company) -> None:
    case = ways.confirmed(desk)
    assert not case.held("write_service_report") and case.tasks == ["write_result"]


def test_a_case_that_opens_again_without_a_visit_needs_no_second_report(desk: Company) -> None:
    case = visited_and_solved(desk)
    papers.file_service_report(case)
    case.do("write_result", leftovers="none")
    case.do("decide_closing", by="sun_jing", decision="approve")
    case.do("call_customer", by="xu_mei", reached="yes", solved="no", score_solution=1, score_service=3)
    case.do("accept_case", decision="accept")
    ways.agree(case, "phone")
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    assert case.tasks == ["write_result"]


def test_a_report_that_is_not_written_in_two_days_reaches_the_manager(desk: Company) -> None:
    case = visited_and_solved(desk)
    desk.until("03-03 18:00")
    assert case.fired["service_report_overdue"] == "03-03 18:00"
    assert case.told("service_report_late") == ["sun_jing"]
    assert case.held("manager_told_of_service_report")
