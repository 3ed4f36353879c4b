"""Twice a year customers are surveyed, beside the call after each case."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.rounds import goes_off, opened_by_itself

SCORES = [{"customer": GOLD, "score_solution": 5, "score_service": 3, "opinion": "慢"}]


def prepared(desk: Company) -> Story:
    """Scope and channel are set."""
    case = desk.open("survey_campaign", by="yang_zhi", period="2026-03")
    case.do("prepare_survey", channel="phone")
    return case


def test_a_survey_is_evaluated_and_reported(desk: Company) -> None:
    case = prepared(desk)
    case.do("collect_answers", by="xu_mei", answers=SCORES, asked=4)
    case.do("analyse_survey", improve="no")
    assert case.outcome == "survey_evaluated" and case.told("survey_result") == ["zhou_fu"]


def test_a_survey_may_lead_to_a_measure(desk: Company) -> None:
    case = prepared(desk)
    case.do("collect_answers", by="xu_mei", answers=SCORES, asked=4)
    case.do("analyse_survey", improve="yes", measure="增设夜班", kind="process")
    assert case.outcome == "survey_led_to_measure"
    assert [c.row.title for c in desk.post()] == ["增设夜班"]


def test_project_management_is_reminded(desk: Company) -> None:
    case = prepared(desk)
    assert goes_off(desk, case, "survey_overdue") == "03-27 18:00"
    assert case.told("task_overdue") == ["xu_mei"] and case.held("project_management_reminded_of_survey")


def test_it_comes_round_twice_a_year(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.wait(days=330)
    assert [local(c.row.opened_at) for c in opened_by_itself(desk, "survey_campaign")] == [
        "07-01 09:00",
        "01-04 09:00",
    ]
