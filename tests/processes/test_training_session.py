"""Training for customers and for our own people: planned, approved, held, recorded; every quarter by itself."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import GOLD, Company, Story, local
from tests.processes.rounds import goes_off, opened_by_itself


def invited(desk: Company, audience: str = "customer") -> Story:
    """The plan is approved and people are invited."""
    case = desk.open("training_session", by="sun_jing", title="新平台维护", audience=audience, customer=GOLD)
    case.do("plan_training", by="zhao_zhuan", audience=audience, trainer="zhao_zhuan")
    case.do("approve_plan", by="sun_jing", decision="approve")
    return case


def test_a_training_is_held_and_recorded(desk: Company) -> None:
    case = invited(desk)
    assert case.told("training_announced") == ["customer"]
    case.do("hold_training")
    case.do("gather_training_feedback", score=4)
    assert case.outcome == "training_held"


def test_our_own_people_are_invited_to_theirs(desk: Company) -> None:
    assert invited(desk, "staff").told("training_announced") == ["li_gong", "wang_gong"]


def test_a_plan_sent_back_is_made_again(desk: Company) -> None:
    case = desk.open("training_session", by="sun_jing", title="新平台维护", audience="staff")
    case.do("plan_training", by="zhao_zhuan")
    case.do("approve_plan", by="sun_jing", decision="send_back", reason="换日期")
    assert case.tasks == ["plan_training"]


def test_a_training_may_be_called_off(desk: Company) -> None:
    case = invited(desk)
    case.press("training_called_off", by="sun_jing", reason="讲师生病")
    assert case.outcome == "training_cancelled"


def test_the_manager_is_told_of_a_late_plan(desk: Company) -> None:
    case = desk.open("training_session", by="sun_jing", title="新平台维护", audience="staff")
    assert goes_off(desk, case, "training_plan_overdue") == "03-06 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_training")


def test_the_manager_is_told_of_a_training_that_is_not_held(desk: Company) -> None:
    case = invited(desk)
    goes_off(desk, case, "training_overdue")
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_training")


def test_staff_training_comes_round_every_quarter(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.until("10-30 12:00")
    assert [local(c.row.opened_at) for c in opened_by_itself(desk, "training_session")] == [
        "04-20 09:00",
        "07-20 09:00",
        "10-20 09:00",
    ]
