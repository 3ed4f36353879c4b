"""What customers say reaches the department concerned, and its answer reaches them."""

from __future__ import annotations

import pytest

from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off

ANSWERED_IN = {
    "sales": "answer_for_sales",
    "engineering": "answer_for_engineering",
    "software_division": "answer_for_software",
    "service": "answer_for_service",
}


def voiced(desk: Company, department: str = "service") -> Story:
    """A customer has an opinion."""
    return desk.open(
        "customer_opinion", by="zhu_lan", customer=GOLD, opinion="希望缩短等待", department=department
    )


@pytest.mark.parametrize("department", ANSWERED_IN)
def test_the_department_concerned_answers(desk: Company, department: str) -> None:
    case = voiced(desk, department)
    assert case.tasks == [ANSWERED_IN[department]]
    case.do(ANSWERED_IN[department])
    assert case.held("answer_given")
    case.do("evaluate_opinion", improve="no")
    assert case.outcome == "opinion_answered" and case.told("opinion_answered") == ["customer"]


def test_an_opinion_may_lead_to_a_measure(desk: Company) -> None:
    case = voiced(desk)
    case.do("answer_for_service")
    case.do("evaluate_opinion", improve="yes", measure="增加备件", kind="service_level")
    assert case.outcome == "opinion_led_to_measure"
    (measure,) = desk.post()
    assert measure.row.process == "improvement_measure" and measure.row.title == "增加备件"


def test_quality_control_hears_of_a_late_answer(desk: Company) -> None:
    case = voiced(desk)
    assert goes_off(desk, case, "opinion_overdue") == "03-04 18:00"
    assert case.told("task_overdue") == ["yang_zhi"] and case.held("quality_told_of_opinion")


def test_a_suggestion_found_at_intake_becomes_an_opinion_with_everything_already_typed(desk: Company) -> None:
    case = desk.report(GOLD, description="希望周末也能接听热线", contact="秦老师", email="qin@example.cn")
    case.do("triage", by="chen_min", kind="suggestion", department="service")
    assert case.held("suggestion_passed_on")
    assert (case.outcome, case.status) == ("suggestion_taken", "completed")
    (opinion,) = desk.post()
    assert (opinion.row.process, opinion.row.customer_name) == ("customer_opinion", GOLD)
    assert (opinion.row.title, opinion.row.facts["email"]) == ("希望周末也能接听热线", "qin@example.cn")
    assert opinion.row.facts["source_case"] == case.row.number and opinion.tasks == ["answer_for_service"]
