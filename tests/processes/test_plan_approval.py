"""Plans are approved by the manager, never by whoever drew them up; a plan that waits too long is reported."""

from __future__ import annotations

import pytest

from engine.foundation.errors import Rejection
from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off, join_group


def submitted(desk: Company) -> Story:
    """An assurance plan that waits for the manager."""
    case = desk.open("special_assurance", by="zhu_lan", customer=GOLD, occasion="event")
    case.do("plan_assurance", by="li_gong")
    return case


def test_an_approved_plan_is_carried_out(desk: Company) -> None:
    case = submitted(desk)
    case.do("approve_plan", by="sun_jing", decision="approve")
    assert case.held("plan_approved") and case.tasks == ["keep_watch"]


def test_a_plan_sent_back_is_drawn_up_again(desk: Company) -> None:
    case = submitted(desk)
    case.do("approve_plan", by="sun_jing", decision="send_back", reason="值守表缺夜班")
    assert case.held("plan_sent_back") and case.tasks == ["plan_assurance"]


def test_whoever_drew_up_the_plan_does_not_approve_it(desk: Company) -> None:
    join_group(desk, "li_gong", "service_manager")
    case = submitted(desk)
    with pytest.raises(Rejection):
        case.do("approve_plan", by="li_gong", decision="approve")


def test_the_vice_president_hears_of_a_plan_that_waits(desk: Company) -> None:
    case = submitted(desk)
    assert goes_off(desk, case, "plan_approval_overdue") == "03-02 18:00"
    assert case.told("task_overdue") == ["zhou_fu"]
    assert case.held("vice_president_told_of_plan") and case.tasks == ["approve_plan"]
