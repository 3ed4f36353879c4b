"""Special assurance: a plan with scope, dates, roster and contacts, approved, kept watch by, summed up."""

from __future__ import annotations

import pytest

from engine.foundation.errors import InvalidAnswers
from tests.processes.conftest import GOLD, Company, Story
from tests.processes.rounds import goes_off


def requested(desk: Company) -> Story:
    """A major event at the customer's."""
    return desk.open("special_assurance", by="zhu_lan", customer=GOLD, occasion="event")


def on_watch(desk: Company) -> Story:
    """The plan is approved."""
    case = requested(desk)
    case.do(
        "plan_assurance", by="li_gong", roster=[{"person": "li_gong", "day": "2026-03-20", "shift": "夜班"}]
    )
    case.do("approve_plan", by="sun_jing", decision="approve")
    return case


def test_watch_is_kept_by_the_plan(desk: Company) -> None:
    case = on_watch(desk)
    assert case.told("assurance_planned") == ["customer"]
    case.do("keep_watch", by="li_gong")
    case.do("sum_up_assurance")
    assert case.outcome == "assurance_given"


def test_the_customer_may_cancel(desk: Company) -> None:
    case = on_watch(desk)
    case.press("assurance_cancelled_by_customer", by="zhu_lan", reason="活动延期", told_by="会务组")
    assert case.outcome == "assurance_cancelled"


def test_a_plan_without_roster_is_refused(desk: Company) -> None:
    case = requested(desk)
    with pytest.raises(InvalidAnswers):
        case.do("plan_assurance", by="li_gong", roster=[])


def test_the_manager_is_told_of_a_late_plan(desk: Company) -> None:
    case = requested(desk)
    assert goes_off(desk, case, "assurance_plan_overdue") == "03-03 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_assurance")
