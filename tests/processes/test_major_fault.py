"""A major fault: the head of system integration knows at once, beside the work and without holding it up."""

from __future__ import annotations

from tests.processes import papers, ways
from tests.processes.conftest import Company


def test_the_head_is_told_on_receipt_while_the_work_goes_on(desk: Company) -> None:
    case = ways.triaged(desk, priority="P1", severity="major")
    assert case.told("major_fault_received") == ["jiang_tao", "zheng_hao"]
    assert sorted(case.tasks) == ["accept_case", "acknowledge_major_fault"]
    assert case.row.severity == "major"
    case.do("accept_case", by="li_gong", decision="accept")
    ways.agree(case, "phone")
    assert "acknowledge_major_fault" in case.tasks, "nothing waits for the acknowledgement"
    case.do("acknowledge_major_fault", by="jiang_tao")
    assert case.held("major_fault_acknowledged")
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    papers.report_on_major_fault(case)
    ways.finish(case)
    assert case.outcome == "completed"


def test_a_case_is_not_closed_before_the_report_of_its_major_fault_is_settled(desk: Company) -> None:
    case = ways.confirmed(desk, priority="P1", severity="major")
    assert case.tasks == ["acknowledge_major_fault"]
    case.do("acknowledge_major_fault", by="jiang_tao")
    assert case.tasks == ["write_analysis_report"]
    papers.report_on_major_fault(case)
    assert case.tasks == ["write_result"]


def test_the_vice_president_is_told_when_nobody_acknowledges(desk: Company) -> None:
    case = ways.triaged(desk, priority="P1", severity="major")
    desk.until("03-02 09:29")
    assert case.told("major_fault_unacknowledged") == []
    desk.until("03-02 09:30")
    assert case.fired["acknowledgement_overdue"] == "03-02 09:30"
    assert case.told("major_fault_unacknowledged") == ["zhou_fu"]
    assert case.held("vice_president_told_of_major") and "acknowledge_major_fault" not in case.tasks


def test_the_head_hears_of_the_cause_during_the_handling(desk: Company) -> None:
    case = ways.analysed(desk, priority="P1", severity="major", analysed_as="major")
    assert case.told("major_fault_update") == ["jiang_tao"]


def test_a_fault_that_turns_out_to_be_major_is_reported_too(desk: Company) -> None:
    case = ways.analysed(desk, analysed_as="major")
    assert case.told("major_fault_received") == [] and case.told("major_fault_update") == ["jiang_tao"]


def test_an_ordinary_fault_bothers_nobody(desk: Company) -> None:
    case = ways.analysed(desk)
    assert case.told("major_fault_received") == case.told("major_fault_update") == []
