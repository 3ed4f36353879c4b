"""Closing and follow-up: the manager decides, never who handled it; afterwards the customer is called."""

from __future__ import annotations

import pytest

from engine.acts import worklist
from engine.desk import people
from engine.foundation.errors import Forbidden, InvalidAnswers, Rejection
from tests.processes import ways
from tests.processes.conftest import Company, Story
from tests.processes.test_case_escalation import at_manager


def handled_by_manager(desk: Company) -> Story:
    """The manager solved the case, process and result are written."""
    case = at_manager(desk)
    case.do("support_as_manager", by="sun_jing", decision="solved", solution="协调原厂更换")
    ways.check_and_confirm(case)
    case.do("write_result", leftovers="none")
    return case


def test_the_manager_approves(desk: Company) -> None:
    case = ways.written(desk)
    desk.wait(hours=1)
    case.do("decide_closing", by="sun_jing", decision="approve")
    assert case.held("case_closed") and case.row.closed_at == desk.clock.now


def test_the_manager_rejects_with_a_reason_and_the_result_is_written_again(desk: Company) -> None:
    case = ways.written(desk)
    with pytest.raises(InvalidAnswers):
        case.do("decide_closing", by="sun_jing", decision="reject", reason="")
    case.do("decide_closing", by="sun_jing", decision="reject", reason="原因不清")
    assert case.tasks == ["write_result"] and case.row.closed_at is None


@pytest.mark.parametrize("person", ["li_gong", "wang_gong", "chen_min", "zhou_fu"])
def test_nobody_but_a_manager_closes_a_case(desk: Company, person: str) -> None:
    case = ways.written(desk)
    with pytest.raises(Forbidden, match=r"not entitled|separation of duties"):
        case.do("decide_closing", by=person, decision="approve")
    assert desk.refusals == [(person, "take_task")]
    assert case.tasks == ["decide_closing"] and case.row.closed_at is None


def test_a_handler_cannot_be_given_the_decision(desk: Company) -> None:
    case = ways.written(desk)
    task = case.task("decide_closing")
    assert task.excluded == ["li_gong"]
    with pytest.raises(Rejection):
        worklist.reassign(
            desk.cases,
            case.number,
            task.id,
            person="li_gong",
            reason="急",
            actor=desk.actor("zhou_fu"),
            now=desk.clock.now,
        )


def test_a_handler_who_has_become_a_manager_meanwhile_still_does_not_close(desk: Company) -> None:
    case = ways.written(desk)
    with desk.cases.database.write() as tx:
        people.set_groups(tx, "li_gong", ["service_engineer", "service_manager"], actor=desk.actor("guan_li"))
    desk._actors.clear()
    with pytest.raises(Forbidden, match="separation of duties"):
        case.do("decide_closing", by="li_gong", decision="approve")
    assert desk.refusals == [("li_gong", "take_task")]


def test_if_the_manager_handled_it_the_vice_president_decides(desk: Company) -> None:
    case = handled_by_manager(desk)
    assert case.tasks == ["decide_closing_as_vice_president"]
    with pytest.raises(Forbidden):
        case.do("decide_closing_as_vice_president", by="sun_jing", decision="approve")
    assert desk.refusals == [("sun_jing", "take_task")]
    case.do("decide_closing_as_vice_president", by="zhou_fu", decision="approve")
    assert case.held("case_closed") and case.tasks == ["call_customer"]


def test_the_vice_president_may_reject_as_well(desk: Company) -> None:
    case = handled_by_manager(desk)
    case.do("decide_closing_as_vice_president", by="zhou_fu", decision="reject", reason="补充措施")
    assert case.tasks == ["write_result"]


@pytest.mark.parametrize("missing", ["process", "result", "measures", "prevention", "parts_settled"])
def test_the_result_is_written_whole(desk: Company, missing: str) -> None:
    case = ways.confirmed(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("write_result", **{"leftovers": "none", missing: ""})
    assert list(refused.value.errors) == [missing]


def test_what_is_left_over_becomes_a_case_of_its_own(desk: Company) -> None:
    case = ways.confirmed(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("write_result", leftovers="new_case", leftover="")
    assert list(refused.value.errors) == ["leftover"]
    case.do("write_result", leftovers="new_case", leftover="备用链路需整改")
    case.do("decide_closing", by="sun_jing", decision="approve")
    assert case.held("open_leftover_case")
    (fresh,) = desk.post()
    assert desk.post() == [], "it is opened once"
    assert fresh.tasks == ["triage"] and fresh.row.title == "备用链路需整改"
    assert fresh.row.customer_name == case.row.customer_name
    assert fresh.row.facts["from_case"] == case.number


def test_a_result_that_is_not_written_is_reminded_of(desk: Company) -> None:
    case = ways.confirmed(desk)
    desk.until("03-03 18:00")
    assert case.fired["result_overdue"] == "03-03 18:00"
    assert case.told("task_overdue") == ["li_gong"] and case.held("result_reminded")


def test_a_manager_who_does_not_decide_concerns_the_vice_president(desk: Company) -> None:
    case = ways.written(desk)
    desk.until("03-02 18:00")
    assert case.fired == {"closing_overdue": "03-02 18:00"}
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_closing")


def test_the_vice_president_has_a_limit_too(desk: Company) -> None:
    case = handled_by_manager(desk)
    desk.until("03-02 18:00")
    assert case.fired["vice_president_closing_overdue"] == "03-02 18:00"
    assert case.told("task_overdue") == ["zhou_fu"]
    case.do("decide_closing_as_vice_president", by="zhou_fu", decision="approve")
    assert case.held("case_closed")


def test_a_satisfied_customer(desk: Company) -> None:
    case = ways.closed(desk)
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=3, score_service=3)
    assert case.held("solved_and_satisfied") and case.outcome == "completed"


@pytest.mark.parametrize(("solution", "service", "low"), [(2, 5, True), (5, 2, True), (3, 3, False)])
def test_the_table_says_which_scores_are_low(desk: Company, solution: int, service: int, low: bool) -> None:
    case = ways.closed(desk)
    case.do("call_customer", reached="yes", solved="yes", score_solution=solution, score_service=service)
    assert case.held("recover_customer") is False
    assert (case.tasks == ["recover_customer"]) is low


def test_scores_are_asked_of_a_customer_who_was_reached(desk: Company) -> None:
    case = ways.closed(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("call_customer", reached="yes", solved="", score_solution="", score_service="")
    assert list(refused.value.errors) == ["solved", "score_solution", "score_service"]


def test_an_engineer_does_not_make_the_follow_up_call(desk: Company) -> None:
    case = ways.closed(desk)
    with pytest.raises(Forbidden):
        case.do("call_customer", by="li_gong", reached="no")


def test_each_attempt_is_logged_and_the_next_comes_after_half_a_working_day(desk: Company) -> None:
    case = ways.closed(desk)
    case.do("call_customer", by="xu_mei", reached="no")
    assert case.tasks == [] and case.waits == {"next_attempt_due": "03-02 14:00"}
    desk.until("03-02 14:00")
    assert case.tasks == ["call_customer"]
    case.do("call_customer", by="xu_mei", reached="no")
    desk.until("03-02 18:00")
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=4, score_service=4)
    assert case.outcome == "completed"
    calls = [e for e in case.history if e.element == "call_customer"]
    assert [e.content["input"]["answers"]["reached"] for e in calls] == ["no", "no", "yes"]


def test_a_call_that_nobody_makes_is_reminded_of(desk: Company) -> None:
    case = ways.closed(desk)
    desk.until("03-03 18:00")
    assert case.fired == {"follow_up_overdue": "03-03 18:00"}
    assert case.told("task_overdue") == ["xu_mei"] and case.held("follow_up_reminded")
