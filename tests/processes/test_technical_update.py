"""Every quarter customers get updates and maintenance advice for their models."""

from __future__ import annotations

from engine.acts import schedules
from tests.processes.conftest import Company, Story, local
from tests.processes.rounds import MODEL, goes_off, opened_by_itself


def due(desk: Company) -> Story:
    """The quarter's update."""
    return desk.open("technical_update", by="zhao_zhuan", period="2026-03")


def test_each_model_has_its_own_advice(desk: Company) -> None:
    case = due(desk)
    case.do("write_technical_update", news="yes", model=MODEL, another="yes")
    assert case.told("notice_to_owners") == ["customer"] * 4 and case.tasks == ["write_technical_update"]
    case.do("write_technical_update", news="yes", model="XX-1", another="no")
    assert case.outcome == "updates_sent"


def test_a_quarter_without_news(desk: Company) -> None:
    case = due(desk)
    case.do("write_technical_update", news="no")
    assert case.outcome == "nothing_new"


def test_the_manager_is_told_of_a_late_update(desk: Company) -> None:
    case = due(desk)
    assert goes_off(desk, case, "technical_update_overdue") == "03-13 18:00"
    assert case.told("task_overdue") == ["sun_jing"] and case.held("manager_told_of_update")


def test_it_comes_round_every_quarter_on_a_working_day(desk: Company) -> None:
    schedules.keep(desk.cases, now=desk.clock.now)
    desk.until("10-30 12:00")
    # 10 October 2026 is a Saturday that is worked in exchange for the holiday.
    assert [local(c.row.opened_at) for c in opened_by_itself(desk, "technical_update")] == [
        "04-10 09:00",
        "07-10 09:00",
        "10-10 09:00",
    ]
