"""Fault intake: from the first call to the follow-up, with every end that a report may come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.acts import worklist
from engine.foundation.errors import Conflict, InvalidAnswers
from tests.conftest import MONDAY
from tests.processes import ways
from tests.processes.conftest import GOLD, NOBODY, STANDARD, WARRANTY, Company, local

COMPLETED = (
    "dispatched_at",
    "accepted_at",
    "first_contact_at",
    "restored_at",
    "resolved_at",
    "confirmed_at",
    "closed_at",
    "followed_up_at",
    "ended_at",
)


def test_a_fault_runs_from_the_call_to_the_satisfied_customer(desk: Company) -> None:
    case = desk.report()
    assert case.status == "intake"
    assert case.told("case_received") == ["customer"]
    desk.wait(minutes=10)
    case.do("triage", by="chen_min", kind="fault", nature="hardware", severity="normal", **ways.GRADES["P3"])
    assert case.told("case_dispatched") == ["li_gong"]
    assert case.status == "awaiting_acceptance"
    desk.wait(minutes=10)
    case.do("accept_case", by="li_gong", decision="accept")
    assert case.told("case_accepted") == ["customer"]
    desk.wait(minutes=10)
    ways.agree(case, "phone")
    case.do("advise_by_phone", by="li_gong")
    desk.wait(minutes=10)
    case.do("test_and_verify", by="li_gong", result="pass")
    assert case.told("fault_restored") == ["customer"]
    desk.wait(minutes=10)
    case.do("confirm_with_customer", by="li_gong", confirmed="yes")
    assert case.status == "writing_result"
    desk.wait(minutes=10)
    case.do("write_result", by="li_gong", leftovers="none")
    assert case.status == "closing"
    case.do("decide_closing", by="sun_jing", decision="approve")
    assert case.told("case_closed") == ["customer"]
    assert case.status == "following_up"
    desk.wait(minutes=10)
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=5, score_service=4)
    assert (case.outcome, case.status) == ("completed", "completed")
    assert case.tasks == [] and case.buttons == [] and case.waits == {}
    moments = [getattr(case.row, name) for name in COMPLETED]
    assert moments == sorted(moments) and moments[0] - MONDAY == timedelta(minutes=10)
    assert (case.row.handler, case.row.priority, case.row.coverage) == ("li_gong", "P3", "standard")


def test_the_first_call_counts_even_if_the_case_is_opened_later(desk: Company) -> None:
    called = MONDAY - timedelta(minutes=25)
    case = desk.open(
        "service_case",
        by="he_jie",
        received_at=called,
        channel="colleague",
        customer=GOLD,
        description="大屏无信号",
    )
    row = case.row
    assert (row.received_at, row.opened_at) == (called, MONDAY)
    assert (row.opened_by, row.first_receiver, row.channel) == ("he_jie", "he_jie", "colleague")


def test_anybody_of_the_company_may_report_for_a_customer(desk: Company) -> None:
    case = desk.report(by="li_gong", channel="colleague")
    assert case.row.opened_by == "li_gong" and case.tasks == ["triage"]


def test_a_report_without_its_description_is_not_opened(desk: Company) -> None:
    form = {"channel": "phone", "customer": STANDARD, "description": ""}
    with pytest.raises(InvalidAnswers) as refused:
        worklist.start(desk.cases, "service_case", form, actor=desk.actor("chen_min"), now=desk.clock.now)
    assert list(refused.value.errors) == ["description"]


def test_a_question_is_answered_on_the_spot(desk: Company) -> None:
    case = desk.report()
    case.do("triage", by="chen_min", kind="consultation")
    assert case.status == "answering"
    case.do("answer_consultation", by="he_jie", satisfied="yes")
    assert (case.outcome, case.status) == ("answered", "answered")
    assert case.held("answered_on_the_spot") and case.row.closed_at is None


def test_an_out_of_contract_request_is_declined(desk: Company) -> None:
    case = desk.report(NOBODY)
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P3"])
    assert case.tasks == ["coordinate_out_of_contract"]
    case.do("coordinate_out_of_contract", decision="decline", reason="不在服务范围")
    assert (case.outcome, case.status) == ("declined_out_of_contract", "declined")
    assert case.held("request_declined")


def test_a_device_under_warranty_is_served_without_a_contract(desk: Company) -> None:
    case = desk.report(WARRANTY, serial=f"SN-{WARRANTY}")
    case.do("triage", by="chen_min", kind="fault", **ways.GRADES["P3"])
    assert case.row.coverage == "warranty"
    assert not case.held("coordinate_out_of_contract")


@pytest.mark.parametrize(
    ("priority", "customer", "hours"), [("P1", "gold", 4), ("P1", "standard", 8), ("P2", "gold", 12)]
)
def test_priority_and_contract_decide_how_long_the_repair_may_take(
    desk: Company, priority: str, customer: str, hours: int
) -> None:
    case = ways.accepted(desk, priority=priority, customer=ways.CUSTOMERS[customer])
    assert case.row.priority == priority
    assert case.promise("restoration").due_at == MONDAY + timedelta(hours=hours)


def test_the_customer_withdraws_while_work_goes_on(desk: Company) -> None:
    case = ways.analysed(desk)
    assert "customer_withdrew" in case.buttons
    case.press("customer_withdrew", by="chen_min", reason="客户自行解决", told_by="王老师")
    assert case.tasks == ["write_result"]
    case.do("write_result", leftovers="none")
    case.do("decide_closing", by="sun_jing", decision="approve")
    assert (case.outcome, case.status) == ("cancelled_by_customer", "cancelled")
    assert case.waits == {} and not case.held("call_customer")


def test_a_withdrawn_report_cannot_be_withdrawn_again(desk: Company) -> None:
    case = ways.analysed(desk)
    button = next(b for b in case.waiting("message") if b.element == "customer_withdrew")
    case.press("customer_withdrew", by="chen_min", reason="客户自行解决", told_by="王老师")
    with pytest.raises(Conflict, match="陈敏 completed"):
        worklist.send(
            desk.cases,
            case.number,
            button.id,
            {"reason": "again", "told_by": "x"},
            actor=desk.actor("he_jie"),
            now=desk.clock.now,
        )


def test_not_solved_after_all_opens_the_case_again(desk: Company) -> None:
    case = ways.closed(desk)
    desk.wait(hours=2)
    case.do("call_customer", by="xu_mei", reached="yes", solved="no", score_solution=1, score_service=4)
    assert case.told("case_reopened") == ["sun_jing"]
    assert case.held("not_solved") and case.held("reopen_case")
    row = case.row
    assert row.reopened == 1 and row.outcome is None
    assert (row.restored_at, row.closed_at, row.followed_up_at) == (None, None, None)
    assert row.first_contact_at is not None
    assert case.tasks == ["accept_case"]
    case.do("accept_case", decision="accept")
    assert case.promise("restoration").met_at is None
    assert case.promise("restoration").started_at == desk.clock.now
    ways.agree(case, "phone")
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    ways.finish(case)
    assert (case.outcome, case.row.reopened) == ("completed", 1)
    assert case.row.restored_at == case.row.closed_at == desk.clock.now


def test_low_scores_call_for_recovery(desk: Company) -> None:
    case = ways.closed(desk)
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=5, score_service=2)
    assert case.held("dissatisfied") and case.tasks == ["recover_customer"]
    assert case.status == "recovering"
    case.do("recover_customer", by="sun_jing", result="won_back")
    assert (case.outcome, case.status) == ("completed_after_recovery", "completed")


def test_a_recovery_that_drags_on_reaches_the_vice_president(desk: Company) -> None:
    case = ways.closed(desk)
    case.do("call_customer", by="xu_mei", reached="yes", solved="yes", score_solution=1, score_service=2)
    assert case.task("recover_customer").due_at is not None
    desk.until("03-04 17:59")
    assert case.told("task_overdue") == []
    desk.until("03-04 18:00")
    assert case.fired == {"recovery_overdue": "03-04 18:00"}
    assert case.told("task_overdue") == ["zhou_fu"] and case.held("vice_president_told_of_delay")
    case.do("recover_customer", by="sun_jing", result="still_dissatisfied")
    assert case.outcome == "completed_after_recovery"


def test_a_customer_who_is_never_reached(desk: Company) -> None:
    case = ways.closed(desk)
    for _ in range(3):
        desk.wait(days=1)
        case.do("call_customer", by="xu_mei", reached="no")
    desk.wait(days=1)
    assert (case.outcome, case.row.reopened) == ("completed_unreached", 0)
    assert case.passed("call_customer") == 3 and case.held("unreachable")


def test_project_management_reminds_at_half_and_at_four_fifths_and_the_manager_adds_people(
    desk: Company,
) -> None:
    case = ways.analysed(desk)
    assert case.waits["half_time_used"] == "03-03 14:00"
    desk.until("03-03 13:59")
    assert case.told("restoration_reminder") == []
    desk.until("03-03 14:00")
    assert case.told("restoration_reminder") == ["li_gong"] and case.held("engineer_reminded")
    desk.until("03-04 13:12")
    assert case.told("restoration_reminder") == ["li_gong", "li_gong"]
    assert "add_manpower" not in case.tasks
    desk.until("03-04 18:00")
    assert case.fired == {
        "half_time_used": "03-03 14:00",
        "most_time_used": "03-04 13:12",
        "restoration_overdue": "03-04 18:00",
    }
    assert sorted(case.tasks) == ["add_manpower", "advise_by_phone"], "the work goes on"
    case.do("add_manpower", by="sun_jing", helper="wang_gong", measures="增派王工")
    assert case.held("manpower_added") and case.tasks == ["advise_by_phone"]
    case.do("advise_by_phone")
    desk.wait(minutes=1)
    ways.check_and_confirm(case)
    ways.finish(case)
    assert case.outcome == "completed"
    assert local(case.promise("restoration").breached_at) == "03-04 18:00"


def test_people_who_are_not_added_in_time_concern_the_vice_president(desk: Company) -> None:
    case = ways.analysed(desk, priority="P1", customer=GOLD)
    desk.wait(hours=4)
    assert "add_manpower" in case.tasks
    desk.wait(minutes=29)
    assert case.told("task_overdue") == []
    desk.wait(minutes=1)
    assert case.told("task_overdue") == ["zhou_fu"]
    assert case.fired["manpower_overdue"] == "03-02 13:30"
    ends = ("add_manpower", "advise_by_phone")
    assert sorted(case.tasks) == sorted(ends)


def test_open_manpower_goes_with_the_case(desk: Company) -> None:
    case = ways.analysed(desk)
    desk.until("03-04 18:00")
    case.do("advise_by_phone")
    ways.check_and_confirm(case)
    ways.finish(case)
    assert case.outcome == "completed" and case.tasks == []


def test_deadlines_fall_silent_once_the_service_is_restored(desk: Company) -> None:
    case = ways.restored(desk)
    assert case.promise("restoration").met_at == desk.clock.now
    assert {case.waits[name] for name in ("half_time_used", "most_time_used", "restoration_overdue")} == {"-"}
    desk.wait(days=3)
    assert case.told("restoration_reminder") == [] and "add_manpower" not in case.tasks
    case.do("confirm_with_customer", confirmed="yes")
    ways.finish(case)
    assert case.outcome == "completed"


def test_nobody_has_to_remember_anything_while_nobody_does_anything(desk: Company) -> None:
    """A forgotten case climbs every step of the ladder by itself."""
    case = ways.accepted(desk, priority="P1", customer=GOLD)
    desk.wait(days=1)
    assert case.status == "escalated"
    assert list(case.fired) == [
        "first_contact_overdue",
        "half_time_used",
        "most_time_used",
        "restoration_overdue",
        "manpower_overdue",
        "engineer_time_used",
        "specialist_time_used",
        "manager_time_used",
        "vice_president_time_used",
    ]
    assert sorted(case.tasks) == ["add_manpower", "decide_as_vice_president"]
    assert case.told("task_overdue") == ["zhou_fu", "zhou_fu"]
