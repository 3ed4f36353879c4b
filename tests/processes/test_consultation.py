"""Consultation: every question is on record, and one that is not settled becomes a case without typing it again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.foundation.errors import InvalidAnswers
from tests.processes.conftest import STANDARD, Company, Story

ASKED: dict[str, Any] = {
    "channel": "phone",
    "customer": STANDARD,
    "description": "录像最多保存几天",
    "serial": "SN-1",
    "phone": "13700003345",
    "contact": "秦老师",
}


def asked(desk: Company) -> Story:
    return desk.open("consultation", by="he_jie", **ASKED)


def test_a_question_answered_on_the_spot_is_on_record_without_a_service_case(desk: Company) -> None:
    record = asked(desk)
    assert record.status == "answering"
    record.do("answer_consultation", by="he_jie", answered="here", answer="三十天", satisfied="yes")
    assert (record.outcome, record.status) == ("question_settled", "answered")
    assert record.held("question_answered") and desk.post() == []
    assert (record.row.kind, record.row.customer_name) == ("consultation", STANDARD)


def test_a_dissatisfied_caller_gets_a_case_with_everything_already_typed(desk: Company) -> None:
    record = asked(desk)
    record.do("answer_consultation", by="he_jie", answered="here", answer="不清楚", satisfied="no")
    assert (record.outcome, record.status) == ("turned_into_case", "turned_into_case")
    assert record.held("question_left_open")
    (case,) = desk.post()
    assert case.row.process == "service_case" and case.tasks == ["triage"]
    assert {name: case.row.facts[name] for name in ASKED} == ASKED
    assert case.row.facts["from_case"] == record.number


def test_a_question_that_nobody_can_answer_becomes_a_case(desk: Company) -> None:
    record = asked(desk)
    record.do("answer_consultation", by="he_jie", answered="case")
    assert record.outcome == "turned_into_case" and len(desk.post()) == 1


@pytest.mark.parametrize(("satisfied", "outcome"), [("yes", "question_settled"), ("no", "turned_into_case")])
def test_a_question_may_be_passed_to_the_duty_engineers(desk: Company, satisfied: str, outcome: str) -> None:
    record = asked(desk)
    record.do("answer_consultation", by="he_jie", answered="engineer", note="涉及存储策略")
    assert record.told("question_passed_on") == ["tang_lei"]
    record.do("answer_as_engineer", by="tang_lei", answer="可设为九十天", satisfied=satisfied)
    assert record.outcome == outcome


def test_an_answer_given_here_says_what_was_answered_and_how_it_was_taken(desk: Company) -> None:
    record = asked(desk)
    with pytest.raises(InvalidAnswers) as refused:
        record.do("answer_consultation", answered="here", answer="", satisfied="")
    assert list(refused.value.errors) == ["answer", "satisfied"]


def test_an_answer_that_takes_half_an_hour_reaches_the_manager(desk: Company) -> None:
    record = asked(desk)
    desk.until("03-02 09:29")
    assert record.told("task_overdue") == []
    desk.until("03-02 09:30")
    assert record.fired == {"consultation_overdue": "03-02 09:30"}
    assert record.told("task_overdue") == ["sun_jing"] and record.held("manager_told_of_question")
    record.do("answer_consultation", answered="here", answer="三十天", satisfied="yes")


def test_an_engineer_who_does_not_answer_is_reported(desk: Company) -> None:
    record = asked(desk)
    record.do("answer_consultation", answered="engineer")
    desk.until("03-02 14:00")
    assert record.fired == {"engineer_answer_overdue": "03-02 14:00"}
    assert record.told("task_overdue") == ["sun_jing"]
    record.do("answer_as_engineer", satisfied="yes")
    assert record.outcome == "question_settled"


def test_a_question_within_a_service_case_needs_no_second_case(desk: Company) -> None:
    case = desk.report()
    case.do("triage", by="chen_min", kind="consultation")
    case.do("answer_consultation", by="he_jie", answered="here", satisfied="no")
    assert case.held("case_rated") and case.tasks == ["accept_case"] and desk.post() == []
