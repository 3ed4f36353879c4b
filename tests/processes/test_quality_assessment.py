"""Service is assessed per person, department and month; signed by those concerned, rewarded or penalised with approval."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import Company, Story
from tests.processes.rounds import goes_off, opened_by_itself

ORDINARY, EXCELLENT, BAD = (3, 3, 3, 3), (5, 5, 5, 5), (1, 3, 3, 3)


def rated(desk: Company, scores: tuple[int, int, int, int]) -> Story:
    """Quality control has given its scores."""
    case = desk.open("quality_assessment", by="yang_zhi", scope="person", subject="li_gong", period="2026-02")
    rate(case, scores)
    return case


def rate(case: Story, scores: tuple[int, int, int, int]) -> None:
    """Timeliness, quality, attitude, cooperation."""
    timeliness, quality, attitude, cooperation = scores
    case.do(
        "assess_performance",
        timeliness=timeliness,
        quality=quality,
        attitude=attitude,
        cooperation=cooperation,
    )


def signed(desk: Company, scores: tuple[int, int, int, int]) -> Story:
    """The manager agrees."""
    case = rated(desk, scores)
    case.do("sign_assessment", decision="agree")
    return case


def test_an_ordinary_result_is_filed(desk: Company) -> None:
    assert signed(desk, ORDINARY).outcome == "assessment_filed"


def test_an_objection_leads_to_another_look(desk: Company) -> None:
    case = rated(desk, BAD)
    case.do("sign_assessment", decision="object", objection="当月请假")
    assert case.tasks == ["assess_performance"]
    rate(case, ORDINARY)
    case.do("sign_assessment", decision="agree")
    assert case.outcome == "assessment_filed"


def test_a_reward_needs_approval(desk: Company) -> None:
    case = signed(desk, EXCELLENT)
    assert case.tasks == ["approve_consequence"]
    case.do("approve_consequence", by="zhou_fu", decision="approve", measure="季度奖")
    assert case.outcome == "reward_granted" and desk.post() == []


def test_a_penalty_comes_with_an_improvement(desk: Company) -> None:
    case = signed(desk, BAD)
    case.do("approve_consequence", by="zhou_fu", decision="approve", measure="扣绩效")
    assert case.outcome == "penalty_imposed"
    (measure,) = desk.post()
    assert measure.row.process == "improvement_measure" and measure.row.facts["subject"] == "li_gong"


def test_a_consequence_may_be_refused(desk: Company) -> None:
    case = signed(desk, BAD)
    case.do("approve_consequence", by="zhou_fu", decision="refuse", reason="证据不足")
    assert case.outcome == "consequence_refused"


def test_the_vice_president_hears_of_a_late_assessment(desk: Company) -> None:
    case = desk.open("quality_assessment", by="yang_zhi", scope="group", subject="service_engineer")
    assert goes_off(desk, case, "assessment_overdue") == "03-06 18:00"
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_assessment")


def test_the_manager_is_reminded_to_sign(desk: Company) -> None:
    case = rated(desk, ORDINARY)
    assert goes_off(desk, case, "signature_overdue") == "03-03 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("reminded_of_signature")


def test_every_month_each_department_and_person_has_a_turn(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.until("03-05 12:00")
    subjects = [c.row.facts["subject"] for c in opened_by_itself(desk, "quality_assessment")]
    assert {"service_engineer", "call_center", "li_gong", "chen_min"} <= set(subjects)
    assert len(subjects) == len(set(subjects))
    desk.until("04-30 12:00")
    assert len(opened_by_itself(desk, "quality_assessment")) == 2 * len(subjects)
