"""Out of contract: coordinated by the call centre, quoted or served free of charge, or declined with a reason."""

from __future__ import annotations

import pytest

from engine.foundation.errors import InvalidAnswers
from tests.processes import ways
from tests.processes.conftest import NOBODY, Company, Story


def uncovered(desk: Company, **decided: str) -> Story:
    case = desk.report(NOBODY)
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P3"])
    if decided:
        case.do("coordinate_out_of_contract", by="chen_min", **decided)
    return case


def test_a_quote_that_the_customer_accepts_leads_to_the_service(desk: Company) -> None:
    case = uncovered(desk, decision="serve_paid")
    case.do("quote_service", by="qin_xiao", quote_number="BJ-7", amount=1200)
    case.do("record_quote_answer", by="chen_min", accepted="yes")
    assert case.held("served_against_payment") and case.tasks == ["accept_case"]


def test_a_quote_needs_its_number_and_its_amount(desk: Company) -> None:
    case = uncovered(desk, decision="serve_paid")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("quote_service", by="qin_xiao", quote_number="", amount="")
    assert list(refused.value.errors) == ["quote_number", "amount"]


def test_a_quote_that_is_refused_ends_the_request_and_the_customer_is_told(desk: Company) -> None:
    case = uncovered(desk, decision="serve_paid")
    case.do("quote_service", by="qin_xiao")
    case.do("record_quote_answer", by="chen_min", accepted="no")
    assert case.held("request_not_served") and case.held("request_turned_down")
    assert (case.outcome, case.status) == ("declined_out_of_contract", "declined")
    assert case.told("request_declined") == ["customer"]


@pytest.mark.parametrize(
    ("decision", "end"), [("approve", "served_as_goodwill"), ("reject", "request_not_served")]
)
def test_free_service_is_approved_by_the_manager(desk: Company, decision: str, end: str) -> None:
    case = uncovered(desk, decision="serve_goodwill")
    assert case.who("approve_goodwill") == "sun_jing"
    case.do("approve_goodwill", by="sun_jing", decision=decision)
    assert case.held(end)


def test_every_step_of_the_coordination_has_a_deadline_that_reaches_the_manager(desk: Company) -> None:
    case = uncovered(desk)
    desk.until("03-03 18:00")
    case.do("coordinate_out_of_contract", decision="serve_paid")
    desk.until("03-05 18:00")
    case.do("quote_service", by="qin_xiao")
    desk.until("03-12 18:00")
    assert case.fired == {
        "coordination_overdue": "03-03 18:00",
        "quotation_overdue": "03-05 18:00",
        "quote_answer_overdue": "03-12 18:00",
    }
    assert case.told("task_overdue") == ["sun_jing"] * 3 and case.held("manager_told_of_request")


def test_a_decision_on_free_service_that_takes_a_day_is_late(desk: Company) -> None:
    case = uncovered(desk, decision="serve_goodwill")
    desk.until("03-02 18:00")
    assert case.fired == {"goodwill_overdue": "03-02 18:00"}
