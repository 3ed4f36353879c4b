"""A support group: convened, a workaround before it deliberates, consent before it acts, its record archived."""

from __future__ import annotations

from tests.processes import ways
from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off


def convened(desk: Company, mode: str = "urgent") -> Story:
    """The members are called together."""
    case = desk.open("support_group", by="li_gong", customer=GOLD, title="核心业务中断")
    case.do("convene_support_group", by="chen_min", mode=mode, members=[{"person": "zhao_zhuan"}])
    return case


def finish(case: Story, result: str) -> None:
    """From the proposal to the record."""
    case.do("propose_group_solution")
    case.do("agree_group_solution", consent="yes")
    case.do("carry_out_group_solution", result=result)
    case.do("write_support_record", by="chen_min")


def test_an_urgent_problem_is_solved_at_once(desk: Company) -> None:
    case = convened(desk)
    finish(case, "solved")
    assert case.outcome == "solved_by_group" and case.held("archive_support_record")
    assert not case.held("offer_workaround")


def test_a_workaround_comes_before_the_deliberation(desk: Company) -> None:
    case = convened(desk, "deliberate")
    assert case.tasks == ["offer_workaround"], "nothing else may happen before"
    case.do("offer_workaround", workaround="改走备用链路")
    assert case.told("workaround_offered") == ["customer"]
    finish(case, "solved")
    assert case.outcome == "solved_by_group"


def test_nothing_is_done_without_consent(desk: Company) -> None:
    case = convened(desk)
    case.do("propose_group_solution")
    case.do("agree_group_solution", consent="no", objection="白天不能停机")
    assert case.tasks == ["propose_group_solution"]


def test_what_cannot_be_solved_from_afar_needs_a_visit(desk: Company) -> None:
    case = convened(desk)
    finish(case, "not_solved")
    assert case.outcome == "site_visit_needed" and case.held("archive_support_record")


def test_the_manager_is_told_of_a_group_that_is_not_convened(desk: Company) -> None:
    case = desk.open("support_group", by="li_gong", customer=GOLD)
    assert goes_off(desk, case, "convening_overdue") == "03-02 09:30"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_convening")


def asked_by_specialist(desk: Company) -> Story:
    """A specialist cannot solve an escalated fault alone."""
    case = ways.analysed(desk)
    case.press("escalation_requested", by="li_gong", reason="超出条件", proposed_solution="请专家看")
    case.do("support_as_specialist", by="zhao_zhuan", decision="convene")
    case.do("convene_support_group", by="chen_min", mode="urgent")
    return case


def test_a_group_may_solve_an_escalated_fault(desk: Company) -> None:
    case = asked_by_specialist(desk)
    finish(case, "solved")
    assert case.held("solved_by_specialist") and case.tasks == ["test_and_verify"]


def test_what_the_group_does_not_solve_goes_to_the_manager(desk: Company) -> None:
    case = asked_by_specialist(desk)
    finish(case, "not_solved")
    assert case.tasks == ["support_as_manager"]
