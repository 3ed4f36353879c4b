"""Intake and dispatch: who takes the call, what is owed, who is sent, and what happens when nobody reacts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.desk.absences import set_absence
from engine.foundation.errors import InvalidAnswers
from tests.processes import ways
from tests.processes.conftest import NOBODY, Company


def test_a_caller_whom_the_answer_does_not_satisfy_gets_a_case(desk: Company) -> None:
    case = desk.report()
    case.do("triage", by="chen_min", kind="consultation")
    case.do("answer_consultation", by="chen_min", satisfied="no")
    assert case.held("taken_on") and case.tasks == ["accept_case"]
    assert case.row.priority == "P3", "importance not known"


def test_a_report_that_nobody_identifies_reaches_the_manager(desk: Company) -> None:
    case = desk.report()
    assert case.waits == {"triage_overdue": "03-02 09:30"}
    desk.until("03-02 09:30")
    assert case.fired == {"triage_overdue": "03-02 09:30"}
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_intake")
    assert case.tasks == ["triage"], "it is still to be done"


def test_a_report_at_night_is_identified_at_night(desk: Company) -> None:
    desk.until("03-02 23:00")
    case = desk.report()
    assert case.waits == {"triage_overdue": "03-02 23:30"}


def test_identification_in_time_keeps_the_manager_out(desk: Company) -> None:
    case = ways.triaged(desk)
    assert "triage_overdue" not in case.waits
    desk.wait(minutes=40)
    assert case.told("task_overdue") == []


@pytest.mark.parametrize("decision", ["serve_paid", "serve_goodwill"])
def test_an_out_of_contract_request_is_served_after_coordination(desk: Company, decision: str) -> None:
    case = desk.report(NOBODY)
    case.do("triage", by="chen_min", kind="fault", nature="network", severity="normal", **ways.GRADES["P2"])
    case.do("coordinate_out_of_contract", decision=decision, reason="客户同意付费")
    if decision == "serve_paid":
        case.do("quote_service", by="qin_xiao")
        case.do("record_quote_answer", by="chen_min", accepted="yes")
    else:
        case.do("approve_goodwill", by="sun_jing", decision="approve")
    assert case.tasks == ["accept_case"] and (case.row.priority, case.row.coverage) == ("P2", "none")


def test_coordination_that_takes_two_working_days_reaches_the_manager(desk: Company) -> None:
    case = desk.report(NOBODY)
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P3"])
    desk.until("03-03 18:00")
    assert case.fired == {"coordination_overdue": "03-03 18:00"}
    assert case.told("task_overdue") == ["sun_jing"]


@pytest.mark.parametrize(("decision", "missing"), [("decline", "reason"), ("serve_paid", "reason")])
def test_a_decision_on_an_uncovered_request_needs_a_reason(
    desk: Company, decision: str, missing: str
) -> None:
    case = desk.report(NOBODY)
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P3"])
    with pytest.raises(InvalidAnswers) as refused:
        case.do("coordinate_out_of_contract", **{"decision": decision, "reason": "客户要求", missing: ""})
    assert list(refused.value.errors) == [missing]


@pytest.mark.parametrize(("nature", "engineer"), [("database", "wang_gong"), ("hardware", "li_gong")])
def test_the_engineer_with_the_skill_is_sent(desk: Company, nature: str, engineer: str) -> None:
    assert ways.triaged(desk, nature=nature).who("accept_case") == engineer


def test_of_two_who_can_the_one_with_less_work_is_sent(desk: Company) -> None:
    sent = [ways.triaged(desk, nature="network").who("accept_case") for _ in range(4)]
    assert sent == ["li_gong", "wang_gong", "li_gong", "wang_gong"]


def test_an_engineer_who_is_away_is_not_sent(desk: Company) -> None:
    with desk.cases.database.write() as tx:
        set_absence(
            tx,
            actor=desk.actor("sun_jing"),
            at=desk.clock.now,
            id="li_gong",
            starts_at=desk.clock.now,
            ends_at=desk.clock.now + timedelta(days=2),
        )
    case = ways.triaged(desk, nature="hardware")
    assert case.tasks == ["assign_engineer"], "no one else has the skill: the manager decides"


def test_an_engineer_declines_with_a_reason_and_the_manager_sends_another(desk: Company) -> None:
    case = ways.triaged(desk)
    with pytest.raises(InvalidAnswers) as refused:
        case.do("accept_case", by="li_gong", decision="decline", reason="")
    assert list(refused.value.errors) == ["reason"]
    case.do("accept_case", by="li_gong", decision="decline", reason="正在外地")
    assert case.tasks == ["assign_engineer"] and case.status == "dispatching"
    case.do("assign_engineer", by="sun_jing", engineer="wang_gong")
    assert case.told("case_dispatched") == ["li_gong", "wang_gong"]
    case.do("accept_case", by="wang_gong", decision="accept")
    assert case.held("engineer_accepted") and case.row.handler == "wang_gong"
    assert case.row.accepted_at == desk.clock.now


@pytest.mark.parametrize("person", ["xu_mei", "nobody_here", "sun_jing"])
def test_only_an_engineer_of_the_group_can_be_sent(desk: Company, person: str) -> None:
    case = ways.triaged(desk)
    case.do("accept_case", by="li_gong", decision="decline", reason="正在外地")
    with pytest.raises(InvalidAnswers) as refused:
        case.do("assign_engineer", by="sun_jing", engineer=person)
    assert list(refused.value.errors) == ["engineer"]
    assert case.tasks == ["assign_engineer"]


@pytest.mark.parametrize(
    ("priority", "due"), [("P1", "03-02 09:15"), ("P2", "03-02 09:30"), ("P3", "03-02 11:00")]
)
def test_a_case_that_nobody_accepts_goes_to_the_manager(desk: Company, priority: str, due: str) -> None:
    case = ways.triaged(desk, priority=priority)
    desk.until(due)
    assert case.fired == {"acceptance_overdue": due}
    assert case.tasks == ["assign_engineer"] and case.row.accepted_at is None
    case.do("assign_engineer", by="sun_jing", engineer="wang_gong")
    assert case.who("accept_case") == "wang_gong"


def test_a_case_that_the_manager_does_not_dispatch_reaches_the_vice_president(desk: Company) -> None:
    case = ways.triaged(desk, priority="P1")
    desk.until("03-02 09:30")
    assert case.fired == {"acceptance_overdue": "03-02 09:15", "assignment_overdue": "03-02 09:30"}
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_assignment")
    assert case.tasks == ["assign_engineer"], "no case is without an owner"


def test_an_acceptance_that_comes_in_time_stops_its_deadline(desk: Company) -> None:
    case = ways.accepted(desk)
    assert "acceptance_overdue" not in case.waits
